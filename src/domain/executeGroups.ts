/**
 * What the commands about security groups do: which aggregates are read and written in one unit of work, and in which order.
 * Also what launches need of groups. It decides nothing itself; the order of writes is such that a unit cut short is
 * completed by doing it again.
 */
import type { CommandOf, PermissionWish } from './commands.ts';
import type { Decision } from './decider.ts';
import { type GroupNames, giveUpGroupName, groupNamesAggregate, takeGroupName } from './groupNames.ts';
import { findGroup, findGroups, type GroupFacts, type GroupScope } from './groupScope.ts';
import { defaultGroup, type GroupSettings } from './groupSettings.ts';
import { ensureDefaultGroup, type HouseGroup, withoutDeleted } from './houseGroups.ts';
import { type PermissionScope, rulesToAuthorize, rulesToRevoke } from './permissions.ts';
import { isRefusal, type Refusal } from './refusals.ts';
import { describeRule, type Rule } from './rule.ts';
import {
  answersTrue,
  authorizeRules,
  createSecurityGroup,
  deleteSecurityGroup,
  referencedGroups,
  revokeRules,
  type SecurityGroupEvent,
  type SecurityGroupRecord,
  securityGroupAggregate,
} from './securityGroup.ts';
import type { Unit } from './transact.ts';

export { ensureDefaultGroup } from './houseGroups.ts';

export type GroupCommand = CommandOf<
  'CreateSecurityGroup' | 'DeleteSecurityGroup' | 'AuthorizeIngress' | 'RevokeIngress'
>;

/** `return` is what 4.0 answers; `rules` the rules of the wish, for people. */
export type GroupResult = {
  readonly groupId: string;
  readonly return: boolean;
  readonly rules?: readonly string[];
};

/** Carries one wish about groups out in a unit of work; a refusal leaves nothing written. */
export const executeGroupCommand = (
  unit: Unit,
  command: GroupCommand,
  settings: GroupSettings,
): GroupResult | Refusal => {
  switch (command.type) {
    case 'CreateSecurityGroup':
      return create(unit, command, settings);
    case 'DeleteSecurityGroup':
      return remove(unit, command, settings);
    case 'AuthorizeIngress':
      return authorize(unit, command, settings);
    case 'RevokeIngress':
      return revoke(unit, command, settings);
  }
};

/**
 * The groups of a launch with their records as they will be when this unit is written; the account's default group is made
 * when it is asked for and missing. The caller writes `joinGroup` of each.
 */
export const launchGroups = (
  unit: Unit,
  account: string,
  references: readonly string[],
  settings: GroupSettings,
): readonly { readonly groupId: string; readonly record: SecurityGroupRecord }[] | Refusal => {
  const wished = references.length > 0 ? references : [defaultGroup.name];
  const fresh = wished.includes(defaultGroup.name) ? ensureDefaultGroup(unit, account, settings) : undefined;
  const scope = scopeOf(unit, account, fresh);
  const groups = findGroups(wished, scope, settings);
  if (isRefusal(groups)) return groups;
  return groups.map(({ groupId }) => ({
    groupId,
    record: fresh?.groupId === groupId ? fresh.record : unit.read(securityGroupAggregate, groupId),
  }));
};

/** How groups are found in this unit; `fresh` is one that it makes itself. */
export const scopeOf = (unit: Unit, account: string, fresh?: HouseGroup): GroupScope => {
  const byId = (groupId: string): GroupFacts | undefined =>
    factsOf(groupId, fresh?.groupId === groupId ? fresh.record : unit.read(securityGroupAggregate, groupId));
  return {
    account,
    admin: unit.context.admin,
    byId,
    byName: (owner, name) => {
      if (fresh !== undefined && owner === account && name === defaultGroup.name) return byId(fresh.groupId);
      const groupId = unit.read(groupNamesAggregate, owner).ids.get(name);
      return groupId === undefined ? undefined : byId(groupId);
    },
  };
};

const factsOf = (groupId: string, record: SecurityGroupRecord): GroupFacts | undefined =>
  record.existence === 'present' ? { groupId, account: record.account, name: record.name } : undefined;

const create = (
  unit: Unit,
  command: CommandOf<'CreateSecurityGroup'>,
  settings: GroupSettings,
): GroupResult | Refusal => {
  const { account, name, description } = command;
  const names = withoutDeleted(unit, account, name);
  const groupId = unfinished(unit, names, name) ?? command.groupId;
  const wish = { account, name, groupId };
  const taken = takeGroupName(names, wish, settings);
  if (isRefusal(taken)) return taken;
  const created = createSecurityGroup(unit.read(securityGroupAggregate, groupId), { ...wish, description });
  if (isRefusal(created)) return created;
  unit.write(groupNamesAggregate, account, taken);
  unit.write(securityGroupAggregate, groupId, created);
  return { groupId, return: true };
};

/** The group that a name was taken for without coming into being: whoever wants the name completes that group. */
const unfinished = (unit: Unit, names: GroupNames, name: string): string | undefined => {
  const groupId = names.ids.get(name);
  return groupId !== undefined && unit.read(securityGroupAggregate, groupId).existence === 'none' ? groupId : undefined;
};

type Named = { readonly account: string; readonly groupId?: string; readonly name?: string };

/** The group a command is about. `fresh` is the account's default group if it is named here at all. */
const named = (unit: Unit, { account, groupId, name }: Named, fresh: HouseGroup | undefined) => {
  const scope = scopeOf(unit, account, fresh);
  const reference = { ...(groupId === undefined ? {} : { groupId }), ...(name === undefined ? {} : { name }) };
  const found = findGroup(reference, scope);
  if (isRefusal(found)) return found;
  const record = fresh?.groupId === found.groupId ? fresh.record : unit.read(securityGroupAggregate, found.groupId);
  return { ...found, record, scope };
};

const remove = (
  unit: Unit,
  command: CommandOf<'DeleteSecurityGroup'>,
  settings: GroupSettings,
): GroupResult | Refusal => {
  const isDefault = command.name === defaultGroup.name;
  const group = named(unit, command, isDefault ? ensureDefaultGroup(unit, command.account, settings) : undefined);
  if (isRefusal(group)) return group;
  const { groupId, account, name } = group;
  const referencedBy = settings.strictAws ? referencing(unit, account, groupId) : [];
  const events = deleteSecurityGroup(group.record, { groupId, referencedBy }, settings);
  if (isRefusal(events)) return events;
  unit.write(securityGroupAggregate, groupId, events);
  // The name may have been taken in this very unit, which reads do not see.
  const names = { ids: new Map([[name, groupId]]) };
  unit.write(groupNamesAggregate, account, giveUpGroupName(names, { account, name, groupId }));
  return { groupId, return: true };
};

const referencing = (unit: Unit, account: string, groupId: string): readonly string[] => {
  const { ids } = unit.read(groupNamesAggregate, account);
  return [...ids.values()].filter((id) => referencedGroups(unit.read(securityGroupAggregate, id)).has(groupId));
};

type Convert = (wishes: readonly PermissionWish[], at: PermissionScope) => readonly Rule[] | Refusal;
type Decide = (
  record: SecurityGroupRecord,
  groupId: string,
  rules: readonly Rule[],
  settings: GroupSettings,
) => Decision<SecurityGroupEvent>;

const authorize = (unit: Unit, command: CommandOf<'AuthorizeIngress'>, settings: GroupSettings) =>
  changeRules(unit, command, settings, { convert: rulesToAuthorize, decide: authorizeRules });

/** 4.0 answers true to every revoke, also when nothing matched. */
const revoke = (unit: Unit, command: CommandOf<'RevokeIngress'>, settings: GroupSettings) => {
  const result = changeRules(unit, command, settings, { convert: rulesToRevoke, decide: revokeRules });
  return isRefusal(result) ? result : { ...result, return: true };
};

const changeRules = (
  unit: Unit,
  command: Named & { readonly permissions: readonly PermissionWish[] },
  settings: GroupSettings,
  how: { readonly convert: Convert; readonly decide: Decide },
): GroupResult | Refusal => {
  const fresh = namesDefault(command) ? ensureDefaultGroup(unit, command.account, settings) : undefined;
  const group = named(unit, command, fresh);
  if (isRefusal(group)) return group;
  const { groupId, record, scope } = group;
  const { strictAws } = settings;
  const rules = how.convert(command.permissions, { scope, strictAws, rules: record.rules.values() });
  if (isRefusal(rules)) return rules;
  const events = how.decide(record, groupId, rules, settings);
  if (isRefusal(events)) return events;
  unit.write(securityGroupAggregate, groupId, events);
  return { groupId, return: answersTrue(rules, events), rules: rules.map(describeRule) };
};

/** Any look-up of the name `default` makes the account's default group when it is missing. */
const namesDefault = ({ account, name, permissions }: Named & { readonly permissions: readonly PermissionWish[] }) =>
  name === defaultGroup.name ||
  permissions.some(({ groups = [] }) =>
    groups.some((group) => group.groupName === defaultGroup.name && (group.account ?? account) === account),
  );
