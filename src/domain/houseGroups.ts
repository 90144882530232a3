/**
 * Groups that the house makes by itself when they are missing: an account's default group (cloud spec 6.3), and the one for
 * instances that a cluster reports with groups nobody knows (cloud spec 6.9). Their ids follow from account and name, so that
 * two control planes make the same group. No limit of the account stands against them.
 */
import type { Decision } from './decider.ts';
import { type GroupNames, giveUpGroupName, groupNamesAggregate, takeHouseName } from './groupNames.ts';
import { defaultGroup, type GroupSettings, isPrintable, maxGroupText } from './groupSettings.ts';
import { isRefusal } from './refusals.ts';
import {
  createDefaultGroup,
  createSecurityGroup,
  type SecurityGroupEvent,
  type SecurityGroupRecord,
  securityGroupAggregate,
  securityGroupFrom,
} from './securityGroup.ts';
import type { Unit } from './transact.ts';

/** With its record as it will be when this unit is written. */
export type HouseGroup = { readonly groupId: string; readonly record: SecurityGroupRecord };

/** The account's default group; made in this unit when the account has none. */
export const ensureDefaultGroup = (unit: Unit, account: string, settings: GroupSettings): HouseGroup =>
  ensureGroup(unit, account, defaultGroup.name, (record, groupId) =>
    createDefaultGroup(record, { groupId, account }, settings),
  );

const orphaned = 'orphaned';

/**
 * The group without rules for instances whose groups are unknown: it is named like the first group they were reported with, the
 * part behind the last hyphen replaced. Nothing gets in until somebody allows it.
 */
export const ensureOrphanedGroup = (unit: Unit, account: string, reported: string): HouseGroup => {
  const name = orphanedName(reported);
  const description = 'instances that were found with groups unknown to the cloud';
  return ensureGroup(unit, account, name, (record, groupId) =>
    createSecurityGroup(record, { groupId, account, name, description }),
  );
};

const orphanedName = (reported: string): string => {
  const name = `${reported.slice(0, reported.lastIndexOf('-') + 1)}${orphaned}`;
  const isName = name.length <= maxGroupText && isPrintable(name) && /^(?!sg-)[ -~]+$/.test(name);
  return isName ? name : orphaned;
};

type Create = (record: SecurityGroupRecord, groupId: string) => Decision<SecurityGroupEvent>;

const ensureGroup = (unit: Unit, account: string, name: string, create: Create): HouseGroup => {
  const names = withoutDeleted(unit, account, name);
  const groupId = names.ids.get(name) ?? unusedId(unit, account, name);
  const record = unit.read(securityGroupAggregate, groupId);
  const events = create(record, groupId);
  if (isRefusal(events)) throw new Error(`expected the group ${groupId} of ${account}, got: ${events.detail}`);
  unit.write(groupNamesAggregate, account, takeHouseName(names, { account, name, groupId }));
  unit.write(securityGroupAggregate, groupId, events);
  return { groupId, record: events.length === 0 ? record : securityGroupFrom(events) };
};

/** The account's names; if this one is still held by a deleted group, it is given up here: that deletion was cut short. */
export const withoutDeleted = (unit: Unit, account: string, name: string): GroupNames => {
  const names = unit.read(groupNamesAggregate, account);
  const groupId = names.ids.get(name);
  if (groupId === undefined || unit.read(securityGroupAggregate, groupId).existence !== 'deleted') return names;
  unit.write(groupNamesAggregate, account, giveUpGroupName(names, { account, name, groupId }));
  return { ids: new Map([...names.ids].filter(([taken]) => taken !== name)) };
};

const unusedId = (unit: Unit, account: string, name: string): string => {
  for (let generation = 0; ; generation += 1) {
    const groupId = `sg-${digest(`${account}/${name}/${generation}`)}`;
    if (unit.read(securityGroupAggregate, groupId).existence === 'none') return groupId;
  }
};

/** FNV-1a, 32 bits, as eight hex digits. */
const digest = (text: string): string => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
};
