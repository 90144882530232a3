/**
 * What turns one version of a document into the next, as fragments: our own controllers exchange this instead of the whole
 * (never daemons, which know only whole documents). A delta names the digest it starts from and the one it must end in;
 * found by walking only what the two versions do not share. Against nothing it is the whole document.
 */
import { createTrie, type Trie } from '../trie.ts';
import { diff } from '../trieDiff.ts';
import type { Dialect, DocumentStamp } from './model.ts';
import type { ClusterPart, DocumentParts, Fragments, NodePart } from './parts.ts';
import type { DocumentWriter } from './pieces.ts';

/**
 * `i` instance and `g` group: id, XML. `c` cluster: name, its head as XML. `n` node: cluster, name. `m` instances placed on
 * a node: cluster, node, ids.
 */
export type SetEdit =
  | readonly ['i' | 'g' | 'c', string, string]
  | readonly ['n', string, string]
  | readonly ['m', string, string, ...string[]];

/** A cluster goes with its nodes, a node with what is placed on it. */
export type RemovedEdit =
  | readonly ['i' | 'g' | 'c', string]
  | readonly ['n', string, string]
  | readonly ['m', string, string, ...string[]];

/** `from` is null when nothing comes before. `head` is there when it changed. Removals come before the rest. */
export type Delta = {
  readonly dialect: Dialect;
  readonly from: string | null;
  readonly to: string;
  readonly stamp: DocumentStamp;
  readonly head?: string;
  readonly removed: readonly RemovedEdit[];
  readonly set: readonly SetEdit[];
};

type Edits = { readonly removed: RemovedEdit[]; readonly set: SetEdit[] };

/** Versions of different dialects have nothing in common: the delta is the whole document then. */
export const deltaOf = <I, G>(
  writer: DocumentWriter<I, G>,
  previous: DocumentParts<I, G> | undefined,
  next: DocumentParts<I, G>,
): Delta => {
  const before = previous?.dialect === next.dialect ? previous : undefined;
  const edits: Edits = { removed: [], set: [] };
  clusterEdits(before?.clusters ?? createTrie(), next.clusters, edits);
  entryEdits('i', before?.instances ?? createTrie(), next.instances, writer.instance, edits);
  entryEdits('g', before?.securityGroups ?? createTrie(), next.securityGroups, writer.securityGroup, edits);
  return {
    dialect: next.dialect,
    from: before === undefined ? null : writer.pieces(before).digest,
    to: writer.pieces(next).digest,
    stamp: next.stamp,
    ...(before?.head === next.head ? {} : { head: next.head }),
    ...edits,
  };
};

/** Another view with the same text is no change. */
const entryEdits = <V>(
  kind: 'i' | 'g',
  before: Trie<V>,
  after: Trie<V>,
  fragment: Fragments<V, V>['instance'],
  edits: Edits,
): void => {
  diff(before, after, (key, was, is) => {
    if (is === undefined) {
      edits.removed.push([kind, key]);
      return;
    }
    const xml = fragment(is);
    if (was === undefined || fragment(was) !== xml) edits.set.push([kind, key, xml]);
  });
};

const clusterEdits = (before: Trie<ClusterPart>, after: Trie<ClusterPart>, edits: Edits): void => {
  diff(before, after, (name, was, is) => {
    if (is === undefined) {
      edits.removed.push(['c', name]);
      return;
    }
    if (was?.head !== is.head) edits.set.push(['c', name, is.head]);
    nodeEdits(name, was?.nodes ?? createTrie(), is.nodes, edits);
  });
};

const nodeEdits = (cluster: string, before: Trie<NodePart>, after: Trie<NodePart>, edits: Edits): void => {
  diff(before, after, (node, was, is) => {
    if (is === undefined) {
      edits.removed.push(['n', cluster, node]);
      return;
    }
    if (was === undefined) edits.set.push(['n', cluster, node]);
    placementEdits([cluster, node], was?.instances ?? createTrie(), is.instances, edits);
  });
};

const placementEdits = (
  place: readonly [cluster: string, node: string],
  before: Trie<unknown>,
  after: Trie<unknown>,
  edits: Edits,
): void => {
  const gone: string[] = [];
  const came: string[] = [];
  diff(before, after, (id, was, is) => {
    if (is === undefined) gone.push(id);
    else if (was === undefined) came.push(id);
  });
  if (gone.length > 0) edits.removed.push(['m', ...place, ...gone]);
  if (came.length > 0) edits.set.push(['m', ...place, ...came]);
};

/** How much a delta says: for logs and for choosing between a delta and the whole. */
export const editCount = ({ removed, set }: Delta): number => removed.length + set.length;
