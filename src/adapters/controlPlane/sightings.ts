/** When clusters last reported which instances. Only in memory: after a restart nobody is lost before they had time to report. */
import type { Sightings } from '../../projections/reconcile.ts';

export type SightingsBook = Sightings & {
  readonly saw: (cluster: string, instanceIds: readonly string[], at: number) => void;
};

export const createSightings = (startedAt: number): SightingsBook => {
  const seen = new Map<string, number>();
  const reporting = new Set<string>();
  return {
    saw: (cluster, instanceIds, at) => {
      reporting.add(cluster);
      for (const id of instanceIds) seen.set(id, at);
    },
    lastSeen: (instanceId) => seen.get(instanceId) ?? startedAt,
    reports: (cluster) => reporting.has(cluster),
  };
};
