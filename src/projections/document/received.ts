/**
 * The receiving end of deltas: a document kept as fragments by key, moved from version to version, every step checked by the
 * digest it must end in. A delta that does not fit is refused and changes nothing; the whole document is the way back.
 */
import { type Refusal, refuse } from '../../domain/refusals.ts';
import { type Owner, ownerOfChanges } from '../owner.ts';
import { createTrie, get, put, remove, rootOf, type Trie, withEntry } from '../trie.ts';
import type { Delta, RemovedEdit, SetEdit } from './delta.ts';
import type { Dialect } from './model.ts';
import type { ClusterPart, DocumentParts, NodePart } from './parts.ts';
import { createDocumentWriter, type DocumentPieces, type DocumentWriter } from './pieces.ts';

/** An entity as it came over the wire. */
export type Fragment = { readonly text: string };

export type ReceivedParts = DocumentParts<Fragment, Fragment>;
export type ReceivedDocument = { readonly parts: ReceivedParts; readonly pieces: DocumentPieces };

const textOf = { instance: ({ text }: Fragment) => text, securityGroup: ({ text }: Fragment) => text };

const writers: { readonly [D in Dialect]: DocumentWriter<Fragment, Fragment> } = {
  superset: createDocumentWriter('superset', textOf),
  '4.0': createDocumentWriter('4.0', textOf),
  '4.4': createDocumentWriter('4.4', textOf),
};

/** For passing deltas on: what was received here can be sent from here. */
export const receivedWriter = (dialect: Dialect): DocumentWriter<Fragment, Fragment> => writers[dialect];

/**
 * The document after the delta; `current` stays as it was. Refusals: `delta-base` when it starts from another document than
 * `current` (ask for the whole), `delta-malformed` when it speaks of what is not there, `delta-digest` when what came out is
 * not what was promised.
 */
export const applyDelta = (current: ReceivedDocument | undefined, delta: Delta): ReceivedDocument | Refusal => {
  const base = delta.from === null ? undefined : current;
  if (delta.from !== null && delta.from !== base?.pieces.digest) return otherBase(delta.from, current);
  const next = edited(base?.parts, delta);
  if ('refused' in next) return next;
  const pieces = writers[delta.dialect].pieces(next, base?.parts);
  if (pieces.digest === delta.to) return { parts: next, pieces };
  return refuse('delta-digest', `The delta promised document ${delta.to}, but ${pieces.digest} came out.`);
};

const otherBase = (from: string, current: ReceivedDocument | undefined): Refusal =>
  refuse('delta-base', `The delta starts from document ${from}, here is ${current?.pieces.digest ?? 'none'}.`);

/** Private tries over the nodes of `base`, and the parts of them that are open for change. */
type Workbench = {
  readonly owner: Owner;
  readonly instances: Trie<Fragment>;
  readonly securityGroups: Trie<Fragment>;
  readonly clusters: Trie<ClusterPart>;
  readonly placed: Map<string, OpenNode>;
};

type OpenNode = { readonly cluster: string; readonly node: string; readonly instances: Trie<unknown> };

const edited = (base: ReceivedParts | undefined, delta: Delta): ReceivedParts | Refusal => {
  const head = delta.head ?? base?.head;
  if (head === undefined) return malformed('a whole document without a head');
  if (base !== undefined && base.dialect !== delta.dialect) return malformed(`dialect ${delta.dialect}`);
  const bench: Workbench = {
    owner: ownerOfChanges(),
    instances: copyOf(base?.instances),
    securityGroups: copyOf(base?.securityGroups),
    clusters: copyOf(base?.clusters),
    placed: new Map(),
  };
  for (const edit of delta.removed) if (!removeOne(bench, edit)) return malformed(edit.slice(0, 4).join(' '));
  for (const edit of delta.set) if (!setOne(bench, edit)) return malformed(edit.slice(0, 2).join(' '));
  for (const open of bench.placed.values()) if (!closeNode(bench, open)) return malformed(`node ${open.node}`);
  const { instances, securityGroups, clusters } = bench;
  return { dialect: delta.dialect, stamp: delta.stamp, head, instances, securityGroups, clusters };
};

const malformed = (what: string): Refusal => refuse('delta-malformed', `The delta does not fit the document: ${what}.`);

const copyOf = <V>(trie: Trie<V> | undefined): Trie<V> =>
  trie === undefined ? createTrie<V>() : { root: rootOf(trie) };

/** False when there is nothing to remove. */
const removeOne = (bench: Workbench, edit: RemovedEdit): boolean => {
  switch (edit[0]) {
    case 'i':
      return remove(bench.instances, edit[1], bench.owner);
    case 'g':
      return remove(bench.securityGroups, edit[1], bench.owner);
    case 'c':
      return remove(bench.clusters, edit[1], bench.owner);
    case 'n':
      return changeNodes(bench, edit[1], (nodes) => remove(nodes, edit[2]));
    case 'm': {
      const open = openNode(bench, edit[1], edit[2]);
      return open !== undefined && edit.slice(3).every((id) => remove(open.instances, id, bench.owner));
    }
  }
};

/** False when the place is not there. */
const setOne = (bench: Workbench, edit: SetEdit): boolean => {
  switch (edit[0]) {
    case 'i':
      put(bench.instances, edit[1], { text: edit[2] }, bench.owner);
      return true;
    case 'g':
      put(bench.securityGroups, edit[1], { text: edit[2] }, bench.owner);
      return true;
    case 'c':
      put(
        bench.clusters,
        edit[1],
        { head: edit[2], nodes: get(bench.clusters, edit[1])?.nodes ?? createTrie() },
        bench.owner,
      );
      return true;
    case 'n':
      return changeNodes(bench, edit[1], (nodes) => {
        put(nodes, edit[2], { name: edit[2], instances: createTrie() });
        return true;
      });
    case 'm': {
      const open = openNode(bench, edit[1], edit[2]);
      if (open !== undefined) for (const id of edit.slice(3)) put(open.instances, id, true, bench.owner);
      return open !== undefined;
    }
  }
};

const changeNodes = (bench: Workbench, cluster: string, change: (nodes: Trie<NodePart>) => boolean): boolean => {
  const part = get(bench.clusters, cluster);
  if (part === undefined) return false;
  const nodes = copyOf(part.nodes);
  const done = change(nodes);
  put(bench.clusters, cluster, { ...part, nodes }, bench.owner);
  return done;
};

/** Instances of one node come together; they are written back once, at the end. */
const openNode = (bench: Workbench, cluster: string, node: string): OpenNode | undefined => {
  const key = `${cluster}\0${node}`;
  const open = bench.placed.get(key);
  if (open !== undefined) return open;
  const part = get(bench.clusters, cluster);
  const held = part === undefined ? undefined : get(part.nodes, node);
  if (held === undefined) return undefined;
  const fresh = { cluster, node, instances: copyOf(held.instances) };
  bench.placed.set(key, fresh);
  return fresh;
};

const closeNode = (bench: Workbench, { cluster, node, instances }: OpenNode): boolean => {
  const part = get(bench.clusters, cluster);
  if (part === undefined) return false;
  const nodes = withEntry(part.nodes, node, { name: node, instances }, bench.owner);
  put(bench.clusters, cluster, { ...part, nodes }, bench.owner);
  return true;
};
