/**
 * Leaves of tries that are read when they are first looked at: what was written down needs its shape to be a trie again, and
 * its entries only when somebody asks. A sleeping leaf is a leaf like any other to everybody; it belongs to no owner, so that
 * whoever changes it copies it.
 */
import type { Inner, Leaf, Node } from './trieNodes.ts';

export type Entries<V> = { readonly keys: readonly string[]; readonly values: readonly V[] };

type Sleeping<V> = Leaf<V> & { wake: (() => Entries<V>) | undefined; entries: Entries<V> | undefined };

const entriesOf = <V>(leaf: Sleeping<V>): Entries<V> => {
  if (leaf.entries === undefined) {
    leaf.entries = leaf.wake?.() ?? { keys: [], values: [] };
    leaf.wake = undefined;
  }
  return leaf.entries;
};

/** Shared by all of them, so that they look alike to the machine. */
const waking = {
  get keys(): readonly string[] {
    return entriesOf(this as unknown as Sleeping<unknown>).keys;
  },
  get values(): readonly unknown[] {
    return entriesOf(this as unknown as Sleeping<unknown>).values;
  },
};

/** `wake` is called at most once; if it throws, once more when somebody looks again. */
export const sleepingLeaf = <V>(wake: () => Entries<V>): Leaf<V> =>
  Object.assign(Object.create(waking), { kind: 'leaf', wake, entries: undefined }) as Sleeping<V>;

/** What a trie looks like without what its leaves hold: a leaf is the number of its entries. */
export type Shape = number | readonly [prefix: string, labels: string, children: readonly Shape[]];

export const shapeOf = (node: Node<unknown>): Shape =>
  node.kind === 'leaf' ? node.keys.length : [node.prefix, node.labels, node.children.map(shapeOf)];

/** The node of this shape. `leaf` is asked for one leaf after the other, in order. */
export const nodeOfShape = <V>(shape: Shape, leaf: (size: number) => Leaf<V>): Node<V> => sized(shape, leaf).node;

type Sized<V> = { readonly node: Node<V>; readonly size: number };

const sized = <V>(shape: Shape, leaf: (size: number) => Leaf<V>): Sized<V> => {
  if (typeof shape === 'number') return { node: leaf(shape), size: shape };
  const [prefix, labels, shapes] = shape;
  const children: Node<V>[] = [];
  let size = 0;
  for (const one of shapes) {
    const child = sized(one, leaf);
    children.push(child.node);
    size += child.size;
  }
  const node: Inner<V> = { kind: 'inner', prefix, labels, children, size };
  return { node, size };
};

export function* leavesOf<V>(node: Node<V>): Generator<Leaf<V>> {
  if (node.kind === 'leaf') yield node;
  else for (const child of node.children) yield* leavesOf(child);
}
