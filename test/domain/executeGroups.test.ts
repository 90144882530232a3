/** Commands about security groups carried out whole, on memory: what is read, written and answered. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ensureDefaultGroup,
  executeGroupCommand,
  type GroupCommand,
  launchGroups,
} from '../../src/domain/executeGroups.ts';
import { groupNamesAggregate } from '../../src/domain/groupNames.ts';
import { awsNames } from '../../src/domain/groupRefusals.ts';
import { defaultGroupSettings } from '../../src/domain/groupSettings.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import { joinGroup, securityGroupAggregate } from '../../src/domain/securityGroup.ts';
import { createMemoryUnits } from '../conformanceSuites/memoryUnit.ts';

const account = '000000000002';
const a = 'sg-0000000a';
const b = 'sg-0000000b';

const world = (strictAws = true) => {
  const units = createMemoryUnits();
  const settings = { ...defaultGroupSettings, strictAws };
  const run = (command: GroupCommand, admin = false) => {
    const { result, events } = units.run((unit) => executeGroupCommand(unit, command, settings), admin);
    const answer = isRefusal(result) ? (awsNames[result.refused] ?? result.refused) : result.return;
    return { answer, events: events.map(({ type }) => type), result };
  };
  const create = (groupId: string, name: string, owner = account) =>
    run({ type: 'CreateSecurityGroup', account: owner, groupId, name, description: '' });
  return { units, settings, run, create };
};

const from = (groupName: string) => [{ protocol: 'tcp', fromPort: 22, toPort: 22, groups: [{ groupName }] }];

describe('groups and their names', () => {
  test('created with its name, once per account', () => {
    const { create } = world();
    assert.deepEqual(create(a, 'web').events, ['SecurityGroupNameTaken', 'SecurityGroupCreated']);
    assert.deepEqual(create(a, 'web').events, []);
    assert.equal(create(b, 'web').answer, 'InvalidGroup.Duplicate');
    assert.equal(create(b, 'web', '000000000003').answer, true);
  });

  test('a refused creation leaves the name free', () => {
    const { run, create } = world();
    const long = 'x'.repeat(256);
    run({ type: 'CreateSecurityGroup', account, groupId: a, name: 'web', description: long });
    assert.equal(create(b, 'web').answer, true);
  });

  test('deleted with its name, which is free again', () => {
    const { run, create } = world();
    create(a, 'web');
    const gone = run({ type: 'DeleteSecurityGroup', account, name: 'web' });
    assert.deepEqual(gone.events, ['SecurityGroupDeleted', 'SecurityGroupNameGivenUp']);
    assert.equal(run({ type: 'DeleteSecurityGroup', account, name: 'web' }).answer, 'InvalidGroup.NotFound');
    assert.equal(run({ type: 'DeleteSecurityGroup', account, groupId: a }).answer, 'InvalidGroup.NotFound');
    assert.equal(create(b, 'web').answer, true);
  });

  test('a creation cut short after the name is completed by the next one', () => {
    const { units, create } = world();
    units.run((unit) => {
      const taken = { type: 'SecurityGroupNameTaken', account, name: 'web', groupId: a } as const;
      unit.write(groupNamesAggregate, account, [taken]);
    });
    const { result, events } = create(b, 'web');
    assert.deepEqual(events, ['SecurityGroupCreated']);
    assert.equal(isRefusal(result) ? undefined : result.groupId, a);
    assert.deepEqual(create(a, 'web').events, []);
  });

  test('a deletion cut short before the name does not block it', () => {
    const { units, create } = world();
    create(a, 'web');
    units.run((unit) => unit.write(securityGroupAggregate, a, [{ type: 'SecurityGroupDeleted', groupId: a }]));
    assert.deepEqual(create(b, 'web').events, [
      'SecurityGroupNameGivenUp',
      'SecurityGroupNameTaken',
      'SecurityGroupCreated',
    ]);
  });

  test('named by a rule of another group of the account: in use in strict AWS, not in 4.0', () => {
    for (const [strictAws, answer] of [
      [true, 'InvalidGroup.InUse'],
      [false, true],
    ] as const) {
      const { run, create } = world(strictAws);
      create(a, 'web');
      create(b, 'db');
      run({ type: 'AuthorizeIngress', account, name: 'db', permissions: from('web') });
      assert.equal(run({ type: 'DeleteSecurityGroup', account, name: 'web' }).answer, answer);
    }
  });
});

describe('rules', () => {
  test('authorized and revoked; the modes differ in what a repetition answers', () => {
    for (const [strictAws, twice, absent] of [
      [true, 'InvalidPermission.Duplicate', 'InvalidPermission.NotFound'],
      [false, false, true],
    ] as const) {
      const { run, create } = world(strictAws);
      create(a, 'web');
      const wish = { account, groupId: a, permissions: from('web') };
      assert.equal(run({ type: 'AuthorizeIngress', ...wish }).answer, true);
      assert.equal(run({ type: 'AuthorizeIngress', ...wish }).answer, twice);
      assert.equal(run({ type: 'RevokeIngress', ...wish }).answer, true);
      assert.equal(run({ type: 'RevokeIngress', ...wish }).answer, absent);
    }
  });

  test("other accounts' groups are out of reach, except for administrators", () => {
    const { run, create } = world();
    create(a, 'web', '000000000003');
    create(b, 'db');
    const permissions = [{ protocol: 'tcp', fromPort: 22, toPort: 22, cidrs: ['10.0.0.0/8'] }];
    assert.equal(run({ type: 'AuthorizeIngress', account, groupId: a, permissions }).answer, 'InvalidGroup.NotFound');
    assert.equal(run({ type: 'AuthorizeIngress', account, groupId: a, permissions }, true).answer, true);
    const foreign = [{ protocol: 'tcp', fromPort: 22, toPort: 22, groups: [{ groupId: a }] }];
    assert.equal(run({ type: 'AuthorizeIngress', account, groupId: b, permissions: foreign }).answer, true);
  });
});

describe('the default group', () => {
  test('made once, with the same id whoever makes it', () => {
    const ids = [true, false].map((strictAws) => {
      const { units, settings } = world(strictAws);
      const first = units.run((unit) => ensureDefaultGroup(unit, account, settings));
      const second = units.run((unit) => ensureDefaultGroup(unit, account, settings));
      assert.ok(first.events.length > 0);
      assert.deepEqual(second.events, []);
      assert.equal(second.result.groupId, first.result.groupId);
      return first.result.groupId;
    });
    assert.equal(ids[0], ids[1]);
    assert.match(ids[0] ?? '', /^sg-[0-9a-f]{8}$/);
  });

  test('in 4.0 it is deleted, even when missing, and reappears under another id', () => {
    const { run, units, settings } = world(false);
    const first = run({ type: 'DeleteSecurityGroup', account, name: 'default' });
    assert.equal(first.answer, true);
    const { result } = units.run((unit) => ensureDefaultGroup(unit, account, settings));
    assert.notEqual(isRefusal(first.result) ? undefined : first.result.groupId, result.groupId);
  });

  test('in strict AWS it cannot be deleted, and a refused deletion does not make it', () => {
    const { run, units } = world();
    assert.equal(run({ type: 'DeleteSecurityGroup', account, name: 'default' }).answer, 'InvalidGroup.Reserved');
    assert.equal(units.run((unit) => unit.read(groupNamesAggregate, account).ids.size).result, 0);
  });

  test('named as a source it comes into being', () => {
    const { run, create } = world();
    create(a, 'web');
    const { answer, events } = run({ type: 'AuthorizeIngress', account, name: 'web', permissions: from('default') });
    assert.equal(answer, true);
    assert.ok(events.includes('SecurityGroupCreated'));
  });

  test('a launch without groups joins it, in the unit that makes it', () => {
    const { units, settings } = world();
    const { events } = units.run((unit) => {
      const groups = launchGroups(unit, account, [], settings);
      assert.ok(!isRefusal(groups));
      for (const { groupId, record } of groups) {
        const joined = joinGroup(record, groupId, 'i-00000001');
        assert.ok(!isRefusal(joined));
        unit.write(securityGroupAggregate, groupId, joined);
      }
    });
    assert.equal(events.at(-1)?.type, 'SecurityGroupMemberJoined');
  });

  test('a launch that names groups does not make it', () => {
    const { units, settings, create } = world();
    create(a, 'web');
    const { result, events } = units.run((unit) => launchGroups(unit, account, ['web', a], settings));
    assert.deepEqual(isRefusal(result) ? [] : result.map(({ groupId }) => groupId), [a]);
    assert.deepEqual(events, []);
  });
});
