/**
 * Small random networks with everything that decides about reachability in them, often in odd combinations, and questions
 * about them. Everything follows from a seed, so that a failure can be looked at again.
 */
import type { InstanceState } from '../../../src/domain/instanceStates.ts';
import type { Rule } from '../../../src/domain/rule.ts';
import { initialNetwork } from '../../../src/projections/network/initial.ts';
import type { GroupView, InstanceView, Network } from '../../../src/projections/network/views.ts';
import type { EdgeOptions } from '../../../src/projections/reachability/explanation.ts';
import type { Endpoint, Question, Traffic } from '../../../src/projections/reachability/question.ts';
import { put, trieOf } from '../../../src/projections/trie.ts';

export type Dice = {
  readonly below: (n: number) => number;
  readonly chance: (p: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
};

/** Mulberry32. */
export const diceOf = (seed: number): Dice => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    below,
    chance: (p) => next() < p,
    pick: (list) => {
      const item = list[below(list.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
  };
};

const groupIds = ['sg-00000001', 'sg-00000002', 'sg-00000003', 'sg-00000004'] as const;
const nodesOf: { readonly [cluster: string]: readonly string[] } = {
  a: ['198.51.100.1', '198.51.100.2'],
  b: ['198.51.100.3'],
};
const blocks = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.1.0.0/24',
  '10.1.0.4/30',
  '10.2.0.0/24',
  '203.0.113.0/24',
  '203.0.113.4/31',
  '192.0.2.0/24',
  '10.1.0.200/29',
];
const ports = [0, 1, 2, 22, 79, 80, 443, 65_535];

const ruleOf = (dice: Dice): Rule => {
  const source: Rule['source'] = dice.chance(0.5)
    ? { kind: 'cidr', cidr: dice.pick(blocks) }
    : { kind: 'group', groupId: dice.pick([...groupIds, 'sg-0000dead']), account: '000000000002' };
  const protocol = dice.pick([1, 1, 6, 6, 6, 6, 17, 17, 47, 61]);
  if (protocol === 1) return { protocol, low: dice.pick([-1, 0, 3, 8, 300]), high: dice.pick([-1, 0, 1]), source };
  if (protocol === 47 || protocol === 61) return { protocol, low: -1, high: -1, source };
  if (dice.chance(0.3)) return { protocol, low: dice.pick([0, 1]), high: 65_535, source };
  const low = dice.pick(ports);
  return { protocol, low, high: Math.max(low, dice.pick(ports)), source };
};

const groupOf = (dice: Dice, id: string): GroupView => {
  const rules = new Map<string, Rule>();
  for (let count = dice.below(4); count > 0; count -= 1) {
    const rule = ruleOf(dice);
    rules.set(JSON.stringify(rule), rule);
  }
  return {
    id,
    account: '000000000002',
    name: id,
    description: '',
    rules: [...rules.values()].map((rule) => ({ rule, at: 100 + dice.below(100) })),
    members: trieOf<number>([]),
    liveMembers: 0,
    createdAt: 1,
    at: 200,
    revision: 0,
  };
};

const states: readonly InstanceState[] = [
  'RUNNING',
  'RUNNING',
  'RUNNING',
  'PENDING',
  'STOPPING',
  'STOPPED',
  'TERMINATED',
];

const instanceOf = (dice: Dice, index: number, elastics: readonly string[]): InstanceView => {
  const cluster = dice.chance(0.75) ? 'a' : 'b';
  const own = `10.${cluster === 'a' ? 1 : 2}.0.${index + 2}`;
  const odd = dice.chance(0.04) ? dice.pick(['0.0.0.0', `172.16.0.${index + 1}`]) : own;
  const view: InstanceView = {
    id: `i-0000000${index.toString(16)}`,
    account: '000000000002',
    cluster,
    groups: groupIds.filter(() => dice.chance(0.4)),
    macAddress: dice.chance(0.03) ? '' : `d0:0d:00:00:00:0${index.toString(16)}`,
    privateAddress: odd,
    reservation: '',
    addressing: 'public',
    state: dice.chance(0.8) ? 'RUNNING' : dice.pick(states),
    createdAt: index,
    at: index,
    stateAt: index,
    privateAt: index,
    stateTime: 0,
    revision: 0,
  };
  if (!dice.chance(0.05)) view.node = dice.chance(0.04) ? '198.51.100.9' : dice.pick(nodesOf[cluster] ?? []);
  const elastic = elastics[index];
  if (elastic !== undefined && dice.chance(0.5)) {
    view.publicAddress = elastic;
    view.publicAt = 50 + index;
    if (dice.chance(0.15)) view.publicHidden = true;
  }
  return view;
};

export type RandomNetwork = {
  readonly network: Network;
  readonly instances: readonly InstanceView[];
  readonly groups: readonly GroupView[];
  readonly options: EdgeOptions;
  readonly elastics: readonly string[];
};

const clusterOf = (dice: Dice, name: string): Network['clusters'][string] => ({
  name,
  component: name,
  host: name,
  address: '127.0.0.1',
  endpoint: '',
  state: dice.chance(0.93) ? 'enabled' : 'disabled',
  nodes: (nodesOf[name] ?? []).map((node) => ({ name: node })),
  nodesAt: 3,
  placements: {},
  createdAt: 2,
  at: 2,
  revision: 0,
});

export const randomNetwork = (seed: number): RandomNetwork => {
  const dice = diceOf(seed);
  const inside = dice.chance(0.15);
  const prefix = inside ? '10.1.0.' : '203.0.113.';
  const first = inside ? 200 : 0;
  const elastics = Array.from({ length: 16 }, (_, index) => `${prefix}${first + index}`);
  const network = initialNetwork();
  network.position = 1000;
  network.clusters = { a: clusterOf(dice, 'a'), b: clusterOf(dice, 'b') };
  const members = {
    PublicIps: [`${elastics[0]}-${elastics[15]}`],
    Subnets: [{ Name: 'spare', Subnet: '192.168.7.0', Netmask: '255.255.255.0', Gateway: '192.168.7.1' }],
    Clusters: [
      {
        Name: 'a',
        Subnet: { Subnet: '10.1.0.0', Netmask: '255.255.255.0', Gateway: '10.1.0.1' },
        PrivateIps: ['10.1.0.2-10.1.0.60'],
      },
      {
        Name: 'b',
        Subnet: { Subnet: '10.2.0.0', Netmask: '255.255.255.0', Gateway: '10.2.0.1' },
        PrivateIps: ['10.2.0.2-10.2.0.60'],
      },
    ],
  };
  network.configuration = { text: '', members, at: 1 };
  const groups = groupIds.filter(() => dice.chance(0.9)).map((id) => groupOf(dice, id));
  for (const group of groups) put(network.groups, group.id, group);
  const instances = Array.from({ length: 8 }, (_, index) => instanceOf(dice, index, elastics));
  for (const view of instances) place(network, view);
  const wires = dice.chance(0.7) ? 'two' : 'one';
  const sourceWire = dice.chance(0.2) ? { sourceWire: dice.pick(['public', 'private'] as const) } : {};
  const options: EdgeOptions = {
    sameGroupTraffic: dice.chance(0.4),
    masquerade: dice.chance(0.3),
    wires,
    ...sourceWire,
  };
  return { network, instances, groups, options, elastics };
};

const place = (network: Network, view: InstanceView): void => {
  put(network.instances, view.id, view);
  const { id, cluster, privateAddress: address, publicAddress } = view;
  const holding = { address, cluster, instanceId: id, reservation: '', state: 'extant' as const, at: 5, time: 0 };
  if (address !== '0.0.0.0') put(network.privateAddresses, address, holding);
  if (publicAddress === undefined) return;
  const use = {
    state: 'assigned' as const,
    pending: false,
    owner: 'system',
    instanceId: id,
    dirty: {},
    at: 6,
    time: 0,
  };
  put(network.publicAddresses, publicAddress, { address: publicAddress, ...use });
};

const trafficOf = (dice: Dice): Traffic => {
  const protocol = dice.pick([1, 1, 6, 6, 6, 6, 17, 17, 47, 61]);
  if (protocol === 1) {
    if (dice.chance(0.2)) return { protocol };
    const type = dice.pick([0, 8, 3]);
    return dice.chance(0.2) ? { protocol, type } : { protocol, type, code: dice.pick([0, 1]) };
  }
  if (protocol === 47 || protocol === 61 || dice.chance(0.1)) return { protocol };
  return { protocol, port: dice.pick([1, 22, 67, 80, 443, 65_535]) };
};

export const randomQuestion = (dice: Dice, { instances, elastics }: RandomNetwork): Question => {
  const end = (): Endpoint => {
    const view = dice.pick(instances);
    const roll = dice.below(20);
    if (roll < 7) return { kind: 'instance', id: view.id };
    if (roll < 11) return { kind: 'address', address: view.privateAddress };
    if (roll < 15) return { kind: 'address', address: view.publicAddress ?? dice.pick(elastics) };
    const odd = [
      '192.0.2.7',
      '198.18.0.1',
      '10.1.0.1',
      '10.1.0.55',
      '10.1.0.99',
      '192.168.7.9',
      '203.0.113.4',
      '169.254.169.254',
    ];
    return roll < 19 ? { kind: 'address', address: dice.pick(odd) } : { kind: 'instance', id: 'i-0000dead' };
  };
  const traffic = dice.chance(0.05) ? { protocol: 6, port: 80 } : trafficOf(dice);
  return { source: end(), destination: end(), traffic };
};
