/**
 * Lanes that others answer, with a way out: while those lanes are not well, nudges are answered in this process. Nothing waits
 * for the others to come back, and when they are back they are used again; an attempt that is still to be repeated here is
 * handed over to them.
 */
import { type LaneHealth, type Lanes, type LaneWork, oneAtATime } from './lanes.ts';

export type FallbackLanes = Lanes & {
  /** Answers one cluster here although the others seem well, because nobody answers it there. */
  readonly insist: (cluster: string) => void;
};

/** `others` may or may not answer nudges in this process as well; `here` always does. */
export const createFallbackLanes = (others: Lanes, here: Lanes): FallbackLanes => {
  const insisted = new Set<string>();
  const health = (): LaneHealth => {
    const { ok, detail } = others.health();
    return ok ? { ok, detail } : { ok, detail: `${detail}; this process delivers by itself meanwhile` };
  };
  return {
    nudge: (cluster) => (others.health().ok ? others : here).nudge(cluster),
    insist: (cluster) => {
      insisted.add(cluster);
      here.nudge(cluster);
    },
    start: async (work: LaneWork) => {
      const alone = oneAtATime(work);
      await here.start(async (cluster, signal) => {
        if (others.health().ok && !insisted.has(cluster)) {
          others.nudge(cluster);
          return;
        }
        await alone(cluster, signal);
        insisted.delete(cluster);
      });
      await others.start(alone);
    },
    stop: async () => {
      await others.stop();
      await here.stop();
    },
    health,
  };
};
