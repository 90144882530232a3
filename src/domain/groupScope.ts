/**
 * Finding security groups by what people call them (cloud spec 6.4, 6.9): names always in the account that asks, ids in
 * that account too, and everywhere for administrators. If both are given the name decides.
 */
import { refuseGroup } from './groupRefusals.ts';
import type { GroupSettings } from './groupSettings.ts';
import { canonicalGroupId } from './identifiers.ts';
import type { Refusal } from './refusals.ts';

export type GroupFacts = { readonly groupId: string; readonly account: string; readonly name: string };

/** Who asks, and how groups that exist are found. `byId` takes canonical ids. */
export type GroupScope = {
  readonly account: string;
  readonly admin: boolean;
  readonly byId: (groupId: string) => GroupFacts | undefined;
  readonly byName: (account: string, name: string) => GroupFacts | undefined;
};

export type GroupReference = { readonly groupId?: string; readonly name?: string };

export const findGroup = ({ groupId, name }: GroupReference, scope: GroupScope): GroupFacts | Refusal => {
  if (name !== undefined) return findByName(name, scope);
  if (groupId !== undefined) return findById(groupId, scope);
  return refuseGroup('missing-group', 'Neither the id nor the name of a security group was given.');
};

/**
 * The groups of a launch, each once, in the order named: what starts with `sg-` is an id, everything else a name. None
 * named means none found; whoever asks then takes the account's default group.
 */
export const findGroups = (
  references: readonly string[],
  scope: GroupScope,
  settings: GroupSettings,
): readonly GroupFacts[] | Refusal => {
  const found = new Map<string, GroupFacts>();
  for (const reference of references) {
    const group = reference.startsWith('sg-') ? findById(reference, scope) : findByName(reference, scope);
    if ('refused' in group) return group;
    found.set(group.groupId, group);
  }
  if (found.size > settings.maxPerInstance) {
    const detail = `An instance may be in ${settings.maxPerInstance} security groups; ${found.size} were named.`;
    return refuseGroup('groups-per-instance-limit-exceeded', detail, { member: 'groups' });
  }
  return [...found.values()];
};

const findByName = (name: string, scope: GroupScope): GroupFacts | Refusal =>
  scope.byName(scope.account, name) ??
  refuseGroup('invalid-group-not-found', `The account ${scope.account} has no security group named ${name}.`, {
    member: 'name',
    value: name,
  });

const findById = (text: string, scope: GroupScope): GroupFacts | Refusal => {
  const where = { member: 'groupId', value: text.slice(0, 80) };
  const id = canonicalGroupId(text);
  if (id === undefined) {
    return refuseGroup('invalid-group-id-malformed', 'A group id is "sg-" and eight hex digits.', where);
  }
  const group = scope.byId(id);
  return group !== undefined && (scope.admin || group.account === scope.account)
    ? group
    : refuseGroup('invalid-group-not-found', `There is no security group ${id}.`, where);
};
