/**
 * Random clouds for the laws of the document: a model in plain maps that can be turned into a network document from scratch,
 * and the same steps carried out on parts, one change at a time.
 */
import fc from 'fast-check';
import { canonicalGroup, canonicalInstance } from '../../../src/projections/document/canonical.ts';
import type {
  ClusterEntry,
  ConfigurationEntry,
  Dialect,
  DocumentStamp,
  GroupEntry,
  InstanceEntry,
  NetworkDocument,
  RuleEntry,
} from '../../../src/projections/document/model.ts';
import {
  type ClusterPart,
  clusterHeadOf,
  type DocumentParts,
  entryFragments,
  headOf,
  type NodePart,
} from '../../../src/projections/document/parts.ts';
import { createDocumentWriter, type DocumentWriter } from '../../../src/projections/document/pieces.ts';
import { stampOf } from '../../../src/projections/document/stamp.ts';
import { createTrie, peek, withEntry, withoutEntry } from '../../../src/projections/trie.ts';

export type Parts = DocumentParts<InstanceEntry, GroupEntry>;

export type World = {
  head: Omit<ConfigurationEntry, 'clusters'>;
  clusters: Map<string, Map<string, Set<string>>>;
  instances: Map<string, InstanceEntry>;
  groups: Map<string, GroupEntry>;
};

export type Step =
  | { readonly kind: 'instance'; readonly entry: InstanceEntry }
  | { readonly kind: 'noInstance'; readonly id: string }
  | { readonly kind: 'group'; readonly entry: GroupEntry }
  | { readonly kind: 'noGroup'; readonly id: string }
  | { readonly kind: 'node'; readonly cluster: string; readonly node: string }
  | { readonly kind: 'noNode'; readonly cluster: string; readonly node: string }
  | { readonly kind: 'noCluster'; readonly cluster: string }
  | { readonly kind: 'place'; readonly cluster: string; readonly node: string; readonly id: string }
  | { readonly kind: 'unplace'; readonly cluster: string; readonly node: string; readonly id: string }
  | { readonly kind: 'domain'; readonly domain: string };

export const hex = (n: number): string => n.toString(16).padStart(8, '0');

const ip = fc.nat(0xffff).map((n) => `10.0.${n >> 8}.${n & 255}`);
const instanceId = fc.nat(400).map((n) => `i-${hex(n * 37)}`);
const groupId = fc.nat(90).map((n) => `sg-${hex(n)}`);
const account = fc.constantFrom('000000000002', '000000000003');
const cluster = fc.constantFrom('PARTI00', 'PARTI01', 'a&b<"c">');
const node = fc.nat(80).map((n) => `10.111.5.${n}`);

const rule: fc.Arbitrary<RuleEntry> = fc.record({
  protocol: fc.constantFrom(1, 6, 17),
  low: fc.nat(255),
  high: fc.constant(255),
  source: fc.oneof(
    ip.map((address) => ({ kind: 'cidr' as const, cidr: `${address}/32` })),
    fc.record({ kind: fc.constant('group' as const), groupId, ownerId: account }),
  ),
});

const instance: fc.Arbitrary<InstanceEntry> = fc
  .record({
    id: instanceId,
    ownerId: account,
    macAddress: fc.option(fc.constant('d0:0d:00:00:00:01'), { nil: undefined }),
    publicIp: fc.option(ip, { nil: undefined }),
    privateIp: ip,
    securityGroups: fc.uniqueArray(groupId, { minLength: 1, maxLength: 3 }),
  })
  .map(({ macAddress, publicIp, ...entry }) => ({
    ...entry,
    ...(macAddress === undefined ? {} : { macAddress }),
    ...(publicIp === undefined ? {} : { publicIp }),
  }));

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: instance.map((entry) => ({ kind: 'instance' as const, entry })) },
  { weight: 3, arbitrary: instanceId.map((id) => ({ kind: 'noInstance' as const, id })) },
  {
    weight: 3,
    arbitrary: fc
      .record({ id: groupId, ownerId: account, rules: fc.array(rule, { maxLength: 4 }) })
      .map((entry) => ({ kind: 'group' as const, entry })),
  },
  { weight: 1, arbitrary: groupId.map((id) => ({ kind: 'noGroup' as const, id })) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('node' as const), cluster, node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('noNode' as const), cluster, node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('noCluster' as const), cluster }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('place' as const), cluster, node, id: instanceId }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unplace' as const), cluster, node, id: instanceId }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }).map((domain) => ({ kind: 'domain' as const, domain })) },
);

export const steps = (maxLength: number): fc.Arbitrary<Step[]> => fc.array(step, { maxLength, size: 'max' });

export const emptyWorld = (): World => ({
  head: {
    mode: 'EDGE',
    publicIps: ['10.111.0.1-10.111.0.9'],
    enabledCLCIp: '1.1.1.1',
    instanceDNSDomain: 'eucalyptus.internal',
    instanceDNSServers: ['1.1.1.1'],
    subnets: [],
  },
  clusters: new Map(),
  instances: new Map(),
  groups: new Map(),
});

const clusterSettings = (name: string): Omit<ClusterEntry, 'nodes'> => ({
  name,
  subnet: { subnet: '10.0.0.0', netmask: '255.255.0.0', gateway: '10.0.0.1' },
  enabledCCIp: '1.1.1.2',
  macPrefix: 'd0:0d',
  privateIps: ['10.0.0.2-10.0.255.254'],
});

/** A node appears with its cluster; placing on a node that is not there does nothing. */
export const advanceWorld = (world: World, step: Step): void => {
  switch (step.kind) {
    case 'instance':
      world.instances.set(step.entry.id, step.entry);
      return;
    case 'noInstance':
      world.instances.delete(step.id);
      return;
    case 'group':
      world.groups.set(step.entry.id, step.entry);
      return;
    case 'noGroup':
      world.groups.delete(step.id);
      return;
    case 'node': {
      const nodes = world.clusters.get(step.cluster) ?? new Map<string, Set<string>>();
      world.clusters.set(step.cluster, nodes);
      if (!nodes.has(step.node)) nodes.set(step.node, new Set());
      return;
    }
    case 'noNode':
      world.clusters.get(step.cluster)?.delete(step.node);
      return;
    case 'noCluster':
      world.clusters.delete(step.cluster);
      return;
    case 'place':
      world.clusters.get(step.cluster)?.get(step.node)?.add(step.id);
      return;
    case 'unplace':
      world.clusters.get(step.cluster)?.get(step.node)?.delete(step.id);
      return;
    case 'domain':
      world.head = { ...world.head, instanceDNSDomain: step.domain };
      return;
  }
};

export const documentOf = (world: World): NetworkDocument => ({
  configuration: {
    ...world.head,
    clusters: [...world.clusters].map(([name, nodes]) => ({
      ...clusterSettings(name),
      nodes: [...nodes].map(([node, ids]) => ({ name: node, instanceIds: [...ids] })),
    })),
  },
  instances: [...world.instances.values()],
  securityGroups: [...world.groups.values()],
});

export const emptyParts = (dialect: Dialect): Parts => ({
  dialect,
  stamp: stampOf(1, -1),
  head: headOf(emptyWorld().head, dialect),
  clusters: createTrie<ClusterPart>(),
  instances: createTrie<InstanceEntry>(),
  securityGroups: createTrie<GroupEntry>(),
});

/** The same step on parts, with what the step touches and nothing else. */
export const advanceParts = (parts: Parts, step: Step): Parts => {
  switch (step.kind) {
    case 'instance':
      return { ...parts, instances: withEntry(parts.instances, step.entry.id, canonicalInstance(step.entry)) };
    case 'noInstance':
      return { ...parts, instances: withoutEntry(parts.instances, step.id) };
    case 'group':
      return { ...parts, securityGroups: withEntry(parts.securityGroups, step.entry.id, canonicalGroup(step.entry)) };
    case 'noGroup':
      return { ...parts, securityGroups: withoutEntry(parts.securityGroups, step.id) };
    case 'noCluster':
      return { ...parts, clusters: withoutEntry(parts.clusters, step.cluster) };
    case 'domain':
      return { ...parts, head: headOf({ ...emptyWorld().head, instanceDNSDomain: step.domain }, parts.dialect) };
    case 'node':
    case 'noNode':
    case 'place':
    case 'unplace':
      return advanceCluster(parts, step);
  }
};

type Placing = Extract<Step, { readonly node: string }>;

const advanceCluster = (parts: Parts, step: Placing): Parts => {
  const part = peek(parts.clusters, step.cluster) ?? newCluster(step);
  const held = part && peek(part.nodes, step.node);
  if (part === undefined || (held === undefined && step.kind !== 'node')) return parts;
  const nodes = step.kind === 'noNode' ? withoutEntry(part.nodes, step.node) : withNode(part.nodes, step, held);
  return { ...parts, clusters: withEntry(parts.clusters, step.cluster, { ...part, nodes }) };
};

const newCluster = (step: Placing): ClusterPart | undefined =>
  step.kind === 'node' ? { head: clusterHeadOf(clusterSettings(step.cluster)), nodes: createTrie() } : undefined;

const withNode = (nodes: ClusterPart['nodes'], step: Placing, held: NodePart | undefined): ClusterPart['nodes'] => {
  if (held === undefined) return withEntry(nodes, step.node, { name: step.node, instances: createTrie() });
  switch (step.kind) {
    case 'place':
      return withEntry(nodes, step.node, { ...held, instances: withEntry(held.instances, step.id, true) });
    case 'unplace':
      return withEntry(nodes, step.node, { ...held, instances: withoutEntry(held.instances, step.id) });
    case 'node':
    case 'noNode':
      return nodes;
  }
};

export const entryWriter = (dialect: Dialect): DocumentWriter<InstanceEntry, GroupEntry> =>
  createDocumentWriter(dialect, entryFragments(dialect));

export const dialects: readonly Dialect[] = ['superset', '4.0', '4.4'];

export const stampAt = (position: number): DocumentStamp => stampOf(1, position);
