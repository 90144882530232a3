/**
 * When clusters last reported which instances. Only in memory, and only what this process heard itself: after a restart, or
 * when a cluster begins to be heard here again, nobody counts as unreported from before that.
 */
import type { Sightings } from '../../projections/reconcile.ts';

export type SightingsBook = Sightings & {
  /** A whole report; `exists` says which instances are worth remembering. */
  readonly saw: (
    cluster: string,
    instanceIds: readonly string[],
    at: number,
    exists: (instanceId: string) => boolean,
  ) => void;
  /** When its newest report came, ms. */
  readonly lastHeard: (cluster: string) => number | undefined;
};

/** Longer without a report, and the cluster is not being heard. Reports come several times a minute. */
const SILENCE_MS = 5 * 60_000;

/** `from`: the first report of an unbroken series. */
type Series = { readonly from: number; last: number; readonly seen: Map<string, number> };

/** Starts without any sighting, as after a restart. */
export const createSightings = (): SightingsBook => {
  const heard = new Map<string, Series>();

  const seriesOf = (cluster: string, at: number): Series => {
    const known = heard.get(cluster);
    if (known !== undefined && at - known.last <= SILENCE_MS) return known;
    const begun = { from: at, last: at, seen: new Map<string, number>() };
    heard.set(cluster, begun);
    return begun;
  };

  const current = (cluster: string, now: number): Series | undefined => {
    const series = heard.get(cluster);
    return series === undefined || now - series.last > SILENCE_MS ? undefined : series;
  };

  return {
    saw: (cluster, instanceIds, at, exists) => {
      const series = seriesOf(cluster, at);
      series.last = Math.max(series.last, at);
      for (const id of instanceIds) series.seen.set(id, at);
      if (series.seen.size <= 2 * instanceIds.length + 1000) return;
      for (const id of series.seen.keys()) if (!exists(id)) series.seen.delete(id);
    },
    lastHeard: (cluster) => heard.get(cluster)?.last,
    hears: (cluster, now) => current(cluster, now) !== undefined,
    lastReported: (cluster, instanceId, now) => {
      const series = current(cluster, now);
      return series && (series.seen.get(instanceId) ?? series.from);
    },
  };
};
