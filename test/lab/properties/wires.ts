/**
 * What instances may put on the wire, what reaches them from it, and what the outside may pretend (node spec 4.2).
 */

import {
  arp,
  broadcastMac,
  dhcp,
  ethernet,
  ipv4,
  midstreamTcp,
  routerAdvertisement,
  tagged,
  udp,
  udpFrame,
} from '../frames.ts';
import { actors, gatewayMac, nodeAddresses, outside, stranger } from '../story.ts';
import { uplinkMacs } from '../world.ts';
import { hexOf, opens, type Probe, type Property, reaches, shows, token } from './property.ts';

const { a1, a2, b1, d1 } = actors;
const foreignMac = 'd0:0d:00:00:ee:ee';
const withSql = { elastic: { b1: '203.0.113.54' } } as const;

/** From an instance to its gateway, the way every honest packet goes. */
const throughGateway =
  (mac: string, from: string, to: string, ports: readonly [number, number] = [9999, 9999]) =>
  (word: string) =>
    udpFrame({ toMac: gatewayMac, fromMac: mac, from, to, ports, text: word });

const toNodeWire = (mac: string, from: string, to: string, ports: readonly [number, number]) => (word: string) =>
  udpFrame({ toMac: mac, fromMac: '52:54:00:00:66:66', from, to, ports, text: word });

const arpFrame = (toMac: string, fromMac: string, body: Parameters<typeof arp>[0]): Buffer =>
  ethernet(toMac, fromMac, 0x0806, arp(body));

const midstream = (mac: string, from: string, to: string, port: number, toMac: string) => (word: string) =>
  ethernet(toMac, mac, 0x0800, midstreamTcp(from, to, port, word));

const question = (fromMac: string, chaddr: string, mark: string): Buffer =>
  ethernet(
    broadcastMac,
    fromMac,
    0x0800,
    ipv4('0.0.0.0', '255.255.255.255', 17, udp(68, 67, dhcp(1, 1, chaddr, mark))),
  );

/** Does somebody see the DHCP server's answer to this question? */
const answered =
  (asker: 'a1' | 'a2', sees: 'a1' | 'a2', fromMac: string, chaddr: string): Probe =>
  async (lab, timeout) => {
    const mark = token().slice(-4);
    await lab
      .puppet(asker)
      .tell('frames', { device: 'eth0', frames_hex: [question(fromMac, chaddr, mark).toString('hex')] });
    return (await lab.puppet(sees).tell('saw_frame', { part: `02010600${hexOf(mark)}`, timeout })).ok;
  };

/** After this frame, is the victim still reached? */
const stillReached =
  (frame: Buffer): Probe =>
  async (lab, timeout) => {
    await lab.puppet('a2').tell('frames', { device: 'eth0', frames_hex: [frame.toString('hex')] });
    return (await opens('clc', a1.ip, 22)(lab, timeout)) === true;
  };

const nodeHears =
  (make: (word: string) => Buffer): Probe =>
  async (lab, timeout) => {
    const word = token();
    await lab.puppet('a1').tell('frames', { device: 'eth0', frames_hex: [make(word).toString('hex')] });
    return (await lab.puppet('n1').tell('saw_udp', { token: word, timeout })).ok;
  };

const reserved = (last: string) => (word: string) =>
  udpFrame({
    toMac: `01:80:c2:00:00:${last}`,
    fromMac: foreignMac,
    from: '198.51.100.77',
    to: nodeAddresses.n1.private,
    text: word,
  });

const spoofProperties: readonly Property[] = [
  {
    name: 'ports: no other source MAC',
    cause: { guard: 'sourceMac' },
    holds: false,
    probe: answered('a1', 'a1', foreignMac, a1.mac),
  },
  {
    name: 'ports: nobody takes over the place of a MAC',
    cause: { guard: 'sourceMac' },
    holds: true,
    probe: stillReached(question(a1.mac, a2.mac, 'thef')),
    alone: true,
  },
  {
    name: 'ports: no posing as a member of a group',
    cause: { guard: 'sourceIp' },
    holds: false,
    probe: reaches('d1', 'b1', throughGateway(d1.mac, a2.ip, b1.ip, [5353, 5353])),
  },
  {
    name: 'ports: no other source address outwards',
    cause: { guard: 'sourceIp' },
    holds: false,
    probe: reaches('a2', 'client', throughGateway(a2.mac, '203.0.113.77', outside.client)),
  },
  {
    name: 'ports: no posing as the gateway',
    cause: { guard: 'sourceIp' },
    holds: false,
    probe: reaches('a2', 'client', throughGateway(a2.mac, '10.111.0.254', outside.client)),
  },
  {
    name: 'ports: no ARP for the address of another',
    cause: { guard: 'arpSender' },
    holds: false,
    probe: shows(
      'a2',
      'n1',
      arpFrame(gatewayMac, a2.mac, { operation: 2, senderMac: a2.mac, sender: a1.ip, target: outside.gateway }),
      arp({ operation: 2, senderMac: a2.mac, sender: a1.ip, target: outside.gateway }),
    ),
  },
  {
    name: 'ports: no ARP for the gateway',
    cause: { guard: 'arpSender' },
    holds: false,
    probe: shows(
      'a2',
      'n1',
      arpFrame(broadcastMac, a2.mac, {
        operation: 1,
        senderMac: a2.mac,
        sender: outside.gateway,
        target: outside.gateway,
      }),
      arp({ operation: 1, senderMac: a2.mac, sender: outside.gateway, target: outside.gateway }),
    ),
  },
  {
    name: 'ports: no ARP with the MAC of another inside',
    cause: { guard: 'arpSender' },
    holds: false,
    probe: shows(
      'a2',
      'n1',
      arpFrame(gatewayMac, a2.mac, { operation: 2, senderMac: foreignMac, sender: a2.ip, target: outside.gateway }),
      arp({ operation: 2, senderMac: foreignMac, sender: a2.ip, target: outside.gateway }),
    ),
  },
  {
    name: 'ports: no probing for the address of another',
    cause: { guard: 'arpSender' },
    holds: false,
    probe: shows(
      'a2',
      'n1',
      arpFrame(broadcastMac, a2.mac, { operation: 1, senderMac: a2.mac, sender: '0.0.0.0', target: a1.ip }),
      arp({ operation: 1, senderMac: a2.mac, sender: '0.0.0.0', target: a1.ip }),
    ),
  },
  {
    name: 'ports: probing for the own address is allowed',
    cause: { scene: { absent: ['a2'] } },
    holds: true,
    probe: shows(
      'a2',
      'n1',
      arpFrame(broadcastMac, a2.mac, { operation: 1, senderMac: a2.mac, sender: '0.0.0.0', target: a2.ip }),
      arp({ operation: 1, senderMac: a2.mac, sender: '0.0.0.0', target: a2.ip }),
    ),
  },
  {
    name: 'ports: no DHCP server behind a port',
    cause: { guard: 'dhcpServer' },
    holds: false,
    probe: reaches('a2', 'client', (word) => throughGateway(a2.mac, a2.ip, outside.client, [67, 68])(word)),
  },
  {
    name: 'ports: no DHCP question in the name of another',
    cause: { guard: 'dhcpChaddr' },
    holds: false,
    probe: answered('a2', 'a1', a2.mac, a1.mac),
  },
  {
    name: 'ports: no VLAN tags',
    cause: { guard: 'etherTypes' },
    holds: false,
    probe: reaches('a1', 'n1', (word) => tagged(throughGateway(a1.mac, a1.ip, b1.ip)(word), 7)),
  },
  {
    name: 'ports: no other ethertypes',
    cause: { guard: 'etherTypes' },
    holds: false,
    probe: reaches('a1', 'n1', (word) => ethernet(gatewayMac, a1.mac, 0x88b5, Buffer.from(word))),
  },
  {
    name: 'ports: no router advertisements',
    cause: { guard: 'etherTypes' },
    holds: false,
    probe: shows('a1', 'n1', routerAdvertisement(a1.mac), Buffer.from('86000000400000ff', 'hex')),
  },
  {
    name: 'ports: no mid-stream segments outwards',
    cause: { guard: 'midstream' },
    holds: false,
    probe: reaches('a2', 'client', midstream(a2.mac, a2.ip, outside.client, 80, gatewayMac)),
  },
  {
    name: 'ports: no mid-stream segments inwards',
    cause: { guard: 'midstream' },
    holds: false,
    probe: reaches(
      'client',
      'a1',
      midstream('52:54:00:00:cc:01', outside.client, '203.0.113.50', 22, uplinkMacs.n1.public),
    ),
  },
];

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

export const wireProperties: readonly Property[] = [...spoofProperties, ...isolationProperties, ...outsideProperties];
