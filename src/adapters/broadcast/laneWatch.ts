/**
 * Looks at the lanes of clusters that are behind, where others answer them: takes over what nobody answers, and says in this
 * process's status why attempts elsewhere fail. It changes no lane.
 */
import type { LaneSight } from './lanes.ts';

export type LaneWatchPorts = {
  /** Undefined when it cannot be seen now. */
  readonly look: (cluster: string) => Promise<LaneSight | undefined>;
  readonly onUnanswered: (cluster: string) => void;
  readonly onFailing: (cluster: string, failures: number, lastFailure: string) => void;
};

export type LaneWatch = {
  /** One round at a time; a round asked for meanwhile is left out, because the next one sees it all. */
  readonly round: (behind: readonly string[]) => Promise<void>;
};

const AT_ONCE = 16;

export const createLaneWatch = (ports: LaneWatchPorts): LaneWatch => {
  let isLooking = false;

  const lookAt = async (cluster: string): Promise<void> => {
    const sight = await ports.look(cluster);
    if (sight === undefined) return;
    const { state, failures, lastFailure } = sight;
    if (failures > 0 && lastFailure !== undefined) ports.onFailing(cluster, failures, lastFailure);
    if (state === 'unanswered') ports.onUnanswered(cluster);
  };

  return {
    round: async (behind) => {
      if (isLooking) return;
      isLooking = true;
      try {
        for (let i = 0; i < behind.length; i += AT_ONCE) await Promise.all(behind.slice(i, i + AT_ONCE).map(lookAt));
      } finally {
        isLooking = false;
      }
    },
  };
};
