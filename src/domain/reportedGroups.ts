/**
 * The groups of an instance that a cluster reports and the cloud does not know (cloud spec 6.9). A cluster names them by the
 * networks it was told at the run, `<account>-<group>`; plain ids and names are taken as well.
 */
import { scopeOf } from './executeGroups.ts';
import type { GroupFacts, GroupScope } from './groupScope.ts';
import { ensureOrphanedGroup, type HouseGroup } from './houseGroups.ts';
import { canonicalGroupId } from './identifiers.ts';
import { securityGroupAggregate } from './securityGroup.ts';
import type { Unit } from './transact.ts';

/** Those of the account that can be found, each once; the orphaned group when none can. The caller joins them. */
export const reportedGroups = (unit: Unit, account: string, reported: readonly string[]): readonly HouseGroup[] => {
  const scope = scopeOf(unit, account);
  const found = new Map<string, HouseGroup>();
  for (const name of reported) {
    const group = findIn(scope, account, name) ?? findIn(scope, account, withoutAccount(name, account));
    if (group === undefined) continue;
    found.set(group.groupId, { groupId: group.groupId, record: unit.read(securityGroupAggregate, group.groupId) });
  }
  return found.size > 0 ? [...found.values()] : [ensureOrphanedGroup(unit, account, reported[0] ?? '')];
};

const withoutAccount = (name: string, account: string): string =>
  name.startsWith(`${account}-`) ? name.slice(account.length + 1) : name;

const findIn = (scope: GroupScope, account: string, name: string): GroupFacts | undefined => {
  const id = canonicalGroupId(name);
  const group = id === undefined ? undefined : scope.byId(id);
  return group?.account === account ? group : scope.byName(account, name);
};
