/** Figures for Prometheus, taken when they are asked for. Unknown figures are left out, never shown as zero. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type ClusterStatus, type Convergence, inForce, type NodeStatus } from '../../projections/convergence.ts';
import type { Network } from '../../projections/network/views.ts';
import { size } from '../../projections/trie.ts';
import { createPoolFigures } from './poolFigures.ts';

export type MetricsPorts = {
  readonly network: () => Network;
  readonly health: () => { readonly position: number; readonly events: number; readonly state: string };
  readonly convergence: () => Convergence;
  readonly now: () => number;
};

export type Metrics = {
  readonly text: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly registry: Registry;
};

const clusterFigures = ['wanted', 'published', 'delivered'] as const;

/** Memory, processor, garbage collection and delay of the event loop. Observes the whole process: once in a process. */
export const addProcessFigures = (registry: Registry): void => collectDefaultMetrics({ register: registry });

const createGauges = (registry: Registry) => {
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> =>
    new Gauge({ name: `edgelog_${name}`, help, labelNames: [...labelNames], registers: [registry] });
  return {
    position: gauge('log_position', 'Position of the newest event folded in'),
    events: gauge('events_folded_total', 'Events folded in since this process started'),
    inSync: gauge('projection_in_sync', '1 when the projection has seen all there was'),
    entities: gauge('entities', 'Entities in the network', ['kind']),
    /** What is known of clusters and nodes: taken anew each time, so that what is gone does not stay. */
    ofClusters: {
      version: gauge('document_version', 'Version of a cluster document at each hop', ['cluster', 'hop']),
      failures: gauge('delivery_failures_in_a_row', 'Pushes that failed since the last that did not', ['cluster']),
      lag: gauge('delivery_lag_seconds', 'Age of the wanted document while it is not delivered', ['cluster']),
      node: gauge('node_version', 'Version a node has taken in or applied', ['cluster', 'node', 'hop']),
      refusing: gauge('nodes_refusing', 'Nodes whose last word was that they cannot take or apply it', ['cluster']),
      behind: gauge('nodes_behind', 'Nodes known to lack what is wanted', ['cluster']),
    },
  };
};

type Gauges = ReturnType<typeof createGauges>;

const lacksWanted = ({ wanted, epoch }: ClusterStatus, known: NodeStatus): boolean => {
  const version = inForce(known, epoch);
  return wanted !== null && version !== null && version < wanted;
};

const takeCluster = (gauges: Gauges['ofClusters'], cluster: string, status: ClusterStatus, now: number): void => {
  for (const hop of clusterFigures) {
    const figure = status[hop];
    if (figure !== null) gauges.version.set({ cluster, hop }, figure);
  }
  gauges.failures.set({ cluster }, status.failuresInARow);
  const isBehind = status.wanted !== null && (status.delivered ?? -1) < status.wanted;
  gauges.lag.set({ cluster }, isBehind ? Math.max(0, now - status.wantedAt) / 1000 : 0);
  for (const [node, { accepted, applied }] of status.nodes) {
    if (accepted !== null) gauges.node.set({ cluster, node, hop: 'accepted' }, accepted);
    if (applied !== null) gauges.node.set({ cluster, node, hop: 'applied' }, applied);
  }
  const nodes = [...status.nodes.values()];
  gauges.refusing.set({ cluster }, nodes.filter(({ refusal }) => refusal !== null).length);
  gauges.behind.set({ cluster }, nodes.filter((known) => lacksWanted(status, known)).length);
};

const takeEntities = ({ entities }: Gauges, network: Network): void => {
  entities.set({ kind: 'cluster' }, Object.keys(network.clusters).length);
  entities.set({ kind: 'instance' }, size(network.instances));
  entities.set({ kind: 'security-group' }, size(network.groups));
  entities.set({ kind: 'private-address' }, size(network.privateAddresses));
  entities.set({ kind: 'public-address' }, size(network.publicAddresses));
};

export const createMetrics = (ports: MetricsPorts): Metrics => {
  const registry = new Registry();
  const gauges = createGauges(registry);
  const pools = createPoolFigures(registry);

  const take = (): void => {
    const health = ports.health();
    const network = ports.network();
    gauges.position.set(health.position);
    gauges.events.set(health.events);
    gauges.inSync.set(health.state === 'in-sync' ? 1 : 0);
    takeEntities(gauges, network);
    for (const one of Object.values(gauges.ofClusters)) one.reset();
    pools.take(network);
    for (const [name, status] of ports.convergence()) takeCluster(gauges.ofClusters, name, status, ports.now());
  };

  return {
    registry,
    text: async () => {
      take();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
};
