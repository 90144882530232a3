/**
 * What an instance may put on the wire: nothing in another's name, nothing but IPv4 and ARP, nothing in mid-stream
 * (node spec 4.2).
 */
import { arp, broadcastMac, ethernet, routerAdvertisement, tagged } from '../frames.ts';
import { actors, gatewayMac, outside } from '../story.ts';
import { uplinkMacs } from '../world.ts';
import { answered, arpFrame, foreignMac, midstream, question, stillReached, throughGateway } from './makers.ts';
import { type Property, reaches, shows } from './property.ts';

const { a1, a2, b1, d1 } = actors;

export const portProperties: readonly Property[] = [
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
