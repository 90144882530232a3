/**
 * What reaches an instance from its wire, and what the outside may pretend (node spec 4.2).
 */
import { arp, broadcastMac, udpFrame } from '../frames.ts';
import { actors, gatewayMac, outside, stranger } from '../story.ts';
import { uplinkMacs } from '../world.ts';
import { arpFrame, nodeHears, reserved, throughGateway, toNodeWire } from './makers.ts';
import { opens, type Property, reaches, shows } from './property.ts';

const { a1, a2, b1 } = actors;
const withSql = { elastic: { b1: '203.0.113.54' } } as const;

const isolationProperties: readonly Property[] = [
  {
    name: 'bridge: no frame straight to the MAC of another',
    cause: { guard: 'portIsolation' },
    holds: false,
    probe: reaches('a1', 'a2', (word) =>
      udpFrame({ toMac: a2.mac, fromMac: a1.mac, from: a1.ip, to: a2.ip, text: word }),
    ),
  },
  {
    name: 'bridge: no broadcast to others',
    cause: { guard: 'portIsolation' },
    holds: false,
    probe: reaches('a1', 'a2', (word) =>
      udpFrame({ toMac: broadcastMac, fromMac: a1.mac, from: a1.ip, to: '255.255.255.255', text: word }),
    ),
  },
  {
    name: 'bridge: no multicast to others',
    cause: { guard: 'portIsolation' },
    holds: false,
    probe: reaches('a1', 'a2', (word) =>
      udpFrame({ toMac: '01:00:5e:00:00:fb', fromMac: a1.mac, from: a1.ip, to: '224.0.0.251', text: word }),
    ),
  },
  {
    name: 'bridge: no ARP to others',
    cause: { guard: 'portIsolation' },
    holds: false,
    probe: shows(
      'a1',
      'a2',
      arpFrame(broadcastMac, a1.mac, { operation: 1, senderMac: a1.mac, sender: a1.ip, target: a2.ip }),
      arp({ operation: 1, senderMac: a1.mac, sender: a1.ip, target: a2.ip }),
    ),
  },
  {
    name: 'bridge: no ARP answer straight to another',
    cause: { guard: 'portIsolation' },
    holds: false,
    probe: shows(
      'a1',
      'a2',
      arpFrame(a2.mac, a1.mac, { operation: 2, senderMac: a1.mac, sender: a1.ip, target: a2.ip }),
      arp({ operation: 2, senderMac: a1.mac, sender: a1.ip, target: a2.ip }),
    ),
  },
  {
    name: 'bridge: broadcasts of the node reach no instance',
    cause: { guard: 'portDelivery' },
    holds: false,
    probe: reaches(
      'n1',
      'a1',
      (word) =>
        udpFrame({
          toMac: broadcastMac,
          fromMac: gatewayMac,
          from: outside.gateway,
          to: '255.255.255.255',
          text: word,
        }),
      'br-edge',
    ),
  },
  {
    name: 'bridge: nothing reaches an unprogrammed port',
    cause: { guard: 'portDelivery' },
    holds: false,
    probe: reaches(
      'n1',
      'x1',
      (word) =>
        udpFrame({
          toMac: broadcastMac,
          fromMac: gatewayMac,
          from: outside.gateway,
          to: '255.255.255.255',
          text: word,
        }),
      'br-edge',
    ),
  },
  {
    name: 'bridge: packets for one address reach no other port',
    cause: { guard: 'portDelivery' },
    holds: false,
    probe: reaches(
      'n1',
      'a1',
      (word) => udpFrame({ toMac: a1.mac, fromMac: gatewayMac, from: outside.gateway, to: a2.ip, text: word }),
      'br-edge',
    ),
  },
  {
    name: 'bridge: an unprogrammed port is dead',
    cause: { guard: 'unprogrammedPort' },
    holds: false,
    probe: reaches('x1', 'client', throughGateway(stranger.mac, a2.ip, outside.client)),
  },
  {
    name: 'bridge: reserved address 03 does not pass by the rules',
    cause: { guard: 'barePort' },
    holds: false,
    probe: nodeHears(reserved('03')),
  },
  {
    name: 'bridge: reserved address 0e does not pass by the rules',
    cause: { guard: 'barePort' },
    holds: false,
    probe: nodeHears(reserved('0e')),
  },
];

const outsideProperties: readonly Property[] = [
  {
    name: 'outside: private addresses are not reached from the public side',
    cause: { guard: 'publicDirect' },
    holds: false,
    probe: opens('client', a2.ip, 22),
  },
  {
    name: 'outside: the node is no router between its wires',
    cause: { guard: 'transit' },
    holds: false,
    probe: reaches('client', 'clc', (word) =>
      udpFrame({
        toMac: uplinkMacs.n1.public,
        fromMac: '52:54:00:00:cc:01',
        from: outside.client,
        to: outside.clc,
        text: word,
      }),
    ),
  },
  {
    name: 'outside: the node is no router on one wire',
    cause: { guard: 'transit' },
    holds: false,
    probe: reaches('clc', 'client', (word) =>
      udpFrame({
        toMac: uplinkMacs.n1.private,
        fromMac: '52:54:00:00:cc:02',
        from: outside.clc,
        to: outside.client,
        text: word,
      }),
    ),
  },
  {
    name: 'outside: nobody on the public side poses as a member',
    base: withSql,
    cause: { guard: 'publicSpoof' },
    holds: false,
    probe: reaches('client', 'b1', toNodeWire(uplinkMacs.n1.public, a2.ip, '203.0.113.54', [5353, 5353])),
  },
  {
    name: 'outside: nobody on the public side poses as an elastic address',
    base: withSql,
    cause: { guard: 'publicSpoof' },
    holds: false,
    probe: reaches('client', 'b1', toNodeWire(uplinkMacs.n1.public, '203.0.113.50', '203.0.113.54', [5353, 5353])),
  },
  {
    name: 'outside: nobody on the fabric poses as a local instance',
    cause: { guard: 'fabricSpoof' },
    holds: false,
    probe: reaches('clc', 'b1', toNodeWire(uplinkMacs.n1.private, a2.ip, b1.ip, [5353, 5353])),
  },
  {
    name: 'outside: nobody on the fabric poses as a local elastic address',
    cause: { guard: 'fabricSpoof' },
    holds: false,
    probe: reaches('clc', 'b1', toNodeWire(uplinkMacs.n1.private, '203.0.113.50', b1.ip, [5353, 5353])),
  },
];

export const wireProperties: readonly Property[] = [...isolationProperties, ...outsideProperties];
