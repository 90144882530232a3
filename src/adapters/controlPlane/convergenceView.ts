/** Convergence as the doors show it: what is wanted of whom, how far each has got, and what nobody knows. */
import { type ClusterStatus, type Convergence, inForce, type NodeStatus } from '../../projections/convergence.ts';
import type { ClusterView, Network } from '../../projections/network/views.ts';

export type NodeProgress = {
  readonly node: string;
  readonly accepted: number | null;
  readonly applied: number | null;
  readonly agent: NodeStatus['agent'];
  readonly ageMs: number | null;
  readonly refusal: { readonly reason: string; readonly detail: string } | null;
  readonly traceparent: string | null;
  readonly converged: boolean | null;
};

export type ClusterProgress = {
  readonly cluster: string;
  readonly epoch: number;
  readonly wanted: number | null;
  readonly published: number | null;
  readonly delivered: number | null;
  readonly applied: number | null;
  readonly lagPositions: number | null;
  readonly lagMs: number | null;
  readonly failuresInARow: number;
  readonly lastFailure: { readonly reason: string; readonly detail: string; readonly at: number } | null;
  readonly converged: boolean | null;
  readonly nodes: readonly NodeProgress[];
};

/** Older than this, what a node last said is no longer taken for true. */
const STALE_MS = 90_000;

/** Nothing in force is unknown as a rule; a node that says itself that it has taken in nothing is known to be behind. */
const isConverged = (known: NodeStatus, status: ClusterStatus): boolean | null => {
  if (status.wanted === null || known.epoch !== status.epoch) return null;
  const version = inForce(known, status.epoch);
  if (version !== null) return version >= status.wanted;
  const hasSaid = known.agent === 'plan' || known.agent === 'none';
  return hasSaid ? false : null;
};

const nodeProgress = (name: string, status: ClusterStatus | undefined, now: number): NodeProgress => {
  const known = status?.nodes.get(name);
  if (status === undefined || known === undefined) {
    const nothing = { accepted: null, applied: null, ageMs: null, refusal: null, traceparent: null, converged: null };
    return { node: name, agent: 'unknown', ...nothing };
  }
  const current = known.epoch === status.epoch;
  const ageMs = Math.max(0, now - known.at);
  const converged = ageMs > STALE_MS ? null : isConverged(known, status);
  return {
    node: name,
    accepted: current ? known.accepted : null,
    applied: current ? known.applied : null,
    agent: known.agent,
    ageMs,
    refusal: known.refusal,
    traceparent: known.traceparent,
    converged,
  };
};

const lowest = (nodes: readonly NodeProgress[], status: ClusterStatus | undefined): number | null => {
  if (status === undefined || nodes.length === 0) return null;
  const versions = nodes.map(({ node }) => {
    const known = status.nodes.get(node);
    return known === undefined ? null : inForce(known, status.epoch);
  });
  return versions.some((version) => version === null) ? null : Math.min(...(versions as number[]));
};

/** One unknown makes the whole unknown, unless something is known to be behind. */
const together = (nodes: readonly NodeProgress[], delivered: boolean): boolean | null => {
  if (!delivered || nodes.some(({ converged }) => converged === false)) return false;
  return nodes.some(({ converged }) => converged === null) ? null : true;
};

const clusterProgress = (view: ClusterView, all: Convergence, now: number): ClusterProgress => {
  const status = all.get(view.name);
  // Nodes that nobody registered are shown for as long as they speak.
  const speaking = [...(status?.nodes.values() ?? [])].filter(({ at }) => now - at <= STALE_MS).map(({ node }) => node);
  const names = [...new Set([...view.nodes.map(({ name }) => name), ...speaking])].sort();
  const nodes = names.map((name) => nodeProgress(name, status, now));
  const wanted = status?.wanted ?? null;
  const applied = lowest(nodes, status);
  const isDelivered = wanted !== null && status?.delivered !== null && (status?.delivered ?? -1) >= wanted;
  const converged = wanted === null ? null : together(nodes, isDelivered);
  return {
    cluster: view.name,
    epoch: status?.epoch ?? 0,
    wanted,
    published: status?.published ?? null,
    delivered: status?.delivered ?? null,
    applied,
    lagPositions: wanted === null || applied === null ? null : Math.max(0, wanted - applied),
    lagMs: converged === true ? 0 : status === undefined || wanted === null ? null : Math.max(0, now - status.wantedAt),
    failuresInARow: status?.failuresInARow ?? 0,
    lastFailure: status?.lastFailure ?? null,
    converged,
    nodes,
  };
};

/** Clusters by name, or the one asked for; empty when there is no such cluster. */
export const convergenceView = (
  network: Network,
  all: Convergence,
  now: number,
  cluster?: string,
): readonly ClusterProgress[] =>
  Object.values(network.clusters)
    .filter((view) => cluster === undefined || view.name === cluster)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((view) => clusterProgress(view, all, now));
