/**
 * The distinct addresses of a list of ranges, in listed order, each with its index. Ranges are drawn from the list only
 * when an index or an address asks for more than is known, and never expanded: all of IPv4 is a legal list (cloud spec 4.3).
 * An address listed twice keeps its first index.
 */
import type { IpRange } from '../ipRange.ts';
import type { Ipv4 } from '../ipv4.ts';

export type AddressSpace = {
  /** The address with this index, undefined beyond the end. Draws no more ranges than that takes. */
  readonly at: (index: number) => Ipv4 | undefined;
  /** -1 for an address outside; draws until it is found. */
  readonly indexOf: (address: Ipv4) => number;
  /** The same among the ranges drawn so far. */
  readonly drawnIndexOf: (address: Ipv4) => number;
  readonly has: (address: Ipv4) => boolean;
  /** How many distinct addresses there are; draws the whole list. */
  readonly size: () => number;
};

/** A run of addresses whose first has index `start`. */
type Segment = { readonly lower: Ipv4; readonly upper: Ipv4; readonly start: number };

/** Addresses of these ranges in the order in which they are listed, each once however often it is. */
export const spaceOf = (ranges: readonly IpRange[]): AddressSpace => {
  const listed: Segment[] = [];
  const ascending: Segment[] = [];
  let drawn = 0;
  let total = 0;

  const add = (lower: Ipv4, upper: Ipv4): void => {
    const segment = { lower, upper, start: total };
    listed.push(segment);
    ascending.splice(firstNotBelow(ascending, lower), 0, segment);
    total += upper - lower + 1;
  };

  const draw = (): boolean => {
    const range = ranges[drawn];
    if (range === undefined) return false;
    drawn += 1;
    for (const gap of gapsIn(range, ascending)) add(gap.lower, gap.upper);
    return true;
  };

  const at = (index: number): Ipv4 | undefined => {
    while (index >= total) if (!draw()) return undefined;
    const segment = listed[lastStartingAt(listed, index)];
    return segment === undefined ? undefined : segment.lower + (index - segment.start);
  };

  const drawnIndexOf = (address: Ipv4): number => {
    const segment = ascending[firstNotBelow(ascending, address)];
    return segment !== undefined && segment.lower <= address ? segment.start + (address - segment.lower) : -1;
  };

  const indexOf = (address: Ipv4): number => {
    let index = drawnIndexOf(address);
    while (index < 0 && draw()) index = drawnIndexOf(address);
    return index;
  };

  const size = (): number => {
    while (draw());
    return total;
  };

  return { at, indexOf, drawnIndexOf, has: (address) => indexOf(address) >= 0, size };
};

/** The parts of `range` that no segment covers yet; `ascending` is sorted and free of overlaps. */
const gapsIn = (range: IpRange, ascending: readonly Segment[]): readonly IpRange[] => {
  const gaps: IpRange[] = [];
  let next = range.lower;
  for (let at = firstNotBelow(ascending, range.lower); at < ascending.length; at += 1) {
    const segment = ascending[at];
    if (segment === undefined || segment.lower > range.upper) break;
    if (segment.lower > next) gaps.push({ lower: next, upper: segment.lower - 1 });
    next = segment.upper + 1;
  }
  if (next <= range.upper) gaps.push({ lower: next, upper: range.upper });
  return gaps;
};

/** Index of the first segment that ends at or above `address`. */
const firstNotBelow = (ascending: readonly Segment[], address: Ipv4): number =>
  firstIndex(ascending, (segment) => segment.upper >= address);

/** Index of the last segment that starts at or before `index`. */
const lastStartingAt = (listed: readonly Segment[], index: number): number =>
  firstIndex(listed, (segment) => segment.start > index) - 1;

/** Binary search for the first segment for which `holds`, which is false up to some point and true from there on. */
const firstIndex = (segments: readonly Segment[], holds: (segment: Segment) => boolean): number => {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const segment = segments[middle];
    if (segment !== undefined && holds(segment)) high = middle;
    else low = middle + 1;
  }
  return low;
};
