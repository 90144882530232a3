/**
 * What differs between two tries, found by walking only the nodes they do not share: after one change among 100,000 entries
 * that is one leaf. Differences are told by key, ascending; how the tries came about plays no part. Reads only.
 */
import { rootOf, type Trie } from './trie.ts';
import { labelOf, type Node, visit } from './trieNodes.ts';

/** `before` is undefined for an entry that came, `after` for one that went; never both, and never the very same value. */
export type Difference<V> = (key: string, before: V | undefined, after: V | undefined) => void;

export const diff = <V>(before: Trie<V>, after: Trie<V>, see: Difference<V>): void => {
  diffNodes(rootOf(before), rootOf(after), see);
};

const diffNodes = <V>(before: Node<V> | undefined, after: Node<V> | undefined, see: Difference<V>): void => {
  if (before === after) return;
  if (before === undefined) {
    if (after !== undefined) visit(after, (key, value) => see(key, undefined, value));
  } else if (after === undefined) {
    visit(before, (key, value) => see(key, value, undefined));
  } else if (before.kind === 'leaf' && before.keys.length === 0) {
    visit(after, (key, value) => see(key, undefined, value));
  } else if (before.kind === 'inner' && after.kind === 'inner') {
    diffInner(before, after, see);
  } else if (before.kind === 'leaf' && after.kind === 'leaf') {
    diffLeaves(before, after, see);
  } else {
    diffEntries(before, after, see);
  }
};

type LeafOf<V> = Extract<Node<V>, { kind: 'leaf' }>;

/** Both ascending: one pass over the two. */
const diffLeaves = <V>(before: LeafOf<V>, after: LeafOf<V>, see: Difference<V>): void => {
  let b = 0;
  let a = 0;
  while (b < before.keys.length || a < after.keys.length) {
    const old = before.keys[b];
    const fresh = after.keys[a];
    if (old === fresh) {
      const [was, is] = [before.values[b] as V, after.values[a] as V];
      if (was !== is) see(old as string, was, is);
      b += 1;
      a += 1;
    } else if (fresh === undefined || (old !== undefined && old < fresh)) {
      see(old as string, before.values[b] as V, undefined);
      b += 1;
    } else {
      see(fresh, undefined, after.values[a] as V);
      a += 1;
    }
  }
};

type InnerOf<V> = Extract<Node<V>, { kind: 'inner' }>;

const diffInner = <V>(before: InnerOf<V>, after: InnerOf<V>, see: Difference<V>): void => {
  if (before.prefix === after.prefix) diffChildren(before, after, see);
  else if (before.prefix.startsWith(after.prefix)) diffChildren(lifted(before, after.prefix.length), after, see);
  else if (after.prefix.startsWith(before.prefix)) diffChildren(before, lifted(after, before.prefix.length), see);
  else diffEntries(before, after, see);
};

type Children<V> = { readonly labels: string; readonly children: readonly Node<V>[] };

/** A node seen from a shorter prefix: the only child there. */
const lifted = <V>(node: InnerOf<V>, prefixLength: number): Children<V> => ({
  labels: labelOf(node.prefix, prefixLength),
  children: [node],
});

const diffChildren = <V>(before: Children<V>, after: Children<V>, see: Difference<V>): void => {
  if (before.labels === after.labels) {
    for (let index = 0; index < after.children.length; index += 1) {
      const [was, is] = [before.children[index] as Node<V>, after.children[index] as Node<V>];
      if (was !== is) diffNodes(was, is, see);
    }
    return;
  }
  let b = 0;
  let a = 0;
  while (b < before.labels.length || a < after.labels.length) {
    const old = before.labels.charAt(b);
    const fresh = after.labels.charAt(a);
    const both = old === fresh;
    const onlyOld = fresh === '' || (old !== '' && old < fresh);
    diffNodes(both || onlyOld ? before.children[b] : undefined, both || !onlyOld ? after.children[a] : undefined, see);
    if (both || onlyOld) b += 1;
    if (both || !onlyOld) a += 1;
  }
};

/** For shapes that do not line up, which happens around a leaf that was split or merged. */
const diffEntries = <V>(before: Node<V>, after: Node<V>, see: Difference<V>): void => {
  const old = new Map<string, V>();
  visit(before, (key, value) => old.set(key, value));
  const gone = new Map(old);
  const came: { key: string; before: V | undefined; after: V | undefined }[] = [];
  visit(after, (key, value) => {
    gone.delete(key);
    if (old.get(key) !== value || !old.has(key)) came.push({ key, before: old.get(key), after: value });
  });
  for (const [key, value] of gone) came.push({ key, before: value, after: undefined });
  came.sort((x, y) => (x.key < y.key ? -1 : 1));
  for (const { key, before: was, after: is } of came) see(key, was, is);
};
