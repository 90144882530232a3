/**
 * The kept document against the full build: after any events, folded in batches of any size, both give the same bytes; and a
 * network in which nothing a document shows has changed gives the very same parts.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DomainEvent } from '../../src/domain/events.ts';
import type { Recorded } from '../../src/domain/recorded.ts';
import { buildDocument } from '../../src/projections/document/build.ts';
import type { Dialect, GroupEntry, InstanceEntry } from '../../src/projections/document/model.ts';
import { partsOf } from '../../src/projections/document/parts.ts';
import { buffersOf, type DocumentWriter } from '../../src/projections/document/pieces.ts';
import { renderDocument } from '../../src/projections/document/render.ts';
import { stampOf } from '../../src/projections/document/stamp.ts';
import { documentInputs, settingsIn } from '../../src/projections/documentInputs.ts';
import { type KeptDocument, keepDocument } from '../../src/projections/keptDocument.ts';
import { initialNetwork } from '../../src/projections/network/initial.ts';
import { advance, advanceInPlace } from '../../src/projections/network/runner.ts';
import type { Network } from '../../src/projections/network/views.ts';
import { recordedOf } from '../conformanceSuites/recordedOf.ts';
import { dialects, entryWriter } from './document/worlds.ts';

type Writers = { readonly [D in Dialect]: DocumentWriter<InstanceEntry, GroupEntry> };

const writers: Writers = { superset: entryWriter('superset'), '4.0': entryWriter('4.0'), '4.4': entryWriter('4.4') };

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

const anyEvent = fc.oneof(
  { weight: 4, arbitrary: ofCluster },
  { weight: 8, arbitrary: ofInstance },
  { weight: 6, arbitrary: ofGroup },
  { weight: 3, arbitrary: ofAddress },
  { weight: 1, arbitrary: ofConfiguration },
);

const dialectChange = (dialect: Dialect): DomainEvent => ({
  type: 'PropertyChanged',
  name: 'edgelog.document.dialect',
  value: dialect,
});

/** What makes the random events mean something: a configuration, two enabled clusters with nodes, all groups. */
const beginning = (dialect: Dialect): DomainEvent[] => [
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

const recorded = (events: readonly DomainEvent[], from: number): Recorded<DomainEvent>[] =>
  events.map((event, index) => recordedOf(event, { position: from + index, revision: from + index }));

const assertSame = (kept: KeptDocument, network: Network): void => {
  const dialect = settingsIn(network)['edgelog.document.dialect'];
  const stamp = stampOf(1, network.position);
  const document = buildDocument(documentInputs(network), dialect);
  const pieces = writers[dialect].pieces(kept.parts);
  assert.equal(Buffer.concat(buffersOf(pieces.piece)).toString(), renderDocument(document, dialect, stamp));
  assert.equal(pieces.digest, entryWriter(dialect).pieces(partsOf(document, dialect, stamp)).digest);
};

describe('kept document', () => {
  for (const dialect of dialects) {
    it(`equals the full build after any events, dialect ${dialect}`, () => {
      fc.assert(
        fc.property(
          fc.array(fc.array(anyEvent, { maxLength: 12, size: 'max' }), { maxLength: 40, size: 'max' }),
          (batches) => {
            let network = advanceInPlace(initialNetwork(), recorded(beginning(dialect), 0));
            let kept = keepDocument(undefined, network, stampOf(1, network.position));
            assertSame(kept, network);
            for (const batch of batches) {
              network = advance(network, recorded(batch, network.position + 1));
              kept = keepDocument(kept, network, stampOf(1, network.position));
              assertSame(kept, network);
            }
          },
        ),
        { numRuns: 40 },
      );
    });
  }

  it('follows a change of the dialect, and goes on from any earlier network', () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent, { maxLength: 60, size: 'max' }),
        fc.constantFrom(...dialects),
        (events, dialect) => {
          const first = advanceInPlace(initialNetwork(), recorded(beginning('superset'), 0));
          const kept = keepDocument(undefined, first, stampOf(1, first.position));
          const later = advance(first, recorded([...events, dialectChange(dialect)], first.position + 1));
          const forth = keepDocument(kept, later, stampOf(1, later.position));
          assertSame(forth, later);
          assertSame(keepDocument(forth, first, stampOf(1, first.position)), first);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keeps every part when nothing changed that a document shows', () => {
    const events = recorded(
      [
        ...beginning('superset'),
        {
          type: 'InstanceCreated',
          instanceId: 'i-00000001',
          account: '000000000002',
          cluster: 'one',
          groups: ['sg-00000001'],
          macAddress: '',
          privateAddress: '10.1.0.9',
          reservation: 'r',
          addressing: 'private',
          restored: false,
        },
        { type: 'InstancePlaced', instanceId: 'i-00000001', node: '10.1.0.1' },
      ],
      0,
    );
    const network = advanceInPlace(initialNetwork(), events);
    const kept = keepDocument(undefined, network, stampOf(1, 1));
    const running = recorded([{ type: 'InstanceRunning', instanceId: 'i-00000001' }], 99);
    const { parts } = keepDocument(kept, advance(network, running), stampOf(1, 1));
    assert.equal(parts.instances.root, kept.parts.instances.root);
    assert.equal(parts.securityGroups.root, kept.parts.securityGroups.root);
    assert.equal(parts.clusters.root, kept.parts.clusters.root);
    assert.equal(parts.head, kept.parts.head);
  });
});
