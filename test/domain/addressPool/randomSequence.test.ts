/** Randomness that follows from a seed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomSequence, shuffled } from '../../../src/domain/addressPool/randomSequence.ts';

const draw = (seed: number, count: number, bound: number): readonly number[] => {
  const random = randomSequence(seed);
  return Array.from({ length: count }, () => random.below(bound));
};

test('the same seed, the same numbers; neighbouring seeds, others', () => {
  assert.deepEqual(draw(5, 50, 1000), draw(5, 50, 1000));
  const firsts = new Set(Array.from({ length: 200 }, (_, seed) => draw(seed, 1, 1_000_000)[0]));
  assert.ok(firsts.size > 190);
});

test('within the bound, and every value of it', () => {
  const seen = new Map<number, number>();
  for (const value of draw(1, 16_000, 16)) seen.set(value, (seen.get(value) ?? 0) + 1);
  assert.deepEqual(
    [...seen.keys()].toSorted((a, b) => a - b),
    Array.from({ length: 16 }, (_, n) => n),
  );
  for (const count of seen.values()) assert.ok(count > 800 && count < 1200, `${count} of about 1000`);
});

test('a shuffle has every number once', () => {
  for (const seed of [0, 1, -1, 2 ** 40, 0.5]) {
    const deck = [...shuffled(10, 40, randomSequence(seed))];
    assert.deepEqual(
      deck.toSorted((a, b) => a - b),
      Array.from({ length: 30 }, (_, n) => n + 10),
    );
    assert.notDeepEqual(
      deck,
      deck.toSorted((a, b) => a - b),
    );
  }
});
