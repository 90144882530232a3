/**
 * The level trigger: every few seconds it nudges the clusters whose delivered version is behind, and every period all of them
 * (the founding document's periodic broadcast). It needs no memory of nudges, so nobody can lose one.
 */
import type { Lanes } from './lanes.ts';

export type ResyncPorts = {
  readonly clusters: () => readonly string[];
  readonly isBehind: (cluster: string) => boolean;
  /** The periodic broadcast of one cluster; controllers that report what they have need none. */
  readonly resend: (cluster: string) => void;
  /** Told of those that are behind in each round. */
  readonly onBehind?: (clusters: readonly string[]) => void;
};

export type Resync = { readonly start: () => void; readonly stop: () => void; readonly round: (all: boolean) => void };

export const createResync = (
  lanes: Pick<Lanes, 'nudge'>,
  ports: ResyncPorts,
  times: { readonly everyMs: number; readonly allEveryMs: number } = { everyMs: 3_000, allEveryMs: 30_000 },
): Resync => {
  const timers: NodeJS.Timeout[] = [];
  const round = (all: boolean): void => {
    const clusters = ports.clusters();
    const behind = clusters.filter(ports.isBehind);
    if (all) for (const cluster of clusters) ports.resend(cluster);
    for (const cluster of all ? clusters : behind) lanes.nudge(cluster);
    if (behind.length > 0) ports.onBehind?.(behind);
  };
  return {
    start: () => {
      timers.push(
        setInterval(() => round(false), times.everyMs),
        setInterval(() => round(true), times.allEveryMs),
      );
      for (const timer of timers) timer.unref();
    },
    stop: () => {
      for (const timer of timers.splice(0)) clearInterval(timer);
    },
    round,
  };
};
