/**
 * The nodes a canonical radix trie is made of, and the pure operations on them. What a node looks like is decided by the
 * set of its keys alone: at most `leafLimit` keys are one leaf, more are split by the first character in which they differ.
 * No node is ever changed: an operation copies the path it touches and keeps everything else by identity. Whoever caches
 * something about a node may therefore hang it on the node's identity; nothing here may break that.
 */

/** Most entries that share one leaf. Part of the shape: bytes and digests built on tries change with it. */
export const leafLimit = 64;

/** `keys` ascending by UTF-16 code units, `values[i]` belongs to `keys[i]`. */
export type Leaf<V> = {
  readonly kind: 'leaf';
  readonly keys: readonly string[];
  readonly values: readonly V[];
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
};

export type Node<V> = Leaf<V> | Inner<V>;

const endLabel = '\0';

export const emptyLeaf: Leaf<never> = Object.freeze({
  kind: 'leaf',
  keys: Object.freeze([]),
  values: Object.freeze([]),
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

/** The same node when the very same value is there already. */
export const withKey = <V>(node: Node<V>, key: string, value: V): Node<V> =>
  node.kind === 'leaf' ? withKeyInLeaf(node, key, value) : withKeyInInner(node, key, value);

const withKeyInLeaf = <V>(node: Leaf<V>, key: string, value: V): Node<V> => {
  const index = indexOf(node.keys, key);
  if (index < 0) {
    if (key.includes(endLabel)) throw new Error(`a key of a trie holds no NUL character, this one does: ${key}`);
    return nodeOf(inserted(node.keys, ~index, key), inserted(node.values, ~index, value));
  }
  if (node.values[index] === value) return node;
  return { kind: 'leaf', keys: node.keys, values: replaced(node.values, index, value) };
};

const withKeyInInner = <V>(node: Inner<V>, key: string, value: V): Node<V> => {
  const { prefix, labels, children } = node;
  if (!key.startsWith(prefix)) return parted(node, key, value);
  const label = labelOf(key, prefix.length);
  const index = labels.indexOf(label);
  const old = children[index];
  if (old === undefined) {
    const at = placeOf(labels, label);
    const widened = labels.slice(0, at) + label + labels.slice(at);
    return innerOf(prefix, widened, inserted(children, at, leafOf(key, value)), node.size + 1);
  }
  const child = withKey(old, key, value);
  if (child === old) return node;
  return innerOf(prefix, labels, replaced(children, index, child), node.size + sizeOf(child) - sizeOf(old));
};

/** A key outside the node's prefix: both hang below a new node with the shorter prefix. */
const parted = <V>(node: Inner<V>, key: string, value: V): Node<V> => {
  const length = commonLength(key, node.prefix);
  const old = labelOf(node.prefix, length);
  const fresh = labelOf(key, length);
  const leaf = leafOf(key, value);
  const prefix = node.prefix.slice(0, length);
  return old < fresh
    ? innerOf(prefix, old + fresh, [node, leaf], node.size + 1)
    : innerOf(prefix, fresh + old, [leaf, node], node.size + 1);
};

/** The same node when the key is not there. */
export const withoutKey = <V>(node: Node<V>, key: string): Node<V> =>
  node.kind === 'leaf' ? withoutKeyInLeaf(node, key) : withoutKeyInInner(node, key);

const withoutKeyInLeaf = <V>(node: Leaf<V>, key: string): Node<V> => {
  const index = indexOf(node.keys, key);
  if (index < 0) return node;
  return { kind: 'leaf', keys: removed(node.keys, index), values: removed(node.values, index) };
};

const withoutKeyInInner = <V>(node: Inner<V>, key: string): Node<V> => {
  const { prefix, labels, children } = node;
  if (!key.startsWith(prefix)) return node;
  const index = labels.indexOf(labelOf(key, prefix.length));
  const old = children[index];
  if (old === undefined) return node;
  const child = withoutKey(old, key);
  if (child === old) return node;
  if (sizeOf(child) > 0) return settled(innerOf(prefix, labels, replaced(children, index, child), node.size - 1));
  const narrowed = labels.slice(0, index) + labels.slice(index + 1);
  return settled(innerOf(prefix, narrowed, removed(children, index), node.size - 1));
};

/** What a node that lost a key must look like: few enough keys are one leaf, an only child stands for itself. */
const settled = <V>(node: Inner<V>): Node<V> => {
  if (node.size > leafLimit) return node.children.length === 1 ? (node.children[0] as Node<V>) : node;
  const keys: string[] = [];
  const values: V[] = [];
  visit(node, (key, value) => {
    keys.push(key);
    values.push(value);
  });
  return { kind: 'leaf', keys, values };
};

/** The canonical node of ascending, distinct keys and their values. */
export const nodeOf = <V>(keys: readonly string[], values: readonly V[]): Node<V> => {
  if (keys.length <= leafLimit) return { kind: 'leaf', keys, values };
  const first = keys[0] as string;
  const length = commonLength(first, keys[keys.length - 1] as string);
  const children: Node<V>[] = [];
  let labels = '';
  for (let from = 0; from < keys.length; ) {
    const label = labelOf(keys[from] as string, length);
    let to = from + 1;
    while (to < keys.length && labelOf(keys[to] as string, length) === label) to += 1;
    labels += label;
    children.push(nodeOf(keys.slice(from, to), values.slice(from, to)));
    from = to;
  }
  return innerOf(first.slice(0, length), labels, children, keys.length);
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

const leafOf = <V>(key: string, value: V): Leaf<V> => {
  if (key.includes(endLabel)) throw new Error(`a key of a trie holds no NUL character, this one does: ${key}`);
  return { kind: 'leaf', keys: [key], values: [value] };
};

const innerOf = <V>(prefix: string, labels: string, children: readonly Node<V>[], size: number): Inner<V> => ({
  kind: 'inner',
  prefix,
  labels,
  children,
  size,
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
