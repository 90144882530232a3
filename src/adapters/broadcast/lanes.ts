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

export type Backoff = { readonly firstMs: number; readonly capMs: number };

/** Exponential with full jitter, capped. `random` in [0, 1). */
export const backoffMs = (failures: number, { firstMs, capMs }: Backoff, random: number): number =>
  Math.min(capMs, firstMs * 2 ** Math.min(failures - 1, 20)) * (0.5 + random / 2);
