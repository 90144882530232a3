/**
 * DHCP messages (RFC 2131, 2132) as bytes: what is read from a client's question and how an answer is written. Pure. It must
 * never trust a length it has not checked; a message that is not a client's question is undefined.
 */

export type DhcpQuestion = {
  readonly transaction: Buffer;
  readonly seconds: Buffer;
  readonly broadcast: boolean;
  /** The address the client already uses, 0.0.0.0 while it has none. */
  readonly clientAddress: string;
  /** `aa:bb:…`, lower case. */
  readonly mac: string;
  readonly kind: number;
  readonly requested?: string;
  readonly server?: string;
};

export const dhcpKind = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

export type DhcpTerms = {
  readonly server: string;
  readonly netmask: string;
  readonly router: string;
  readonly broadcast: string;
  readonly dnsServers: readonly string[];
  readonly domain: string;
  readonly leaseSeconds: number;
  readonly mtu?: number;
};

const cookie = Buffer.from([99, 130, 83, 99]);
const fixedPart = 236;

const quad = (bytes: Buffer): string => [...bytes].join('.');
const octets = (address: string): Buffer => Buffer.from(address.split('.').map(Number));

export const readQuestion = (message: Buffer): DhcpQuestion | undefined => {
  if (message.length < fixedPart + 5) return undefined;
  if (message[0] !== 1 || message[1] !== 1 || message[2] !== 6) return undefined;
  if (!message.subarray(fixedPart, fixedPart + 4).equals(cookie)) return undefined;
  if (quad(message.subarray(24, 28)) !== '0.0.0.0') return undefined;
  const options = readOptions(message.subarray(fixedPart + 4));
  const kind = options.get(53)?.[0];
  if (kind === undefined) return undefined;
  const address = (code: number): string | undefined => {
    const value = options.get(code);
    return value?.length === 4 ? quad(value) : undefined;
  };
  const [requested, server] = [address(50), address(54)];
  return {
    transaction: message.subarray(4, 8),
    seconds: message.subarray(8, 10),
    broadcast: ((message[10] ?? 0) & 0x80) !== 0,
    clientAddress: quad(message.subarray(12, 16)),
    mac: [...message.subarray(28, 34)].map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
    kind,
    ...(requested === undefined ? {} : { requested }),
    ...(server === undefined ? {} : { server }),
  };
};

/** Code -> value; stops at the end mark or at the first option that does not fit. */
const readOptions = (bytes: Buffer): Map<number, Buffer> => {
  const options = new Map<number, Buffer>();
  let at = 0;
  while (at < bytes.length) {
    const code = bytes[at] ?? 255;
    if (code === 255) break;
    if (code === 0) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1];
    if (length === undefined || at + 2 + length > bytes.length) break;
    options.set(code, bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return options;
};

const option = (code: number, value: Buffer): Buffer =>
  value.length === 0
    ? Buffer.alloc(0)
    : Buffer.concat([Buffer.from([code, Math.min(value.length, 255)]), value.subarray(0, 255)]);

const number = (value: number, bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};

/** An offer or an acknowledgement of `address`; for an INFORM the address stays empty and no lease is named. */
export const writeAnswer = (question: DhcpQuestion, kind: number, address: string, terms: DhcpTerms): Buffer => {
  const inform = question.kind === dhcpKind.inform;
  const lease = inform
    ? []
    : [
        option(51, number(terms.leaseSeconds, 4)),
        option(58, number(Math.floor(terms.leaseSeconds / 2), 4)),
        option(59, number(Math.floor((terms.leaseSeconds * 7) / 8), 4)),
      ];
  return Buffer.concat([
    head(question, inform ? '0.0.0.0' : address, terms.server),
    option(53, Buffer.from([kind])),
    option(54, octets(terms.server)),
    ...lease,
    option(1, octets(terms.netmask)),
    option(28, octets(terms.broadcast)),
    option(3, octets(terms.router)),
    option(6, Buffer.concat(terms.dnsServers.slice(0, 8).map(octets))),
    option(15, Buffer.from(terms.domain, 'latin1')),
    ...(terms.mtu === undefined ? [] : [option(26, number(terms.mtu, 2))]),
    Buffer.from([255]),
  ]);
};

export const writeRefusal = (question: DhcpQuestion, server: string): Buffer =>
  Buffer.concat([
    head(question, '0.0.0.0', '0.0.0.0'),
    option(53, Buffer.from([dhcpKind.nak])),
    option(54, octets(server)),
    Buffer.from([255]),
  ]);

const head = (question: DhcpQuestion, address: string, server: string): Buffer => {
  const bytes = Buffer.alloc(fixedPart + 4);
  bytes.set([2, 1, 6, 0]);
  question.transaction.copy(bytes, 4);
  if (question.broadcast) bytes[10] = 0x80;
  octets(question.clientAddress).copy(bytes, 12);
  octets(address).copy(bytes, 16);
  octets(server).copy(bytes, 20);
  Buffer.from(question.mac.replaceAll(':', ''), 'hex').copy(bytes, 28);
  cookie.copy(bytes, fixedPart);
  return bytes;
};
