/** Laws of security groups: rules and members are sets, whatever the order and however often something is wished. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { giveUpGroupName, groupNamesAggregate, takeGroupName } from '../../src/domain/groupNames.ts';
import { defaultGroupSettings } from '../../src/domain/groupSettings.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import { type Rule, ruleKey } from '../../src/domain/rule.ts';
import {
  authorizeRules,
  joinGroup,
  leaveGroup,
  revokeRules,
  type SecurityGroupEvent,
  type SecurityGroupRecord,
  securityGroupFrom,
} from '../../src/domain/securityGroup.ts';
import { recordedOf } from '../conformanceSuites/recordedOf.ts';

const strict = defaultGroupSettings;
const lenient = { ...defaultGroupSettings, strictAws: false };
const groupId = 'sg-0000000a';
const created: SecurityGroupEvent = {
  type: 'SecurityGroupCreated',
  groupId,
  account: '000000000002',
  name: 'web',
  description: '',
};

/** Few values, so that rules meet each other. */
const rule: fc.Arbitrary<Rule> = fc.record({
  protocol: fc.constantFrom(1, 6, 17, 47),
  low: fc.constantFrom(-1, 8, 22),
  high: fc.constantFrom(-1, 22, 80),
  source: fc.oneof(
    fc.record({ kind: fc.constant('cidr' as const), cidr: fc.constantFrom('0.0.0.0/0', '10.0.0.0/8') }),
    fc.record({
      kind: fc.constant('group' as const),
      groupId: fc.constantFrom('sg-0000000a', 'sg-0000000b'),
      account: fc.constantFrom('000000000002', '000000000003'),
    }),
  ),
});
const rules = fc.array(rule, { minLength: 1, maxLength: 6 });
const keysOf = (group: SecurityGroupRecord): readonly string[] => [...group.rules.keys()].sort();

type Wish = { readonly op: 'authorize' | 'revoke'; readonly rules: readonly Rule[] };
const wish: fc.Arbitrary<Wish> = fc.record({ op: fc.constantFrom('authorize', 'revoke'), rules });

/** The events of one wish; a refusal changes nothing. */
const decided = (
  group: SecurityGroupRecord,
  { op, rules }: Wish,
  settings = lenient,
): readonly SecurityGroupEvent[] => {
  const decision = (op === 'authorize' ? authorizeRules : revokeRules)(group, groupId, rules, settings);
  return isRefusal(decision) ? [] : decision;
};

const played = (wishes: readonly Wish[], settings = lenient): readonly SecurityGroupEvent[] => {
  const events: SecurityGroupEvent[] = [created];
  for (const each of wishes) events.push(...decided(securityGroupFrom(events), each, settings));
  return events;
};

test('rules are a set: any order of single authorizations gives the same group', () => {
  fc.assert(
    fc.property(rules, fc.nat(), (list, seed) => {
      const singles = list.map((each): Wish => ({ op: 'authorize', rules: [each] }));
      const turned = singles.map((_, index) => singles[(index + seed) % singles.length]).filter((w) => w !== undefined);
      const back = singles.toReversed();
      const group = securityGroupFrom(played(singles));
      assert.deepEqual(keysOf(securityGroupFrom(played(turned))), keysOf(group));
      assert.deepEqual(keysOf(securityGroupFrom(played(back))), keysOf(group));
      assert.deepEqual(keysOf(group), [...new Set(list.map(ruleKey))].sort());
    }),
  );
});

test('in both modes, after any wishes the group holds what a plain set of keys holds', () => {
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 12 }), fc.boolean(), (wishes, strictAws) => {
      const model = new Set<string>();
      for (const { op, rules: list } of wishes) {
        const keys = [...new Set(list.map(ruleKey))];
        if (op === 'authorize' && keys.every((key) => !model.has(key))) for (const key of keys) model.add(key);
        if (op === 'revoke' && (!strictAws || keys.every((key) => model.has(key)))) {
          for (const key of keys) model.delete(key);
        }
      }
      const group = securityGroupFrom(played(wishes, { ...strict, strictAws }));
      assert.deepEqual(keysOf(group), [...model].sort());
    }),
  );
});

test('authorize, then revoke the same, is nothing', () => {
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 6 }), rules, fc.boolean(), (before, list, strictAws) => {
      const settings = { ...strict, strictAws };
      const events = played(before, settings);
      const group = securityGroupFrom(events);
      const added = decided(group, { op: 'authorize', rules: list }, settings);
      fc.pre(added.length > 0);
      const after = securityGroupFrom([...events, ...added]);
      const taken = decided(after, { op: 'revoke', rules: list }, settings);
      assert.deepEqual(keysOf(securityGroupFrom([...events, ...added, ...taken])), keysOf(group));
    }),
  );
});

test('4.0: deciding twice is deciding once', () => {
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 6 }), wish, (before, each) => {
      const events = played(before);
      const once = decided(securityGroupFrom(events), each);
      assert.deepEqual(decided(securityGroupFrom([...events, ...once]), each), []);
    }),
  );
});

test('strict AWS: deciding twice never adds to what was decided once', () => {
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 6 }), wish, (before, each) => {
      const events = played(before, strict);
      const once = decided(securityGroupFrom(events), each, strict);
      fc.pre(once.length > 0);
      assert.deepEqual(decided(securityGroupFrom([...events, ...once]), each, strict), []);
    }),
  );
});

test('membership: the group holds exactly those whose last step was joining', () => {
  const step = fc.record({ joins: fc.boolean(), instance: fc.constantFrom('i-00000001', 'i-00000002', 'i-00000003') });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const model = new Set<string>();
      let events: readonly SecurityGroupEvent[] = [created];
      for (const { joins, instance } of steps) {
        const group = securityGroupFrom(events);
        const decision = joins ? joinGroup(group, groupId, instance) : leaveGroup(group, groupId, instance);
        assert.ok(!isRefusal(decision));
        assert.equal(decision.length, joins === model.has(instance) ? 0 : 1);
        if (joins) model.add(instance);
        else model.delete(instance);
        events = [...events, ...decision];
      }
      assert.deepEqual([...securityGroupFrom(events).members].sort(), [...model].sort());
    }),
  );
});

test('names: never two groups under one name, and only the holder gives it up', () => {
  const step = fc.record({
    takes: fc.boolean(),
    name: fc.constantFrom('web', 'db'),
    group: fc.constantFrom('sg-0000000a', 'sg-0000000b', 'sg-0000000c'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const names = groupNamesAggregate.initial();
      const model = new Map<string, string>();
      for (const { takes, name, group } of steps) {
        const each = { account: '000000000002', name, groupId: group };
        const decision = takes ? takeGroupName(names, each, strict) : giveUpGroupName(names, each);
        const held = model.get(name);
        assert.equal(isRefusal(decision), takes && held !== undefined && held !== group);
        if (isRefusal(decision)) continue;
        for (const event of decision) groupNamesAggregate.apply(names, event, recordedOf(event));
        if (takes) model.set(name, group);
        else if (held === group) model.delete(name);
      }
      assert.deepEqual(new Map(names.ids), model);
    }),
  );
});
