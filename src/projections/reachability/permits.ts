/**
 * Traffic as a set: what some rules allow together, and what one set has that another has not. Exact for
 * every protocol.
 */
import { type IpRange, mergeRanges, subtractRanges } from '../../domain/ipRange.ts';
import { hasPorts, highestPort, icmp, protocolName, tcp, udp } from '../../domain/rule.ts';
import type { RuleEntry } from '../document/model.ts';

/**
 * One run of traffic. For tcp and udp `low`..`high` are ports; for icmp they are 256 times the type plus the code, so that
 * 2048..2303 is type 8 of every code; other protocols have 0..0.
 */
export type TrafficRange = {
  readonly protocol: number;
  readonly low: number;
  readonly high: number;
  /** With `otherProtocols`: protocols besides icmp, tcp and udp that are not meant. */
  readonly except?: readonly number[];
};

/** Stands for all protocols but icmp, tcp, udp and those in `except`. */
export const otherProtocols = -1;

/** `everything` is what members of one group may be allowed; `ranges` are by protocol and count beside it. */
export type Permits = { everything: boolean; readonly ranges: Map<number, IpRange[]> };

export const noPermits = (): Permits => ({ everything: false, ranges: new Map() });

/** Changes `permits` in place. */
export const permitRule = (permits: Permits, rule: RuleEntry): void => {
  const ranges = permits.ranges.get(rule.protocol);
  if (ranges === undefined) permits.ranges.set(rule.protocol, [rangeOf(rule)]);
  else ranges.push(rangeOf(rule));
};

/** Changes `permits` in place. */
export const permitAll = (permits: Permits, more: Permits): void => {
  permits.everything ||= more.everything;
  for (const [protocol, ranges] of more.ranges) {
    permits.ranges.set(protocol, [...(permits.ranges.get(protocol) ?? []), ...ranges]);
  }
};

const rangeOf = ({ protocol, low, high }: RuleEntry): IpRange => {
  if (hasPorts(protocol)) return { lower: low, upper: high };
  if (protocol !== icmp || low === -1) return fullOf(protocol);
  return high === -1
    ? { lower: low * 256, upper: low * 256 + 255 }
    : { lower: low * 256 + high, upper: low * 256 + high };
};

const fullOf = (protocol: number): IpRange =>
  hasPorts(protocol) || protocol === icmp ? { lower: 0, upper: highestPort } : { lower: 0, upper: 0 };

/** What `permits` allow and `others` do not: the fewest runs, by protocol and ascending. */
export const differenceOf = (permits: Permits, others: Permits): readonly TrafficRange[] => {
  if (others.everything) return [];
  if (!permits.everything) return runsOf(permits, others, permits.ranges.keys());
  const except = [...others.ranges.keys()].filter((protocol) => !common.has(protocol)).sort((a, b) => a - b);
  const rest = { protocol: otherProtocols, low: 0, high: 0, ...(except.length === 0 ? {} : { except }) };
  return [rest, ...runsOf(permits, others, [...common, ...except])];
};

const common: ReadonlySet<number> = new Set([icmp, tcp, udp]);

const runsOf = (permits: Permits, others: Permits, protocols: Iterable<number>): readonly TrafficRange[] =>
  [...protocols]
    .sort((a, b) => a - b)
    .flatMap((protocol) =>
      subtractRanges(rangesOf(permits, protocol), rangesOf(others, protocol)).map(({ lower, upper }) => ({
        protocol,
        low: lower,
        high: upper,
      })),
    );

const rangesOf = (permits: Permits, protocol: number): readonly IpRange[] =>
  permits.everything ? [fullOf(protocol)] : mergeRanges(permits.ranges.get(protocol) ?? []);

/** `tcp/22`, `tcp/80-89`, `icmp/8`, `icmp/8:0`, `icmp`, `47`, `other protocols`. */
export const describeRange = ({ protocol, low, high, except = [] }: TrafficRange): string => {
  if (protocol === otherProtocols) return ['other protocols', ...except].join(' but ');
  const name = protocolName(protocol);
  if (protocol === icmp) return `${name}${icmpText(low, high)}`;
  if (!hasPorts(protocol) || (low <= 1 && high === highestPort)) return name;
  return low === high ? `${name}/${low}` : `${name}/${low}-${high}`;
};

const icmpText = (low: number, high: number): string => {
  if (low === 0 && high === highestPort) return '';
  const wholeTypes = low % 256 === 0 && high % 256 === 255;
  const text = (packed: number): string => (wholeTypes ? `${packed >> 8}` : `${packed >> 8}:${packed & 255}`);
  return text(low) === text(high) ? `/${text(low)}` : `/${text(low)}-${text(high)}`;
};
