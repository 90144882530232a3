/**
 * The cloud the agent is measured on: groups of 20, six rules each, every second instance with an elastic address, 50
 * instances on this node and the others spread over nodes of 50.
 */
import type { GroupEntry, InstanceEntry, NetworkDocument, RuleEntry } from '../src/projections/document/model.ts';

export const benchNode = '198.51.100.11';
export const localCount = 50;

const hex = (index: number): string => index.toString(16).padStart(8, '0');
export const instanceId = (index: number): string => `i-${hex(index)}`;
const groupId = (index: number): string => `sg-${hex(Math.floor(index / 20))}`;
export const macOf = (index: number): string => `d0:0d:${hex(index).match(/../g)?.join(':')}`;
export const privateIp = (index: number): string => `10.111.${1 + (index >> 7)}.${1 + (index & 127)}`;
const publicIp = (index: number): string => `203.${1 + (index >> 14)}.${(index >> 7) & 127}.${1 + (index & 127)}`;

const cidr = (protocol: number, low: number, high: number, block: string): RuleEntry => ({
  protocol,
  low,
  high,
  source: { kind: 'cidr', cidr: block },
});

const rulesOf = (id: string, extra: boolean): RuleEntry[] => [
  cidr(6, 22, 22, '0.0.0.0/0'),
  cidr(6, 80, 80, '0.0.0.0/0'),
  cidr(6, 443, 443, '0.0.0.0/0'),
  cidr(1, -1, -1, '198.51.100.0/24'),
  cidr(17, 5000, 5010, '10.0.0.0/8'),
  { protocol: 6, low: 5432, high: 5432, source: { kind: 'group', groupId: id, ownerId: '1' } },
  ...(extra ? [cidr(6, 8080, 8089, '192.0.2.0/24')] : []),
];

export type CloudChange = {
  /** Leaves out the last local instance. */
  readonly withoutLast?: boolean;
  /** One more rule in the first group. */
  readonly extraRule?: boolean;
  /** The first instance's elastic address is the second one's. */
  readonly moved?: boolean;
};

const last = localCount - 1;

const entry = (index: number, { moved }: CloudChange): InstanceEntry => {
  const elastic = moved === true && index < 2 ? index === 1 : index % 2 === 0;
  const holder = moved === true && index === 1 ? 0 : index;
  return {
    id: instanceId(index),
    ownerId: '1',
    macAddress: macOf(index),
    privateIp: privateIp(index),
    ...(elastic ? { publicIp: publicIp(holder) } : {}),
    securityGroups: [groupId(index)],
  };
};

export const benchDocument = (n: number, change: CloudChange = {}): NetworkDocument => {
  const present = Array.from({ length: n }, (_, index) => index).filter(
    (index) => change.withoutLast !== true || index !== last,
  );
  const nodes = Array.from({ length: Math.ceil(n / localCount) }, (_, node) => ({
    name: node === 0 ? benchNode : `198.51.${101 + (node >> 7)}.${1 + (node & 127)}`,
    instanceIds: present.filter((index) => Math.floor(index / localCount) === node).map(instanceId),
  }));
  const groups = [...new Set(present.map(groupId))].map(
    (id, index): GroupEntry => ({ id, ownerId: '1', rules: rulesOf(id, index === 0 && change.extraRule === true) }),
  );
  return {
    configuration: {
      mode: 'EDGE',
      publicIps: ['203.1.0.1-203.2.127.254'],
      enabledCLCIp: '198.51.100.5',
      instanceDNSDomain: 'bench.internal',
      instanceDNSServers: ['198.51.100.5'],
      subnets: [],
      clusters: [
        {
          name: 'PARTI00',
          subnet: { subnet: '10.111.0.0', netmask: '255.255.0.0', gateway: '10.111.0.1' },
          enabledCCIp: '198.51.100.6',
          macPrefix: 'd0:0d',
          privateIps: ['10.111.1.1-10.111.100.254'],
          nodes,
        },
      ],
    },
    instances: present.map((index) => entry(index, change)),
    securityGroups: groups,
  };
};
