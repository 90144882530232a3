/**
 * Answers nudges: pushes the newest document of one cluster to its controller until what the controller has is what is wanted.
 * It never holds a document longer than one push, and never decides what a document says.
 */
import { dueAt, idlePace, type Pace, request, start } from '../../domain/pacing.ts';
import type { LaneWork } from './lanes.ts';
import type { Ledger } from './ledger.ts';

/** What a push needs to know of a document; the sender knows the rest. */
export type Pushable = {
  readonly cluster: string;
  readonly epoch: number;
  readonly version: number;
  readonly digest: string;
  readonly byteLength: number;
};

export type PushOutcome =
  /** `reportsItself`: the answer showed that the controller is one of ours. */
  | { readonly outcome: 'delivered'; readonly reportsItself?: boolean }
  | { readonly outcome: 'failed'; readonly reason: string; readonly detail: string };

export type RelayPorts<D extends Pushable> = {
  /** Undefined when the cluster wants nothing (not enabled, or nothing known of it). */
  readonly latest: (cluster: string) => D | undefined;
  readonly push: (document: D, signal: AbortSignal) => Promise<PushOutcome>;
  readonly onDelivered: (document: D, reportsItself: boolean) => void;
  /** Told of every push and how long it took, ms. */
  readonly onPushed?: (cluster: string, outcome: PushOutcome, tookMs: number) => void;
  /** Least time between two whole documents for a controller that takes no differences, ms (cloud.network.min_broadcast_interval). */
  readonly minIntervalMs: (cluster: string) => number;
  /** After this long what a controller has is said again, ms; undefined for controllers that say by themselves what they have. */
  readonly againAfterMs?: (cluster: string) => number | undefined;
  readonly maxBytes: () => number;
  readonly now: () => number;
};

const LOOK_AGAIN_MS = 200;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });

/** A failed attempt as one line, so that it can travel with the lane; `failureIn` reads it back. */
const failureText = (cluster: string, reason: string, detail: string): string => `${cluster}: ${reason}: ${detail}`;

/** It may come from a place others write to: whatever is not such a line is its own detail. */
export const failureIn = (text: string): { readonly reason: string; readonly detail: string } => {
  const match = /^\S+: ([a-z-]{1,40}): ([\s\S]{0,1000})/.exec(text);
  return match === null
    ? { reason: 'failed', detail: text.slice(0, 1000) }
    : { reason: match[1] ?? '', detail: match[2] ?? '' };
};

export type Relay = {
  readonly work: LaneWork;
  /** Makes the next look push even what is already delivered (the periodic broadcast). */
  readonly resend: (cluster: string) => void;
};

export const createRelay = <D extends Pushable>(ledger: Ledger, ports: RelayPorts<D>): Relay => {
  const paces = new Map<string, Pace>();
  const forced = new Set<string>();
  const deliveredHere = new Map<string, number>();

  const isDelivered = (document: D): boolean => {
    const known = ledger.delivered(document.cluster);
    return (
      known !== undefined &&
      known.epoch === document.epoch &&
      known.version === document.version &&
      known.digest === document.digest
    );
  };

  const isDueAgain = (cluster: string): boolean => {
    const after = ports.againAfterMs?.(cluster);
    const known = ledger.delivered(cluster);
    return after !== undefined && known !== undefined && ports.now() - known.at >= after;
  };

  /** Other processes push as well: what the delivery log knows of them counts like what was started here. */
  const paceOf = (cluster: string): Pace => {
    const pace = paces.get(cluster) ?? idlePace;
    const at = ledger.delivered(cluster)?.at ?? 0;
    const elsewhere = at === deliveredHere.get(cluster) ? 0 : Math.min(at, ports.now());
    return elsewhere > (pace.lastStart ?? 0) ? { ...pace, lastStart: elsewhere } : pace;
  };

  const restOf = (cluster: string, pace: Pace): number =>
    (dueAt(pace, ports.minIntervalMs(cluster)) ?? 0) - ports.now();

  /** Looks again every so often: a controller may turn out meanwhile to be one that needs no pacing. */
  const awaitPace = async (cluster: string, pace: Pace, signal: AbortSignal): Promise<void> => {
    for (;;) {
      const rest = restOf(cluster, pace);
      if (rest <= 0 || signal.aborted) return;
      await pause(Math.min(rest, LOOK_AGAIN_MS), signal);
    }
  };

  const failed = (cluster: string, reason: string, detail: string): never => {
    ledger.fail(cluster, reason, detail);
    throw new Error(failureText(cluster, reason, detail));
  };

  const pushOnce = async (document: D, signal: AbortSignal): Promise<void> => {
    const { cluster, epoch, version, digest, byteLength } = document;
    if (byteLength > ports.maxBytes()) {
      return failed(
        cluster,
        'document-too-large',
        `${byteLength} bytes, the limit is ${ports.maxBytes()}; nothing was cut or sent`,
      );
    }
    const begun = performance.now();
    const outcome = await ports.push(document, signal);
    ports.onPushed?.(cluster, outcome, performance.now() - begun);
    if (outcome.outcome === 'failed') return failed(cluster, outcome.reason, outcome.detail);
    const { reportsItself = false } = outcome;
    forced.delete(cluster);
    ledger.deliver(cluster, { epoch, version, digest }, reportsItself);
    deliveredHere.set(cluster, ledger.delivered(cluster)?.at ?? 0);
    ports.onDelivered(document, reportsItself);
  };

  /** A document that cannot be made is a failed attempt like any other: noted, and tried again. */
  const latest = (cluster: string): D | undefined => {
    try {
      return ports.latest(cluster);
    } catch (fault) {
      return failed(cluster, 'build-failed', (fault as Error).message);
    }
  };

  const work: LaneWork = async (cluster, signal) => {
    for (;;) {
      const wanted = latest(cluster);
      if (wanted === undefined || signal.aborted) return;
      if (isDelivered(wanted) && !forced.has(cluster) && !isDueAgain(cluster)) return;
      const pace = request(paceOf(cluster), ports.now());
      // Without a reason to wait the push is on its way before this turn ends.
      if (restOf(cluster, pace) > 0) await awaitPace(cluster, pace, signal);
      paces.set(cluster, start(pace, ports.now()));
      const newest = latest(cluster);
      if (newest === undefined || signal.aborted) return;
      await pushOnce(newest, signal);
    }
  };

  return { work, resend: (cluster) => forced.add(cluster) };
};
