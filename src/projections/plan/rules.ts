/**
 * One rule of a security group -> one match in nft's words, or the reason why it cannot be one. What the kernel might refuse
 * is refused here, rule by rule, so that a bad rule never takes the others down. A rule that is left out admits nothing.
 */
import { formatCidr, parseRuleCidr } from '../../domain/cidr.ts';
import type { GroupEntry, RuleEntry } from '../document/model.ts';
import type { PlannedRule } from './model.ts';
import { groupSet } from './names.ts';

const isWhole = (n: number, low: number, high: number): boolean => Number.isInteger(n) && n >= low && n <= high;

type Match = { readonly match: string } | { readonly problem: string };

/** All rules of a group in the document's order. `known` says whether a group is in the document. */
export const planRules = (group: GroupEntry, known: (groupId: string) => boolean): PlannedRule[] =>
  group.rules.map((entry, index) => ({ entry, index, ...planRule(entry, known) }));

const planRule = (entry: RuleEntry, known: (groupId: string) => boolean): Match => {
  const protocol = protocolMatch(entry);
  if ('problem' in protocol) return protocol;
  const source = sourceMatch(entry, known);
  if ('problem' in source) return source;
  return { match: [source.match, protocol.match].filter((part) => part !== '').join(' ') };
};

const sourceMatch = ({ source }: RuleEntry, known: (groupId: string) => boolean): Match => {
  if (source.kind === 'group') {
    if (!known(source.groupId)) return { problem: `source group ${source.groupId} is not in the document` };
    return { match: `ip saddr @${groupSet(source.groupId)}` };
  }
  const cidr = parseRuleCidr(source.cidr);
  if (cidr === undefined) return { problem: `source ${source.cidr} is no IPv4 block` };
  return { match: cidr.prefix === 0 ? '' : `ip saddr ${formatCidr(cidr)}` };
};

/** The protocol's part alone, also used for the sources that a block means on this node only. */
export const protocolMatch = (entry: RuleEntry): Match => {
  const { protocol } = entry;
  if (!isWhole(protocol, 1, 255)) return { problem: `protocol ${protocol} is not a number from 1 to 255` };
  if (protocol === 6 || protocol === 17) return portMatch(entry);
  if (protocol === 1) return icmpMatch(entry);
  return { match: `ip protocol ${protocol}` };
};

const portMatch = ({ protocol, low, high }: RuleEntry): Match => {
  const name = protocol === 6 ? 'tcp' : 'udp';
  if (low === -1 && high === -1) return { match: `ip protocol ${name}` };
  if (!isWhole(low, 0, 65_535) || !isWhole(high, 0, 65_535) || low > high) {
    return { problem: `ports ${low}-${high} are no range within 0-65535` };
  }
  if (low === 0 && high === 65_535) return { match: `ip protocol ${name}` };
  return { match: `${name} dport ${low === high ? low : `${low}-${high}`}` };
};

const icmpMatch = ({ low, high }: RuleEntry): Match => {
  if (!isWhole(low, -1, 255) || !isWhole(high, -1, 255)) {
    return { problem: `icmp type ${low} and code ${high} are not from -1 to 255` };
  }
  if (low === -1) return { match: 'ip protocol icmp' };
  return { match: high === -1 ? `icmp type ${low}` : `icmp type ${low} icmp code ${high}` };
};
