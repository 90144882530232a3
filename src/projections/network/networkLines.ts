/**
 * A network as lines of JSON and back, for caches on disk: the first line is the network without what its large tries hold,
 * every further one some entries of one of them. Knows tries and nothing else of a network, so a member more needs no word
 * here. The lines are cheap to make one by one, and whoever writes them may pause in between: the network must be immutable.
 * They are a cache's and never the truth: no promise is made that another version of this program reads them.
 */
import { createTrie, rootOf, type Trie } from '../trie.ts';
import { type Leaf, type Node, nodeOf } from '../trieNodes.ts';
import type { Network } from './views.ts';

/** Stands for a trie; no other record may have this member. */
const MARK = '\0trie';

type Entries = { keys: string[]; values: unknown[] };
type Chunk = readonly [trie: string, nested: boolean, keys: readonly string[], values: readonly unknown[]];

const isTrie = (value: unknown): value is Trie<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  'root' in value &&
  typeof value.root === 'object' &&
  value.root !== null &&
  'kind' in value.root;

function* leavesOf<V>(node: Node<V>): Generator<Leaf<V>> {
  if (node.kind === 'leaf') yield node;
  else for (const child of node.children) yield* leavesOf(child);
}

const entriesOf = (trie: Trie<unknown>): Entries => {
  const found: Entries = { keys: [], values: [] };
  for (const { keys, values } of leavesOf(rootOf(trie))) {
    found.keys.push(...keys);
    found.values.push(...values);
  }
  return found;
};

/** The value with every trie inside it written out; the value itself when there is none. */
const packed = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (isTrie(value)) {
    const { keys, values } = entriesOf(value);
    return { [MARK]: [keys, values.map(packed)] };
  }
  let copy: Record<string, unknown> | undefined;
  for (const name in value) {
    if (name === MARK) throw new Error('a record of the network cannot be told from a trie');
    const member = (value as Record<string, unknown>)[name];
    const inside = packed(member);
    if (inside === member) continue;
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    copy[name] = inside;
  }
  return copy ?? value;
};

const trieFrom = ({ keys, values }: Entries): Trie<unknown> => {
  const trie = createTrie<unknown>();
  if (keys.length > 0) trie.root = nodeOf(keys, values);
  return trie;
};

/** Undoes `packed`, in place. */
const unpacked = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  const written = record[MARK] as readonly [string[], unknown[]] | undefined;
  if (written !== undefined) return trieFrom({ keys: written[0], values: written[1].map(unpacked) });
  for (const name in record) {
    const member = record[name];
    if (typeof member === 'object' && member !== null) record[name] = unpacked(member);
  }
  return value;
};

/** One leaf a line: at most 64 entries, some tens of microseconds. Throws for a network that has no such form. */
export function* networkLines(network: Network): Generator<string> {
  const tries: (readonly [string, Trie<unknown>])[] = [];
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries<unknown>(network)) {
    if (isTrie(value)) tries.push([name, value]);
    else rest[name] = packed(value);
  }
  yield JSON.stringify([rest, tries.map(([name]) => name)]);
  for (const [name, trie] of tries) {
    for (const { keys, values } of leavesOf(rootOf(trie))) {
      const inside = values.map(packed);
      const isNested = inside.some((value, index) => value !== values[index]);
      yield JSON.stringify([name, isNested, keys, inside] satisfies Chunk);
    }
  }
}

/** The network of the lines, which is nobody else's. Throws for lines that are none. */
export const networkFrom = (lines: readonly string[]): Network => {
  const [first = '', ...further] = lines;
  const [rest, names] = JSON.parse(first) as readonly [Record<string, unknown>, readonly string[]];
  const tries = new Map<string, Entries>(names.map((name) => [name, { keys: [], values: [] }]));
  for (const line of further) {
    const [name, isNested, keys, values] = JSON.parse(line) as Chunk;
    const entries = tries.get(name);
    if (entries === undefined) throw new Error(`entries of ${name}, which the network does not have`);
    for (const key of keys) entries.keys.push(key);
    for (const value of values) entries.values.push(isNested ? unpacked(value) : value);
  }
  const network = unpacked(rest) as Record<string, unknown>;
  for (const [name, entries] of tries) network[name] = trieFrom(entries);
  return network as unknown as Network;
};
