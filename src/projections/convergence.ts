/**
 * How far each cluster and node has got. The four words mean one thing each: *wanted* is the latest document's version,
 * *published* that its lane was nudged, *delivered* that the cluster controller answered true, *applied* that the node has it
 * in force. What nobody told us is unknown (null) and never shown as good. This is the ledger of what was applied, kept apart
 * from what is desired; all numbers only grow within an epoch.
 */

import { type Milestones, reach, reachedBy } from './milestones.ts';

export type AgentKind = 'kernel' | 'plan' | 'none' | 'unknown';

/** Which process made a word, and how many it had made before: words of one process are ordered by this and by nothing else. */
export type Said = { readonly by: string; readonly turn: number };

export type NodeStatus = {
  readonly node: string;
  readonly epoch: number;
  readonly accepted: number | null;
  readonly applied: number | null;
  readonly agent: AgentKind;
  /** When the report was made, and when it came here, ms. */
  readonly at: number;
  readonly refusal: { readonly reason: string; readonly detail: string } | null;
  /** Trace context of the newest document it took, for following a change. */
  readonly traceparent: string | null;
  /** Absent where whoever reports does not say. */
  readonly said?: Said;
};

export type Failure = { readonly reason: string; readonly detail: string; readonly at: number };

export type ClusterStatus = {
  readonly cluster: string;
  readonly epoch: number;
  readonly wanted: number | null;
  readonly wantedAt: number;
  readonly published: number | null;
  readonly delivered: number | null;
  readonly deliveredAt: number | null;
  readonly failuresInARow: number;
  readonly lastFailure: Failure | null;
  /** Its controller says by itself how far its nodes are: as long as it has not, they are unknown. */
  readonly reportsItself: boolean;
  readonly nodes: ReadonlyMap<string, NodeStatus>;
  /** Who took which version when: the controller under the empty name, nodes under theirs. */
  readonly milestones: ReadonlyMap<string, Milestones>;
};

export type Convergence = ReadonlyMap<string, ClusterStatus>;

const blank = (cluster: string): ClusterStatus => ({
  cluster,
  epoch: 0,
  wanted: null,
  wantedAt: 0,
  published: null,
  delivered: null,
  deliveredAt: null,
  failuresInARow: 0,
  lastFailure: null,
  reportsItself: false,
  nodes: new Map(),
  milestones: new Map(),
});

const CONTROLLER = '';

const reaching = (
  milestones: ClusterStatus['milestones'],
  who: string,
  version: number,
  at: number,
): ClusterStatus['milestones'] => {
  const known = milestones.get(who) ?? [];
  const next = reach(known, version, at);
  return next === known ? milestones : new Map(milestones).set(who, next);
};

const change = (all: Convergence, cluster: string, with_: (status: ClusterStatus) => ClusterStatus): Convergence => {
  const next = new Map(all);
  next.set(cluster, with_(all.get(cluster) ?? blank(cluster)));
  return next;
};

/** A new epoch starts all figures again: versions of an older one say nothing about it. */
export const want = (all: Convergence, cluster: string, epoch: number, version: number, at: number): Convergence =>
  change(all, cluster, (status) =>
    status.epoch === epoch
      ? { ...status, wanted: version, wantedAt: at }
      : {
          ...blank(cluster),
          reportsItself: status.reportsItself,
          nodes: status.nodes,
          epoch,
          wanted: version,
          wantedAt: at,
        },
  );

export const publish = (all: Convergence, cluster: string, version: number): Convergence =>
  change(all, cluster, (status) => ({ ...status, published: Math.max(status.published ?? -1, version) }));

export const deliver = (all: Convergence, cluster: string, epoch: number, version: number, at: number): Convergence =>
  change(all, cluster, (status) =>
    status.epoch === epoch
      ? {
          ...status,
          delivered: Math.max(status.delivered ?? -1, version),
          deliveredAt: at,
          failuresInARow: 0,
          milestones: reaching(status.milestones, CONTROLLER, version, at),
        }
      : status,
  );

export const fail = (all: Convergence, cluster: string, failure: Failure): Convergence =>
  change(all, cluster, (status) => ({ ...status, failuresInARow: status.failuresInARow + 1, lastFailure: failure }));

/** What somebody else who delivers says of its attempts. */
export const failing = (all: Convergence, cluster: string, failuresInARow: number, failure: Failure): Convergence =>
  change(all, cluster, (status) => ({ ...status, failuresInARow, lastFailure: failure }));

export const expectReports = (all: Convergence, cluster: string): Convergence =>
  all.get(cluster)?.reportsItself === true
    ? all
    : change(all, cluster, (status) => ({ ...status, reportsItself: true }));

/** Undefined unless one process said both of them */
const isLater = ({ said: before }: NodeStatus, { said: after }: NodeStatus): boolean | undefined =>
  before === undefined || after === undefined || before.by !== after.by ? undefined : after.turn >= before.turn;

/** Who has heard nothing of a node since it started takes nothing back of what was known; it can only say why it hears nothing. */
const hasHeard = ({ at }: NodeStatus): boolean => at > 0;

const grown = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));

/**
 * The later word of one process is the truth, also where it takes something back: a node that lost its file has nothing. Times
 * say nothing of the order, because what travelled fast looks younger than it is beside what travelled slowly. Of several
 * processes nobody knows which word is later: the figures never go back, the rest is as the last one said.
 */
const merge = (known: NodeStatus | undefined, report: NodeStatus): NodeStatus => {
  if (known === undefined) return report;
  const later = isLater(known, report);
  if (later === false) return known;
  if (later === undefined && report.epoch !== known.epoch) return report.epoch > known.epoch ? report : known;
  const { said } = report;
  if (said !== undefined && !hasHeard(report)) return { ...known, said, refusal: report.refusal };
  if (later) return report;
  const newer = said !== undefined || report.at >= known.at ? report : known;
  return { ...newer, accepted: grown(known.accepted, report.accepted), applied: grown(known.applied, report.applied) };
};

export const report = (all: Convergence, cluster: string, reports: readonly NodeStatus[]): Convergence =>
  change(all, cluster, (status) => {
    const nodes = new Map(status.nodes);
    let { milestones } = status;
    for (const one of reports) {
      const { node, epoch, accepted, at } = one;
      nodes.set(node, merge(nodes.get(node), one));
      if (accepted !== null && epoch === status.epoch) milestones = reaching(milestones, node, accepted, at);
    }
    return { ...status, reportsItself: true, nodes, milestones };
  });

export const forget = (all: Convergence, cluster: string): Convergence => {
  const next = new Map(all);
  next.delete(cluster);
  return next;
};

/**
 * The newest version a node is known to act on: what its kernel has where an agent programs it; what it has taken in where an
 * agent of ours is not to program it. Null is unknown, as with every node that only has a controller of Eucalyptus.
 */
export const inForce = (status: NodeStatus, epoch: number): number | null => {
  if (status.epoch !== epoch) return null;
  switch (status.agent) {
    case 'kernel':
      return status.applied;
    case 'plan':
    case 'none':
      return status.accepted;
    case 'unknown':
      return null;
  }
};

/** What a node has in force, or took so long ago that its daemon must have looked since. */
const passedBy = (status: ClusterStatus, name: string, settledBefore: number): number | null => {
  const node = status.nodes.get(name);
  if (node === undefined || node.epoch !== status.epoch) return null;
  return node.agent === 'unknown'
    ? reachedBy(status.milestones.get(name) ?? [], settledBefore)
    : inForce(node, status.epoch);
};

/**
 * The low watermark of a cluster: the version every one of its nodes has passed; null while any is unknown. A cluster
 * without nodes has passed whatever was delivered to it. What a node that never says anything took before `settledBefore` (ms)
 * counts as passed.
 */
export const lowWatermark = (
  status: ClusterStatus | undefined,
  nodes: readonly string[],
  settledBefore: number,
): number | null => {
  if (status === undefined) return null;
  if (nodes.length === 0) return status.delivered;
  let low: number | null = Number.POSITIVE_INFINITY;
  for (const name of nodes) {
    const version = passedBy(status, name, settledBefore);
    if (version === null) return null;
    low = Math.min(low, version);
  }
  return low;
};

/** The newest version a controller took before a time, ms; for controllers that never say how far their nodes are. */
export const deliveredBefore = (status: ClusterStatus, at: number): number | null =>
  reachedBy(status.milestones.get(CONTROLLER) ?? [], at);
