import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { distance, nearest } from '../../../src/adapters/cli/nearest.ts';

test('distance counts insertions, deletions, replacements and swaps of neighbours', () => {
  assert.equal(distance('status', 'status'), 0);
  assert.equal(distance('stauts', 'status'), 1);
  assert.equal(distance('statu', 'status'), 1);
  assert.equal(distance('', 'abc'), 3);
  assert.equal(distance('kitten', 'sitting'), 3);
});

test('distance is symmetric, and zero for equal words only', () => {
  const word = fc.stringMatching(/^[a-d]{0,6}$/);
  fc.assert(
    fc.property(word, word, (a, b) => distance(a, b) === distance(b, a) && (distance(a, b) === 0) === (a === b)),
  );
});

test('one slip in a word of five letters or more finds the word', () => {
  const words = ['addresses', 'clusters', 'instances', 'properties', 'events'];
  fc.assert(
    fc.property(fc.constantFrom(...words), fc.nat(), fc.stringMatching(/^[a-z]$/), (word, at, letter) => {
      const i = at % word.length;
      const slipped = word.slice(0, i) + letter + word.slice(i + 1);
      assert.equal(nearest(slipped, words), word);
    }),
  );
});

test('the beginning of exactly one word stands for it, and something else for nothing', () => {
  assert.equal(nearest('terminat', ['terminate', 'terminated']), 'terminate');
  assert.equal(nearest('pro', ['properties', 'events']), 'properties');
  assert.equal(nearest('xyzzy', ['properties', 'events']), undefined);
  assert.equal(nearest('', ['properties']), undefined);
});
