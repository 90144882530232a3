/**
 * How long a change takes from its wish to each hop: projected, delivered to a controller, taken in by a node, applied by its
 * kernel. What is measured is the way of versions that were seen to be wanted here; what is unknown is not counted.
 */
import type { Registry } from 'prom-client';
import type { ClusterStatus } from '../../projections/convergence.ts';
import type { RecentEvents } from './recentEvents.ts';
import { createTimeHistogram, type Observe, type TimeHistogram } from './timeHistogram.ts';

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
type Way = {
  readonly epoch: number;
  readonly versions: Pending[];
  readonly passed: Map<string, number>;
  delivered: number | null;
  /** As looked at last: while they are the same, no node has got further. */
  nodes: ClusterStatus['nodes'] | undefined;
};

/** Figures of one cluster, kept at hand: they are asked for with every change and every push. */
type Figures = { readonly [hop in 'delivered' | 'accepted' | 'applied']: Observe };

const createFigures = (change: TimeHistogram): ((cluster: string) => Figures) => {
  const figures = new Map<string, Figures>();
  return (cluster) => {
    const known = figures.get(cluster);
    if (known !== undefined) return known;
    const hop = (name: string): Observe => change.of(name, cluster);
    const made = { delivered: hop('delivered'), accepted: hop('accepted'), applied: hop('applied') };
    figures.set(cluster, made);
    return made;
  };
};

const newWay = (epoch: number): Way => ({
  epoch,
  versions: [],
  passed: new Map<string, number>(),
  delivered: null,
  nodes: undefined,
});

/** The way of each cluster, with the version that is wanted of it now. */
const createWays = (recent: RecentEvents): ((status: ClusterStatus) => Way) => {
  const ways = new Map<string, Way>();
  return ({ cluster, epoch, wanted, wantedAt }) => {
    const known = ways.get(cluster);
    const way = known?.epoch === epoch ? known : newWay(epoch);
    if (way !== known) ways.set(cluster, way);
    const { versions } = way;
    if (wanted !== null && (versions.at(-1)?.version ?? -1) < wanted) {
      versions.push({ version: wanted, since: recent.timeOf(wanted) ?? wantedAt });
      if (versions.length > 2 * PENDING) versions.splice(0, versions.length - PENDING);
    }
    return way;
  };
};

/** `by` has got to the version `figure`: observes every version it passed since it was looked at last. */
const reach = ({ versions, passed }: Way, observe: Observe, figure: number | null, by: string, at: number): void => {
  const before = passed.get(by) ?? -1;
  if (figure === null || figure <= before) return;
  passed.set(by, figure);
  for (let place = versions.length - 1; place >= 0; place -= 1) {
    const { version, since } = versions[place] as Pending;
    if (version <= before) return;
    if (version <= figure) observe(Math.max(0, at - since) / 1000);
  }
};

const reachNodes = (way: Way, { nodes, epoch }: ClusterStatus, observe: Figures, at: number): void => {
  if (way.nodes === nodes) return;
  way.nodes = nodes;
  for (const { node, epoch: nodeEpoch, accepted, applied } of nodes.values()) {
    if (nodeEpoch !== epoch) continue;
    reach(way, observe.accepted, accepted, `accepted ${node}`, at);
    reach(way, observe.applied, applied, `applied ${node}`, at);
  }
};

export const createHopTimes = ({ registry, recent, now }: HopTimesPorts): HopTimes => {
  const change = createTimeHistogram({
    ...{ registry, buckets: BUCKETS, labels: ['hop', 'cluster'], name: 'edgelog_change_seconds' },
    help: 'Time from a wish to each hop its change passed',
  });
  const push = createTimeHistogram({
    ...{ registry, buckets: BUCKETS, labels: ['cluster', 'outcome'], name: 'edgelog_push_seconds' },
    help: 'Time of one push to a cluster controller',
  });
  const projected = change.of('projected', '');
  const figuresOf = createFigures(change);
  const wayOf = createWays(recent);

  return {
    projected: (events) => {
      const at = now();
      for (const { time } of events) projected(Math.max(0, at - time) / 1000);
    },
    changed: (status) => {
      const at = now();
      const way = wayOf(status);
      const observe = figuresOf(status.cluster);
      if (way.delivered !== status.delivered) reach(way, observe.delivered, status.delivered, 'delivered', at);
      way.delivered = status.delivered;
      reachNodes(way, status, observe, at);
    },
    pushed: (cluster, outcome, tookMs) => push.of(cluster, outcome)(tookMs / 1000),
  };
};
