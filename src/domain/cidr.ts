/**
 * CIDR blocks and masks. The only file that sees `netmask`, and the gate before it: that library reads octal, hexadecimal
 * and short forms and numbers beyond 32 bits, so nothing reaches it that `parseIpv4` and the prefix reader have not let in.
 */
import { Netmask } from 'netmask';
import { splitInTwo } from './ipRange.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from './ipv4.ts';

/** `address` has no bit set beyond `prefix` (0..32). */
export type Cidr = { readonly address: Ipv4; readonly prefix: number };

/**
 * `a.b.c.d/n`, host bits clear; without a prefix it is 32. White space around the two parts and empty parts are dropped,
 * as Eucalyptus 4.0 does. Undefined for everything else.
 */
export const parseCidr = (text: string): Cidr | undefined => {
  const [head, tail] = splitInTwo(text, '/');
  const address = head === undefined ? undefined : parseIpv4(head);
  const prefix = tail === undefined ? 32 : parsePrefix(tail);
  if (address === undefined || prefix === undefined) return undefined;
  const cidr = cidrFromAddress(address, prefix);
  return cidr.address === address ? cidr : undefined;
};

/**
 * The source of a security group rule (cloud spec 6.5): exactly one `/`, a strict address before it and 0..32 after it.
 * Host bits may be set and are cleared. Undefined when malformed.
 */
export const parseRuleCidr = (text: string): Cidr | undefined => {
  const known = ruleCidrs.get(text);
  if (known !== undefined) return known;
  const cidr = readRuleCidr(text);
  if (cidr === undefined) return undefined;
  if (ruleCidrs.size >= CIDRS_KEPT) ruleCidrs.clear();
  ruleCidrs.set(text, cidr);
  return cidr;
};

/** Rules name the same few blocks again and again. Starts over when it is full. */
const CIDRS_KEPT = 1024;
const ruleCidrs = new Map<string, Cidr>();

const readRuleCidr = (text: string): Cidr | undefined => {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = parseIpv4(text.slice(0, slash));
  const prefix = parsePrefix(text.slice(slash + 1));
  return address === undefined || prefix === undefined ? undefined : cidrFromAddress(address, prefix);
};

const parsePrefix = (text: string): number | undefined => {
  if (!/^(?:0|[1-9][0-9]?)$/.test(text)) return undefined;
  const prefix = Number(text);
  return prefix <= 32 ? prefix : undefined;
};

/** The block of this length that the address lies in. Faults on a prefix outside 0..32. */
export const cidrFromAddress = (address: Ipv4, prefix: number): Cidr => {
  if (!(Number.isInteger(prefix) && prefix >= 0 && prefix <= 32)) {
    throw new RangeError(`a prefix length is an integer from 0 to 32, not ${prefix}`);
  }
  return { address: new Netmask(`${formatIpv4(address)}/${prefix}`).netLong >>> 0, prefix };
};

export const formatCidr = ({ address, prefix }: Cidr): string => `${formatIpv4(address)}/${prefix}`;

export const cidrContains = (cidr: Cidr, address: Ipv4): boolean =>
  (address & prefixMask(cidr.prefix)) >>> 0 === cidr.address;

/** The mask of a prefix length: 24 -> 255.255.255.0. */
export const prefixMask = (prefix: number): Ipv4 => (prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0);

/** The prefix length of a mask, or undefined unless it is a run of ones and then zeros; 0.0.0.0 is 0 and 255.255.255.255 is 32. */
export const maskPrefix = (netmask: Ipv4): number | undefined => {
  const prefix = Math.clz32(~netmask);
  return prefixMask(prefix) === netmask ? prefix : undefined;
};
