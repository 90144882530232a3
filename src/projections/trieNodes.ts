/**
 * The nodes a canonical radix trie is made of, and the operations on them. What a node looks like is decided by the set of
 * its keys alone: at most `leafLimit` keys are one leaf, more are split by the first character in which they differ.
 * A node is changed only for the owner it was made for (`owner.ts`), for everybody else never: an operation copies the path it
 * touches and keeps everything else by identity. Whoever caches something about a node may therefore hang it on the node's
 * identity, as soon as its owner is gone; nothing here may break that.
 */
import { type Mark, nobody, type Owner } from './owner.ts';

/** Most entries that share one leaf. Part of the shape: bytes and digests built on tries change with it. */
export const leafLimit = 32;

/** `keys` ascending by UTF-16 code units, `values[i]` belongs to `keys[i]`. */
export type Leaf<V> = {
  readonly kind: 'leaf';
  readonly keys: readonly string[];
  readonly values: readonly V[];
  /** Of the owner it was made for. Says nothing about what the node holds. */
  readonly mark?: Mark;
};

/**
 * `prefix` is the longest common one of all `size` keys below. `labels[i]` is the character that follows it in the keys of
 * `children[i]`, ascending; `endLabel` stands for the key that ends there.
 */
export type Inner<V> = {
  readonly kind: 'inner';
  readonly prefix: string;
  readonly labels: string;
  readonly children: readonly Node<V>[];
  readonly size: number;
  readonly mark?: Mark;
};

export type Node<V> = Leaf<V> | Inner<V>;

const endLabel = '\0';

/** What its owner sees of a node. */
type Open<N> = { -readonly [M in keyof N]: N[M] extends readonly (infer T)[] ? T[] : N[M] };

const isOwn = (node: { readonly mark?: Mark }, owner: Owner): boolean => owner !== nobody && node.mark === owner.mark;

export const emptyLeaf: Leaf<never> = Object.freeze({
  kind: 'leaf',
  keys: Object.freeze([]),
  values: Object.freeze([]),
  mark: nobody.mark,
});

export const sizeOf = (node: Node<unknown>): number => (node.kind === 'leaf' ? node.keys.length : node.size);

/** The character that decides between the children of a node with a prefix of this length. */
export const labelOf = (key: string, prefixLength: number): string =>
  prefixLength < key.length ? key.charAt(prefixLength) : endLabel;

/** Index of the key, or the complement (`~i`) of the index where it would be. */
export const indexOf = (keys: readonly string[], key: string): number => {
  let low = 0;
  let high = keys.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = keys[middle] as string;
    if (found === key) return middle;
    if (found < key) low = middle + 1;
    else high = middle - 1;
  }
  return ~low;
};

export const find = <V>(root: Node<V>, key: string): V | undefined => {
  let node = root;
  while (node.kind === 'inner') {
    if (!key.startsWith(node.prefix)) return undefined;
    const child = node.children[node.labels.indexOf(labelOf(key, node.prefix.length))];
    if (child === undefined) return undefined;
    node = child;
  }
  const index = indexOf(node.keys, key);
  return index < 0 ? undefined : node.values[index];
};

/** The same node when the very same value is there already, or when the owner's node was changed. */
export const withKey = <V>(node: Node<V>, key: string, value: V, owner: Owner = nobody): Node<V> =>
  node.kind === 'leaf' ? withKeyInLeaf(node, key, value, owner) : withKeyInInner(node, key, value, owner);

const withKeyInLeaf = <V>(node: Leaf<V>, key: string, value: V, owner: Owner): Node<V> => {
  const index = indexOf(node.keys, key);
  if (index < 0) return withNewKeyInLeaf(node, ~index, key, value, owner);
  if (node.values[index] === value) return node;
  if (!isOwn(node, owner)) return leafOf(node.keys, replaced(node.values, index, value), owner);
  (node as Open<Leaf<V>>).values[index] = value;
  return node;
};

const withNewKeyInLeaf = <V>(node: Leaf<V>, at: number, key: string, value: V, owner: Owner): Node<V> => {
  if (key.includes(endLabel)) throw new Error(`a key of a trie holds no NUL character, this one does: ${key}`);
  const { keys, values } = node;
  if (keys.length >= leafLimit) return nodeOf(inserted(keys, at, key), inserted(values, at, value), owner);
  if (!isOwn(node, owner)) return leafOf(inserted(keys, at, key), inserted(values, at, value), owner);
  const open = node as Open<Leaf<V>>;
  // A leaf of which only values differ shares its keys with the leaf it came from, which may be somebody else's.
  if (owner.records === undefined) open.keys.splice(at, 0, key);
  else open.keys = inserted(keys, at, key);
  open.values.splice(at, 0, value);
  return node;
};

const withKeyInInner = <V>(node: Inner<V>, key: string, value: V, owner: Owner): Node<V> => {
  const { prefix, labels, children, size } = node;
  if (!key.startsWith(prefix)) return parted(node, key, value, owner);
  const label = labelOf(key, prefix.length);
  const index = labels.indexOf(label);
  const old = children[index];
  if (old === undefined) {
    const at = placeOf(labels, label);
    const widened = labels.slice(0, at) + label + labels.slice(at);
    return innerOf(prefix, widened, inserted(children, at, leafWith(key, value, owner)), size + 1, owner);
  }
  const before = sizeOf(old);
  const child = withKey(old, key, value, owner);
  const after = size + sizeOf(child) - before;
  if (child === old && after === size) return node;
  if (!isOwn(node, owner)) return innerOf(prefix, labels, replaced(children, index, child), after, owner);
  const open = node as Open<Inner<V>>;
  open.children[index] = child;
  open.size = after;
  return node;
};

/** A key outside the node's prefix: both hang below a new node with the shorter prefix. */
const parted = <V>(node: Inner<V>, key: string, value: V, owner: Owner): Node<V> => {
  const length = commonLength(key, node.prefix);
  const old = labelOf(node.prefix, length);
  const fresh = labelOf(key, length);
  const leaf = leafWith(key, value, owner);
  const prefix = node.prefix.slice(0, length);
  return old < fresh
    ? innerOf(prefix, old + fresh, [node, leaf], node.size + 1, owner)
    : innerOf(prefix, fresh + old, [leaf, node], node.size + 1, owner);
};

/** The same node when the key is not there, or when the owner's node was changed. */
export const withoutKey = <V>(node: Node<V>, key: string, owner: Owner = nobody): Node<V> =>
  node.kind === 'leaf' ? withoutKeyInLeaf(node, key, owner) : withoutKeyInInner(node, key, owner);

const withoutKeyInLeaf = <V>(node: Leaf<V>, key: string, owner: Owner): Node<V> => {
  const index = indexOf(node.keys, key);
  return index < 0 ? node : leafOf(removed(node.keys, index), removed(node.values, index), owner);
};

const withoutKeyInInner = <V>(node: Inner<V>, key: string, owner: Owner): Node<V> => {
  const { prefix, labels, children, size } = node;
  if (!key.startsWith(prefix)) return node;
  const index = labels.indexOf(labelOf(key, prefix.length));
  const old = children[index];
  if (old === undefined) return node;
  const before = sizeOf(old);
  const child = withoutKey(old, key, owner);
  const left = sizeOf(child);
  if (left === before) return node;
  if (left === 0) {
    const narrowed = labels.slice(0, index) + labels.slice(index + 1);
    return settled(innerOf(prefix, narrowed, removed(children, index), size - 1, owner), owner);
  }
  if (!isOwn(node, owner)) {
    return settled(innerOf(prefix, labels, replaced(children, index, child), size - 1, owner), owner);
  }
  const open = node as Open<Inner<V>>;
  open.children[index] = child;
  open.size = size - 1;
  return settled(node, owner);
};

/** What a node that lost a key must look like: few enough keys are one leaf, an only child stands for itself. */
const settled = <V>(node: Inner<V>, owner: Owner): Node<V> => {
  if (node.size > leafLimit) return node.children.length === 1 ? (node.children[0] as Node<V>) : node;
  const keys: string[] = [];
  const values: V[] = [];
  visit(node, (key, value) => {
    keys.push(key);
    values.push(value);
  });
  return leafOf(keys, values, owner);
};

/** The canonical node of ascending, distinct keys and their values, which it may keep. */
export const nodeOf = <V>(keys: readonly string[], values: readonly V[], owner: Owner = nobody): Node<V> => {
  if (keys.length <= leafLimit) return leafOf(keys, values, owner);
  const first = keys[0] as string;
  const length = commonLength(first, keys[keys.length - 1] as string);
  const children: Node<V>[] = [];
  let labels = '';
  for (let from = 0; from < keys.length; ) {
    const label = labelOf(keys[from] as string, length);
    let to = from + 1;
    while (to < keys.length && labelOf(keys[to] as string, length) === label) to += 1;
    labels += label;
    children.push(nodeOf(keys.slice(from, to), values.slice(from, to), owner));
    from = to;
  }
  return innerOf(first.slice(0, length), labels, children, keys.length, owner);
};

/** All entries below the node, keys ascending. */
export const visit = <V>(node: Node<V>, see: (key: string, value: V) => void): void => {
  if (node.kind === 'inner') {
    for (const child of node.children) visit(child, see);
    return;
  }
  for (let index = 0; index < node.keys.length; index += 1) {
    see(node.keys[index] as string, node.values[index] as V);
  }
};

export const commonLength = (a: string, b: string): number => {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  return length;
};

const leafWith = <V>(key: string, value: V, owner: Owner): Leaf<V> => {
  if (key.includes(endLabel)) throw new Error(`a key of a trie holds no NUL character, this one does: ${key}`);
  return leafOf([key], [value], owner);
};

const leafOf = <V>(keys: readonly string[], values: readonly V[], { mark }: Owner): Leaf<V> => ({
  kind: 'leaf',
  keys,
  values,
  mark,
});

const innerOf = <V>(
  prefix: string,
  labels: string,
  children: readonly Node<V>[],
  size: number,
  { mark }: Owner,
): Inner<V> => ({
  kind: 'inner',
  prefix,
  labels,
  children,
  size,
  mark,
});

const placeOf = (labels: string, label: string): number => {
  let at = 0;
  while (at < labels.length && labels.charAt(at) < label) at += 1;
  return at;
};

/** Copies by loops: at these lengths they beat `splice` and spreading. */
const inserted = <T>(items: readonly T[], at: number, item: T): T[] => {
  const copy = new Array<T>(items.length + 1);
  for (let index = 0; index < at; index += 1) copy[index] = items[index] as T;
  copy[at] = item;
  for (let index = at; index < items.length; index += 1) copy[index + 1] = items[index] as T;
  return copy;
};

const replaced = <T>(items: readonly T[], at: number, item: T): T[] => {
  const copy = items.slice();
  copy[at] = item;
  return copy;
};

const removed = <T>(items: readonly T[], at: number): T[] => {
  const copy = items.slice(0, at);
  for (let index = at + 1; index < items.length; index += 1) copy.push(items[index] as T);
  return copy;
};
