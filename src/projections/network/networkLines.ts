/**
 * A network as lines of JSON and back, for caches on disk: the first line is the network without what its large tries hold,
 * every further one a leaf of one of them. Knows tries and nothing else of a network, so a member more needs no word
 * here. The lines are cheap to make one by one, and whoever writes them may pause in between: the network must be immutable.
 * Read again, a leaf sleeps until somebody looks at it. The lines are a cache's and never the truth: no promise is made that
 * another version of this program reads them.
 */
import { leavesOf, nodeOfShape, type Shape, shapeOf, sleepingLeaf } from '../sleepingLeaf.ts';
import { createTrie, rootOf, type Trie } from '../trie.ts';
import { nodeOf } from '../trieNodes.ts';
import type { Network } from './views.ts';

/** Stands for a trie; no other record may have this member. */
const MARK = '\0trie';

type Entries = { keys: string[]; values: unknown[] };
type Line = readonly [isNested: boolean, keys: readonly string[], values: readonly unknown[]];

const isTrie = (value: unknown): value is Trie<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  'root' in value &&
  typeof value.root === 'object' &&
  value.root !== null &&
  'kind' in value.root;

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

/** One leaf a line, some tens of microseconds. Throws for a network that has no such form. */
export function* networkLines(network: Network): Generator<string> {
  const tries: (readonly [string, Trie<unknown>])[] = [];
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries<unknown>(network)) {
    if (isTrie(value)) tries.push([name, value]);
    else rest[name] = packed(value);
  }
  yield JSON.stringify([rest, tries.map(([name, trie]) => [name, shapeOf(rootOf(trie))])]);
  for (const [, trie] of tries) {
    for (const { keys, values } of leavesOf(rootOf(trie))) {
      const inside = values.map(packed);
      const isNested = inside.some((value, index) => value !== values[index]);
      yield JSON.stringify([isNested, keys, inside] satisfies Line);
    }
  }
}

const LINE_BREAK = 10;

/** Where the lines are, one after the other; throws behind the last one. */
const linesIn = (bytes: Buffer): (() => { readonly from: number; readonly to: number }) => {
  let at = 0;
  return () => {
    if (at > bytes.length) throw new Error('expected a line more');
    const from = at;
    const end = bytes.indexOf(LINE_BREAK, from);
    const to = end < 0 ? bytes.length : end;
    at = to + 1;
    return { from, to };
  };
};

/** The network of the lines, which line breaks part. Throws for lines that are none; keeps the bytes until all are read. */
export const networkFrom = (bytes: Buffer): Network => {
  const next = linesIn(bytes);
  const textOf = ({ from, to }: { readonly from: number; readonly to: number }): string =>
    bytes.toString('utf8', from, to);
  const [rest, tries] = JSON.parse(textOf(next())) as readonly [
    Record<string, unknown>,
    readonly (readonly [string, Shape])[],
  ];
  const leaf = (size: number) => {
    const line = next();
    return sleepingLeaf<unknown>(() => {
      const [isNested, keys, values] = JSON.parse(textOf(line)) as Line;
      if (keys.length !== size) throw new Error(`expected ${size} entries in a line, got ${keys.length}`);
      return { keys, values: isNested ? values.map(unpacked) : values };
    });
  };
  const network = unpacked(rest) as Record<string, unknown>;
  for (const [name, shape] of tries) network[name] = { root: nodeOfShape(shape, leaf) };
  return network as unknown as Network;
};

/** Reads what sleeps, leaf by leaf. */
export function* wakeNetwork(network: Network): Generator<void> {
  for (const value of Object.values<unknown>(network)) {
    if (!isTrie(value)) continue;
    for (const { keys } of leavesOf(rootOf(value))) yield void keys;
  }
}
