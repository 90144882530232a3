/**
 * Who lives in the lab: instances, groups, nodes, addresses, and the documents that describe them. A document is a function
 * of a few switches, so that a probe can be run with a rule and again without exactly that rule.
 */
import type { GroupEntry, InstanceEntry, NetworkDocument, RuleEntry } from '../../src/projections/document/model.ts';

export type NodeName = 'n1' | 'n2';

export type Actor = {
  readonly name: string;
  readonly id: string;
  readonly node: NodeName;
  readonly mac: string;
  readonly ip: string;
  readonly publicIp?: string;
  readonly groups: readonly string[];
};

const actor = (name: string, node: NodeName, ip: string, groups: readonly string[], publicIp?: string): Actor => {
  const tail = (name.charCodeAt(0) - 96).toString(16).padStart(2, '0') + name.slice(1).padStart(2, '0');
  return {
    name,
    id: `i-0000${tail}`,
    node,
    ip,
    mac: `d0:0d:00:00:${tail.slice(0, 2)}:${tail.slice(2)}`,
    groups,
    ...(publicIp === undefined ? {} : { publicIp }),
  };
};

export const actors = {
  a1: actor('a1', 'n1', '10.111.0.11', ['sg-web'], '203.0.113.50'),
  a2: actor('a2', 'n1', '10.111.0.12', ['sg-web']),
  b1: actor('b1', 'n1', '10.111.0.21', ['sg-db']),
  d1: actor('d1', 'n1', '10.111.0.41', ['sg-misc', 'sg-extra']),
  a3: actor('a3', 'n2', '10.111.0.13', ['sg-web'], '203.0.113.51'),
  b2: actor('b2', 'n2', '10.111.0.22', ['sg-db']),
  c1: actor('c1', 'n2', '10.111.0.31', ['sg-misc']),
} as const satisfies Record<string, Actor>;
export type ActorName = keyof typeof actors;
export const actorNames = Object.keys(actors) as ActorName[];

/** A machine on node 1 that no document mentions. */
export const stranger = {
  name: 'x1',
  port: 'vn_stranger',
  ip: '10.111.0.99',
  mac: 'd0:0d:00:00:99:99',
  node: 'n1',
} as const;

export const outside = { client: '203.0.113.200', clc: '198.51.100.5', gateway: '10.111.0.1' } as const;
export const nodeAddresses: Readonly<Record<NodeName, { private: string; public: string }>> = {
  n1: { private: '198.51.100.11', public: '203.0.113.11' },
  n2: { private: '198.51.100.12', public: '203.0.113.12' },
};
export const gatewayMac = 'ee:d9:e0:00:00:01';
export const portOf = (who: Actor): string => `vn_${who.id}`;

const cidr = (protocol: number, low: number, high: number, block: string): RuleEntry => ({
  protocol,
  low,
  high,
  source: { kind: 'cidr', cidr: block },
});
const fromGroup = (protocol: number, low: number, high: number, groupId: string): RuleEntry => ({
  protocol,
  low,
  high,
  source: { kind: 'group', groupId, ownerId: '000000000001' },
});

const everywhere = '0.0.0.0/0';

/** Rules by name, so that a document can be made without exactly one of them. */
export const rules = {
  'ssh from anywhere': ['sg-web', cidr(6, 22, 22, everywhere)],
  'range from the client': ['sg-web', cidr(6, 8080, 8089, '203.0.113.200/32')],
  'ping from the public side': ['sg-web', cidr(1, 8, -1, '203.0.113.0/24')],
  'sql from web': ['sg-db', fromGroup(6, 5432, 5432, 'sg-web')],
  'names from web': ['sg-db', fromGroup(17, 5353, 5353, 'sg-web')],
  'protocol 47 from misc': ['sg-db', cidr(47, -1, -1, '10.111.0.31/32')],
  'through the elastic address': ['sg-misc', cidr(6, 7000, 7000, '203.0.113.50/32')],
  'any icmp from web': ['sg-misc', fromGroup(1, -1, -1, 'sg-web')],
  'second group': ['sg-extra', cidr(6, 7001, 7001, everywhere)],
} as const satisfies Record<string, readonly [string, RuleEntry]>;
export type RuleName = keyof typeof rules;

export type Scene = {
  /** Leave out exactly this rule. */
  readonly withoutRule?: RuleName;
  readonly extraRules?: readonly (readonly [string, RuleEntry])[];
  /** Who has which elastic address, instead of what the actors say. */
  readonly elastic?: Readonly<Partial<Record<ActorName, string | null>>>;
  /** Groups of an actor, instead of what the actors say. */
  readonly groups?: Readonly<Partial<Record<ActorName, readonly string[]>>>;
  /** Private addresses, instead of what the actors say. */
  readonly ip?: Readonly<Partial<Record<ActorName, string>>>;
  readonly absent?: readonly ActorName[];
  readonly moreInstances?: readonly InstanceEntry[];
};

const groupIds = ['sg-db', 'sg-extra', 'sg-misc', 'sg-web'];

const groupEntries = ({ withoutRule, extraRules = [] }: Scene): GroupEntry[] =>
  groupIds.map((id) => ({
    id,
    ownerId: '000000000001',
    rules: [
      ...Object.entries(rules)
        .filter(([name]) => name !== withoutRule)
        .map(([, rule]) => rule),
      ...extraRules,
    ]
      .filter(([group]) => group === id)
      .map(([, rule]) => rule),
  }));

const instanceEntries = (scene: Scene): InstanceEntry[] =>
  [
    ...actorNames
      .filter((name) => scene.absent?.includes(name) !== true)
      .map((name): InstanceEntry => {
        const who: Actor = actors[name];
        const elastic = scene.elastic?.[name] === undefined ? who.publicIp : (scene.elastic[name] ?? undefined);
        return {
          id: who.id,
          ownerId: '000000000001',
          macAddress: who.mac,
          privateIp: scene.ip?.[name] ?? who.ip,
          ...(elastic === undefined ? {} : { publicIp: elastic }),
          securityGroups: [...(scene.groups?.[name] ?? who.groups)].sort(),
        };
      }),
    ...(scene.moreInstances ?? []),
  ].sort((a, b) => (a.id < b.id ? -1 : 1));

export const labDocument = (scene: Scene = {}): NetworkDocument => ({
  configuration: {
    mode: 'EDGE',
    publicIps: ['203.0.113.50-203.0.113.59'],
    enabledCLCIp: outside.clc,
    instanceDNSDomain: 'lab.internal',
    instanceDNSServers: ['198.51.100.5'],
    subnets: [],
    clusters: [
      {
        name: 'PARTI00',
        subnet: { subnet: '10.111.0.0', netmask: '255.255.0.0', gateway: outside.gateway },
        enabledCCIp: '198.51.100.6',
        macPrefix: 'd0:0d',
        privateIps: ['10.111.0.10-10.111.0.90'],
        nodes: (['n1', 'n2'] as const).map((node) => ({
          name: nodeAddresses[node].private,
          instanceIds: actorNames
            .filter((name) => actors[name].node === node && scene.absent?.includes(name) !== true)
            .map((name) => actors[name].id),
        })),
      },
    ],
  },
  instances: instanceEntries(scene),
  securityGroups: groupEntries(scene),
});
