/** Flows gained and lost between two networks, and the matrix, against asking why for every single pair. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rule } from '../../../src/domain/rule.ts';
import type { InstanceView, Network } from '../../../src/projections/network/views.ts';
import { defaultEdgeOptions, type EdgeOptions } from '../../../src/projections/reachability/explanation.ts';
import { type FlowChange, flowsBetween } from '../../../src/projections/reachability/flows.ts';
import { reachabilityMatrix } from '../../../src/projections/reachability/matrix.ts';
import type { TrafficRange } from '../../../src/projections/reachability/permits.ts';
import { describeEndpoint, type Endpoint, type Traffic } from '../../../src/projections/reachability/question.ts';
import { surroundingsOf } from '../../../src/projections/reachability/surroundings.ts';
import { whyIn } from '../../../src/projections/reachability.ts';
import { get, put, remove, trieOf } from '../../../src/projections/trie.ts';
import { type Dice, diceOf, type RandomNetwork, randomNetwork } from './randomNetwork.ts';

const samples: readonly Traffic[] = [
  { protocol: 6, port: 1 },
  { protocol: 6, port: 80 },
  { protocol: 17, port: 443 },
  { protocol: 1, type: 8, code: 0 },
  { protocol: 1, type: 3, code: 1 },
  { protocol: 47 },
  { protocol: 61 },
];
const outsiders = ['192.0.2.7', '10.1.0.55', '203.0.113.15', '198.18.0.1'];

/** The same network with one thing or a few changed. */
const changed = (seed: number, dice: Dice): RandomNetwork => {
  const random = randomNetwork(seed);
  for (let count = 1 + dice.below(3); count > 0; count -= 1) change(random, dice);
  return random;
};

const change = ({ network, instances, groups, elastics }: RandomNetwork, dice: Dice): void => {
  const view = get(network.instances, dice.pick(instances).id);
  const group = get(network.groups, groups.length === 0 ? '' : dice.pick(groups).id);
  const cidr = dice.pick(['0.0.0.0/0', '10.1.0.0/25', '192.0.2.0/24', '203.0.113.0/24']);
  const rule: Rule = { protocol: 6, low: 80, high: 80, source: { kind: 'cidr', cidr } };
  switch (dice.below(6)) {
    case 0:
      group?.rules.push({ rule, at: 900 });
      return;
    case 1:
      group?.rules.pop();
      return;
    case 2:
      if (view !== undefined) view.groups = groups.filter(() => dice.chance(0.5)).map(({ id }) => id);
      return;
    case 3:
      if (view !== undefined) view.state = view.state === 'RUNNING' ? 'STOPPED' : 'RUNNING';
      return;
    case 4:
      if (view !== undefined) moveElastic(network, view, dice.pick(elastics));
      return;
    case 5:
      if (view !== undefined) movePrivate(network, view, dice.pick(['10.1.0.40', '10.2.0.40']));
      return;
  }
};

const moveElastic = (network: Network, view: InstanceView, address: string): void => {
  if (get(network.publicAddresses, address) !== undefined) return;
  if (view.publicAddress !== undefined) remove(network.publicAddresses, view.publicAddress);
  view.publicAddress = address;
  const use = { state: 'assigned' as const, pending: false, owner: 'system', dirty: {}, at: 6, time: 0 };
  put(network.publicAddresses, address, { address, instanceId: view.id, ...use });
};

const movePrivate = (network: Network, view: InstanceView, address: string): void => {
  if (get(network.privateAddresses, address) !== undefined) return;
  remove(network.privateAddresses, view.privateAddress);
  view.privateAddress = address;
  const holding = { address, cluster: view.cluster, instanceId: view.id, reservation: '', at: 5, time: 0 };
  put(network.privateAddresses, address, { ...holding, state: 'extant' });
};

/** Undefined when denied, else the elastic address it went by, or nothing. */
const way = (network: Network, options: EdgeOptions) => {
  const around = surroundingsOf(network, options);
  return (source: Endpoint, id: string, traffic: Traffic): string | undefined => {
    const { verdict, hops } = whyIn(around, { source, destination: { kind: 'instance', id }, traffic });
    if (verdict === 'denied') return undefined;
    const isOutside = source.kind === 'address';
    return (isOutside ? hops.find(({ code }) => code === 'elastic-translation')?.subject : undefined) ?? 'directly';
  };
};

const holds = ({ protocol, low, high, except = [] }: TrafficRange, traffic: Traffic): boolean => {
  if (protocol === -1) return ![1, 6, 17, ...except].includes(traffic.protocol);
  if (protocol !== traffic.protocol) return false;
  const point = traffic.port ?? (traffic.type ?? 0) * 256 + (traffic.code ?? 0);
  return low <= point && point <= high;
};

const keyOf = (source: Endpoint, destination: string, via: string, traffic: Traffic): string =>
  `${describeEndpoint(source)} -> ${destination} by ${via} ${JSON.stringify(traffic)}`;

const keysOf = (flows: readonly FlowChange[]): readonly string[] =>
  flows
    .flatMap(({ source, destination, via = 'directly', traffic }) =>
      samples
        .filter((sample) => traffic.some((range) => holds(range, sample)))
        .map((sample) => keyOf(source, destination, via, sample)),
    )
    .sort();

test('flows gained and lost are those that asking about every pair finds', () => {
  let gained = 0;
  let lost = 0;
  for (let seed = 0; seed < 150; seed += 1) {
    const before = randomNetwork(seed);
    const after = changed(seed, diceOf(seed + 5_000_000));
    const edge = before.options;
    const sources = outsiders.filter((address) => !after.instances.some((view) => view.publicAddress === address));
    const found = flowsBetween(before.network, after.network, { edge, sources, limit: 100_000 });
    const [old, fresh] = [way(before.network, edge), way(after.network, edge)];
    const ends: readonly Endpoint[] = [
      ...before.instances.map(({ id }): Endpoint => ({ kind: 'instance', id })),
      ...sources.map((address): Endpoint => ({ kind: 'address', address })),
    ];
    const expected: { readonly gained: string[]; readonly lost: string[] } = { gained: [], lost: [] };
    for (const source of ends) {
      for (const { id } of before.instances) {
        if (source.kind === 'instance' && source.id === id) continue;
        for (const traffic of samples) {
          const [was, is] = [old(source, id, traffic), fresh(source, id, traffic)];
          if (was === is) continue;
          if (is !== undefined) expected.gained.push(keyOf(source, id, is, traffic));
          if (was !== undefined) expected.lost.push(keyOf(source, id, was, traffic));
        }
      }
    }
    assert.deepEqual(keysOf(found.gained), expected.gained.sort(), `seed ${seed}`);
    assert.deepEqual(keysOf(found.lost), expected.lost.sort(), `seed ${seed}`);
    assert.equal(found.gainedPairs, found.gained.length, `seed ${seed}`);
    assert.equal(found.lostPairs, found.lost.length, `seed ${seed}`);
    assert.equal(found.incomplete, false);
    gained += expected.gained.length;
    lost += expected.lost.length;
  }
  assert.ok(gained > 100 && lost > 100, `only ${gained} gained and ${lost} lost: the networks hardly differ`);
});

test('the matrix says what asking about every pair says', () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const { network, options, instances } = randomNetwork(seed);
    const sources: readonly Endpoint[] = [
      ...instances.map(({ id }): Endpoint => ({ kind: 'instance', id })),
      ...outsiders.map((address): Endpoint => ({ kind: 'address', address })),
    ];
    const ask = way(network, options);
    for (const { source, traffic, destinations, count } of reachabilityMatrix(network, sources, samples, {
      edge: options,
    })) {
      const own = source.kind === 'instance' ? source.id : holder(instances, source.address);
      const expected = instances
        .map(({ id }) => id)
        .filter((id) => id !== own && ask(source, id, traffic) !== undefined);
      assert.deepEqual(destinations, expected.sort(), `seed ${seed} ${describeEndpoint(source)}`);
      assert.equal(count, destinations.length);
    }
  }
});

const holder = (instances: readonly InstanceView[], address: string): string | undefined =>
  instances.find((view) => view.publicAddress === address || view.privateAddress === address)?.id;

describe('a cloud of one cluster', () => {
  /** 2000 instances in 200 groups of ten; every group lets itself in on tcp/22. */
  const cloud = (): Network => {
    const { network } = randomNetwork(1);
    const members = network.configuration?.members;
    assert.ok(members !== undefined);
    const subnet = { Subnet: '10.8.0.0', Netmask: '255.248.0.0', Gateway: '10.8.0.1' };
    network.configuration = {
      text: '',
      at: 1,
      members: { ...members, Subnets: [], Clusters: [{ Name: 'a', Subnet: subnet }] },
    };
    const nodes = [{ name: '198.51.100.1' }];
    const shape = { component: 'a', host: 'a', address: '127.0.0.1', endpoint: '', nodesAt: 3, placements: {} };
    network.clusters = { a: { name: 'a', ...shape, state: 'enabled', nodes, createdAt: 2, at: 2, revision: 0 } };
    const [view] = randomNetwork(1).instances;
    assert.ok(view !== undefined);
    const id = (prefix: string, n: number): string => `${prefix}-${n.toString(16).padStart(8, '0')}`;
    network.instances = trieOf(
      Array.from({ length: 2000 }, (_, n) => {
        const privateAddress = `10.8.${n >> 8}.${(n & 255) === 1 ? 0 : n & 255}`;
        const place = {
          cluster: 'a',
          node: '198.51.100.1',
          state: 'RUNNING' as const,
          macAddress: 'd0:0d:00:00:00:01',
        };
        const made: InstanceView = { ...view, ...place, id: id('i', n), privateAddress, groups: [id('sg', n % 200)] };
        delete made.publicAddress;
        delete made.publicHidden;
        return [made.id, made] as const;
      }).filter(([, made]) => made.privateAddress !== '10.8.0.1'),
    );
    network.groups = trieOf(
      Array.from({ length: 200 }, (_, n) => {
        const rule: Rule = {
          protocol: 6,
          low: 22,
          high: 22,
          source: { kind: 'group', groupId: id('sg', n), account: 'x' },
        };
        const empty = { members: trieOf<number>([]), liveMembers: 10, createdAt: 1, at: 1, revision: 0 };
        return [
          id('sg', n),
          { id: id('sg', n), account: 'x', name: 'g', description: '', rules: [{ rule, at: 1 }], ...empty },
        ];
      }),
    );
    return network;
  };

  test('one rule for everybody is counted whole and listed up to the limit', () => {
    const [before, after] = [cloud(), cloud()];
    const group = get(after.groups, 'sg-00000007');
    const rule: Rule = { protocol: 6, low: 443, high: 443, source: { kind: 'cidr', cidr: '10.8.0.0/13' } };
    group?.rules.push({ rule, at: 900 });
    const found = flowsBetween(before, after, { edge: defaultEdgeOptions, limit: 5 });
    assert.equal(found.gainedPairs, 10 * 1999);
    assert.equal(found.gained.length, 5);
    assert.deepEqual(found.gained[0]?.traffic, [{ protocol: 6, low: 443, high: 443 }]);
    assert.equal(found.lostPairs, 0);
    assert.equal(found.incomplete, false);
  });

  test('nothing changed, nothing compared; too much to compare is said', () => {
    const [before, after] = [cloud(), cloud()];
    const unchanged = flowsBetween(before, after, { effort: 0 });
    assert.deepEqual(unchanged, { gained: [], lost: [], gainedPairs: 0, lostPairs: 0, incomplete: false });
    get(after.groups, 'sg-00000007')?.rules.pop();
    assert.equal(flowsBetween(before, after, { effort: 0 }).incomplete, true);
    assert.equal(flowsBetween(before, after, { effort: 1 }).lostPairs, 10 * 9);
  });
});
