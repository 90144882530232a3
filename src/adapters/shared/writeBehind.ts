/**
 * Writes the newest of many values a little later: one write at a time, overtaken values never written, and never busy for
 * more than a part of the time however fast values come. What it has not written yet may be lost; whoever uses it can do
 * without.
 */

export type WriteBehind<V> = {
  readonly put: (value: V) => void;
  /** Resolves when everything put so far is written or has failed. */
  readonly flush: () => Promise<void>;
};

/** Pause after a write in parts of how long it took: writing takes at most a fifth of the time. */
const REST = 4;

export const createWriteBehind = <V>(
  write: (value: V) => Promise<void>,
  onFault: (fault: unknown) => void,
  leastGapMs = 200,
): WriteBehind<V> => {
  let waiting: { readonly value: V } | undefined;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let restUntil = 0;

  const drain = async (): Promise<void> => {
    const taken = waiting;
    waiting = undefined;
    if (taken === undefined) return;
    const begun = performance.now();
    await write(taken.value).catch(onFault);
    const ended = performance.now();
    restUntil = ended + Math.max(leastGapMs, (ended - begun) * REST);
  };

  const run = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    running ??= drain().finally(() => {
      running = undefined;
      if (waiting !== undefined) later();
    });
    return running;
  };

  const later = (): void => {
    if (timer !== undefined || running !== undefined) return;
    timer = setTimeout(() => void run(), Math.max(0, restUntil - performance.now()));
  };

  return {
    put: (value) => {
      waiting = { value };
      later();
    },
    flush: async () => {
      while (waiting !== undefined || running !== undefined) await run();
    },
  };
};
