/**
 * Whether the groups of an instance let a first packet in: the groups one after the other, a union, and then no. Rules count
 * as the documents tell them to the nodes, so what no node is told lets nobody in.
 */
import { type Cidr, cidrContains, parseRuleCidr } from '../../domain/cidr.ts';
import type { Ipv4 } from '../../domain/ipv4.ts';
import { hasPorts, highestPort, icmp, type Rule, ruleKey } from '../../domain/rule.ts';
import type { RuleEntry } from '../document/model.ts';
import { implementable, narrowed } from '../document/ruleForms.ts';
import type { GroupView, InstanceView, Network, RuleView } from '../network/views.ts';
import { peek } from '../trie.ts';
import type { RuleAt } from './explanation.ts';
import type { Traffic } from './question.ts';

/**
 * Who sends, as the destination's node sees it. `groups` are those whose address sets hold the source; `addresses` those
 * that blocks are compared with. `hidden` is set when the source carries an address that the control plane does not know.
 */
export type Seen = {
  readonly groups: readonly string[];
  readonly addresses: readonly Ipv4[];
  readonly hidden: boolean;
};

export type Admission =
  | { readonly by: 'same-group'; readonly groupId: string }
  | { readonly by: 'rule'; readonly rule: RuleAt };

export type Admittance = {
  readonly admission?: Admission;
  /** A rule for this source that allows only a part of the traffic. */
  readonly partly?: RuleAt;
};

/** The instance's groups that exist, by id: the order in which its node asks them. */
export const groupsOf = (network: Network, instance: InstanceView): readonly GroupView[] =>
  [...new Set(instance.groups)].sort().flatMap((id) => peek(network.groups, id) ?? []);

export const admit = (
  groups: readonly GroupView[],
  seen: Seen,
  traffic: Traffic,
  sameGroupTraffic: boolean,
): Admittance => {
  let partly: RuleAt | undefined;
  for (const group of groups) {
    if (sameGroupTraffic && seen.groups.includes(group.id))
      return { admission: { by: 'same-group', groupId: group.id } };
    for (const view of inOrder(group.rules)) {
      if (!fromSource(view.rule, seen)) continue;
      const found: RuleAt = { groupId: group.id, rule: view.rule, at: view.at };
      const extent = extentOf(view.rule, traffic);
      if (extent === 'all') return { admission: { by: 'rule', rule: found } };
      if (extent === 'part') partly ??= found;
    }
  }
  return partly === undefined ? {} : { partly };
};

/** The oldest first, so that the answer names the event that first allowed it; of one event's rules by their key. */
const inOrder = (rules: readonly RuleView[]): readonly RuleView[] =>
  rules.toSorted((a, b) => a.at - b.at || (ruleKey(a.rule) < ruleKey(b.rule) ? -1 : 1));

const fromSource = ({ source }: Rule, seen: Seen): boolean => {
  if (source.kind === 'group') return seen.groups.includes(source.groupId);
  const block = parseRuleCidr(source.cidr);
  return block !== undefined && holdsSome(block, seen);
};

/** An unknown address is surely in one block only: the one that holds every address. */
const holdsSome = (block: Cidr, seen: Seen): boolean =>
  (seen.hidden && block.prefix === 0) || seen.addresses.some((address) => cidrContains(block, address));

/** How much of the traffic a rule covers. */
export const extentOf = (rule: Rule, traffic: Traffic): 'all' | 'part' | 'none' => {
  if (rule.protocol !== traffic.protocol) return 'none';
  const told = toldRule(rule);
  if (told === undefined) return 'none';
  if (hasPorts(rule.protocol)) return portExtent(told, traffic.port);
  return rule.protocol === icmp ? icmpExtent(told, traffic) : 'all';
};

/** The rule as documents tell it, or undefined when they leave it out. */
export const toldRule = (rule: Rule): RuleEntry | undefined => {
  const { protocol, low, high, source } = rule;
  const entry: RuleEntry = {
    protocol,
    low,
    high,
    source: source.kind === 'cidr' ? source : { kind: 'group', groupId: source.groupId, ownerId: source.account },
  };
  return implementable(entry) ? narrowed(entry) : undefined;
};

/** Port 0 is no port one could ask for by leaving the port out. */
const portExtent = ({ low, high }: RuleEntry, port: number | undefined): 'all' | 'part' | 'none' => {
  if (port === undefined) return low <= 1 && high === highestPort ? 'all' : 'part';
  return low <= port && port <= high ? 'all' : 'none';
};

const icmpExtent = ({ low, high }: RuleEntry, { type, code }: Traffic): 'all' | 'part' | 'none' => {
  if (low === -1) return 'all';
  if (type === undefined) return 'part';
  if (type !== low) return 'none';
  if (high === -1) return 'all';
  if (code === undefined) return 'part';
  return code === high ? 'all' : 'none';
};
