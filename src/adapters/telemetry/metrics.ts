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

export const createMetrics = (ports: MetricsPorts): Metrics => {
  const registry = new Registry();
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> =>
    new Gauge({ name: `edgelog_${name}`, help, labelNames: [...labelNames], registers: [registry] });

  const position = gauge('log_position', 'Position of the newest event folded in');
  const events = gauge('events_folded_total', 'Events folded in since this process started');
  const inSync = gauge('projection_in_sync', '1 when the projection has seen all there was');
  const entities = gauge('entities', 'Entities in the network', ['kind']);
  const version = gauge('document_version', 'Version of a cluster document at each hop', ['cluster', 'hop']);
  const failures = gauge('delivery_failures_in_a_row', 'Pushes that failed since the last that did not', ['cluster']);
  const lag = gauge('delivery_lag_seconds', 'Age of the wanted document while it is not delivered', ['cluster']);
  const node = gauge('node_version', 'Version a node has taken in or applied', ['cluster', 'node', 'hop']);
  const refusing = gauge('nodes_refusing', 'Nodes whose last word was that they cannot take or apply it', ['cluster']);
  const behind = gauge('nodes_behind', 'Nodes known to lack what is wanted', ['cluster']);
  const pools = createPoolFigures(registry);

  const takeCluster = (name: string, status: ClusterStatus): void => {
    for (const hop of clusterFigures) {
      const figure = status[hop];
      if (figure !== null) version.set({ cluster: name, hop }, figure);
    }
    failures.set({ cluster: name }, status.failuresInARow);
    const isBehind = status.wanted !== null && (status.delivered ?? -1) < status.wanted;
    lag.set({ cluster: name }, isBehind ? Math.max(0, ports.now() - status.wantedAt) / 1000 : 0);
    for (const [host, { accepted, applied }] of status.nodes) {
      if (accepted !== null) node.set({ cluster: name, node: host, hop: 'accepted' }, accepted);
      if (applied !== null) node.set({ cluster: name, node: host, hop: 'applied' }, applied);
    }
    const nodes = [...status.nodes.values()];
    refusing.set({ cluster: name }, nodes.filter(({ refusal }) => refusal !== null).length);
    const lacks = (known: NodeStatus): boolean => {
      const version = inForce(known, status.epoch);
      return status.wanted !== null && version !== null && version < status.wanted;
    };
    behind.set({ cluster: name }, nodes.filter(lacks).length);
  };

  const take = (): void => {
    const health = ports.health();
    const network = ports.network();
    position.set(health.position);
    events.set(health.events);
    inSync.set(health.state === 'in-sync' ? 1 : 0);
    entities.set({ kind: 'cluster' }, Object.keys(network.clusters).length);
    entities.set({ kind: 'instance' }, size(network.instances));
    entities.set({ kind: 'security-group' }, size(network.groups));
    entities.set({ kind: 'private-address' }, size(network.privateAddresses));
    entities.set({ kind: 'public-address' }, size(network.publicAddresses));
    for (const one of [version, failures, lag, node, refusing, behind]) one.reset();
    pools.take(network);
    for (const [name, status] of ports.convergence()) takeCluster(name, status);
  };

  return {
    registry,
    text: async () => {
      take();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
};
