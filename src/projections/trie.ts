/**
 * A map from text to values whose shape follows from its keys alone (see `trieNodes.ts`), for maps too large to copy per
 * change. The record `Trie` is all that ever changes; its nodes never do, so two tries share what they have in common and
 * unchanged nodes keep their identity. Identity is the dirty flag of everything rendered from a trie.
 *
 * The same functions serve a bare private object and an immer draft:
 * - bare: `put` and `remove` replace `root`, values may be changed in place; allowed only while nobody else holds the trie;
 * - owned, a bare one that is being filled: `put` also changes nodes in place, which no other trie and nothing that remembers
 *   nodes may have seen. `share` ends it, before anybody else gets to see the trie;
 * - draft: the trie of the base stays as it was. A value got from a draft is a private copy, two levels deep (its own
 *   members and the members of those), put in its place at once: change it freely, but nothing below that.
 * Immer itself never walks the nodes: drafting them would cost 10 to 90 times as much as copying the path by hand.
 * Keys hold no NUL character. Values must not be drafts.
 */
import { isDraft, original } from 'immer';
import { withKeyInPlace } from './trieFilling.ts';
import { emptyLeaf, find, indexOf, type Node, nodeOf, sizeOf, visit, withKey, withoutKey } from './trieNodes.ts';

/** `isOwned` is no part of what a trie holds: it is not enumerable, and no copy or draft has it. */
export type Trie<V> = { root: Node<V>; isOwned?: boolean };

export type Entry<V> = readonly [key: string, value: V];

/** Without entries. Say the value type where nothing else does: `createTrie<number>()`. */
export const createTrie = <V = never>(): Trie<V> => ({ root: emptyLeaf });

/** Without entries, to be filled in place until it is shared. */
export const createOwnedTrie = <V = never>(): Trie<V> =>
  Object.defineProperty<Trie<V>>({ root: emptyLeaf }, 'isOwned', { value: true, writable: true });

/** Without entries, owned as long as `whole`, of which it becomes a part, is. */
export const createTrieIn = <V = never>(whole: Trie<unknown>): Trie<V> =>
  whole.isOwned === true && !isDraft(whole) ? createOwnedTrie<V>() : createTrie<V>();

/** From now on nodes stay as they are. */
export const share = (trie: Trie<unknown>): void => {
  if (trie.isOwned === true) trie.isOwned = false;
};

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

/** The immutable node behind a trie, draft or not. */
export const rootOf = <V>(trie: Trie<V>): Node<V> => {
  const root: unknown = trie.root;
  return (isDraft(root) ? original(root) : root) as Node<V>;
};

export const size = (trie: Trie<unknown>): number => sizeOf(rootOf(trie));

export const has = (trie: Trie<unknown>, key: string): boolean => find(rootOf(trie), key) !== undefined;

/** The value to read, and on a bare trie or a draft also to change in place, within the limits stated above. */
export const get = <V>(trie: Trie<V>, key: string): V | undefined => {
  const value = find(rootOf(trie), key);
  return typeof value === 'object' && value !== null && isDraft(trie) ? owned(trie, key, value) : value;
};

/** The value to read only; never copied. */
export const peek = <V>(trie: Trie<V>, key: string): Readonly<V> | undefined => find(rootOf(trie), key);

export const put = <V>(trie: Trie<V>, key: string, value: NoInfer<V>): void => {
  if (trie.isOwned === true && !isDraft(trie)) trie.root = withKeyInPlace(trie.root, key, value);
  else move(trie, withKey(rootOf(trie), key, value));
};

/** False when there was no such key. */
export const remove = <V>(trie: Trie<V>, key: string): boolean => {
  const root = rootOf(trie);
  const next = withoutKey(root, key);
  move(trie, next);
  return next !== root;
};

/** The trie with one entry more; `trie` stays as it was. */
export const withEntry = <V>(trie: Trie<V>, key: string, value: NoInfer<V>): Trie<V> => ({
  root: withKey(rootOf(trie), key, value),
});

/** The trie without that key; `trie` stays as it was. */
export const withoutEntry = <V>(trie: Trie<V>, key: string): Trie<V> => ({ root: withoutKey(rootOf(trie), key) });

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

/** Frozen on a draft, so that immer stops at the root instead of searching all entries for drafts. */
const move = <V>(trie: Trie<V>, root: Node<V>): void => {
  trie.root = isDraft(trie) ? Object.freeze(root) : root;
};

/** Values copied for a draft live as long as the draft; a draft is one batch. */
const copied = new WeakMap<object, WeakSet<object>>();

const owned = <V>(draft: Trie<V>, key: string, value: V & object): V => {
  let mine = copied.get(draft);
  if (mine === undefined) {
    mine = new WeakSet();
    copied.set(draft, mine);
  }
  if (mine.has(value)) return value;
  const copy = privateCopy(value);
  mine.add(copy);
  put(draft, key, copy);
  return copy;
};

const privateCopy = <T extends object>(value: T): T => {
  const copy = shallowCopy(value) as Record<string, unknown>;
  for (const name in copy) {
    const member = copy[name];
    if (typeof member === 'object' && member !== null) copy[name] = shallowCopy(member);
  }
  return copy as T;
};

const shallowCopy = (value: object): object => (Array.isArray(value) ? value.slice() : { ...value });
