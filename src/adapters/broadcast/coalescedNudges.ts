/**
 * Bursts of nudges made few: of all that come for one cluster within a moment, the first and one more. It never drops the last
 * one, and knows nothing of where nudges go.
 */

export type CoalescedNudges = {
  readonly nudge: (cluster: string) => void;
  /** What still rests is dropped. */
  readonly stop: () => void;
};

/** The first of a burst goes out at once, all that follow within the delay become one more at its end. */
export const coalesced = (nudge: (cluster: string) => void, delayMs: number): CoalescedNudges => {
  const resting = new Map<string, { isAgain: boolean; readonly timer: NodeJS.Timeout }>();
  const go = (cluster: string): void => {
    const timer = setTimeout(() => {
      const { isAgain = false } = resting.get(cluster) ?? {};
      resting.delete(cluster);
      if (isAgain) go(cluster);
    }, delayMs);
    resting.set(cluster, { isAgain: false, timer });
    nudge(cluster);
  };
  return {
    nudge: (cluster: string): void => {
      const rest = resting.get(cluster);
      if (rest === undefined) go(cluster);
      else rest.isAgain = true;
    },
    stop: (): void => {
      for (const { timer } of resting.values()) clearTimeout(timer);
    },
  };
};
