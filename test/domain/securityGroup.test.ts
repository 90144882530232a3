/** Given events, when decided, then events or a refusal: one security group (cloud spec 6). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultGroupSettings } from '../../src/domain/groupSettings.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import type { Rule } from '../../src/domain/rule.ts';
import {
  authorizeRules,
  createDefaultGroup,
  createSecurityGroup,
  deleteSecurityGroup,
  joinGroup,
  leaveGroup,
  referencedGroups,
  revokeRules,
  type SecurityGroupEvent,
  securityGroupFrom,
} from '../../src/domain/securityGroup.ts';

const strict = defaultGroupSettings;
const lenient = { ...defaultGroupSettings, strictAws: false };
const groupId = 'sg-0000000a';
const account = '000000000002';
const wish = { groupId, account, name: 'web', description: 'web servers' };
const created: SecurityGroupEvent = { type: 'SecurityGroupCreated', ...wish };
const ssh: Rule = { protocol: 6, low: 22, high: 22, source: { kind: 'cidr', cidr: '10.0.0.0/8' } };
const http: Rule = { protocol: 6, low: 80, high: 80, source: { kind: 'cidr', cidr: '0.0.0.0/0' } };
const fromDb: Rule = {
  protocol: 6,
  low: 3306,
  high: 3306,
  source: { kind: 'group', groupId: 'sg-0000000b', account, groupName: 'db' },
};
const authorized = (...rules: readonly Rule[]): SecurityGroupEvent => ({
  type: 'SecurityGroupRulesAuthorized',
  groupId,
  rules,
});
const revoked = (...rules: readonly Rule[]): SecurityGroupEvent => ({
  type: 'SecurityGroupRulesRevoked',
  groupId,
  rules,
});
const joined: SecurityGroupEvent = { type: 'SecurityGroupMemberJoined', groupId, instanceId: 'i-00000001' };
const left: SecurityGroupEvent = { type: 'SecurityGroupMemberLeft', groupId, instanceId: 'i-00000001' };
const deleted: SecurityGroupEvent = { type: 'SecurityGroupDeleted', groupId };
const given = (...events: readonly SecurityGroupEvent[]) => securityGroupFrom(events);
const refusedAs = (decision: unknown): string => (isRefusal(decision) ? decision.refused : 'not refused');

describe('creating', () => {
  test('nothing there: created; there already: no event', () => {
    assert.deepEqual(createSecurityGroup(given(), wish), [created]);
    assert.deepEqual(createSecurityGroup(given(created), wish), []);
  });

  test('an id is never given twice', () => {
    assert.equal(refusedAs(createSecurityGroup(given(created), { ...wish, name: 'other' })), 'invalid-group-id-used');
    assert.equal(refusedAs(createSecurityGroup(given(created, deleted), wish)), 'invalid-group-id-used');
  });

  test('descriptions are bounded and printable', () => {
    const describedAs = (description: string) => createSecurityGroup(given(), { ...wish, description });
    assert.equal(refusedAs(describedAs('x'.repeat(256))), 'invalid-group-description');
    assert.equal(refusedAs(describedAs('a\u0000b')), 'invalid-group-description');
    assert.equal(refusedAs(describedAs('x'.repeat(255))), 'not refused');
  });

  test('the default group lets its members reach each other, in 4.0 it has no rules', () => {
    const at = { groupId, account };
    const strictly = createDefaultGroup(given(), at, strict);
    assert.ok(!isRefusal(strictly));
    assert.deepEqual(
      strictly.map(({ type }) => type),
      ['SecurityGroupCreated', 'SecurityGroupRulesAuthorized'],
    );
    assert.deepEqual([...referencedGroups(securityGroupFrom(strictly))], [groupId]);
    assert.deepEqual(createDefaultGroup(given(), at, lenient), [
      { type: 'SecurityGroupCreated', ...at, name: 'default', description: 'default group' },
    ]);
    assert.deepEqual(createDefaultGroup(securityGroupFrom(strictly), at, strict), []);
  });
});

describe('deleting', () => {
  const decide = (events: readonly SecurityGroupEvent[], referencedBy: readonly string[] = [], settings = strict) =>
    deleteSecurityGroup(given(...events), { groupId, referencedBy }, settings);

  test('deleted once; unknown ones are refused', () => {
    assert.deepEqual(decide([created]), [deleted]);
    assert.deepEqual(decide([created, deleted]), []);
    assert.equal(refusedAs(decide([])), 'invalid-group-not-found');
  });

  test('members keep it, in both modes; who has left does not', () => {
    assert.equal(refusedAs(decide([created, joined])), 'invalid-group-in-use');
    assert.equal(refusedAs(decide([created, joined], [], lenient)), 'invalid-group-in-use');
    assert.deepEqual(decide([created, joined, left]), [deleted]);
  });

  test('rules of other groups keep it in strict AWS, its own rules never', () => {
    assert.equal(refusedAs(decide([created], ['sg-0000000b'])), 'invalid-group-in-use');
    assert.deepEqual(decide([created], [groupId]), [deleted]);
    assert.deepEqual(decide([created], ['sg-0000000b'], lenient), [deleted]);
  });

  test('the default group is reserved in strict AWS', () => {
    const byDefault: SecurityGroupEvent = { ...created, name: 'default' };
    assert.equal(refusedAs(decide([byDefault])), 'invalid-group-reserved');
    assert.deepEqual(decide([byDefault], [], lenient), [deleted]);
  });
});

describe('rules', () => {
  test('new rules are added, repetitions inside one wish collapse', () => {
    assert.deepEqual(authorizeRules(given(created), groupId, [ssh, http, ssh], strict), [authorized(ssh, http)]);
  });

  test('a duplicate rejects the whole wish: an error in strict AWS, silence in 4.0', () => {
    const group = given(created, authorized(ssh));
    assert.equal(refusedAs(authorizeRules(group, groupId, [http, ssh], strict)), 'invalid-permission-duplicate');
    assert.deepEqual(authorizeRules(group, groupId, [http, ssh], lenient), []);
  });

  test('the same source group under another name or account is the same source', () => {
    const group = given(created, authorized(fromDb));
    const renamed: Rule = { ...fromDb, source: { kind: 'group', groupId: 'sg-0000000b', account: '000000000003' } };
    assert.equal(refusedAs(authorizeRules(group, groupId, [renamed], strict)), 'invalid-permission-duplicate');
    assert.deepEqual(revokeRules(group, groupId, [renamed], strict), [revoked(fromDb)]);
  });

  test('an absent rule cannot be revoked in strict AWS; in 4.0 what is there goes', () => {
    const group = given(created, authorized(ssh));
    assert.equal(refusedAs(revokeRules(group, groupId, [ssh, http], strict)), 'invalid-permission-not-found');
    assert.deepEqual(revokeRules(group, groupId, [ssh, http], lenient), [revoked(ssh)]);
    assert.deepEqual(revokeRules(group, groupId, [http], lenient), []);
  });

  test('the limit counts what the group would have', () => {
    const tight = { ...strict, maxRules: 2 };
    const group = given(created, authorized(ssh));
    assert.deepEqual(authorizeRules(group, groupId, [http], tight), [authorized(http)]);
    assert.equal(refusedAs(authorizeRules(group, groupId, [http, fromDb], tight)), 'rules-per-group-limit-exceeded');
  });

  test('groups that are not there have no rules to change', () => {
    assert.equal(refusedAs(authorizeRules(given(), groupId, [ssh], strict)), 'invalid-group-not-found');
    assert.equal(refusedAs(revokeRules(given(created, deleted), groupId, [ssh], lenient)), 'invalid-group-not-found');
  });
});

describe('membership', () => {
  test('joining and leaving twice is joining and leaving once', () => {
    assert.deepEqual(joinGroup(given(created), groupId, 'i-00000001'), [joined]);
    assert.deepEqual(joinGroup(given(created, joined), groupId, 'i-00000001'), []);
    assert.deepEqual(leaveGroup(given(created, joined), groupId, 'i-00000001'), [left]);
    assert.deepEqual(leaveGroup(given(created), groupId, 'i-00000001'), []);
  });

  test('nobody joins what is not there', () => {
    assert.equal(refusedAs(joinGroup(given(created, deleted), groupId, 'i-00000001')), 'invalid-group-not-found');
  });
});
