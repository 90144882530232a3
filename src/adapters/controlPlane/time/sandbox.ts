/** The network as it would be without some events: folded beside the real one, seen by nobody but whoever asks. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeRecorded } from '../../../domain/codec.ts';
import { isRefusal, type Refusal, refuse } from '../../../domain/refusals.ts';
import type { Network } from '../../../projections/network/views.ts';
import { without } from '../../../projections/timeMachine/without.ts';
import type { Moment } from '../history.ts';
import { type DocumentDifference, documentDifferences, statementsBetween } from './difference.ts';
import { noCluster, sceneAt, type TimeScene } from './scene.ts';

export type WithoutQuery = {
  /** Event ids or positions. */
  readonly events: readonly string[];
  readonly at?: Moment;
  readonly cluster?: string;
};

export type Without = {
  readonly position: number;
  readonly missing: readonly number[];
  readonly same: boolean;
  readonly changes: readonly { readonly kind: string; readonly subject: string; readonly text: string }[];
  readonly documents: readonly DocumentDifference[];
};

const PAGE = 2_000;

const positionsOf = async (
  { index, lookup }: TimeScene,
  events: readonly string[],
): Promise<readonly number[] | Refusal> => {
  const positions: number[] = [];
  for (const written of events) {
    const position = index.positionOf(written) ?? (/^[0-9]{1,15}$/.test(written) ? Number(written) : -1);
    if ((await lookup.eventAt(position)) === undefined) {
      return refuse('event-not-found', `There is no event ${written} in the log.`, {
        member: 'events',
        value: written,
      });
    }
    positions.push(position);
  }
  return positions.sort((a, b) => a - b);
};

/** Everything up to `to` but the missing positions, from the real network just before the first of them. */
export const networkWithout = async (
  { history, store }: Pick<TimeScene, 'history' | 'store'>,
  missing: readonly number[],
  to: number,
): Promise<Network> => {
  const gone = new Set(missing);
  let network = await history.networkAt(Math.min((missing[0] ?? 0) - 1, to));
  for (let after = network.position; after < to; ) {
    const page = (await store.readAll(after, PAGE)).filter(({ position }) => position <= to);
    const last = page.at(-1);
    if (last === undefined) break;
    network = without(network, page.map(decodeRecorded), gone);
    after = last.position;
    await nextTurn();
  }
  return network;
};

/** What would differ: from the network as it is to the network as it would be. */
export const withoutOf = async (scene: TimeScene, query: WithoutQuery): Promise<Without | Refusal> => {
  const missing = await positionsOf(scene, query.events);
  if (isRefusal(missing)) return missing;
  const real = await sceneAt(scene, query.at);
  if (isRefusal(real)) return real;
  const { network } = real;
  if (query.cluster !== undefined && !Object.hasOwn(network.clusters, query.cluster)) return noCluster(query.cluster);
  const other = await networkWithout(scene, missing, network.position);
  const statements = statementsBetween(network, other);
  const clusters = query.cluster === undefined ? Object.keys(network.clusters).sort() : [query.cluster];
  const documents = documentDifferences(scene, network, other, clusters);
  return {
    position: network.position,
    missing,
    same: statements.length === 0 && documents.every(({ same }) => same),
    changes: statements.map(({ kind, subject, text }) => ({ kind, subject, text })),
    documents,
  };
};
