/** The event, its author and its time behind every line of a cluster's document, and behind lines that are gone. */

import type { DomainEvent } from '../../../domain/events.ts';
import type { Recorded } from '../../../domain/recorded.ts';
import { isRefusal, type Refusal } from '../../../domain/refusals.ts';
import type { Dialect } from '../../../projections/document/model.ts';
import { blamable, blame, type GoneLine, goneLines } from '../../../projections/timeMachine/blame.ts';
import { groupRuns, instanceRuns, placeKey } from '../../../projections/timeMachine/entityRuns.ts';
import { documentKey, headRuns, headTypes, type Runs } from '../../../projections/timeMachine/runs.ts';
import type { Moment } from '../history.ts';
import { type Author, authorOf } from './author.ts';
import { noDocument, sceneAt, type TimeScene } from './scene.ts';

export type BlamedLine = {
  readonly line: number;
  readonly text: string;
  readonly subject: string;
  readonly by: Author | null;
};

export type BlamePage = {
  readonly cluster: string;
  readonly position: number;
  readonly version: number | null;
  readonly lines: readonly BlamedLine[];
  /** Line to go on after, null at the end. */
  readonly next: number | null;
};

export type BlameQuery = {
  readonly cluster: string;
  readonly at?: Moment;
  /** Only lines that hold this text, or are about it. */
  readonly match?: string;
  readonly after: number;
  readonly limit: number;
};

type Picked = { readonly line: number; readonly text: string; readonly subject: string };

/** Looks no further than the page and one line behind it. */
const pageOf = <L extends Picked>(lines: Iterable<L>, { match, after, limit }: BlameQuery) => {
  const picked: L[] = [];
  for (const one of lines) {
    if (one.line <= after) continue;
    if (match !== undefined && one.subject !== match && !one.text.includes(match)) continue;
    if (picked.length === limit) return { picked, next: picked.at(-1)?.line ?? null };
    picked.push(one);
  }
  return { picked, next: null };
};

const headOf = async ({ lookup }: TimeScene, cluster: string, to: number): Promise<Runs> => {
  const positions = headTypes.flatMap((type) => lookup.positionsUnder('type', type, -1, to));
  return headRuns(await lookup.eventsAt(positions), cluster);
};

/**
 * Which event put each line of a document there, a page of lines at a time. Refused for moments outside the log and for
 * clusters without a document.
 */
export const blameOf = async (scene: TimeScene, query: BlameQuery): Promise<BlamePage | Refusal> => {
  const { cluster } = query;
  const at = await sceneAt(scene, query.at);
  if (isRefusal(at)) return at;
  const document = scene.documentAt(at.network, cluster);
  if (document === undefined) return noDocument(cluster);
  const head = await headOf(scene, cluster, at.network.position);
  const { picked: asked, next } = pageOf(blamable(document), query);
  const picked = blame(at.network, document, head, asked);
  const events = new Map((await scene.lookup.eventsAt(picked.map((one) => one.at))).map((one) => [one.position, one]));
  const lines = picked.map(({ line, text, subject, at: position }) => {
    const event = events.get(position);
    return { line, text, subject, by: event === undefined ? null : authorOf(event) };
  });
  return { cluster, position: at.network.position, version: document.version, lines, next };
};

type Span = { readonly after: number; readonly to: number };

/** Also events about the addresses it had: one that is dirty or clean hides or shows itself in the instance's lines. */
const eventsOfInstance = async (
  { lookup }: TimeScene,
  instanceId: string,
  to: number,
): Promise<readonly Recorded<DomainEvent>[]> => {
  const own = await lookup.eventsUnder('subject', instanceId, -1, to);
  const addresses = new Set(
    own.flatMap(({ event }) => (event.type === 'PublicAddressAssigned' ? [event.address] : [])),
  );
  const positions = [...addresses].flatMap((address) => lookup.positionsUnder('subject', address, -1, to));
  return lookup.eventsAt([...own.map(({ position }) => position), ...positions]);
};

/** Runs of what lines are about, each found out once: an instance or a group has many lines. */
type KnownRuns = { readonly instance: (id: string) => Promise<Runs>; readonly group: (id: string) => Promise<Runs> };

const createRuns = (scene: TimeScene, to: number, dialect: Dialect): KnownRuns => {
  const known = new Map<string, Promise<Runs>>();
  const once = (id: string, find: () => Promise<Runs>): Promise<Runs> => {
    const runs = known.get(id) ?? find();
    known.set(id, runs);
    return runs;
  };
  return {
    instance: (id) => once(id, async () => instanceRuns(await eventsOfInstance(scene, id, to), id, dialect)),
    group: (id) =>
      once(id, async () => groupRuns(await scene.lookup.eventsUnder('subject', id, -1, to), id, 'superset')),
  };
};

const instanceRemover = async (
  { lookup }: TimeScene,
  { origin, bare, subject }: GoneLine,
  known: KnownRuns,
): Promise<Recorded<DomainEvent> | undefined> => {
  const runs = await known.instance(subject);
  const ended = runs.ended.get(origin.of === 'placement' ? placeKey(origin.node) : bare);
  return ended === undefined ? undefined : lookup.eventAt(ended);
};

/** A rule that stands in its group still went out of the document with the group's last member. */
const groupRemover = async (
  { lookup }: TimeScene,
  { origin, subject }: GoneLine,
  span: Span,
  known: KnownRuns,
): Promise<Recorded<DomainEvent> | undefined> => {
  const runs = await known.group(subject);
  const ended = origin.of === 'group' ? runs.ended.get(origin.rule) : undefined;
  if (ended !== undefined && ended > span.after) return lookup.eventAt(ended);
  return lookup.newestUnder('subject', subject, span, (event) => event.type === 'SecurityGroupMemberLeft');
};

const removerOf = async (
  scene: TimeScene,
  head: Runs,
  gone: GoneLine,
  span: Span,
  known: KnownRuns,
): Promise<Recorded<DomainEvent> | undefined> => {
  const { lookup } = scene;
  const { origin, key } = gone;
  const within = origin.of === 'placement' ? gone.within : key;
  const ended = head.ended.get(within) ?? head.ended.get(documentKey);
  const byHead = ended === undefined ? undefined : await lookup.eventAt(ended);
  switch (origin.of) {
    case 'document':
    case 'head':
      return byHead;
    case 'placement':
      // Its node may have gone from the list, or the instance from its node.
      return (await instanceRemover(scene, gone, known)) ?? byHead;
    case 'instance':
      return instanceRemover(scene, gone, known);
    case 'group':
      return groupRemover(scene, gone, span, known);
  }
};

/** Lines that stood at `since` and stand no more at `at`, each with the event that took it away. */
export const goneOf = async (
  scene: TimeScene,
  query: BlameQuery & { readonly since: Moment },
): Promise<BlamePage | Refusal> => {
  const { cluster } = query;
  const [then, now] = [await sceneAt(scene, query.since), await sceneAt(scene, query.at)];
  if (isRefusal(then)) return then;
  if (isRefusal(now)) return now;
  const before = scene.documentAt(then.network, cluster);
  if (before === undefined) return noDocument(cluster);
  const document = scene.documentAt(now.network, cluster);
  const { picked, next } = pageOf(goneLines(before, document), query);
  const head = await headOf(scene, cluster, now.network.position);
  const span = { after: then.network.position, to: now.network.position };
  const known = createRuns(scene, span.to, before.dialect);
  const lines: BlamedLine[] = [];
  for (const gone of picked) {
    const remover = await removerOf(scene, head, gone, span, known);
    const { line, text, subject } = gone;
    lines.push({ line, text, subject, by: remover === undefined ? null : authorOf(remover) });
  }
  return { cluster, position: now.network.position, version: document?.version ?? null, lines, next };
};
