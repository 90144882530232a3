/** One clock for all processes of a bench: the machine's monotonic one, in ms. */
export const clockMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sleeps and then spins, so that a moment is met within some microseconds. */
export const until = async (momentMs: number): Promise<void> => {
  for (;;) {
    const rest = momentMs - clockMs();
    if (rest <= 0) return;
    await (rest > 2 ? pause(rest - 1.5) : new Promise((resolve) => setImmediate(resolve)));
  }
};

/**
 * Sleeps only, and comes up to a millisecond late: for many moments close together, where spinning would take a processor
 * from those who are measured.
 */
export const untilAbout = async (momentMs: number): Promise<void> => {
  const rest = momentMs - clockMs();
  if (rest > 0) await pause(Math.max(1, rest));
};
