/** Filters of descriptions: wildcards, alternatives, and filters that are known and never match. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressFilter, addressFilterNames, groupFilter, groupFilterNames } from '../../src/domain/filters.ts';
import { isRefusal } from '../../src/domain/refusals.ts';

const group = {
  id: 'sg-0000000a',
  account: '000000000002',
  name: 'web',
  description: 'a*b',
  rules: [
    { protocol: 6, low: 22, high: 23, source: { kind: 'cidr', cidr: '10.0.0.0/8' } },
    {
      protocol: 47,
      low: -1,
      high: -1,
      source: { kind: 'group', groupId: 'sg-0000000b', account: 'x', groupName: 'db' },
    },
  ],
} as const;

const passes = (name: string, ...values: readonly string[]): boolean => {
  const filter = groupFilter([{ name, values }]);
  assert.ok(!isRefusal(filter));
  return filter(group);
};

test('values are alternatives, filters add up', () => {
  assert.ok(passes('group-name', 'db', 'web'));
  assert.ok(!passes('group-name'));
  const both = groupFilter([
    { name: 'group-name', values: ['web'] },
    { name: 'owner-id', values: ['000000000003'] },
  ]);
  assert.ok(!isRefusal(both) && !both(group));
  const none = groupFilter([]);
  assert.ok(!isRefusal(none) && none(group));
});

test('every filter looks at its own member', () => {
  assert.ok(passes('ip-permission.protocol', 'tcp'));
  assert.ok(passes('ip-permission.protocol', '6'));
  assert.ok(passes('ip-permission.protocol', '47'));
  assert.ok(passes('ip-permission.from-port', '22'));
  assert.ok(passes('ip-permission.to-port', '23'));
  assert.ok(passes('ip-permission.group-name', 'db'));
  assert.ok(passes('ip-permission.user-id', 'x'));
  assert.ok(passes('ip-permission.cidr', '10.*'));
  assert.ok(!passes('tag-key', '*'));
  assert.ok(!passes('tag:owner', '*'));
});

test('an unknown filter is refused by name', () => {
  const unknown = groupFilter([{ name: 'colour', values: ['red'] }]);
  assert.ok(isRefusal(unknown) && unknown.value === 'colour');
  assert.ok(isRefusal(addressFilter([{ name: 'group-id', values: [] }])));
  for (const name of groupFilterNames) assert.ok(!isRefusal(groupFilter([{ name, values: ['x'] }])));
  for (const name of addressFilterNames) assert.ok(!isRefusal(addressFilter([{ name, values: ['x'] }])));
});

test('wildcards and the backslash', () => {
  assert.ok(passes('description', 'a\\*b'));
  assert.ok(passes('description', 'a?b'));
  assert.ok(!passes('group-name', 'w\\?b'));
  assert.ok(!passes('group-name', 'we'));
  assert.ok(!passes('group-name', 'web\\'));
  assert.ok(passes('group-name', '**e**b*'));
});

test('a pattern matches what the same regular expression matches', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '?', '*', '.', '\\'), maxLength: 8 });
  const escaped = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const asExpression = (pattern: string): RegExp => {
    const parts = pattern.match(/\\[\s\S]|[\s\S]/g) ?? [];
    const body = parts.map((part) => {
      if (part === '*') return '[\\s\\S]*';
      if (part === '?') return '[\\s\\S]';
      return escaped(part.length === 2 ? part.slice(1) : part);
    });
    return new RegExp(`^${body.join('')}$`);
  };
  fc.assert(
    fc.property(text, text, (pattern, description) => {
      const filter = groupFilter([{ name: 'description', values: [pattern] }]);
      assert.ok(!isRefusal(filter));
      assert.equal(filter({ ...group, description }), asExpression(pattern).test(description));
    }),
    { numRuns: 500 },
  );
});

test('a hostile pattern costs no more than its length times the text', () => {
  const filter = groupFilter([{ name: 'description', values: ['*a'.repeat(2000)] }]);
  assert.ok(!isRefusal(filter));
  assert.equal(filter({ ...group, description: `${'a'.repeat(20_000)}b` }), false);
});
