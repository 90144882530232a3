/**
 * Putting entries into a trie that nobody else has seen yet, by changing its nodes: the same shapes as `withKey` makes, at a
 * fraction of the cost. Must never be given a node that another trie holds or that something was remembered about.
 */
import {
  emptyLeaf,
  type Inner,
  indexOf,
  type Leaf,
  labelOf,
  leafLimit,
  type Node,
  sizeOf,
  withKey,
} from './trieNodes.ts';

type Open<N> = { -readonly [M in keyof N]: N[M] extends readonly (infer T)[] ? T[] : N[M] };

/** The node with the entry: the given one, changed, or the one that takes its place. */
export const withKeyInPlace = <V>(node: Node<V>, key: string, value: V): Node<V> =>
  node.kind === 'leaf' ? inLeaf(node, key, value) : inInner(node, key, value);

const inLeaf = <V>(node: Leaf<V>, key: string, value: V): Node<V> => {
  const index = indexOf(node.keys, key);
  const isFull = index < 0 && node.keys.length >= leafLimit;
  if (isFull || (node as Leaf<unknown>) === emptyLeaf || key.includes('\0')) return withKey(node, key, value);
  const open = node as Open<Leaf<V>>;
  if (index >= 0) open.values[index] = value;
  else {
    open.keys.splice(~index, 0, key);
    open.values.splice(~index, 0, value);
  }
  return node;
};

const inInner = <V>(node: Inner<V>, key: string, value: V): Node<V> => {
  const { prefix, labels } = node;
  const index = key.startsWith(prefix) ? labels.indexOf(labelOf(key, prefix.length)) : -1;
  const old = node.children[index];
  // A new branch is rare, and makes a new node here; what hangs below it stays the same.
  if (old === undefined) return withKey(node, key, value);
  const open = node as Open<Inner<V>>;
  const before = sizeOf(old);
  const child = withKeyInPlace(old, key, value);
  open.children[index] = child;
  open.size += sizeOf(child) - before;
  return node;
};
