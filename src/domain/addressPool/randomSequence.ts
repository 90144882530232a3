/**
 * Randomness as an input: a sequence of numbers that follows from a seed alone, so that a decision can be made again and
 * comes out the same. Fit for spreading addresses, not for secrets.
 */

export type RandomSequence = {
  /** An integer from 0 up to, not including, `bound`. */
  readonly below: (bound: number) => number;
};

/** Any number is a seed; only its lower 32 bits count. Xorshift over 32 bits, seeded through a multiplicative mix. */
export const randomSequence = (seed: number): RandomSequence => {
  let state = Math.imul((seed ^ 0x9e3779b9) | 0, 0x45d9f3b) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let warm = 0; warm < 8; warm += 1) next();
  return { below: (bound) => Math.floor((next() / 0x1_0000_0000) * bound) };
};

/** The integers from `from` up to, not including, `to` in random order; what is not drawn costs nothing. */
export function* shuffled(from: number, to: number, random: RandomSequence): Generator<number, void, undefined> {
  const moved = new Map<number, number>();
  for (let at = from; at < to; at += 1) {
    const chosen = at + random.below(to - at);
    const value = moved.get(chosen) ?? chosen;
    moved.set(chosen, moved.get(at) ?? at);
    yield value;
  }
}
