/**
 * One rule of a security group: one protocol and range from one source. What makes two rules the same, how a rule is said
 * to people, and which rules nodes may be told at all. It knows no group.
 */

export type RuleSource =
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'group'; readonly groupId: string; readonly account: string; readonly groupName?: string };

/**
 * One source of one permission. `protocol` is the IANA number (1 icmp, 6 tcp, 17 udp); `low`..`high` are ports for tcp and
 * udp, type and code for icmp (-1 any), both -1 for other protocols. `cidr` is canonical (host bits clear).
 */
export type Rule = {
  readonly protocol: number;
  readonly low: number;
  readonly high: number;
  readonly source: RuleSource;
};

export const icmp = 1;
export const tcp = 6;
export const udp = 17;
export const highestPort = 65_535;

export const hasPorts = (protocol: number): boolean => protocol === tcp || protocol === udp;

/** Two rules are the same when protocol, range and source are; a source group is its id, whatever its account or name. */
export const ruleKey = ({ protocol, low, high, source }: Rule): string =>
  `${protocol}/${low}/${high}/${source.kind === 'cidr' ? source.cidr : `@${source.groupId}`}`;

/** The same rules, each once, in the order in which they first came. */
export const distinctRules = (rules: readonly Rule[]): readonly Rule[] => {
  const distinct = new Map<string, Rule>();
  for (const rule of rules) {
    const key = ruleKey(rule);
    if (!distinct.has(key)) distinct.set(key, rule);
  }
  return [...distinct.values()];
};

/** tcp and udp on all ports and icmp of all types, from one source. */
export const everythingFrom = (source: RuleSource): readonly Rule[] => [
  { protocol: tcp, low: 0, high: highestPort, source },
  { protocol: udp, low: 0, high: highestPort, source },
  { protocol: icmp, low: -1, high: -1, source },
];

const namedProtocols: ReadonlyMap<number, string> = new Map([
  [icmp, 'icmp'],
  [tcp, 'tcp'],
  [udp, 'udp'],
]);

/** `tcp`, `udp`, `icmp`, or the number as text. */
export const protocolName = (protocol: number): string => namedProtocols.get(protocol) ?? String(protocol);

/** One rule for people: `tcp 22-22 from 10.0.0.0/8`, `icmp 8:0 from sg-0000000a`, `47 from 0.0.0.0/0`. */
export const describeRule = ({ protocol, low, high, source }: Rule): string => {
  const from = source.kind === 'cidr' ? source.cidr : source.groupId;
  const range = protocol === icmp ? ` ${low}:${high}` : hasPorts(protocol) ? ` ${low}-${high}` : '';
  return `${protocolName(protocol)}${range} from ${from}`;
};

/**
 * Numbers that the protocol tables of node systems of every age have a name for. A rule with any other number makes a node
 * of 4.4 refuse every further set of rules; 0 opens the group to all protocols (node spec 3.2, dangerous inputs).
 */
const protocolsNodesKnow: ReadonlySet<number> = new Set([
  1, 2, 3, 4, 5, 6, 8, 9, 12, 17, 20, 22, 27, 29, 33, 36, 37, 38, 41, 43, 44, 45, 46, 47, 50, 51, 57, 58, 59, 60, 73,
  81, 88, 89, 93, 94, 97, 98, 103, 108, 112, 115, 124, 132, 133, 135, 136, 137, 138, 139, 140, 141, 142,
]);

export const nodesKnowProtocol = (protocol: number): boolean => protocolsNodesKnow.has(protocol);

/**
 * The rule as nodes may be told it, or undefined when no node may see it: rules stored under 4.0's rules are not range
 * checked, and some of them would stop a node or open it (node spec 3.2). A lower port of 0 means every port to a node, so
 * it is told as 1 unless every port is meant.
 */
export const programmableRule = <R extends Omit<Rule, 'source'>>(rule: R): R | undefined => {
  const { protocol, low, high } = rule;
  if (hasPorts(protocol)) {
    const first = low === 0 && high < highestPort ? 1 : low;
    return first >= 0 && first <= high && high <= highestPort ? { ...rule, low: first } : undefined;
  }
  if (protocol === icmp) {
    if (low === -1) return { ...rule, high: -1 };
    return isIcmpNumber(low) && (high === -1 || isIcmpNumber(high)) ? rule : undefined;
  }
  return nodesKnowProtocol(protocol) ? { ...rule, low: -1, high: -1 } : undefined;
};

/** An ICMP type or code. */
export const isIcmpNumber = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 255;
