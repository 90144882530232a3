/**
 * Remembers which signed messages were accepted until their timestamps can no longer be valid, so that a captured one is
 * taken once. Memory is bounded; when it is full of living entries the answer is no, because forgetting one would let a
 * replay in. Only messages whose signature held may be entered, so strangers cannot fill it.
 */

export type Admission = 'fresh' | 'replayed' | 'full';

/** `admit` enters a key that is new; `untilMs` is when it may be forgotten, in the same clock as `nowMs`. */
export type Replays = {
  readonly admit: (key: string, untilMs: number, nowMs: number) => Admission;
  readonly size: () => number;
};

const defaultCapacity = 100_000;

export const createReplays = (capacity = defaultCapacity): Replays => {
  const living = new Map<string, number>();
  let nextSweepMs = Number.NEGATIVE_INFINITY;

  const sweep = (nowMs: number): void => {
    for (const [key, untilMs] of living) if (untilMs <= nowMs) living.delete(key);
    nextSweepMs = nowMs + 1000;
  };
  return {
    admit: (key, untilMs, nowMs) => {
      const known = living.get(key);
      if (known !== undefined && known > nowMs) return 'replayed';
      // Full sweeps at most once a second of the clock passed in: a full cache must not become slow as well.
      if (living.size >= capacity && nowMs >= nextSweepMs) sweep(nowMs);
      if (living.size >= capacity) return 'full';
      forgetOldest(living, nowMs);
      living.set(key, untilMs);
      return 'fresh';
    },
    size: () => living.size,
  };
};

/** Entries are nearly in order of expiry, so looking at the first few keeps the map small between sweeps. */
const forgetOldest = (living: Map<string, number>, nowMs: number): void => {
  for (const [key, untilMs] of living) {
    if (untilMs > nowMs) return;
    living.delete(key);
  }
};
