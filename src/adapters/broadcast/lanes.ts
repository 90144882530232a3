/**
 * Lanes: one per cluster, so that a slow or dead cluster controller never delays another. A nudge is an empty hint, "look at
 * this cluster again"; who answers it reads the newest document itself. Losing a nudge is harmless: the resync loop compares
 * versions, not memories.
 */

/** Looks at one cluster; resolves when nothing is left to send. Throws when the attempt failed and should be tried again. */
export type LaneWork = (cluster: string, signal: AbortSignal) => Promise<void>;

export type LaneHealth = { readonly ok: boolean; readonly detail: string };

export type Lanes = {
  /** Never throws and never blocks: a hint that cannot be kept is made again by the resync loop. */
  readonly nudge: (cluster: string) => void;
  readonly start: (work: LaneWork) => Promise<void>;
  /** Ends running work through its signal and waits for it. */
  readonly stop: () => Promise<void>;
  readonly health: () => LaneHealth;
};

/** One lane seen from outside, where others answer it. `unanswered`: nobody has taken it up for longer than is usual. */
export type LaneSight = {
  readonly state: 'empty' | 'waiting' | 'active' | 'unanswered';
  readonly failures: number;
  /** The message of the last attempt's fault, as the worker that made it threw it. */
  readonly lastFailure: string | undefined;
};

export type Backoff = { readonly firstMs: number; readonly capMs: number };

export const usualBackoff: Backoff = { firstMs: 200, capMs: 15_000 };

/** Exponential, capped, jittered over its upper half. `failures` from 1, `random` in [0, 1). */
export const backoffMs = (failures: number, { firstMs, capMs }: Backoff, random: number): number =>
  Math.min(capMs, firstMs * 2 ** Math.min(failures - 1, 20)) * (0.5 + random / 2);

/**
 * The same work, but never twice at once for one cluster in this process: who comes second waits and then looks again.
 * Needed where nudges arrive on two ways.
 */
export const oneAtATime = (work: LaneWork): LaneWork => {
  const running = new Map<string, Promise<void>>();
  return async (cluster, signal) => {
    for (let other = running.get(cluster); other !== undefined; other = running.get(cluster)) {
      await other.catch(() => undefined);
    }
    const mine = work(cluster, signal).finally(() => running.delete(cluster));
    running.set(cluster, mine);
    return mine;
  };
};
