/**
 * The clusters' side of a kept document: which instances of the document stand under which node, and one part per cluster
 * that is written. Parts keep their identity while nothing of them changes.
 */
import type { ResolvedConfiguration } from '../domain/configuration/resolve.ts';
import { clusterEntry } from './document/build.ts';
import { type ClusterPart, clusterHeadOf, type NodePart } from './document/parts.ts';
import { clusterInput, isDocumented } from './documentInputs.ts';
import type { ClusterView, InstanceView, Network } from './network/views.ts';
import {
  createTrie,
  has,
  peek,
  put,
  remove,
  rootOf,
  size,
  type Trie,
  trieOf,
  withEntry,
  withoutEntry,
} from './trie.ts';
import { nodeOf } from './trieNodes.ts';

/** Cluster and node -> the node's part; only nodes that host something. Kept whether or not the node is reported. */
export type Placed = Trie<NodePart>;

export type KeptClusters = {
  readonly resolved: ResolvedConfiguration;
  readonly views: Network['clusters'];
  readonly placed: Placed;
  readonly parts: Trie<ClusterPart>;
  /** Of the clusters that are written, ascending, in one text that stays the same while they do. */
  readonly names: string;
};

/** `placed` is private while a document is moved along; `moved` names the clusters something changed in. */
export type Placement = { readonly placed: Placed; readonly moved: Set<string> };

export const nothingPlaced = (): Placement => ({ placed: createTrie<NodePart>(), moved: new Set() });

const keyOf = (cluster: string, node: string): string => `${cluster}\u0001${node}`;

/** From where an instance of the document stood to where it stands; undefined where the document does not show it. */
export const move = (
  placement: Placement,
  was: Readonly<InstanceView> | undefined,
  is: Readonly<InstanceView> | undefined,
): void => {
  if (was !== undefined && was.cluster === is?.cluster && was.node === is.node) return;
  if (was?.node !== undefined) unplace(placement, was.cluster, was.node, was.id);
  if (is?.node !== undefined) place(placement, is.cluster, is.node, is.id);
};

const place = ({ placed, moved }: Placement, cluster: string, node: string, id: string): void => {
  const key = keyOf(cluster, node);
  const held = peek(placed, key) ?? idle(node);
  put(placed, key, { name: node, instances: withEntry(held.instances, id, true) });
  moved.add(cluster);
};

/** All at once, where nothing is placed yet. `views` ascend by id, and each has a node. */
export const placeAll = ({ placed, moved }: Placement, views: Iterable<Readonly<InstanceView>>): void => {
  const found = new Map<string, { readonly name: string; readonly ids: string[] }>();
  for (const { cluster, node = '', id } of views) {
    const key = keyOf(cluster, node);
    const known = found.get(key);
    if (known === undefined) found.set(key, { name: node, ids: [id] });
    else known.ids.push(id);
    moved.add(cluster);
  }
  const parts = [...found].map(([key, { name, ids }]): [string, NodePart] => {
    const root = nodeOf<true>(
      ids,
      ids.map(() => true),
    );
    return [key, { name, instances: { root } }];
  });
  placed.root = trieOf(parts).root;
};

const unplace = ({ placed, moved }: Placement, cluster: string, node: string, id: string): void => {
  const key = keyOf(cluster, node);
  const held = peek(placed, key);
  if (held === undefined) return;
  const instances = withoutEntry(held.instances, id);
  if (size(instances) === 0) remove(placed, key);
  else put(placed, key, { name: node, instances });
  moved.add(cluster);
};

const idle = (name: string): NodePart => ({ name, instances: createTrie() });

export const keptClusters = (
  before: KeptClusters | undefined,
  network: Network,
  resolved: ResolvedConfiguration,
  { placed, moved }: Placement,
): KeptClusters => {
  const views = network.clusters;
  const same = before !== undefined && before.resolved === resolved;
  if (same && before.views === views && moved.size === 0) return before;
  const parts = Object.values(views).flatMap((view): [string, ClusterPart][] => {
    const old = before && peek(before.parts, view.name);
    const known = same ? before.views[view.name] : undefined;
    const unchanged = known === view && !moved.has(view.name);
    const part = unchanged ? old : clusterPart(old, known, view, resolved, placed);
    return part === undefined ? [] : [[view.name, part]];
  });
  const names = isNamedAlike(before, parts) ? before.names : namesOf(parts);
  return { resolved, views, placed: { root: rootOf(placed) }, parts: joined(before?.parts, parts), names };
};

const isNamedAlike = (
  before: KeptClusters | undefined,
  parts: readonly [string, ClusterPart][],
): before is KeptClusters =>
  before !== undefined && parts.length === size(before.parts) && parts.every(([name]) => has(before.parts, name));

const namesOf = (parts: readonly [string, ClusterPart][]): string =>
  parts
    .map(([name]) => name)
    .sort()
    .join('\n');

/** The old trie with what differs put in its place: nodes of the trie that hold no change stay. */
const joined = (before: Trie<ClusterPart> | undefined, parts: readonly [string, ClusterPart][]): Trie<ClusterPart> => {
  if (before === undefined || parts.length < size(before)) return trieOf(parts);
  const trie: Trie<ClusterPart> = { root: rootOf(before) };
  for (const [name, part] of parts) put(trie, name, part);
  return size(trie) === parts.length ? trie : trieOf(parts);
};

/** Undefined for a cluster that no document shows. The old part when nothing of it changed; `known` is what that was made of. */
const clusterPart = (
  old: ClusterPart | undefined,
  known: ClusterView | undefined,
  view: ClusterView,
  resolved: ResolvedConfiguration,
  placed: Placed,
): ClusterPart | undefined => {
  const head = old !== undefined && isHeadedAlike(known, view) ? old.head : headIn(view, resolved);
  if (head === undefined) return undefined;
  const nodes = nodeParts(old?.nodes, view, placed);
  return old !== undefined && old.head === head && nodes === old.nodes ? old : { head, nodes };
};

/** Nothing else of a view stands in its head; `known` is of the same resolution. */
const isHeadedAlike = (known: ClusterView | undefined, view: ClusterView): boolean =>
  known?.name === view.name && known.address === view.address && isDocumented(known) && isDocumented(view);

const headIn = (view: ClusterView, resolved: ResolvedConfiguration): string | undefined => {
  const entry = isDocumented(view) ? clusterEntry(resolved, clusterInput(view), noPlacements) : undefined;
  return entry === undefined ? undefined : clusterHeadOf(entry);
};

const noPlacements: ReadonlyMap<string, readonly string[]> = new Map();

const nodeParts = (old: Trie<NodePart> | undefined, view: ClusterView, placed: Placed): Trie<NodePart> => {
  const names = [...new Set(view.nodes.map(({ name }) => name))];
  const trie: Trie<NodePart> = old === undefined || size(old) > names.length ? createTrie() : { root: rootOf(old) };
  for (const name of names) {
    const part = peek(placed, keyOf(view.name, name)) ?? idle(name);
    const held = old && peek(old, name);
    const bothIdle = held !== undefined && size(held.instances) === 0 && size(part.instances) === 0;
    put(trie, name, bothIdle ? held : part);
  }
  if (size(trie) > names.length) return trieOf(names.map((name) => [name, peek(trie, name) ?? idle(name)]));
  return old !== undefined && trie.root === rootOf(old) ? old : trie;
};
