/**
 * Security groups: closed by default, opened by exactly the rules there are, stateful, and the same whether both ends live
 * on one node or on two.
 */
import { actors, outside } from '../story.ts';
import { asks, hexOf, opens, type Probe, type Property, pings, token, type Who } from './property.ts';

const { a2, a3, b1, b2, c1, d1 } = actors;
const elastic = '203.0.113.50';
const tcpFrom = (block: string, group: string, port: number) =>
  [group, { protocol: 6, low: port, high: port, source: { kind: 'cidr', cidr: block } }] as const;

/** A packet of a protocol that has no ports, with the smallest head of protocol 47 so that tracking understands it. */
const sends =
  (from: Who, to: Who, address: string, protocol: number): Probe =>
  async (lab, timeout) => {
    const word = token();
    await lab.puppet(from).tell('raw', { to: address, protocol, body: `00000800${hexOf(word)}` });
    return (await lab.puppet(to).tell('saw_frame', { part: hexOf(word), timeout })).ok;
  };

const oneWay =
  (from: Who, to: Who, address: string, port: number): Probe =>
  async (lab, timeout) => {
    const word = token();
    await lab.puppet(from).tell('send_udp', { to: address, port, tokens: [word] });
    return (await lab.puppet(to).tell('saw_udp', { token: word, timeout })).ok;
  };

export const groupProperties: readonly Property[] = [
  {
    name: 'groups: default deny from outside',
    cause: { guard: 'defaultDeny' },
    holds: false,
    probe: opens('client', elastic, 9999),
  },
  {
    name: 'groups: default deny between nodes',
    cause: { guard: 'defaultDeny' },
    holds: false,
    probe: opens('c1', b1.ip, 9999),
  },
  {
    name: 'groups: default deny on one node',
    cause: { guard: 'defaultDeny' },
    holds: false,
    probe: opens('d1', b1.ip, 9999),
  },
  {
    name: 'groups: default deny for udp',
    cause: { guard: 'defaultDeny' },
    holds: false,
    probe: asks('c1', b1.ip, 9999),
  },
  { name: 'groups: default deny for icmp', cause: { guard: 'defaultDeny' }, holds: false, probe: pings('c1', b1.ip) },
  {
    name: 'groups: a rule for anywhere admits',
    cause: { scene: { withoutRule: 'ssh from anywhere' } },
    holds: true,
    probe: opens('client', elastic, 22),
  },
  {
    name: 'groups: a rule for anywhere admits from the fabric',
    cause: { scene: { withoutRule: 'ssh from anywhere' } },
    holds: true,
    probe: opens('clc', a2.ip, 22),
  },
  {
    name: 'groups: a block and a range of ports admit',
    cause: { scene: { withoutRule: 'range from the client' } },
    holds: true,
    probe: opens('client', elastic, 8080),
  },
  {
    name: 'groups: a block admits nobody else',
    cause: { scene: { extraRules: [tcpFrom('198.51.100.5/32', 'sg-web', 8080)] } },
    holds: false,
    probe: opens('clc', a2.ip, 8080),
  },
  {
    name: 'groups: a source group admits on one node',
    cause: { scene: { withoutRule: 'sql from web' } },
    holds: true,
    probe: opens('a2', b1.ip, 5432),
  },
  {
    name: 'groups: a source group admits between nodes',
    cause: { scene: { withoutRule: 'sql from web' } },
    holds: true,
    probe: opens('a1', b2.ip, 5432),
  },
  {
    name: 'groups: a source group admits udp on one node',
    cause: { scene: { withoutRule: 'names from web' } },
    holds: true,
    probe: asks('a2', b1.ip, 5353),
  },
  {
    name: 'groups: a source group admits udp between nodes',
    cause: { scene: { withoutRule: 'names from web' } },
    holds: true,
    probe: asks('a3', b1.ip, 5353),
  },
  {
    name: 'groups: a source group admits only members',
    cause: { scene: { groups: { c1: ['sg-misc', 'sg-web'] } } },
    holds: false,
    probe: opens('c1', b2.ip, 5432),
  },
  {
    name: 'groups: a source group knows its members by elastic address',
    base: { elastic: { b2: '203.0.113.52' } },
    cause: { scene: { elastic: { b2: '203.0.113.52' }, withoutRule: 'sql from web' } },
    holds: true,
    probe: opens('a1', '203.0.113.52', 5432),
  },
  {
    name: 'groups: members do not reach each other on one node',
    cause: { options: { sameGroupTraffic: true } },
    holds: false,
    probe: opens('a1', a2.ip, 9999),
  },
  {
    name: 'groups: members do not reach each other between nodes',
    cause: { options: { sameGroupTraffic: true } },
    holds: false,
    probe: opens('a1', a3.ip, 9999),
  },
  {
    name: 'groups: an icmp type admits',
    cause: { scene: { withoutRule: 'ping from the public side' } },
    holds: true,
    probe: pings('client', elastic),
  },
  {
    name: 'groups: icmp of any type admits a source group',
    cause: { scene: { withoutRule: 'any icmp from web' } },
    holds: true,
    probe: pings('a2', c1.ip),
  },
  {
    name: 'groups: a protocol by number admits',
    cause: { scene: { withoutRule: 'protocol 47 from misc' } },
    holds: true,
    probe: sends('c1', 'b1', b1.ip, 47),
  },
  {
    name: 'groups: a protocol by number admits nobody else',
    cause: {
      scene: {
        extraRules: [['sg-db', { protocol: 47, low: -1, high: -1, source: { kind: 'cidr', cidr: `${d1.ip}/32` } }]],
      },
    },
    holds: false,
    probe: sends('d1', 'b1', b1.ip, 47),
  },
  {
    name: 'groups: several groups are a union',
    cause: { scene: { groups: { d1: ['sg-misc'] } } },
    holds: true,
    probe: opens('clc', d1.ip, 7001),
  },
  {
    name: 'groups: a block of elastic addresses means who comes through one, on one node',
    base: { elastic: { d1: '203.0.113.53' } },
    cause: { scene: { elastic: { d1: '203.0.113.53' }, withoutRule: 'through the elastic address' } },
    holds: true,
    probe: opens('a1', '203.0.113.53', 7000),
  },
  {
    name: 'groups: a block of elastic addresses means nobody without one',
    base: { elastic: { d1: '203.0.113.53' } },
    cause: { scene: { elastic: { d1: '203.0.113.53', a1: null, a2: elastic } } },
    holds: false,
    probe: opens('a2', '203.0.113.53', 7000),
  },
  {
    name: 'groups: replies come back',
    cause: { guard: 'replies' },
    holds: true,
    probe: opens('a2', outside.client, 80),
  },
  {
    name: 'groups: replies come back between nodes',
    cause: { guard: 'replies' },
    holds: true,
    probe: opens('a1', b2.ip, 5432),
  },
  {
    name: 'groups: sending is open',
    cause: { scene: { absent: ['d1'] } },
    holds: true,
    probe: oneWay('d1', 'client', outside.client, 9999),
  },
  {
    name: 'groups: an instance with no group admits nobody',
    cause: { scene: {} },
    base: { groups: { a2: [] } },
    holds: false,
    probe: opens('clc', a2.ip, 22),
  },
  {
    name: 'node: services of the node are closed to instances',
    cause: { guard: 'nodeInput' },
    holds: false,
    probe: opens('a1', outside.gateway, 2222),
  },
  {
    name: 'node: its other addresses are closed to instances',
    cause: { guard: 'nodeInput' },
    holds: false,
    probe: opens('a1', '203.0.113.11', 2222),
  },
  {
    name: 'node: the gateway answers pings',
    cause: { scene: { absent: ['a1'] } },
    holds: true,
    probe: pings('a1', outside.gateway),
  },
];
