/**
 * One security group: its rules are a set with one entry per source, and it knows its members, so that deletion can be
 * refused while it has any (cloud spec 6). Stream `securityGroup-<id>`. It never looks at other groups: what it must know
 * of them comes in with the wish.
 */
import type { Aggregate, Decision } from './decider.ts';
import { refuseGroup } from './groupRefusals.ts';
import { defaultGroup, type GroupSettings, isPrintable, maxGroupText } from './groupSettings.ts';
import type { Refusal } from './refusals.ts';
import { describeRule, distinctRules, everythingFrom, type Rule, type RuleSource, ruleKey } from './rule.ts';

export type { Rule, RuleSource } from './rule.ts';

/** NB these types and names are the storage format: version them with care. */
export type SecurityGroupEvent =
  /** The group exists, without rules. */
  | {
      readonly type: 'SecurityGroupCreated';
      readonly groupId: string;
      readonly account: string;
      readonly name: string;
      readonly description: string;
    }
  /** The group is gone; it had no members. */
  | { readonly type: 'SecurityGroupDeleted'; readonly groupId: string }
  /** Rules it did not have. */
  | { readonly type: 'SecurityGroupRulesAuthorized'; readonly groupId: string; readonly rules: readonly Rule[] }
  /** Rules it had. */
  | { readonly type: 'SecurityGroupRulesRevoked'; readonly groupId: string; readonly rules: readonly Rule[] }
  /** The instance counts as its member, whatever state it is in. */
  | { readonly type: 'SecurityGroupMemberJoined'; readonly groupId: string; readonly instanceId: string }
  /** The instance does not count as its member any more. */
  | { readonly type: 'SecurityGroupMemberLeft'; readonly groupId: string; readonly instanceId: string };

export type SecurityGroupRecord = {
  existence: 'none' | 'present' | 'deleted';
  account: string;
  name: string;
  description: string;
  /** By `ruleKey`. */
  rules: Map<string, Rule>;
  members: Set<string>;
};

const initial = (): SecurityGroupRecord => ({
  existence: 'none',
  account: '',
  name: '',
  description: '',
  rules: new Map(),
  members: new Set(),
});

const apply = (record: SecurityGroupRecord, event: SecurityGroupEvent): void => {
  switch (event.type) {
    case 'SecurityGroupCreated':
      record.existence = 'present';
      record.account = event.account;
      record.name = event.name;
      record.description = event.description;
      return;
    case 'SecurityGroupDeleted':
      record.existence = 'deleted';
      record.rules.clear();
      record.members.clear();
      return;
    case 'SecurityGroupRulesAuthorized':
      for (const rule of event.rules) record.rules.set(ruleKey(rule), rule);
      return;
    case 'SecurityGroupRulesRevoked':
      for (const rule of event.rules) record.rules.delete(ruleKey(rule));
      return;
    case 'SecurityGroupMemberJoined':
      record.members.add(event.instanceId);
      return;
    case 'SecurityGroupMemberLeft':
      record.members.delete(event.instanceId);
      return;
  }
};

export const securityGroupAggregate: Aggregate<SecurityGroupRecord, SecurityGroupEvent> = {
  category: 'securityGroup',
  initial,
  apply,
};

/** The record that these events make of nothing. */
export const securityGroupFrom = (events: readonly SecurityGroupEvent[]): SecurityGroupRecord => {
  const record = initial();
  for (const event of events) apply(record, event);
  return record;
};

export type CreateSecurityGroup = {
  readonly groupId: string;
  readonly account: string;
  readonly name: string;
  readonly description: string;
};

/** The same group created again is no event. The name is checked and taken in the account's names before. */
export const createSecurityGroup = (
  record: SecurityGroupRecord,
  wish: CreateSecurityGroup,
): Decision<SecurityGroupEvent> => {
  if (wish.description.length > maxGroupText || !isPrintable(wish.description)) {
    return refuseGroup('invalid-group-description', `Descriptions have at most ${maxGroupText} printable characters.`, {
      member: 'description',
    });
  }
  if (record.existence === 'none') return [created(wish)];
  const same = record.existence === 'present' && record.account === wish.account && record.name === wish.name;
  return same
    ? []
    : refuseGroup('invalid-group-id-used', `The id ${wish.groupId} was used before.`, idOf(wish.groupId));
};

/** Strict AWS: members of an account's default group accept each other. Eucalyptus 4.0: it has no rules (cloud spec 6.3). */
export const createDefaultGroup = (
  record: SecurityGroupRecord,
  { groupId, account }: { readonly groupId: string; readonly account: string },
  settings: GroupSettings,
): Decision<SecurityGroupEvent> => {
  const decision = createSecurityGroup(record, { groupId, account, ...defaultGroup });
  if ('refused' in decision || decision.length === 0 || !settings.strictAws) return decision;
  const source: RuleSource = { kind: 'group', groupId, account, groupName: defaultGroup.name };
  return [...decision, { type: 'SecurityGroupRulesAuthorized', groupId, rules: everythingFrom(source) }];
};

/**
 * `referencedBy` are the ids of all groups of the same account with a rule that names this one; strict AWS only.
 * Deleting again what was deleted is no event: looking it up by name or id is what fails then.
 */
export const deleteSecurityGroup = (
  record: SecurityGroupRecord,
  { groupId, referencedBy }: { readonly groupId: string; readonly referencedBy: readonly string[] },
  settings: GroupSettings,
): Decision<SecurityGroupEvent> => {
  if (record.existence === 'none') return notFound(groupId);
  if (record.existence === 'deleted') return [];
  if (settings.strictAws && record.name === defaultGroup.name) {
    return refuseGroup('invalid-group-reserved', `The default group ${groupId} cannot be deleted.`, idOf(groupId));
  }
  if (record.members.size > 0) return inUse(groupId, 'has members', [...record.members]);
  const others = referencedBy.filter((id) => id !== groupId);
  if (settings.strictAws && others.length > 0) return inUse(groupId, 'is named by rules of', others);
  return [{ type: 'SecurityGroupDeleted', groupId }];
};

/**
 * All or nothing. A rule that the group has already: refused in strict AWS, no event at all in 4.0 (`return=false` there,
 * see `answersTrue`). Repetitions inside one wish collapse.
 */
export const authorizeRules = (
  record: SecurityGroupRecord,
  groupId: string,
  rules: readonly Rule[],
  settings: GroupSettings,
): Decision<SecurityGroupEvent> => {
  if (record.existence !== 'present') return notFound(groupId);
  const wished = distinctRules(rules);
  const known = wished.find((rule) => record.rules.has(ruleKey(rule)));
  if (known !== undefined && !settings.strictAws) return [];
  if (known !== undefined) {
    const value = describeRule(known);
    return refuseGroup('invalid-permission-duplicate', `Group ${groupId} has the rule ${value} already.`, { value });
  }
  if (record.rules.size + wished.length > settings.maxRules) {
    const detail = `Group ${groupId} has ${record.rules.size} rules and may have ${settings.maxRules}; ${wished.length} more were wished.`;
    return refuseGroup('rules-per-group-limit-exceeded', detail, idOf(groupId));
  }
  return wished.length === 0 ? [] : [{ type: 'SecurityGroupRulesAuthorized', groupId, rules: wished }];
};

/** Strict AWS: all or nothing. 4.0: what is there goes, the rest is as wished already. The event carries the rules as stored. */
export const revokeRules = (
  record: SecurityGroupRecord,
  groupId: string,
  rules: readonly Rule[],
  settings: GroupSettings,
): Decision<SecurityGroupEvent> => {
  if (record.existence !== 'present') return notFound(groupId);
  const wished = distinctRules(rules);
  const absent = wished.find((rule) => !record.rules.has(ruleKey(rule)));
  if (absent !== undefined && settings.strictAws) {
    const value = describeRule(absent);
    return refuseGroup('invalid-permission-not-found', `Group ${groupId} has no rule ${value}.`, { value });
  }
  const stored = wished.flatMap((rule) => record.rules.get(ruleKey(rule)) ?? []);
  return stored.length === 0 ? [] : [{ type: 'SecurityGroupRulesRevoked', groupId, rules: stored }];
};

export const joinGroup = (
  record: SecurityGroupRecord,
  groupId: string,
  instanceId: string,
): Decision<SecurityGroupEvent> => {
  if (record.existence !== 'present') return notFound(groupId);
  return record.members.has(instanceId) ? [] : [{ type: 'SecurityGroupMemberJoined', groupId, instanceId }];
};

/** Leaving never fails: who is in no such group has left it. */
export const leaveGroup = (
  record: SecurityGroupRecord,
  groupId: string,
  instanceId: string,
): readonly SecurityGroupEvent[] =>
  record.members.has(instanceId) ? [{ type: 'SecurityGroupMemberLeft', groupId, instanceId }] : [];

const created = (wish: CreateSecurityGroup): SecurityGroupEvent => ({
  type: 'SecurityGroupCreated',
  groupId: wish.groupId,
  account: wish.account,
  name: wish.name,
  description: wish.description,
});

const idOf = (groupId: string) => ({ member: 'groupId', value: groupId });

const notFound = (groupId: string): Refusal =>
  refuseGroup('invalid-group-not-found', `There is no security group ${groupId}.`, idOf(groupId));

const inUse = (groupId: string, how: string, ids: readonly string[]): Refusal => {
  const more = ids.length > 5 ? ` and ${ids.length - 5} more` : '';
  return refuseGroup('invalid-group-in-use', `${groupId} ${how}: ${ids.slice(0, 5).join(', ')}${more}.`, idOf(groupId));
};

/** The ids of all groups that rules of this group name. */
export const referencedGroups = (record: SecurityGroupRecord): ReadonlySet<string> =>
  new Set([...record.rules.values()].flatMap(({ source }) => (source.kind === 'group' ? [source.groupId] : [])));

/** What 4.0 answers to authorize: false, without an error, when it stored nothing because of a duplicate. */
export const answersTrue = (wished: readonly Rule[], events: readonly SecurityGroupEvent[]): boolean =>
  wished.length === 0 || events.length > 0;
