/**
 * Answers nudges: pushes the newest document of one cluster to its controller until what the controller has is what is wanted.
 * It never holds a document longer than one push, and never decides what a document says.
 */
import type { LaneWork } from './lanes.ts';
import type { Delivered, Ledger } from './ledger.ts';
import { createPushPace } from './pushPace.ts';

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

/** What is larger than a controller may be given is not pushed at all. */
const pushWhole = async <D extends Pushable>(
  ports: RelayPorts<D>,
  document: D,
  signal: AbortSignal,
): Promise<PushOutcome> => {
  const most = ports.maxBytes();
  if (document.byteLength > most) {
    const detail = `${document.byteLength} bytes, the limit is ${most}; nothing was cut or sent`;
    return { outcome: 'failed', reason: 'document-too-large', detail };
  }
  const begun = performance.now();
  const outcome = await ports.push(document, signal);
  ports.onPushed?.(document.cluster, outcome, performance.now() - begun);
  return outcome;
};

const isSame = (known: Delivered | undefined, { epoch, version, digest }: Pushable): boolean =>
  known !== undefined && known.epoch === epoch && known.version === version && known.digest === digest;

export const createRelay = <D extends Pushable>(ledger: Ledger, ports: RelayPorts<D>): Relay => {
  const forced = new Set<string>();
  const pace = createPushPace({ ledger, minIntervalMs: ports.minIntervalMs, now: ports.now });

  const isDueAgain = (cluster: string): boolean => {
    const after = ports.againAfterMs?.(cluster);
    const known = ledger.delivered(cluster);
    return after !== undefined && known !== undefined && ports.now() - known.at >= after;
  };

  const failed = (cluster: string, reason: string, detail: string): never => {
    ledger.fail(cluster, reason, detail);
    throw new Error(failureText(cluster, reason, detail));
  };

  const pushOnce = async (document: D, signal: AbortSignal): Promise<void> => {
    const { cluster, epoch, version, digest } = document;
    const outcome = await pushWhole(ports, document, signal);
    if (outcome.outcome === 'failed') return failed(cluster, outcome.reason, outcome.detail);
    const { reportsItself = false } = outcome;
    forced.delete(cluster);
    ledger.deliver(cluster, { epoch, version, digest }, reportsItself);
    pace.delivered(cluster);
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
      if (isSame(ledger.delivered(cluster), wanted) && !forced.has(cluster) && !isDueAgain(cluster)) return;
      const wished = pace.wish(cluster);
      // Without a reason to wait the push is on its way before this turn ends.
      if (pace.restOf(cluster, wished) > 0) await pace.wait(cluster, wished, signal);
      pace.started(cluster, wished);
      const newest = latest(cluster);
      if (newest === undefined || signal.aborted) return;
      await pushOnce(newest, signal);
    }
  };

  return { work, resend: (cluster) => forced.add(cluster) };
};
