/**
 * A packet described in words, as people write it on the command line -> a frame as the plan's evaluation takes it.
 * `from=i-1 to=i-2 tcp/443`, `from=203.0.113.9 to=203.0.113.50 udp/53`, `in=vn_i-1 arp from=10.0.0.9`.
 */
import { isIpv4 } from '../../domain/ipv4.ts';
import { isMacAddress } from '../../domain/mac.ts';
import { type Refusal, refuse } from '../../domain/refusals.ts';
import type { InstanceEntry, NetworkDocument } from '../../projections/document/model.ts';
import { isPrivate } from '../../projections/plan/admission.ts';
import type { Frame } from '../../projections/plan/explain.ts';
import type { Plan } from '../../projections/plan/model.ts';

export const frameGrammar = [
  'from=INSTANCE|ADDRESS to=INSTANCE|ADDRESS tcp/PORT|udp/PORT|icmp/TYPE[/CODE]|proto/NUMBER|arp|ether/NUMBER',
  'in=INTERFACE (default: the sender’s port, the private or the public uplink), public (aim at the elastic address)',
  'mac=SOURCE-MAC, arp-mac=SENDER-MAC, sport=PORT, chaddr=MAC, established',
].join('\n');

const badWord = (word: string, why: string): Refusal =>
  refuse('frame-words', `${word}: ${why}. A packet is written as\n${frameGrammar}`, { value: word });

type Parts = { keys: Map<string, string>; flags: Set<string>; protocol: readonly string[] };

const known = new Set(['from', 'to', 'in', 'mac', 'arp-mac', 'sport', 'chaddr']);
const protocols = new Set(['tcp', 'udp', 'icmp', 'proto', 'arp', 'ether']);

const split = (words: readonly string[]): Parts | Refusal => {
  const parts: Parts = { keys: new Map(), flags: new Set(), protocol: [] };
  for (const word of words) {
    const [key, value] = word.split('=', 2);
    const pieces = word.split('/');
    if (value !== undefined && key !== undefined && known.has(key)) parts.keys.set(key, value);
    else if (protocols.has(pieces[0] ?? '')) parts.protocol = pieces;
    else if (word === 'established' || word === 'public') parts.flags.add(word);
    else return badWord(word, 'not understood');
  }
  return parts;
};

type Place = { readonly address: string; readonly entry?: InstanceEntry };

const place = (text: string | undefined, document: NetworkDocument): Place | Refusal => {
  if (text === undefined) return badWord('from= and to=', 'both are needed');
  if (isIpv4(text)) {
    const entry = document.instances.find(({ privateIp, publicIp }) => privateIp === text || publicIp === text);
    return { address: text, ...(entry === undefined ? {} : { entry }) };
  }
  const entry = document.instances.find(({ id }) => id === text);
  return entry === undefined
    ? badWord(text, 'neither an address nor an instance of this document')
    : { address: entry.privateIp, entry };
};

const whole = (text: string | undefined, most: number): number | undefined =>
  text !== undefined && /^\d{1,5}$/.test(text) && Number(text) <= most ? Number(text) : undefined;

type Protocol = Pick<Frame, 'ether' | 'protocol' | 'port' | 'icmpType' | 'icmpCode'>;

const protocolOf = ([name, first, second]: readonly string[]): Protocol | Refusal => {
  const port = whole(first, 65_535);
  switch (name) {
    case 'tcp':
    case 'udp':
      if (port === undefined) return badWord(name, 'a port from 0 to 65535 belongs behind the slash');
      return { ether: 'ip', protocol: name === 'tcp' ? 6 : 17, port };
    case 'icmp':
      return { ether: 'ip', protocol: 1, icmpType: whole(first, 255) ?? 8, icmpCode: whole(second, 255) ?? 0 };
    case 'proto': {
      const number = whole(first, 255);
      return number === undefined ? badWord(name, 'a number from 0 to 255') : { ether: 'ip', protocol: number };
    }
    case 'arp':
      return { ether: 'arp', protocol: 0 };
    case 'ether':
      return { ether: 'other', protocol: 0 };
    default:
      return badWord(name ?? 'tcp/…', 'a protocol is needed');
  }
};

/** Where the packet comes in unless it is said. */
const entrance = (plan: Plan, { address, entry }: Place): string => {
  const local = entry === undefined ? undefined : plan.instances.get(entry.id);
  if (local !== undefined) return local.instance.port;
  return isPrivate(plan, address) ? plan.options.privateInterface : plan.options.publicInterface;
};

export const frameFromWords = (words: readonly string[], plan: Plan, document: NetworkDocument): Frame | Refusal => {
  const parts = split(words);
  if ('refused' in parts) return parts;
  const from = place(parts.keys.get('from'), document);
  const to = place(parts.keys.get('to'), document);
  const protocol = protocolOf(parts.protocol);
  if ('refused' in from) return from;
  if ('refused' in to) return to;
  if ('refused' in protocol) return protocol;
  const macs = ['mac', 'arp-mac', 'chaddr'].map((key) => parts.keys.get(key));
  const bad = macs.find((mac) => mac !== undefined && !isMacAddress(mac));
  if (bad !== undefined) return badWord(bad, 'not a MAC address');
  const [sourceMac, arpSenderMac, chaddr] = macs;
  const sourcePort = whole(parts.keys.get('sport'), 65_535);
  return {
    in: parts.keys.get('in') ?? entrance(plan, from),
    source: from.address,
    destination: parts.flags.has('public') ? (to.entry?.publicIp ?? to.address) : to.address,
    state: parts.flags.has('established') ? 'established' : 'new',
    ...protocol,
    ...(sourceMac === undefined ? {} : { sourceMac }),
    ...(arpSenderMac === undefined ? {} : { arpSenderMac }),
    ...(chaddr === undefined ? {} : { chaddr }),
    ...(sourcePort === undefined ? {} : { sourcePort }),
  };
};
