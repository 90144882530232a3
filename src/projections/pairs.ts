/**
 * A relation between texts as a trie whose keys are pairs, so that everything related to one text stands together and is
 * found without an index of its own. Keys are opaque: whoever wants the parts asks here.
 */
import { rootOf, type Trie } from './trie.ts';
import { indexOf, labelOf, type Node } from './trieNodes.ts';

/** Sorts before every character of a name, so that the pairs of one text are neighbours. */
const separator = '\u0001';

export const pairKey = (first: string, second: string): string => first + separator + second;

/** Sees whatever stands second in a pair with `first`, ascending, with the pair's value, until `see` answers `false`. */
export const eachSecond = <V>(relation: Trie<V>, first: string, see: (second: string, value: V) => unknown): void => {
  visitWithin(rootOf(relation), first + separator, see);
};

const visitWithin = <V>(node: Node<V>, start: string, see: (second: string, value: V) => unknown): boolean => {
  if (node.kind === 'leaf') return visitLeaf(node, start, see);
  if (node.prefix.startsWith(start)) return node.children.every((child) => visitWithin(child, start, see));
  if (!start.startsWith(node.prefix)) return true;
  const child = node.children[node.labels.indexOf(labelOf(start, node.prefix.length))];
  return child === undefined || visitWithin(child, start, see);
};

const visitLeaf = <V>(
  { keys, values }: Extract<Node<V>, { kind: 'leaf' }>,
  start: string,
  see: (second: string, value: V) => unknown,
): boolean => {
  const place = indexOf(keys, start);
  for (let index = place < 0 ? ~place : place; index < keys.length; index += 1) {
    const key = keys[index] as string;
    if (!key.startsWith(start)) return true;
    if (see(key.slice(start.length), values[index] as V) === false) return false;
  }
  return true;
};
