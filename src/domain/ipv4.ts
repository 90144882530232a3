/**
 * IPv4 addresses as unsigned 32 bit numbers, and the one strict reader of their text. Everything that enters the house as
 * an address goes through `parseIpv4`: four decimal octets, no leading zeros, no short forms, no signs, no blanks, no IPv6.
 * It must never accept what `net.isIPv4` refuses.
 */

/** 0 .. 4294967295. */
export type Ipv4 = number;

export const lowestIpv4: Ipv4 = 0;
export const highestIpv4: Ipv4 = 0xffffffff;

const dot = 46;
const zero = 48;

/** The address written in `text`, or undefined when it is anything else than a strict dotted quad. */
export const parseIpv4 = (text: string): Ipv4 | undefined => parseIpv4Slice(text, 0, text.length);

/** The same for the part of `text` from `from` up to, not including, `to`; nothing is copied. */
export const parseIpv4Slice = (text: string, from: number, to: number): Ipv4 | undefined => {
  let address = 0;
  let at = from;
  for (let octet = 0; octet < 4; octet += 1) {
    if (octet > 0) {
      if (at >= to || text.charCodeAt(at) !== dot) return undefined;
      at += 1;
    }
    const start = at;
    let value = 0;
    while (at < to && at - start < 3) {
      const digit = text.charCodeAt(at) - zero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at += 1;
    }
    const length = at - start;
    if (length === 0 || value > 255 || (length > 1 && text.charCodeAt(start) === zero)) return undefined;
    address = address * 256 + value;
  }
  return at === to ? address : undefined;
};

export const isIpv4 = (text: string): boolean => parseIpv4(text) !== undefined;

/** Dotted quad. Faults on a number that is no address: the caller computed it wrongly. */
export const formatIpv4 = (address: Ipv4): string => {
  if (!(Number.isInteger(address) && address >= lowestIpv4 && address <= highestIpv4)) {
    throw new RangeError(`an IPv4 address is an integer from 0 to 4294967295, not ${address}`);
  }
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
};
