/**
 * Frames as bytes, for what no socket would send: wrong senders, odd ethertypes, answers nobody asked for.
 */

const mac = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex');
const ip = (text: string): Buffer => Buffer.from(text.split('.').map(Number));
const word = (value: number): Buffer => Buffer.from([(value >> 8) & 255, value & 255]);

export const broadcastMac = 'ff:ff:ff:ff:ff:ff';

export const ethernet = (to: string, from: string, type: number, body: Buffer): Buffer =>
  Buffer.concat([mac(to), mac(from), word(type), body]);

/** A frame behind an 802.1Q tag. */
export const tagged = (frame: Buffer, vlan: number): Buffer =>
  Buffer.concat([frame.subarray(0, 12), word(0x8100), word(vlan), frame.subarray(12)]);

export type Arp = {
  readonly operation: 1 | 2;
  readonly senderMac: string;
  readonly sender: string;
  readonly targetMac?: string;
  readonly target: string;
};

export const arp = ({ operation, senderMac, sender, targetMac, target }: Arp): Buffer =>
  Buffer.concat([
    Buffer.from([0, 1, 8, 0, 6, 4]),
    word(operation),
    mac(senderMac),
    ip(sender),
    mac(targetMac ?? '00:00:00:00:00:00'),
    ip(target),
  ]);

const sum = (data: Buffer): number => {
  let total = 0;
  for (let at = 0; at < data.length; at += 2) total += ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return ~total & 0xffff;
};

export const ipv4 = (from: string, to: string, protocol: number, body: Buffer): Buffer => {
  const head = Buffer.concat([
    Buffer.from([0x45, 0]),
    word(20 + body.length),
    Buffer.from([0, 1, 0, 0, 64, protocol, 0, 0]),
    ip(from),
    ip(to),
  ]);
  word(sum(head)).copy(head, 10);
  return Buffer.concat([head, body]);
};

/** A tcp segment that acknowledges and carries data but begins nothing, with the checksum that tracking looks at. */
export const midstreamTcp = (from: string, to: string, port: number, text: string): Buffer => {
  const padded = Buffer.from(text.length % 2 === 0 ? text : `${text}.`);
  const head = Buffer.concat([
    word(12345),
    word(port),
    Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]),
  ]);
  const segment = Buffer.concat([head, padded]);
  const pseudo = Buffer.concat([ip(from), ip(to), Buffer.from([0, 6]), word(segment.length)]);
  word(sum(Buffer.concat([pseudo, segment]))).copy(segment, 16);
  return ipv4(from, to, 6, segment);
};

/** Without a checksum, which UDP allows. */
export const udp = (from: number, to: number, body: Buffer): Buffer =>
  Buffer.concat([word(from), word(to), word(8 + body.length), word(0), body]);

export const udpFrame = (at: {
  readonly toMac: string;
  readonly fromMac: string;
  readonly from: string;
  readonly to: string;
  readonly ports?: readonly [number, number];
  readonly text: string | Buffer;
}): Buffer => {
  const [from, to] = at.ports ?? [9999, 9999];
  return ethernet(at.toMac, at.fromMac, 0x0800, ipv4(at.from, at.to, 17, udp(from, to, Buffer.from(at.text))));
};

/** A DHCP message of `operation` (1 asks, 2 answers) for a client's MAC. */
export const dhcp = (operation: 1 | 2, kind: number, chaddr: string, mark: string, yourAddress = '0.0.0.0'): Buffer => {
  const head = Buffer.alloc(236);
  head.set([operation, 1, 6, 0]);
  Buffer.from(mark.padEnd(4).slice(0, 4)).copy(head, 4);
  head[10] = 0x80;
  ip(yourAddress).copy(head, 16);
  mac(chaddr).copy(head, 28);
  return Buffer.concat([head, Buffer.from([99, 130, 83, 99, 53, 1, kind, 255]), Buffer.alloc(60)]);
};

/** A router advertisement from a link-local address to all nodes. */
export const routerAdvertisement = (fromMac: string): Buffer => {
  const source = Buffer.from('fe80000000000000020000fffe000001', 'hex');
  const target = Buffer.from('ff020000000000000000000000000001', 'hex');
  const body = Buffer.from('86000000400000ff0000000000000000', 'hex');
  const head = Buffer.concat([Buffer.from([0x60, 0, 0, 0]), word(body.length), Buffer.from([58, 255]), source, target]);
  return ethernet('33:33:00:00:00:01', fromMac, 0x86dd, Buffer.concat([head, body]));
};
