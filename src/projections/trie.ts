/**
 * A map from text to values whose shape follows from its keys alone (see `trieNodes.ts`), for maps too large to copy per
 * change. Tries share the nodes they have in common, and unchanged nodes keep their identity, which is the dirty flag of
 * everything rendered from a trie. `withEntry` and `withoutEntry` leave the trie as it was; `put` and `remove` change what the
 * record `Trie` holds, which is allowed only while nobody else has the record. Whoever makes many changes passes an owner
 * (`owner.ts`): what was made for it is changed in place, everything else is copied once.
 * Keys hold no NUL character.
 */
import type { Owner } from './owner.ts';
import { emptyLeaf, find, indexOf, type Node, nodeOf, sizeOf, visit, withKey, withoutKey } from './trieNodes.ts';

export type Trie<V> = { root: Node<V> };

export type Entry<V> = readonly [key: string, value: V];

/** Without entries. Say the value type where nothing else does: `createTrie<number>()`. */
export const createTrie = <V = never>(): Trie<V> => ({ root: emptyLeaf });

/** From entries in any order; of entries with the same key the last one counts. */
export const trieOf = <V>(entries: Iterable<Entry<V>>): Trie<V> => {
  const map = new Map<string, V>(entries);
  const keys = [...map.keys()].sort();
  for (const key of keys) if (key.includes('\0')) throw new Error(`a key of a trie holds no NUL character: ${key}`);
  return {
    root: nodeOf(
      keys,
      keys.map((key) => map.get(key) as V),
    ),
  };
};

export const rootOf = <V>(trie: Trie<V>): Node<V> => trie.root;

export const size = (trie: Trie<unknown>): number => sizeOf(trie.root);

export const has = (trie: Trie<unknown>, key: string): boolean => find(trie.root, key) !== undefined;

export const get = <V>(trie: Trie<V>, key: string): V | undefined => find(trie.root, key);

/** The value to read only. */
export const peek = <V>(trie: Trie<V>, key: string): Readonly<V> | undefined => find(trie.root, key);

export const put = <V>(trie: Trie<V>, key: string, value: NoInfer<V>, owner?: Owner): void => {
  trie.root = withKey(trie.root, key, value, owner);
};

/** False when there was no such key. */
export const remove = <V>(trie: Trie<V>, key: string, owner?: Owner): boolean => {
  const before = sizeOf(trie.root);
  trie.root = withoutKey(trie.root, key, owner);
  return sizeOf(trie.root) !== before;
};

/** The trie with that entry: another one, or the same when nothing is different or when its nodes are the owner's. */
export const withEntry = <V>(trie: Trie<V>, key: string, value: NoInfer<V>, owner?: Owner): Trie<V> => {
  const root = withKey(trie.root, key, value, owner);
  return root === trie.root ? trie : { root };
};

/** The trie without that key, by the same rule. */
export const withoutEntry = <V>(trie: Trie<V>, key: string, owner?: Owner): Trie<V> => {
  const root = withoutKey(trie.root, key, owner);
  return root === trie.root ? trie : { root };
};

/** Sees all entries, keys ascending; the fastest way through. */
export const forEach = <V>(trie: Trie<V>, see: (key: string, value: Readonly<V>) => void): void => {
  visit(rootOf(trie), (key, value) => see(key, value));
};

/** All entries to read, keys ascending. */
export const entries = <V>(trie: Trie<V>): Generator<Entry<Readonly<V>>> => from(trie, '');

/** The entries to read whose keys are `start` or later, ascending; costs the depth, not what lies before. */
export const from = <V>(trie: Trie<V>, start: string): Generator<Entry<Readonly<V>>> =>
  entriesFrom(rootOf(trie), start);

export type Page<V> = { readonly entries: readonly Entry<Readonly<V>>[]; readonly next?: string };

/** At most `limit` entries after the cursor (exclusive; absent: from the first). `next` is the cursor of the next page, if any. */
export const page = <V>(trie: Trie<V>, after: string | undefined, limit: number): Page<V> => {
  const found: Entry<Readonly<V>>[] = [];
  for (const entry of from(trie, after ?? '')) {
    if (entry[0] === after) continue;
    if (found.length === limit) return { entries: found, next: found[limit - 1]?.[0] ?? '' };
    found.push(entry);
  }
  return { entries: found };
};

function* entriesFrom<V>(node: Node<V>, start: string): Generator<Entry<Readonly<V>>> {
  if (node.kind === 'leaf') {
    const found = indexOf(node.keys, start);
    for (let index = found < 0 ? ~found : found; index < node.keys.length; index += 1) {
      yield [node.keys[index] as string, node.values[index] as V];
    }
    return;
  }
  for (let index = 0; index < node.children.length; index += 1) {
    const passed = node.prefix + node.labels.charAt(index + 1);
    if (index + 1 < node.children.length && passed <= start) continue;
    yield* entriesFrom(node.children[index] as Node<V>, start);
  }
}
