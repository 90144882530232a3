/**
 * Any events at all, sensible or not, for laws that must hold whatever the log says: few ids, so that they meet often.
 */
import fc from 'fast-check';
import type { DomainEvent } from '../../src/domain/events.ts';
import type { Recorded } from '../../src/domain/recorded.ts';
import type { Dialect } from '../../src/projections/document/model.ts';
import { recordedOf } from '../conformanceSuites/recordedOf.ts';

const hex = (n: number): string => n.toString(16).padStart(8, '0');
const instanceId = fc.nat(12).map((n) => `i-${hex(n)}`);
const groupId = fc.nat(4).map((n) => `sg-${hex(n)}`);
const cluster = fc.constantFrom('one', 'two', 'three');
const nodeName = fc.constantFrom('10.1.0.1', '10.1.0.2', '10.1.0.3');
const address = fc.nat(5).map((n) => `10.9.0.${n}`);

const configuration = (spare: boolean, domain: string) => ({
  InstanceDnsDomain: domain,
  PublicIps: ['10.9.0.0-10.9.0.9'],
  Subnets: [
    { Name: 'net', Subnet: '10.1.0.0', Netmask: '255.255.0.0', Gateway: '10.1.0.1' },
    ...(spare ? [{ Subnet: '10.2.0.0', Netmask: '255.255.0.0', Gateway: '10.2.0.1' }] : []),
  ],
  Clusters: [
    { Name: 'one', Subnet: { Name: 'net' } },
    { Name: 'two', Subnet: { Subnet: '10.3.0.0', Netmask: '255.255.0.0', Gateway: '10.3.0.1' } },
  ],
});

const rule = fc.record({
  protocol: fc.constantFrom(6, 17),
  low: fc.constantFrom(0, 22),
  high: fc.constantFrom(22, 80),
  source: fc.oneof(
    fc.constant({ kind: 'cidr' as const, cidr: '10.0.0.0/8' }),
    groupId.map((id) => ({ kind: 'group' as const, groupId: id, account: '000000000002' })),
  ),
});

const ofCluster = fc.oneof(
  cluster.map(
    (name): DomainEvent => ({
      type: 'ClusterRegistered',
      cluster: name,
      component: `cc-${name}`,
      host: name,
      address: '10.0.0.1',
      endpoint: '',
    }),
  ),
  cluster.map((name): DomainEvent => ({ type: 'ClusterEnabled', cluster: name })),
  cluster.map((name): DomainEvent => ({ type: 'ClusterDisabled', cluster: name, reason: 'r' })),
  cluster.map((name): DomainEvent => ({ type: 'ClusterDeregistered', cluster: name })),
  fc.record({ cluster, nodes: fc.uniqueArray(nodeName) }).map(
    ({ cluster: name, nodes }): DomainEvent => ({
      type: 'ClusterNodesReported',
      cluster: name,
      nodes: nodes.sort().map((node) => ({ name: node })),
    }),
  ),
);

const ofInstance = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        instanceId,
        cluster,
        groups: fc.uniqueArray(groupId, { maxLength: 2 }),
        privateAddress: fc.constantFrom('10.1.0.9', '10.1.0.10', '0.0.0.0'),
      })
      .map(
        (made): DomainEvent => ({
          type: 'InstanceCreated',
          ...made,
          account: '000000000002',
          macAddress: 'd0:0d:00:00:00:01',
          reservation: 'r',
          addressing: 'private',
          restored: false,
        }),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ instanceId, node: nodeName })
      .map((placed): DomainEvent => ({ type: 'InstancePlaced', ...placed })),
  },
  instanceId.map((id): DomainEvent => ({ type: 'InstanceRunning', instanceId: id })),
  instanceId.map((id): DomainEvent => ({ type: 'InstanceStopped', instanceId: id, cause: 'requested' })),
  instanceId.map(
    (id): DomainEvent => ({
      type: 'InstanceStarted',
      instanceId: id,
      privateAddress: '10.1.0.77',
      reservation: 'r2',
    }),
  ),
  instanceId.map((id): DomainEvent => ({ type: 'InstanceTerminated', instanceId: id, cause: 'requested' })),
  instanceId.map((id): DomainEvent => ({ type: 'InstanceForgotten', instanceId: id })),
);

const ofGroup = fc.oneof(
  groupId.map(
    (id): DomainEvent => ({
      type: 'SecurityGroupCreated',
      groupId: id,
      account: '000000000002',
      name: id,
      description: '',
    }),
  ),
  fc
    .record({ groupId, rules: fc.array(rule, { minLength: 1, maxLength: 3 }) })
    .map((made): DomainEvent => ({ type: 'SecurityGroupRulesAuthorized', ...made })),
  fc
    .record({ groupId, rules: fc.array(rule, { minLength: 1, maxLength: 3 }) })
    .map((made): DomainEvent => ({ type: 'SecurityGroupRulesRevoked', ...made })),
  fc.record({ groupId, instanceId }).map((made): DomainEvent => ({ type: 'SecurityGroupMemberJoined', ...made })),
  groupId.map((id): DomainEvent => ({ type: 'SecurityGroupDeleted', groupId: id })),
);

const ofAddress = fc.oneof(
  fc.record({ address, instanceId, cluster }).map(
    (made): DomainEvent => ({
      type: 'PublicAddressAssigned',
      ...made,
      owner: '000000000002',
      instanceAddress: '10.1.0.9',
      pending: false,
    }),
  ),
  fc.record({ address, instanceId, cluster }).map(
    (made): DomainEvent => ({
      type: 'PublicAddressUnassigned',
      ...made,
      owner: '000000000002',
      pending: false,
    }),
  ),
  fc.record({ address, cluster }).map(
    (made): DomainEvent => ({
      type: 'PublicAddressCleared',
      ...made,
      cause: 'converged',
    }),
  ),
);

const ofConfiguration = fc.oneof(
  fc.record({ spare: fc.boolean(), domain: fc.constantFrom('a.internal', 'b.internal') }).map(
    ({ spare, domain }): DomainEvent => ({
      type: 'ConfigurationPosted',
      text: '',
      configuration: configuration(spare, domain),
    }),
  ),
  fc.constant<DomainEvent>({ type: 'ConfigurationCleared' }),
  fc.constantFrom('1.1.1.1', '2.2.2.2').map(
    (value): DomainEvent => ({
      type: 'PropertyChanged',
      name: 'edgelog.clc_address',
      value,
    }),
  ),
);

export const anyEvent = fc.oneof(
  { weight: 4, arbitrary: ofCluster },
  { weight: 8, arbitrary: ofInstance },
  { weight: 6, arbitrary: ofGroup },
  { weight: 3, arbitrary: ofAddress },
  { weight: 1, arbitrary: ofConfiguration },
);

export const dialectChange = (dialect: Dialect): DomainEvent => ({
  type: 'PropertyChanged',
  name: 'edgelog.document.dialect',
  value: dialect,
});

/** What makes the random events mean something: a configuration, two enabled clusters with nodes, all groups. */
export const beginning = (dialect: Dialect): DomainEvent[] => [
  { type: 'ConfigurationPosted', text: '', configuration: configuration(true, 'a.internal') },
  dialectChange(dialect),
  ...['one', 'two'].flatMap((name): DomainEvent[] => [
    { type: 'ClusterRegistered', cluster: name, component: name, host: name, address: '10.0.0.1', endpoint: '' },
    { type: 'ClusterEnabled', cluster: name },
    { type: 'ClusterNodesReported', cluster: name, nodes: [{ name: '10.1.0.1' }, { name: '10.1.0.2' }] },
  ]),
  ...[0, 1, 2, 3, 4].map(
    (n): DomainEvent => ({
      type: 'SecurityGroupCreated',
      groupId: `sg-${hex(n)}`,
      account: '000000000002',
      name: `g${n}`,
      description: '',
    }),
  ),
];

export const recorded = (events: readonly DomainEvent[], from: number): Recorded<DomainEvent>[] =>
  events.map((event, index) => recordedOf(event, { position: from + index, revision: from + index }));
