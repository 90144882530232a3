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
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'failed'; readonly reason: string; readonly detail: string };

export type RelayPorts<D extends Pushable> = {
  /** Undefined when the cluster wants nothing (not enabled, or nothing known of it). */
  readonly latest: (cluster: string) => D | undefined;
  readonly push: (document: D, signal: AbortSignal) => Promise<PushOutcome>;
  readonly onDelivered: (document: D) => void;
  /** Least time between two whole documents for a controller that takes no differences, ms (cloud.network.min_broadcast_interval). */
  readonly minIntervalMs: (cluster: string) => number;
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

export type Relay = {
  readonly work: LaneWork;
  /** Makes the next look push even what is already delivered (the periodic broadcast). */
  readonly resend: (cluster: string) => void;
};

export const createRelay = <D extends Pushable>(ledger: Ledger, ports: RelayPorts<D>): Relay => {
  const paces = new Map<string, Pace>();
  const forced = new Set<string>();

  const isDelivered = (document: D): boolean => {
    const known = ledger.delivered(document.cluster);
    return (
      known !== undefined &&
      known.epoch === document.epoch &&
      known.version === document.version &&
      known.digest === document.digest
    );
  };

  /** Looks again every so often: a controller may turn out meanwhile to be one that needs no pacing. */
  const awaitPace = async (cluster: string, signal: AbortSignal): Promise<void> => {
    const pace = request(paces.get(cluster) ?? idlePace, ports.now());
    for (;;) {
      const wait = (dueAt(pace, ports.minIntervalMs(cluster)) ?? 0) - ports.now();
      if (wait <= 0 || signal.aborted) break;
      await pause(Math.min(wait, LOOK_AGAIN_MS), signal);
    }
    paces.set(cluster, start(pace, ports.now()));
  };

  const failed = (cluster: string, reason: string, detail: string): never => {
    ledger.fail(cluster, reason, detail);
    throw new Error(`${cluster}: ${reason}: ${detail}`);
  };

  const pushOnce = async (document: D, signal: AbortSignal): Promise<void> => {
    const { cluster, epoch, version, digest, byteLength } = document;
    if (byteLength > ports.maxBytes()) {
      failed(
        cluster,
        'document-too-large',
        `${byteLength} bytes, the limit is ${ports.maxBytes()}; nothing was cut or sent`,
      );
    }
    const outcome = await ports.push(document, signal);
    if (outcome.outcome === 'failed') failed(cluster, outcome.reason, outcome.detail);
    forced.delete(cluster);
    ledger.deliver(cluster, { epoch, version, digest });
    ports.onDelivered(document);
  };

  const work: LaneWork = async (cluster, signal) => {
    for (;;) {
      const wanted = ports.latest(cluster);
      if (wanted === undefined || signal.aborted) return;
      if (isDelivered(wanted) && !forced.has(cluster)) return;
      await awaitPace(cluster, signal);
      const newest = ports.latest(cluster);
      if (newest === undefined || signal.aborted) return;
      await pushOnce(newest, signal);
    }
  };

  return { work, resend: (cluster) => forced.add(cluster) };
};
