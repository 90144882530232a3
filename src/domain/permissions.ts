/**
 * From permissions as wished to rules (cloud spec 6.5): names and ids of source groups resolved, protocols turned into
 * numbers, CIDR blocks made canonical, one rule per source. Strict AWS is the default; the behaviour of Eucalyptus 4.0 is
 * kept where its clients can see it. It must never let a rule pass in strict mode that a node cannot take (node spec 3.2).
 */
import { formatCidr, parseRuleCidr } from './cidr.ts';
import type { PermissionWish } from './commands.ts';
import { refuseGroup } from './groupRefusals.ts';
import type { GroupFacts, GroupScope } from './groupScope.ts';
import { canonicalGroupId } from './identifiers.ts';
import { type Range, rangeOf } from './permissionRange.ts';
import { isRefusal, type Refusal } from './refusals.ts';
import { distinctRules, type Rule, type RuleSource } from './rule.ts';

type GroupWish = NonNullable<PermissionWish['groups']>[number];

/** `rules` are those the group has now: a source group that is gone can still be named when its rules are revoked. */
export type PermissionScope = {
  readonly scope: GroupScope;
  readonly strictAws: boolean;
  readonly rules: Iterable<Rule>;
};

/** What authorize adds. 4.0 skips permissions without a source; strict AWS refuses them. */
export const rulesToAuthorize = (
  wishes: readonly PermissionWish[],
  at: Omit<PermissionScope, 'rules'>,
): readonly Rule[] | Refusal => convert(wishes, { ...at, rules: [] }, 'authorize');

/** What revoke takes away. 4.0 goes on when a source group cannot be found; strict AWS refuses. */
export const rulesToRevoke = (wishes: readonly PermissionWish[], at: PermissionScope): readonly Rule[] | Refusal =>
  convert(wishes, at, 'revoke');

type Purpose = 'authorize' | 'revoke';
type Resolved = { readonly wish: PermissionWish; readonly path: string; readonly groups: readonly RuleSource[] };

/** All groups are resolved before the first permission is looked at: that is the order in which errors come. */
const convert = (
  wishes: readonly PermissionWish[],
  at: PermissionScope,
  purpose: Purpose,
): readonly Rule[] | Refusal => {
  if (wishes.length === 0) return refuseGroup('missing-source', 'No permission was given.', { member: 'permissions' });
  const resolved: Resolved[] = [];
  for (const [index, wish] of wishes.entries()) {
    const path = `permissions[${index}]`;
    const groups = resolveGroups(wish.groups ?? [], path, at, purpose);
    if (isRefusal(groups)) return groups;
    resolved.push({ wish, path, groups });
  }
  const rules: Rule[] = [];
  for (const each of resolved) {
    const converted = convertOne(each, at, purpose);
    if (isRefusal(converted)) return converted;
    rules.push(...converted);
  }
  return distinctRules(rules);
};

const convertOne = (
  { wish, path, groups }: Resolved,
  { strictAws }: PermissionScope,
  purpose: Purpose,
): readonly Rule[] | Refusal => {
  const fromGroups = (wish.groups ?? []).length > 0;
  const cidrs = fromGroups && !strictAws ? [] : (wish.cidrs ?? []);
  if (!fromGroups && cidrs.length === 0) return withoutSource(path, strictAws, purpose);
  const range = rangeOf(wish, path, { strictAws, fromGroups });
  if (isRefusal(range)) return range;
  const blocks = canonicalCidrs(cidrs, path);
  return isRefusal(blocks) ? blocks : [...groups, ...blocks].map((source) => ruleOf(range, source));
};

const ruleOf = ({ protocol, low, high }: Range, source: RuleSource): Rule => ({ protocol, low, high, source });

const withoutSource = (path: string, strictAws: boolean, purpose: Purpose): readonly Rule[] | Refusal => {
  const detail = 'The permission has neither a CIDR block nor a source group.';
  if (strictAws) return refuseGroup('missing-source', detail, { member: path });
  return purpose === 'authorize' ? [] : refuseGroup('invalid-permission-malformed', detail, { member: path });
};

const canonicalCidrs = (cidrs: readonly string[], path: string): readonly RuleSource[] | Refusal => {
  const sources: RuleSource[] = [];
  for (const [index, text] of cidrs.entries()) {
    const cidr = parseRuleCidr(text);
    if (cidr === undefined) {
      return refuseGroup('invalid-permission-malformed', 'A CIDR block is an IPv4 address, a slash and 0 to 32.', {
        member: `${path}.cidrs[${index}]`,
        value: text.slice(0, 80),
      });
    }
    sources.push({ kind: 'cidr', cidr: formatCidr(cidr) });
  }
  return sources;
};

const resolveGroups = (
  wishes: readonly GroupWish[],
  path: string,
  at: PermissionScope,
  purpose: Purpose,
): readonly RuleSource[] | Refusal => {
  const sources: RuleSource[] = [];
  for (const [index, wish] of wishes.entries()) {
    const source = resolveGroup(wish, `${path}.groups[${index}]`, at);
    if (!isRefusal(source)) sources.push(source);
    else if (purpose === 'authorize' || at.strictAws || source.refused !== 'invalid-group-not-found') return source;
  }
  return sources;
};

const resolveGroup = (wish: GroupWish, member: string, at: PermissionScope): RuleSource | Refusal => {
  if (wish.groupId === undefined && wish.groupName === undefined) {
    return refuseGroup('missing-group', 'A source group needs an id or a name.', { member });
  }
  const id = wish.groupId === undefined ? undefined : canonicalGroupId(wish.groupId);
  if (wish.groupId !== undefined && id === undefined) {
    const value = wish.groupId.slice(0, 80);
    return refuseGroup('invalid-group-id-malformed', 'A group id is "sg-" and eight hex digits.', { member, value });
  }
  const found = id === undefined ? byName(wish, at) : byId(id, wish, at);
  const value = id ?? wish.groupName ?? '';
  return found ?? refuseGroup('invalid-group-not-found', `There is no security group ${value}.`, { member, value });
};

/** Any account's group can be named by its id. Strict AWS wants the account, if it is given, to be the owner's. */
const byId = (id: string, wish: GroupWish, { scope, strictAws, rules }: PermissionScope): RuleSource | undefined => {
  const group = scope.byId(id);
  if (group === undefined) return storedSource(rules, (source) => source.groupId === id);
  return strictAws && wish.account !== undefined && wish.account !== group.account ? undefined : sourceOf(group);
};

const byName = (wish: GroupWish, { scope, rules }: PermissionScope): RuleSource | undefined => {
  const { account = scope.account, groupName = '' } = wish;
  const group = scope.byName(account, groupName);
  if (group !== undefined) return sourceOf(group);
  return storedSource(rules, (source) => source.account === account && source.groupName === groupName);
};

const sourceOf = ({ groupId, account, name }: GroupFacts): RuleSource => ({
  kind: 'group',
  groupId,
  account,
  groupName: name,
});

type GroupSource = Extract<RuleSource, { readonly kind: 'group' }>;

const storedSource = (rules: Iterable<Rule>, matches: (source: GroupSource) => boolean): RuleSource | undefined => {
  for (const { source } of rules) if (source.kind === 'group' && matches(source)) return source;
  return undefined;
};
