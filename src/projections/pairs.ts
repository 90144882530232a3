/**
 * A relation between texts as a trie whose keys are pairs, so that everything related to one text stands together and is
 * found without an index of its own. Keys are opaque: whoever wants the parts asks here.
 */
import { from, type Trie } from './trie.ts';

/** Sorts before every character of a name, so that the pairs of one text are neighbours. */
const separator = '\u0001';

export const pairKey = (first: string, second: string): string => first + separator + second;

/** Whatever stands second in a pair with `first`, ascending, with the pair's value. */
export const secondsOf = function* <V>(relation: Trie<V>, first: string): Generator<readonly [string, Readonly<V>]> {
  const start = first + separator;
  for (const [key, value] of from(relation, start)) {
    if (!key.startsWith(start)) return;
    yield [key.slice(start.length), value];
  }
};
