/**
 * The names of one account's security groups: unique in the account (cloud spec 6.1). Stream `securityGroups-<account>`.
 * A name is taken before its group is created and given up after its group is deleted, so a name never has two groups.
 */
import type { Aggregate, Decision } from './decider.ts';
import { refuseGroup } from './groupRefusals.ts';
import { defaultGroup, type GroupSettings, isPrintable, maxGroupText } from './groupSettings.ts';
import type { Refusal } from './refusals.ts';

/** NB these types and names are the storage format: version them with care. */
export type GroupNamesEvent =
  /** The name means this group in the account. */
  | {
      readonly type: 'SecurityGroupNameTaken';
      readonly account: string;
      readonly name: string;
      readonly groupId: string;
    }
  /** The name is free again in the account. */
  | {
      readonly type: 'SecurityGroupNameGivenUp';
      readonly account: string;
      readonly name: string;
      readonly groupId: string;
    };

/** Name -> group id, in the order in which the names were taken. */
export type GroupNames = { readonly ids: Map<string, string> };

export const groupNamesAggregate: Aggregate<GroupNames, GroupNamesEvent> = {
  category: 'securityGroups',
  initial: () => ({ ids: new Map() }),
  apply: (names, event) => {
    switch (event.type) {
      case 'SecurityGroupNameTaken':
        names.ids.set(event.name, event.groupId);
        return;
      case 'SecurityGroupNameGivenUp':
        names.ids.delete(event.name);
        return;
    }
  },
};

export type GroupName = { readonly account: string; readonly name: string; readonly groupId: string };

/** A user's wish for a name. Taking it again for the same group is no event. */
export const takeGroupName = (
  names: GroupNames,
  wish: GroupName,
  settings: GroupSettings,
): Decision<GroupNamesEvent> => {
  const wrong = nameProblem(wish.name, settings);
  if (wrong !== undefined) return wrong;
  const holder = names.ids.get(wish.name);
  if (holder === wish.groupId) return [];
  if (holder !== undefined) {
    const detail = `The account has a security group named ${wish.name} already: ${holder}.`;
    return refuseGroup('invalid-group-duplicate', detail, { member: 'name', value: wish.name });
  }
  if (names.ids.size >= settings.maxPerAccount) {
    const detail = `The account has ${names.ids.size} security groups and may have ${settings.maxPerAccount}.`;
    return refuseGroup('security-group-limit-exceeded', detail);
  }
  return [taken(wish)];
};

/** The house's own wish for a group it makes by itself: no limit stands against it. */
export const takeHouseName = (names: GroupNames, wish: GroupName): readonly GroupNamesEvent[] =>
  names.ids.has(wish.name) ? [] : [taken(wish)];

/** Only the group that holds a name gives it up; for any other it is given up already. */
export const giveUpGroupName = (names: GroupNames, wish: GroupName): readonly GroupNamesEvent[] =>
  names.ids.get(wish.name) === wish.groupId ? [{ ...taken(wish), type: 'SecurityGroupNameGivenUp' }] : [];

const taken = ({ account, name, groupId }: GroupName): GroupNamesEvent => ({
  type: 'SecurityGroupNameTaken',
  account,
  name,
  groupId,
});

const nameProblem = (name: string, settings: GroupSettings): Refusal | undefined => {
  const where = { member: 'name', value: name.slice(0, 80) };
  if (name.trim() === '') return refuseGroup('missing-parameter', 'A security group needs a name.', { member: 'name' });
  if (name.length > maxGroupText) {
    return refuseGroup('invalid-group-name', `The name is longer than ${maxGroupText} characters.`, where);
  }
  if (name.startsWith('sg-')) {
    return refuseGroup('invalid-group-name', 'Names that start with "sg-" would be taken for ids.', where);
  }
  if (!isPrintable(name) || [...name].some((character) => character > '~')) {
    return refuseGroup('invalid-group-name', 'Names consist of printable ASCII characters.', where);
  }
  return settings.strictAws && name === defaultGroup.name
    ? refuseGroup('invalid-group-reserved', 'The name "default" belongs to the default group of the account.', where)
    : undefined;
};
