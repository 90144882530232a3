/**
 * Suites of this file: security-groups, describe-filters. Scripts run through the product's own execution of the commands on
 * the memory of a small world; the mode is Eucalyptus 4.0's, because that is what the suite states, with our fixes.
 */
import { addressFilter, groupFilter } from '../../src/domain/filters.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import type { Rule } from '../../src/domain/rule.ts';
import { runScript } from './securityGroupScripts.ts';
import { type Suite, type Suites, same, textMember, unknownOperation } from './verdict.ts';

type Members = { readonly [member: string]: unknown };

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null;

const text = (members: Members, ...names: readonly string[]): string | undefined => {
  const value = names.map((name) => members[name]).find((member) => member !== undefined);
  return value === undefined ? undefined : String(value);
};

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const protocols: { readonly [name: string]: number } = { icmp: 1, tcp: 6, udp: 17 };

/** Cases give only the member that the filter looks at; what they leave out matches nothing. */
const rulesOf = (rule: unknown): readonly Rule[] => {
  if (!isMembers(rule)) return [];
  const shape = {
    protocol: protocols[text(rule, 'protocol') ?? ''] ?? Number.NaN,
    low: Number(rule['low'] ?? Number.NaN),
    high: Number(rule['high'] ?? Number.NaN),
  };
  const cidrs = list(rule['cidrs']).map((cidr): Rule => ({ ...shape, source: { kind: 'cidr', cidr: String(cidr) } }));
  const peers = [...list(rule['peers']), ...list(rule['groups'])].filter(isMembers).map((peer): Rule => {
    const groupName = text(peer, 'groupName', 'name');
    const account = text(peer, 'accountId', 'account', 'userId', 'ownerId') ?? '';
    const named = groupName === undefined ? {} : { groupName };
    return { ...shape, source: { kind: 'group', groupId: text(peer, 'groupId', 'id') ?? '', account, ...named } };
  });
  const rules = [...cidrs, ...peers];
  return rules.length > 0 ? rules : [{ ...shape, source: { kind: 'cidr', cidr: '' } }];
};

const tagsOf = (tags: unknown): { readonly [key: string]: string } =>
  isMembers(tags) ? Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)])) : {};

const describeFilters: Suite = (c) => {
  const filters = [{ name: textMember(c, 'filter'), values: [textMember(c, 'value')] }];
  const target = isMembers(c['target']) ? c['target'] : {};
  switch (c['kind']) {
    case 'address': {
      const passes = addressFilter(filters);
      const instanceId = text(target, 'instanceId');
      const facts = { address: text(target, 'publicIp') ?? '', ...(instanceId === undefined ? {} : { instanceId }) };
      return same(c['expected'], isRefusal(passes) ? passes : passes(facts));
    }
    case 'security-group': {
      const passes = groupFilter(filters);
      const facts = {
        id: text(target, 'id', 'groupId') ?? '',
        account: text(target, 'ownerId', 'accountId', 'account', 'owner', 'ownerAccountNumber') ?? '',
        name: text(target, 'name') ?? '',
        description: text(target, 'description') ?? '',
        rules: list(target['rules']).flatMap(rulesOf),
        tags: tagsOf(target['tags']),
      };
      return same(c['expected'], isRefusal(passes) ? passes : passes(facts));
    }
    default:
      return unknownOperation(c['kind']);
  }
};

export const suites: Suites = { 'security-groups': runScript, 'describe-filters': describeFilters };
