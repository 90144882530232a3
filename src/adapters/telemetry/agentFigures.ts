/**
 * What a node agent's kernel has counted, for Prometheus: traffic of its instances and what the guards have stopped. Read
 * from the kernel when it is asked for. Counters of an instance start anew when it comes back or the whole ruleset had to be
 * replaced, as counters may; an agent that only plans has none.
 */
import { Counter, Gauge, Registry } from 'prom-client';

type Count = { readonly packets: number; readonly bytes: number };

const ways = ['in_private', 'in_public', 'out_private', 'out_public'] as const;

export type InstanceCounts = { readonly instanceId: string } & { readonly [way in (typeof ways)[number]]: Count };

/** One agent of this process. */
export type AgentSource = {
  readonly node: string;
  readonly traffic: () => Promise<readonly InstanceCounts[]>;
  /** By the name of the counter. */
  readonly drops: () => Promise<Readonly<Record<string, Count>>>;
  /** Position in force; undefined while nothing is, or in documents that have none. */
  readonly applied: () => number | undefined;
};

export type AgentFigures = {
  /** Takes them into the registry. */
  readonly take: () => Promise<void>;
};

export const createAgentFigures = (registry: Registry, sources: readonly AgentSource[]): AgentFigures => {
  if (sources.length === 0) return { take: async () => undefined };
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
    new Counter({ name: `edgelog_${name}`, help, labelNames: [...labelNames], registers: [registry] });
  const labels = ['node', 'instance', 'direction', 'wire'] as const;
  const bytes = counter('instance_bytes_total', 'Bytes that passed the filter', labels);
  const packets = counter('instance_packets_total', 'Packets that passed the filter', labels);
  const stopped = counter('stopped_packets_total', 'Packets a guard has stopped', ['node', 'guard']);
  const applied = new Gauge({
    name: 'edgelog_agent_applied_version',
    help: 'Version of the document the kernel has in force',
    labelNames: ['node'],
    registers: [registry],
  });

  const takeOne = async (source: AgentSource): Promise<() => void> => {
    const [traffic, drops] = await Promise.all([source.traffic(), source.drops()]);
    const { node } = source;
    return () => {
      for (const { instanceId: instance, ...counts } of traffic) {
        for (const way of ways) {
          const [direction = '', wire = ''] = way.split('_');
          bytes.inc({ node, instance, direction, wire }, counts[way].bytes);
          packets.inc({ node, instance, direction, wire }, counts[way].packets);
        }
      }
      for (const [name, count] of Object.entries(drops)) {
        stopped.inc({ node, guard: name }, count.packets);
      }
      const version = source.applied();
      if (version !== undefined) applied.set({ node }, version);
    };
  };

  return {
    take: async () => {
      const taken = await Promise.all(sources.map(takeOne));
      for (const one of [bytes, packets, stopped, applied]) one.reset();
      for (const put of taken) put();
    },
  };
};

/** The text of one agent's figures alone, as the textfile collector of a node exporter reads it. */
export const agentFiguresText = (source: AgentSource): (() => Promise<string>) => {
  const registry = new Registry();
  const figures = createAgentFigures(registry, [source]);
  return async () => {
    await figures.take();
    return registry.metrics();
  };
};
