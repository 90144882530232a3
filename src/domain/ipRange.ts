/**
 * Inclusive ranges of IPv4 addresses: the form in which pools are written (cloud spec 1.4). Lists of ranges keep the order
 * in which they were listed and are never merged behind the reader's back; iteration is lazy, because all of IPv4 is a
 * legal range. Nothing here may expand a range into a list.
 */
import { formatIpv4, type Ipv4, parseIpv4, parseIpv4Slice } from './ipv4.ts';

/** Both ends belong to the range; `lower` <= `upper`. */
export type IpRange = { readonly lower: Ipv4; readonly upper: Ipv4 };

/**
 * `a` or `a-b`, after Eucalyptus 4.0: split at `-`, parts trimmed, empty parts dropped, the second part keeps the rest.
 * So `10.0.0.1-` is one address and `10.0.0.1--10.0.0.5` a range. Undefined for everything else, IPv6 included, and when
 * the lower end is above the upper.
 */
export const parseRange = (text: string): IpRange | undefined => {
  const dash = text.indexOf('-');
  const lower = parseIpv4Slice(text, 0, dash < 0 ? text.length : dash);
  if (lower === undefined) return parseLooseRange(text);
  if (dash < 0) return { lower, upper: lower };
  const upper = parseIpv4Slice(text, dash + 1, text.length);
  return upper === undefined ? parseLooseRange(text) : ordered(lower, upper);
};

const parseLooseRange = (text: string): IpRange | undefined => {
  const [first, second = first] = splitInTwo(text, '-');
  if (first === undefined || second === undefined) return undefined;
  const lower = parseIpv4(first);
  const upper = parseIpv4(second);
  return lower === undefined || upper === undefined ? undefined : ordered(lower, upper);
};

const ordered = (lower: Ipv4, upper: Ipv4): IpRange | undefined => (lower <= upper ? { lower, upper } : undefined);

/**
 * At most two trimmed, non-empty parts; the second is whatever is left, separators included. Vertical tabs and form feeds
 * are no white space here: texts are written into documents as they stand, and XML cannot carry those.
 */
export const splitInTwo = (text: string, separator: string): readonly string[] => {
  if (text.includes('\v') || text.includes('\f')) return [];
  const parts = text.split(separator);
  const first = parts.findIndex(notBlank);
  if (first < 0) return [];
  const second = parts.findIndex((part, index) => index > first && notBlank(part));
  const head = (parts[first] ?? '').trim();
  return second < 0 ? [head] : [head, parts.slice(second).join(separator).trim()];
};

const notBlank = (part: string): boolean => part.trim() !== '';

/** `a` when both ends are equal, else `a-b`. */
export const formatRange = ({ lower, upper }: IpRange): string =>
  lower === upper ? formatIpv4(lower) : `${formatIpv4(lower)}-${formatIpv4(upper)}`;

/** How many addresses the range has, both ends counted. */
export const rangeSize = ({ lower, upper }: IpRange): number => upper - lower + 1;

export const rangeContains = (range: IpRange, other: IpRange): boolean =>
  range.lower <= other.lower && other.upper <= range.upper;

export const rangesOverlap = (a: IpRange, b: IpRange): boolean => a.lower <= b.upper && b.lower <= a.upper;

export const inRange = (range: IpRange, address: Ipv4): boolean => range.lower <= address && address <= range.upper;

export const inRanges = (ranges: readonly IpRange[], address: Ipv4): boolean => {
  for (const range of ranges) if (range.lower <= address && address <= range.upper) return true;
  return false;
};

/** The range without one address: none, one or two ranges; unchanged when the address is outside. */
export const splitRange = (range: IpRange, address: Ipv4): readonly IpRange[] => {
  if (!inRange(range, address)) return [range];
  const below = range.lower < address ? [{ lower: range.lower, upper: address - 1 }] : [];
  const above = address < range.upper ? [{ lower: address + 1, upper: range.upper }] : [];
  return [...below, ...above];
};

/**
 * The usable hosts of a subnet: network and broadcast address left out. The subnet value is masked first. A mask that
 * leaves no host (/31, /32) gives the whole block.
 */
export const rangeFromSubnet = (subnet: Ipv4, netmask: Ipv4): IpRange => {
  const block = blockFromSubnet(subnet, netmask);
  return block.upper - block.lower >= 2 ? { lower: block.lower + 1, upper: block.upper - 1 } : block;
};

/** All addresses of a subnet, from the network to the broadcast address. */
export const blockFromSubnet = (subnet: Ipv4, netmask: Ipv4): IpRange => ({
  lower: (subnet & netmask) >>> 0,
  upper: (subnet | ~netmask) >>> 0,
});

/** Every address of every range, ascending in each, ranges in listed order; drawn one by one. */
export function* addressesOf(ranges: Iterable<IpRange>): Generator<Ipv4, void, undefined> {
  for (const { lower, upper } of ranges) for (let address = lower; address <= upper; address += 1) yield address;
}

/** The same set of addresses as the fewest ranges, ascending: overlapping and touching ranges become one. */
export const mergeRanges = (ranges: readonly IpRange[]): readonly IpRange[] => {
  const merged: IpRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.lower - b.lower)) {
    const last = merged.at(-1);
    if (last === undefined || range.lower > last.upper + 1) merged.push(range);
    else if (range.upper > last.upper) merged[merged.length - 1] = { lower: last.lower, upper: range.upper };
  }
  return merged;
};

/** Membership in ranges that `mergeRanges` made, by halving: for many questions to many ranges. */
export const inMergedRanges = (merged: readonly IpRange[], address: Ipv4): boolean => {
  let low = 0;
  let high = merged.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((merged[middle]?.upper ?? address) < address) low = middle + 1;
    else high = middle;
  }
  const candidate = merged[low];
  return candidate !== undefined && candidate.lower <= address;
};

/** How many different addresses the ranges have together. */
export const countAddresses = (ranges: readonly IpRange[]): number =>
  mergeRanges(ranges).reduce((count, range) => count + rangeSize(range), 0);

/** What is in `ranges` and not in `others`, as the fewest ranges, ascending; one walk along both. */
export const subtractRanges = (ranges: readonly IpRange[], others: readonly IpRange[]): readonly IpRange[] => {
  const holes = mergeRanges(others);
  const left: IpRange[] = [];
  let at = 0;
  for (const { lower, upper } of mergeRanges(ranges)) {
    let next = lower;
    for (let hole = holes[at]; hole !== undefined && hole.lower <= upper; hole = holes[at]) {
      if (hole.lower > next) left.push({ lower: next, upper: hole.lower - 1 });
      next = Math.max(next, hole.upper + 1);
      if (hole.upper > upper) break;
      at += 1;
    }
    if (next <= upper) left.push({ lower: next, upper });
  }
  return left;
};

/** The ranges of a list of texts in listed order. Texts that are no range are left out: whoever lets lists in has refused them. */
export const rangesOf = (texts: readonly string[]): readonly IpRange[] =>
  texts.flatMap((text) => parseRange(text) ?? []);
