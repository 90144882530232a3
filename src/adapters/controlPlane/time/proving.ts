/**
 * Proves every recorded delivery: the document of that version, rebuilt from the log, has the digest that was recorded when it
 * was delivered. One walk through the log, stopping wherever a delivered version lies.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeRecorded } from '../../../domain/codec.ts';
import type { DeliveryEvent } from '../../../domain/deliveryLog.ts';
import { createDocumentKeeper } from '../../../projections/documentKeeper.ts';
import { initialNetwork } from '../../../projections/network/initial.ts';
import { advance } from '../../../projections/network/runner.ts';
import type { Network } from '../../../projections/network/views.ts';
import type { TimeScene } from './scene.ts';

export type Proof = {
  readonly cluster: string;
  readonly version: number;
  /** Position of the delivery's record. */
  readonly position: number;
  readonly recorded: string;
  /** Null where no document follows from the log at that version. */
  readonly rebuilt: string | null;
  readonly same: boolean;
};

export type Verified = {
  readonly deliveries: number;
  readonly proven: number;
  readonly differing: readonly Proof[];
  /** Whether there are more than those listed. */
  readonly more: boolean;
  readonly position: number;
};

type Expected = DeliveryEvent & { readonly position: number };

const MOST_LISTED = 100;
const PAGE = 2_000;

const expectedIn = async ({ lookup, index }: TimeScene): Promise<readonly Expected[]> => {
  const events = await lookup.eventsUnder('type', 'DocumentDelivered', -1, index.last());
  return events
    .map(({ event, position }) => ({ ...(event as DeliveryEvent), position }))
    .sort((a, b) => a.version - b.version || a.position - b.position);
};

/** Rebuilds every document that was delivered from the events before it, and compares digests with those recorded. */
export const verify = async (scene: TimeScene, onProgress: (done: number, of: number) => void): Promise<Verified> => {
  const expected = await expectedIn(scene);
  const keeper = createDocumentKeeper();
  const end = scene.index.last();
  const differing: Proof[] = [];
  let network: Network = initialNetwork();
  let next = 0;
  let proven = 0;

  const proveAt = (): void => {
    for (let one = expected[next]; one !== undefined && one.version <= network.position; one = expected[next]) {
      next += 1;
      const document = keeper.documentOf(network, one.cluster);
      const rebuilt = document?.version === one.version && document.epoch === one.epoch ? document.digest : null;
      const { cluster, version, position, digest } = one;
      if (rebuilt === digest) proven += 1;
      else differing.push({ cluster, version, position, recorded: digest, rebuilt, same: false });
    }
  };

  while (network.position < end) {
    const page = (await scene.store.readAll(network.position, PAGE)).map(decodeRecorded);
    if (page.length === 0) break;
    let from = 0;
    while (from < page.length) {
      const stop = expected[next]?.version ?? Number.POSITIVE_INFINITY;
      const behind = page.findIndex(({ position }, i) => i >= from && position >= stop);
      const to = behind < 0 ? page.length : behind + 1;
      network = advance(network, page.slice(from, to));
      from = to;
      proveAt();
    }
    onProgress(network.position, end);
    await nextTurn();
  }
  for (const { cluster, version, position, digest } of expected.slice(next)) {
    differing.push({ cluster, version, position, recorded: digest, rebuilt: null, same: false });
  }
  return {
    deliveries: expected.length,
    proven,
    differing: differing.slice(0, MOST_LISTED),
    more: differing.length > MOST_LISTED,
    position: network.position,
  };
};
