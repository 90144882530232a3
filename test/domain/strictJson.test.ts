import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';
import { parseStrictJson } from '../../src/domain/strictJson.ts';

const refusalOf = (text: string, maxDepth?: number): Refusal => {
  const read = parseStrictJson(text, maxDepth);
  assert.ok(isRefusal(read), `${text} was accepted`);
  return read;
};

const forbidden = new Set(['__proto__', 'constructor', 'prototype']);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ min: -1e15, max: 1e15, noNaN: true }),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((name) => !forbidden.has(name)),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

test('valid text reads as the platform reads it, however it is laid out', () => {
  fc.assert(
    fc.property(anyValue, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      assert.deepEqual(parseStrictJson(text), { json: JSON.parse(text) });
    }),
    { numRuns: 500 },
  );
});

test('text that the platform refuses is refused', () => {
  const damaged = fc
    .tuple(anyValue, fc.nat(), fc.constantFrom('', '"', ',', '}', ']', ':', '\\', '0', '.', 'e', '\u0001', '//', 'nul'))
    .map(([value, at, piece]) => {
      const text = JSON.stringify(value);
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + piece + text.slice(cut + 1);
    });
  const accepts = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(damaged, (text) => accepts(text) || isRefusal(parseStrictJson(text))),
    { numRuns: 2000 },
  );
});

test('no text makes it throw', () => {
  const noise = fc.array(
    fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'u00', '1', '-', 'true', ' ', '\ud800'),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(noise, (parts) => typeof parseStrictJson(parts.join('')) === 'object'),
    { numRuns: 2000 },
  );
});

test('a repeated member is refused by path', () => {
  const refusal = refusalOf('{"Clusters": [{"Name": "a"},\n {"Name": "b", "Name": "c"}]}');
  assert.deepEqual([refusal.refused, refusal.member], ['json.duplicate-member', 'Clusters[1].Name']);
  assert.match(refusal.detail, /line 2/);
  assert.equal(refusalOf('{"a":1,"\\u0061":2}').refused, 'json.duplicate-member');
});

test('names that reach into prototypes are refused, also when escaped', () => {
  for (const name of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__']) {
    assert.equal(refusalOf(`{"a": {"${name}": 1}}`).refused, 'json.forbidden-member');
  }
  assert.deepEqual(parseStrictJson('{"toString": 1}'), { json: { toString: 1 } });
});

test('numbers that cannot be held exactly are refused by path', () => {
  for (const number of ['9007199254740992', '-9007199254740993', '1e400', '1e16', '123456789012345678901234567890']) {
    const refusal = refusalOf(`{"a":[0,${number}]}`);
    assert.deepEqual([refusal.refused, refusal.member, refusal.value], ['json.unsafe-number', 'a[1]', number]);
  }
  assert.deepEqual(parseStrictJson('[9007199254740991, -0.5, 1e3]'), { json: [9007199254740991, -0.5, 1000] });
});

test('nesting ends at the limit', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  assert.ok(!isRefusal(parseStrictJson(nested(3), 3)));
  assert.equal(refusalOf(nested(4), 3).refused, 'json.too-deep');
  assert.equal(refusalOf('['.repeat(1_000_000)).refused, 'json.too-deep');
  assert.equal(refusalOf('{"a":'.repeat(100_000)).refused, 'json.too-deep');
});

test('what other readers let pass is a syntax error with its place', () => {
  const texts = [
    '',
    ' ',
    '{} x',
    '[1,]',
    '{"a":1,}',
    "{'a':1}",
    '{a:1}',
    '// x\n1',
    '01',
    '1.',
    '.5',
    '+1',
    'NaN',
    'Infinity',
    '0x10',
    '"a\nb"',
    '"\\x41"',
    '"\\ud800"',
    '"\ud800"',
    '"abc',
    '\ufeff{}',
    'tru',
    '[1 2]',
    '{"a" 1}',
  ];
  for (const text of texts) {
    const refusal = refusalOf(text);
    assert.equal(refusal.refused, 'json.syntax', JSON.stringify(text));
    assert.match(refusal.detail, /line \d+, column \d+/);
  }
});
