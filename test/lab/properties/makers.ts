/**
 * Frames and probes that several properties of the wires share.
 */
import { arp, broadcastMac, dhcp, ethernet, ipv4, midstreamTcp, udp, udpFrame } from '../frames.ts';
import { actors, gatewayMac, nodeAddresses } from '../story.ts';
import { hexOf, opens, type Probe, token } from './property.ts';

const { a1 } = actors;
export const foreignMac = 'd0:0d:00:00:ee:ee';

/** From an instance to its gateway, the way every honest packet goes. */
export const throughGateway =
  (mac: string, from: string, to: string, ports: readonly [number, number] = [9999, 9999]) =>
  (word: string) =>
    udpFrame({ toMac: gatewayMac, fromMac: mac, from, to, ports, text: word });

export const toNodeWire = (mac: string, from: string, to: string, ports: readonly [number, number]) => (word: string) =>
  udpFrame({ toMac: mac, fromMac: '52:54:00:00:66:66', from, to, ports, text: word });

export const arpFrame = (toMac: string, fromMac: string, body: Parameters<typeof arp>[0]): Buffer =>
  ethernet(toMac, fromMac, 0x0806, arp(body));

export const midstream = (mac: string, from: string, to: string, port: number, toMac: string) => (word: string) =>
  ethernet(toMac, mac, 0x0800, midstreamTcp(from, to, port, word));

export const question = (fromMac: string, chaddr: string, mark: string): Buffer =>
  ethernet(
    broadcastMac,
    fromMac,
    0x0800,
    ipv4('0.0.0.0', '255.255.255.255', 17, udp(68, 67, dhcp(1, 1, chaddr, mark))),
  );

/** Does somebody see the DHCP server's answer to this question? */
export const answered =
  (asker: 'a1' | 'a2', sees: 'a1' | 'a2', fromMac: string, chaddr: string): Probe =>
  async (lab, timeout) => {
    const mark = token().slice(-4);
    await lab
      .puppet(asker)
      .tell('frames', { device: 'eth0', frames_hex: [question(fromMac, chaddr, mark).toString('hex')] });
    return (await lab.puppet(sees).tell('saw_frame', { part: `02010600${hexOf(mark)}`, timeout })).ok;
  };

/** After this frame, is the victim still reached? */
export const stillReached =
  (frame: Buffer): Probe =>
  async (lab, timeout) => {
    await lab.puppet('a2').tell('frames', { device: 'eth0', frames_hex: [frame.toString('hex')] });
    return (await opens('clc', a1.ip, 22)(lab, timeout)) === true;
  };

export const nodeHears =
  (make: (word: string) => Buffer): Probe =>
  async (lab, timeout) => {
    const word = token();
    await lab.puppet('a1').tell('frames', { device: 'eth0', frames_hex: [make(word).toString('hex')] });
    return (await lab.puppet('n1').tell('saw_udp', { token: word, timeout })).ok;
  };

export const reserved = (last: string) => (word: string) =>
  udpFrame({
    toMac: `01:80:c2:00:00:${last}`,
    fromMac: foreignMac,
    from: '198.51.100.77',
    to: nodeAddresses.n1.private,
    text: word,
  });
