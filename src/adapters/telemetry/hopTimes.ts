/**
 * How long a change takes from its wish to each hop: projected, delivered to a controller, taken in by a node, applied by its
 * kernel. What is measured is the way of versions that were seen to be wanted here; what is unknown is not counted.
 */
import { Histogram, type Registry } from 'prom-client';
import type { ClusterStatus } from '../../projections/convergence.ts';
import type { RecentEvents } from './recentEvents.ts';

export type HopTimes = {
  /** A new network is out, made of these events. */
  readonly projected: (events: readonly { readonly time: number }[]) => void;
  /** What is known of a cluster has changed. */
  readonly changed: (status: ClusterStatus) => void;
  readonly pushed: (cluster: string, outcome: string, tookMs: number) => void;
};

export type HopTimesPorts = {
  readonly registry: Registry;
  readonly recent: RecentEvents;
  readonly now: () => number;
};

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const PENDING = 256;

type Pending = { readonly version: number; readonly since: number };

/** `versions` ascending; `passed`: how far each who passes them on has got, so that nothing is looked at twice. */
type Way = { readonly epoch: number; readonly versions: Pending[]; readonly passed: Map<string, number> };
type Reach = (hop: string, cluster: string, figure: number | null, by: string) => void;

export const createHopTimes = ({ registry, recent, now }: HopTimesPorts): HopTimes => {
  const change = new Histogram({
    name: 'edgelog_change_seconds',
    help: 'Time from a wish to each hop its change passed',
    labelNames: ['hop', 'cluster'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const push = new Histogram({
    name: 'edgelog_push_seconds',
    help: 'Time of one push to a cluster controller',
    labelNames: ['cluster', 'outcome'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const ways = new Map<string, Way>();

  const wayOf = ({ cluster, epoch, wanted, wantedAt }: ClusterStatus): Way => {
    const known = ways.get(cluster);
    const way = known?.epoch === epoch ? known : { epoch, versions: [], passed: new Map<string, number>() };
    if (way !== known) ways.set(cluster, way);
    const { versions } = way;
    if (wanted !== null && (versions.at(-1)?.version ?? -1) < wanted) {
      versions.push({ version: wanted, since: recent.timeOf(wanted) ?? wantedAt });
      if (versions.length > 2 * PENDING) versions.splice(0, versions.length - PENDING);
    }
    return way;
  };

  const reachIn =
    ({ versions, passed }: Way): Reach =>
    (hop, cluster, figure, by) => {
      const before = passed.get(by) ?? -1;
      if (figure === null || figure <= before) return;
      passed.set(by, figure);
      for (let at = versions.length - 1; at >= 0; at -= 1) {
        const { version, since } = versions[at] as Pending;
        if (version <= before) return;
        if (version <= figure) change.observe({ hop, cluster }, Math.max(0, now() - since) / 1000);
      }
    };

  return {
    projected: (events) => {
      for (const { time } of events)
        change.observe({ hop: 'projected', cluster: '' }, Math.max(0, now() - time) / 1000);
    },
    changed: (status) => {
      const { cluster } = status;
      const reach = reachIn(wayOf(status));
      reach('delivered', cluster, status.delivered, 'delivered');
      for (const { node, epoch, accepted, applied } of status.nodes.values()) {
        if (epoch !== status.epoch) continue;
        reach('accepted', cluster, accepted, `accepted ${node}`);
        reach('applied', cluster, applied, `applied ${node}`);
      }
    },
    pushed: (cluster, outcome, tookMs) => push.observe({ cluster, outcome }, tookMs / 1000),
  };
};
