/**
 * One security group rule in the two languages of node daemons: the text of Eucalyptus 4.0 (`-P tcp -p 22-22  -s ...`) and
 * the structured form that came with 4.1 and is the only one from 4.4 on (cloud spec 2.5). The mapping says what a rule
 * looks like; `implementable` and `narrowed` say what may be sent at all: never what a daemon would reject together with
 * everything else, and never what it would take for more than was allowed (node spec 3.2, dangerous inputs).
 */
import { parseIpv4Slice } from '../../domain/ipv4.ts';
import { hasPorts, highestPort, icmp, nodesKnowProtocol, programmableRule, tcp, udp } from '../../domain/rule.ts';
import type { RuleEntry, RuleSource } from './model.ts';

/** Children of `rule` in the order in which they are written; absent ones do not apply. */
export type WrittenRule = {
  readonly protocol: number;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly groupId?: string;
  readonly groupOwnerId?: string;
  readonly cidr?: string;
};

const names: { readonly [protocol: number]: string } = { [icmp]: 'icmp', [tcp]: 'tcp', [udp]: 'udp' };

/** The 4.0 text; undefined for a protocol that 4.0 has no word for. The two blanks before the source are its own. */
export const textForm = (rule: RuleEntry): string | undefined => {
  const name = names[rule.protocol];
  if (name === undefined) return undefined;
  const what = rule.protocol === icmp ? `-t ${rule.low}:${rule.high}` : `-p ${rule.low}-${rule.high}`;
  return `-P ${name} ${what}  ${textSource(rule.source)}`;
};

const textSource = (source: RuleSource): string =>
  source.kind === 'cidr' ? `-s ${source.cidr}` : `-o ${source.groupId} -u ${source.ownerId}`;

export const structuredForm = (rule: RuleEntry): WrittenRule => ({
  protocol: rule.protocol,
  ...structuredRange(rule),
  ...(rule.source.kind === 'cidr'
    ? { cidr: rule.source.cidr }
    : { groupId: rule.source.groupId, groupOwnerId: rule.source.ownerId }),
});

const structuredRange = ({ protocol, low, high }: RuleEntry): Partial<WrittenRule> => {
  if (protocol === icmp) return { icmpType: low, icmpCode: high };
  return hasPorts(protocol) ? { fromPort: low, toPort: high } : {};
};

/**
 * True for rules within the limits of `iptables`, with a protocol nodes have a name for, whose source is an IPv4 block or a
 * group. Anything else makes a daemon refuse every update of its firewall, once per second, for ever, or (a protocol it reads
 * as 0) opens all. Protocols besides tcp, udp and icmp have no text form: nodes of 4.0 never see them.
 */
export const implementable = (rule: RuleEntry): boolean => {
  if (rule.source.kind === 'cidr' && !isIpv4Block(rule.source.cidr)) return false;
  const { protocol, low, high } = rule;
  if (hasPorts(protocol)) return within(low, 0, highestPort) && within(high, low, highestPort);
  return protocol === icmp ? within(low, -1, 255) && within(high, -1, 255) : nodesKnowProtocol(protocol);
};

/**
 * What the structured form may say of an implementable rule: a lower port of 0 makes the 4.4 daemon leave the ports out,
 * which is all of them. Ports 0 to n become 1 to n; port 0 alone has no safe form and is undefined. All stay all.
 */
export const narrowed = (rule: RuleEntry): RuleEntry | undefined => programmableRule(rule);

/** Rules are a set; this is the order in which a document lists them. */
export const compareRules = (a: RuleEntry, b: RuleEntry): number =>
  a.protocol - b.protocol || a.low - b.low || a.high - b.high || compareTexts(sourceKey(a.source), sourceKey(b.source));

/** Order by UTF-16 code units, the same in every locale. */
export const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sourceKey = (source: RuleSource): string =>
  source.kind === 'cidr' ? `2 ${source.cidr}` : `1 ${source.ownerId} ${source.groupId}`;

const within = (n: number, least: number, most: number): boolean => Number.isInteger(n) && n >= least && n <= most;

const isIpv4Block = (text: string): boolean => {
  const slash = text.indexOf('/');
  if (slash < 0 || parseIpv4Slice(text, 0, slash) === undefined) return false;
  const prefix = text.slice(slash + 1);
  return /^(?:0|[1-9][0-9]?)$/.test(prefix) && Number(prefix) <= 32;
};
