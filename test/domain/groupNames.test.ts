/** Names of security groups and how groups are found (cloud spec 6.2, 6.4, 6.9). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type GroupNames, giveUpGroupName, takeGroupName, takeHouseName } from '../../src/domain/groupNames.ts';
import { findGroup, findGroups, type GroupFacts, type GroupScope } from '../../src/domain/groupScope.ts';
import { defaultGroupSettings } from '../../src/domain/groupSettings.ts';
import { isRefusal } from '../../src/domain/refusals.ts';

const account = '000000000002';
const groupId = 'sg-0000000a';
const namesOf = (...taken: readonly (readonly [string, string])[]): GroupNames => ({ ids: new Map(taken) });
const refusedAs = (decision: unknown): string => (isRefusal(decision) ? decision.refused : 'not refused');

describe('taking names', () => {
  const take = (name: string, names = namesOf(), settings = defaultGroupSettings) =>
    takeGroupName(names, { account, name, groupId }, settings);

  test('taken once, by one group', () => {
    assert.deepEqual(take('web'), [{ type: 'SecurityGroupNameTaken', account, name: 'web', groupId }]);
    assert.deepEqual(take('web', namesOf(['web', groupId])), []);
    assert.equal(refusedAs(take('web', namesOf(['web', 'sg-0000000b']))), 'invalid-group-duplicate');
  });

  test('forms that are refused', () => {
    for (const name of ['sg-web', 'grün', 'a\tb', 'x'.repeat(256), '\u007f'.padStart(3, 'a')]) {
      assert.equal(refusedAs(take(name)), 'invalid-group-name', JSON.stringify(name));
    }
    for (const name of ['', '   ']) assert.equal(refusedAs(take(name)), 'missing-parameter');
    for (const name of ['x'.repeat(255), 'a b (c) ~', 'SG-web', '__proto__']) {
      assert.equal(refusedAs(take(name)), 'not refused', name);
    }
  });

  test('"default" is the house\'s own name in strict AWS', () => {
    assert.equal(refusedAs(take('default')), 'invalid-group-reserved');
    assert.equal(refusedAs(take('default', namesOf(), { ...defaultGroupSettings, strictAws: false })), 'not refused');
    assert.equal(takeHouseName(namesOf(), { account, name: 'default', groupId }).length, 1);
    assert.equal(takeHouseName(namesOf(['default', 'sg-0000000b']), { account, name: 'default', groupId }).length, 0);
  });

  test('the account has a limit; the default group does not count against it being made', () => {
    const tight = { ...defaultGroupSettings, maxPerAccount: 1 };
    const full = namesOf(['db', 'sg-0000000b']);
    assert.equal(refusedAs(take('web', full, tight)), 'security-group-limit-exceeded');
    assert.equal(takeHouseName(full, { account, name: 'default', groupId }).length, 1);
  });

  test('only the holder gives a name up', () => {
    const names = namesOf(['web', groupId]);
    assert.equal(giveUpGroupName(names, { account, name: 'web', groupId }).length, 1);
    assert.equal(giveUpGroupName(names, { account, name: 'web', groupId: 'sg-0000000b' }).length, 0);
    assert.equal(giveUpGroupName(names, { account, name: 'db', groupId }).length, 0);
  });
});

describe('finding groups', () => {
  const groups: readonly GroupFacts[] = [
    { groupId, account, name: 'web' },
    { groupId: 'sg-0000000b', account: '000000000003', name: 'web' },
    { groupId: 'sg-0000000c', account, name: 'db' },
  ];
  const scope = (admin = false): GroupScope => ({
    account,
    admin,
    byId: (id) => groups.find((group) => group.groupId === id),
    byName: (owner, name) => groups.find((group) => group.account === owner && group.name === name),
  });
  const found = (reference: Parameters<typeof findGroup>[0], admin = false) => {
    const group = findGroup(reference, scope(admin));
    return isRefusal(group) ? group.refused : group.groupId;
  };

  test('if both are given the name decides', () => {
    assert.equal(found({ groupId: 'sg-0000000c', name: 'web' }), groupId);
    assert.equal(found({ groupId: 'sg-nonsense', name: 'web' }), groupId);
    assert.equal(found({}), 'missing-group');
  });

  test('ids reach into other accounts for administrators only', () => {
    assert.equal(found({ groupId: 'sg-0000000b' }), 'invalid-group-not-found');
    assert.equal(found({ groupId: 'sg-0000000b' }, true), 'sg-0000000b');
    assert.equal(found({ groupId: 'sg-0000000A' }), groupId);
    assert.equal(found({ groupId: 'SG-0000000a' }), 'invalid-group-id-malformed');
  });

  test('a launch names ids and names; each group comes once', () => {
    const ids = (references: readonly string[], settings = defaultGroupSettings) => {
      const result = findGroups(references, scope(), settings);
      return isRefusal(result) ? result.refused : result.map((group) => group.groupId);
    };
    assert.deepEqual(ids(['db', groupId, 'web']), ['sg-0000000c', groupId]);
    assert.deepEqual(ids([]), []);
    assert.equal(ids(['nope']), 'invalid-group-not-found');
    assert.equal(ids(['sg-xyz']), 'invalid-group-id-malformed');
    assert.equal(
      ids(['db', 'web'], { ...defaultGroupSettings, maxPerInstance: 1 }),
      'groups-per-instance-limit-exceeded',
    );
  });
});
