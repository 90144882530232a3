/**
 * Random small clouds as documents, and random next ones, for laws about plans. Ids, addresses and groups come from small
 * sets so that things meet, move and vanish often.
 */
import fc from 'fast-check';
import type { GroupEntry, InstanceEntry, NetworkDocument, RuleEntry } from '../../../src/projections/document/model.ts';

export const nodeName = '198.51.100.11';
const otherNode = '198.51.100.12';

const groupIds = ['sg-a', 'sg-b', 'sg-c', 'sg-d'];

const source = fc.oneof(
  fc
    .constantFrom('0.0.0.0/0', '10.0.0.0/8', '203.0.113.0/24', '203.0.113.7/32', '10.111.0.3/32', 'nonsense')
    .map((cidr) => ({
      kind: 'cidr' as const,
      cidr,
    })),
  fc.constantFrom(...groupIds, 'sg-absent').map((groupId) => ({ kind: 'group' as const, groupId, ownerId: '1' })),
);

const rule: fc.Arbitrary<RuleEntry> = fc
  .tuple(fc.constantFrom(1, 6, 17, 47, -1, 300), fc.integer({ min: -1, max: 70_000 }), fc.nat(500), source)
  .map(([protocol, low, more, from]) =>
    [1, 6, 17].includes(protocol)
      ? { protocol, low, high: low + more, source: from }
      : { protocol, low: -1, high: -1, source: from },
  );

const group = (id: string): fc.Arbitrary<GroupEntry> =>
  fc.array(rule, { maxLength: 4 }).map((rules) => ({ id, ownerId: '1', rules }));

type Seat = { readonly present: boolean; readonly here: boolean; readonly groups: string[]; readonly elastic: boolean };

const seat: fc.Arbitrary<Seat> = fc.record({
  present: fc.boolean(),
  here: fc.boolean(),
  groups: fc.subarray(groupIds),
  elastic: fc.boolean(),
});

const seats = 8;
const idOf = (index: number): string => `i-0000000${index}`;

const instance = (index: number, { groups, elastic }: Seat, shift: number): InstanceEntry => ({
  id: idOf(index),
  ownerId: '1',
  macAddress: `D0:0D:00:00:00:0${index}`,
  privateIp: `10.111.0.${1 + ((index + shift) % seats)}`,
  ...(elastic ? { publicIp: `203.0.113.${1 + ((index + 2 * shift) % seats)}` } : {}),
  securityGroups: groups,
});

export type Cloud = {
  readonly seats: readonly Seat[];
  readonly groups: readonly GroupEntry[];
  readonly shown: readonly string[];
  readonly shift: number;
  readonly clc: string;
};

export const cloud: fc.Arbitrary<Cloud> = fc.record({
  seats: fc.array(seat, { minLength: seats, maxLength: seats }),
  groups: fc.tuple(...groupIds.map(group)),
  shown: fc.subarray(groupIds, { minLength: 2 }),
  shift: fc.nat(2),
  clc: fc.constantFrom('198.51.100.5', '198.51.100.6'),
});

/** `before` lends its entries where they come out equal, the way the reader keeps identity. */
export const documentOf = (one: Cloud, before?: NetworkDocument): NetworkDocument => {
  const known = new Map(
    [...(before?.instances ?? []), ...(before?.securityGroups ?? [])].map((entry) => [JSON.stringify(entry), entry]),
  );
  const same = <T extends object>(entry: T): T => (known.get(JSON.stringify(entry)) as T | undefined) ?? entry;
  const present = one.seats.map((each, index) => ({ each, index })).filter(({ each }) => each.present);
  return {
    configuration: {
      mode: 'EDGE',
      publicIps: [],
      enabledCLCIp: one.clc,
      instanceDNSDomain: 'cloud.internal',
      instanceDNSServers: ['198.51.100.5'],
      subnets: [],
      clusters: [
        {
          name: 'PARTI00',
          subnet: { subnet: '10.111.0.0', netmask: '255.255.0.0', gateway: '10.111.255.254' },
          enabledCCIp: '198.51.100.6',
          macPrefix: 'd0:0d',
          privateIps: ['10.111.0.1-10.111.0.20'],
          nodes: [nodeName, otherNode].map((name) => ({
            name,
            instanceIds: present
              .filter(({ each }) => each.here === (name === nodeName))
              .map(({ index }) => idOf(index)),
          })),
        },
      ],
    },
    instances: present.map(({ each, index }) => same(instance(index, each, one.shift))),
    securityGroups: one.groups.filter(({ id }) => one.shown.includes(id)).map(same),
  };
};
