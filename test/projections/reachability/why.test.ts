/** Single answers in full, on a network made by events: which hops, which rule, and the position of the event that set it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DomainEvent } from '../../../src/domain/events.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import type { Rule } from '../../../src/domain/rule.ts';
import { initialNetwork } from '../../../src/projections/network/initial.ts';
import { advanceInPlace } from '../../../src/projections/network/runner.ts';
import type { Network } from '../../../src/projections/network/views.ts';
import { defaultEdgeOptions } from '../../../src/projections/reachability/explanation.ts';
import { describeTraffic, parseEndpoint, parseTraffic } from '../../../src/projections/reachability/question.ts';
import { why } from '../../../src/projections/reachability.ts';
import { recordedOf } from '../../conformanceSuites/recordedOf.ts';

const web = 'sg-0000000a';
const db = 'sg-0000000b';
const account = '000000000002';
const fromWeb: Rule = { protocol: 6, low: 3306, high: 3306, source: { kind: 'group', groupId: web, account } };
const fromOffice: Rule = { protocol: 6, low: 443, high: 443, source: { kind: 'cidr', cidr: '192.0.2.0/24' } };
const highPorts: Rule = { protocol: 17, low: 1024, high: 65_535, source: { kind: 'cidr', cidr: '0.0.0.0/0' } };

const instance = (instanceId: string, group: string, privateAddress: string, node: string): readonly DomainEvent[] => {
  const reservation = `r-${instanceId}`;
  const macAddress = `d0:0d:00:00:00:0${instanceId.slice(-1)}`;
  const made = { instanceId, account, cluster: 'one', macAddress, privateAddress, reservation, groups: [group] };
  return [
    { type: 'PrivateAddressReserved', address: privateAddress, cluster: 'one', instanceId, reservation },
    { type: 'InstanceCreated', ...made, addressing: 'public', restored: false },
    { type: 'SecurityGroupMemberJoined', groupId: group, instanceId },
    { type: 'InstancePlaced', instanceId, node },
    { type: 'InstanceRunning', instanceId },
  ];
};

const elastic = (address: string, instanceId: string, instanceAddress: string): DomainEvent => ({
  type: 'PublicAddressAssigned',
  address,
  owner: account,
  instanceId,
  instanceAddress,
  cluster: 'one',
  pending: false,
});

const text = '{}';
const subnet = { Subnet: '10.0.0.0', Netmask: '255.255.255.0', Gateway: '10.0.0.1' };
const configuration = { PublicIps: ['203.0.113.1-203.0.113.9'], Clusters: [{ Name: 'one', Subnet: subnet }] };
const nodes = [{ name: '198.51.100.1' }, { name: '198.51.100.2' }];
const registration = { component: 'cc', host: 'cc', address: '127.0.0.1', endpoint: 'http://127.0.0.1' };

/** i-1 (web, .11, 203.0.113.1) and i-2 (web, .12) on node 1; i-3 (db, .13, 203.0.113.3) on node 2. */
const story: readonly DomainEvent[] = [
  { type: 'ConfigurationPosted', text, configuration },
  { type: 'ClusterRegistered', cluster: 'one', ...registration },
  { type: 'ClusterEnabled', cluster: 'one' },
  { type: 'ClusterNodesReported', cluster: 'one', nodes },
  { type: 'SecurityGroupCreated', groupId: web, account, name: 'web', description: '' },
  { type: 'SecurityGroupCreated', groupId: db, account, name: 'db', description: '' },
  { type: 'SecurityGroupRulesAuthorized', groupId: web, rules: [fromOffice, highPorts] },
  { type: 'SecurityGroupRulesAuthorized', groupId: db, rules: [fromWeb] },
  ...instance('i-00000001', web, '10.0.0.11', '198.51.100.1'),
  ...instance('i-00000002', web, '10.0.0.12', '198.51.100.1'),
  ...instance('i-00000003', db, '10.0.0.13', '198.51.100.2'),
  elastic('203.0.113.1', 'i-00000001', '10.0.0.11'),
  elastic('203.0.113.3', 'i-00000003', '10.0.0.13'),
];

const positionOf = (type: DomainEvent['type'], nth = 0): number => {
  const found = story.flatMap((event, position) => (event.type === type ? [position] : []))[nth];
  if (found === undefined) assert.fail(`no event ${type}`);
  return found;
};

const networkOf = (...more: readonly DomainEvent[]): Network => {
  const network = initialNetwork();
  for (const [position, event] of [...story, ...more].entries())
    advanceInPlace(network, [recordedOf(event, { position })]);
  return network;
};

const ask = (question: string, network = networkOf(), edge = {}) => {
  const [from = '', to = '', what = ''] = question.split(' ');
  const [source, destination, traffic] = [parseEndpoint(from), parseEndpoint(to), parseTraffic(what)];
  if (isRefusal(source) || isRefusal(destination) || isRefusal(traffic)) assert.fail(`no question: ${question}`);
  return why(network, { source, destination, traffic }, { ...defaultEdgeOptions, ...edge });
};

const told = (question: string, network = networkOf(), edge = {}): string => {
  const { verdict, hops } = ask(question, network, edge);
  return [verdict, ...hops.map(({ code }) => code)].join(' ');
};

describe('between instances', () => {
  test('a source group: the rule, its event, the deciding node, and what the answer rests on', () => {
    const { verdict, hops, rule, decidedBy, restsOn } = ask('i-00000002 i-00000003 tcp/3306');
    assert.equal(verdict, 'allowed');
    assert.deepEqual(
      hops.map(({ code }) => code),
      ['source-instance', 'destination-instance', 'source-group'],
    );
    assert.deepEqual(rule, { groupId: db, rule: fromWeb, at: positionOf('SecurityGroupRulesAuthorized', 1) });
    assert.deepEqual(decidedBy, { cluster: 'one', node: '198.51.100.2' });
    assert.equal(restsOn, positionOf('InstanceRunning', 2));
  });

  test('the other way round there is no rule', () => {
    const { verdict, hops } = ask('i-00000003 i-00000001 tcp/3306');
    assert.equal(verdict, 'denied');
    assert.equal(hops.at(-1)?.code, 'default-deny');
    assert.match(hops.at(-1)?.text ?? '', /sg-0000000a lets tcp\/3306 in to i-00000001/);
  });

  test('members of one group only when nodes are built so', () => {
    assert.equal(told('i-00000001 i-00000002 tcp/22'), 'denied source-instance destination-instance default-deny');
    const together = told('i-00000001 i-00000002 tcp/22', networkOf(), { sameGroupTraffic: true });
    assert.equal(together, 'allowed source-instance destination-instance same-group');
  });

  test('an instance reaches itself, and by its own elastic address only through its groups', () => {
    assert.equal(told('i-00000001 10.0.0.11 tcp/22'), 'allowed source-instance loopback');
    assert.match(told('i-00000001 203.0.113.1 tcp/22'), /^denied .*default-deny$/);
  });

  test('a part of what was asked for is not enough', () => {
    assert.equal(
      told('i-00000003 i-00000001 udp'),
      'denied source-instance destination-instance partly-allowed default-deny',
    );
    assert.match(told('i-00000003 i-00000001 udp/1024'), /^allowed .*cidr-match$/);
    assert.match(told('i-00000003 i-00000001 udp/1023'), /^denied .*default-deny$/);
  });
});

describe('elastic addresses', () => {
  test('from outside: translated, then compared with the address that arrives', () => {
    const path = 'source-is-outside elastic-translation destination-instance';
    assert.equal(told('192.0.2.7 203.0.113.1 tcp/443'), `allowed ${path} cidr-match`);
    assert.equal(told('192.0.2.7 i-00000001 tcp/443'), `allowed ${path} cidr-match`);
    assert.equal(told('198.18.0.7 203.0.113.1 tcp/443'), `denied ${path} default-deny`);
  });

  test('from outside only they are reached', () => {
    const direct = told('192.0.2.7 10.0.0.11 tcp/443');
    assert.equal(direct, 'denied source-is-outside destination-instance private-from-public');
    assert.match(told('192.0.2.7 10.0.0.11 tcp/443', networkOf(), { sourceWire: 'private' }), /^allowed/);
    assert.match(told('192.0.2.7 10.0.0.11 tcp/443', networkOf(), { wires: 'one' }), /^allowed/);
  });

  test('from an instance with one: seen by it on other nodes', () => {
    const path = 'source-instance elastic-translation destination-instance elastic-translation';
    assert.equal(told('i-00000001 203.0.113.3 tcp/3306'), `allowed ${path} source-group`);
  });

  test('from an instance without one: dropped on the public wire, or seen as its node', () => {
    const path = 'source-instance elastic-translation destination-instance';
    assert.equal(told('i-00000002 203.0.113.3 tcp/3306'), `denied ${path} private-source-on-public-wire`);
    const masked = told('i-00000002 203.0.113.3 tcp/3306', networkOf(), { masquerade: true });
    assert.equal(masked, `denied ${path} masquerade default-deny`);
    assert.equal(told('i-00000002 203.0.113.1 udp/5000'), `allowed ${path} cidr-match`);
  });

  test('withheld while dirty; unassigned; given back', () => {
    const moved: readonly DomainEvent[] = [
      {
        type: 'PublicAddressUnassigned',
        address: '203.0.113.1',
        owner: account,
        instanceId: 'i-00000001',
        cluster: 'one',
        pending: false,
      },
      elastic('203.0.113.1', 'i-00000002', '10.0.0.12'),
    ];
    assert.equal(told('192.0.2.7 203.0.113.1 tcp/443', networkOf(...moved)), 'denied source-is-outside address-dirty');
    const cleared: DomainEvent = {
      type: 'PublicAddressCleared',
      address: '203.0.113.1',
      cluster: 'one',
      cause: 'converged',
    };
    assert.match(told('192.0.2.7 203.0.113.1 tcp/443', networkOf(...moved, cleared)), /^allowed/);
    assert.equal(told('192.0.2.7 203.0.113.2 tcp/443'), 'denied source-is-outside address-unassigned');
  });
});

describe('who is not there', () => {
  const after = (...more: readonly DomainEvent[]) => told('i-00000002 i-00000003 tcp/3306', networkOf(...more));

  test('instances that nodes do not know', () => {
    const stopped: DomainEvent = { type: 'InstanceStopped', instanceId: 'i-00000003', cause: 'requested' };
    assert.equal(after(stopped), 'denied source-instance instance-not-live');
    assert.equal(after({ ...stopped, instanceId: 'i-00000002' }), 'denied instance-not-live');
    assert.equal(after({ type: 'ClusterNodesReported', cluster: 'one', nodes: [] }), 'denied not-placed');
    assert.equal(after({ type: 'ClusterDisabled', cluster: 'one', reason: 'gone' }), 'denied cluster-not-in-document');
    assert.equal(
      after({ type: 'InstancePlaced', instanceId: 'i-00000003', node: 'x' }),
      'denied source-instance not-placed',
    );
  });

  test('nobody at all', () => {
    assert.equal(told('i-0000dead i-00000003 tcp/1'), 'denied no-such-source');
    assert.equal(told('i-00000001 i-0000dead tcp/1'), 'denied source-instance no-such-destination');
    assert.equal(told('i-00000001 10.0.0.99 tcp/1'), 'denied source-instance no-such-destination');
    assert.equal(told('192.0.2.7 192.0.2.8 tcp/1'), 'denied source-is-outside transit');
  });

  test('beyond the cloud and at the node itself', () => {
    assert.equal(
      told('i-00000001 192.0.2.7 tcp/1'),
      'allowed source-instance destination-is-outside elastic-translation',
    );
    assert.equal(told('i-00000002 192.0.2.7 tcp/1'), 'allowed source-instance destination-is-outside');
    assert.equal(told('i-00000001 169.254.169.254 tcp/80'), 'allowed source-instance metadata-service');
    assert.equal(told('i-00000001 169.254.169.254 tcp/81'), 'denied source-instance metadata-service');
    assert.equal(told('i-00000001 10.0.0.1 icmp/8'), 'allowed source-instance gateway');
    assert.equal(told('i-00000001 10.0.0.1 tcp/22'), 'denied source-instance gateway');
  });
});

test('a revoked rule is gone from the answer at the position that revoked it', () => {
  const revoked: DomainEvent = { type: 'SecurityGroupRulesRevoked', groupId: db, rules: [fromWeb] };
  const { verdict, restsOn } = ask('i-00000002 i-00000003 tcp/3306', networkOf(revoked));
  assert.equal(verdict, 'denied');
  assert.equal(restsOn, story.length);
});

test('questions as text', () => {
  const round = (written: string): string => {
    const traffic = parseTraffic(written);
    return isRefusal(traffic) ? traffic.refused : describeTraffic(traffic);
  };
  for (const written of ['tcp', 'tcp/0', 'udp/65535', 'icmp', 'icmp/8', 'icmp/8:0', '47', '0', '255']) {
    assert.equal(round(written), written);
  }
  assert.equal(round('6/22'), 'tcp/22');
  for (const wrong of [
    '',
    'tcp/',
    'tcp/65536',
    'tcp/1:2',
    'icmp/256',
    'icmp/8:256',
    'icmp/8:0:0',
    '47/1',
    '256',
    'TCP',
    'gre',
    'icmp/:0',
    'icmp/8:',
  ]) {
    assert.equal(round(wrong), 'invalid-traffic', wrong);
  }
  for (const wrong of ['', 'i-1', 'sg-0000000a', '10.0.0', '10.0.0.256', '::1', '010.0.0.1']) {
    assert.ok(isRefusal(parseEndpoint(wrong)), wrong);
  }
  assert.deepEqual(parseEndpoint('i-0000000A'), { kind: 'instance', id: 'i-0000000a' });
});
