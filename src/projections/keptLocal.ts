/**
 * The parts of one cluster's local document, moved along with the cloud's: `localDocument.ts` says what they are, these must
 * give the same bytes after any events, and cost what the change costs. Which instances of the cloud concern the cluster
 * follows from the groups of its own, counted here.
 */
import { configurationEntry } from './document/build.ts';
import type { DocumentStamp, GroupEntry, InstanceEntry } from './document/model.ts';
import { type ClusterPart, type DocumentParts, headOf } from './document/parts.ts';
import type { KeptDocument, KeptParts } from './keptDocument.ts';
import { foreignGroup, foreignInstance, localSubnets, sourcesOf } from './localDocument.ts';
import type { InstanceView } from './network/views.ts';
import { eachSecond, pairKey } from './pairs.ts';
import { createTrie, has, peek, put, remove, rootOf, type Trie } from './trie.ts';
import { diff } from './trieDiff.ts';

/** Group and instance of the cloud's document. One for all local documents of a dialect. */
export type KeptMembers = { readonly full: KeptDocument; readonly pairs: Trie<true> };

export type KeptLocal = {
  readonly full: KeptDocument;
  readonly parts: KeptParts;
  /** Group -> how many of the cluster's instances in the document are in it. */
  readonly ownGroups: Trie<number>;
  /** Group -> how many of the cluster's groups name it. */
  readonly sources: Trie<number>;
};

export const keepMembers = (previous: KeptMembers | undefined, full: KeptDocument): KeptMembers => {
  if (previous?.full === full) return previous;
  const pairs = copyOf(previous?.pairs);
  diff(previous?.full.parts.instances ?? createTrie(), full.parts.instances, (id, was, is) => {
    for (const group of was?.securityGroups ?? []) remove(pairs, pairKey(group, id));
    for (const group of is?.securityGroups ?? []) put(pairs, pairKey(group, id), true);
  });
  return { full, pairs };
};

const copyOf = <V>(trie: Trie<V> | undefined): Trie<V> =>
  trie === undefined ? createTrie<V>() : { root: rootOf(trie) };

/** The document of `cluster` out of the whole one. `previous` may be its own of any other network. */
export const keepLocal = (
  previous: KeptLocal | undefined,
  members: KeptMembers,
  cluster: string,
  stamp: DocumentStamp,
): KeptLocal => {
  const { full } = members;
  const before = previous?.parts.dialect === full.parts.dialect ? previous : undefined;
  const bench = benchOf(before, members, cluster);
  countInstances(bench);
  const groups = changedGroups(bench);
  countSources(bench, groups);
  placeGroups(bench, groups);
  placeInstances(bench);
  const { ownGroups, sources, instances, securityGroups } = bench;
  const parts: DocumentParts<InstanceEntry, GroupEntry> = {
    dialect: full.parts.dialect,
    stamp,
    head: localHead(before, full, cluster),
    clusters: localClusters(before, full, cluster),
    instances,
    securityGroups,
  };
  return { full, parts, ownGroups, sources };
};

/** Private tries over the nodes of the version before, and what is noticed on the way. */
type Bench = {
  readonly cluster: string;
  readonly before: KeptLocal | undefined;
  readonly members: KeptMembers;
  readonly full: KeptDocument;
  readonly ownGroups: Trie<number>;
  readonly sources: Trie<number>;
  readonly instances: Trie<InstanceEntry>;
  readonly securityGroups: Trie<GroupEntry>;
  /** Instances and groups whose place in the document may have changed. */
  readonly seen: Set<string>;
  readonly touched: Set<string>;
};

const benchOf = (before: KeptLocal | undefined, members: KeptMembers, cluster: string): Bench => ({
  cluster,
  before,
  members,
  full: members.full,
  ownGroups: copyOf(before?.ownGroups),
  sources: copyOf(before?.sources),
  instances: copyOf(before?.parts.instances),
  securityGroups: copyOf(before?.parts.securityGroups),
  seen: new Set(),
  touched: new Set(),
});

const count = (counts: Trie<number>, key: string, by: 1 | -1, touched: Set<string>): void => {
  const now = (peek(counts, key) ?? 0) + by;
  if (now === 0) remove(counts, key);
  else put(counts, key, now);
  if (now === (by === 1 ? 1 : 0)) touched.add(key);
};

/** The entry of an instance of this cluster, undefined for those of others and those not in the document. */
const ownEntry = (
  full: KeptDocument | undefined,
  view: Readonly<InstanceView> | undefined,
  cluster: string,
): InstanceEntry | undefined =>
  full === undefined || view?.cluster !== cluster ? undefined : peek(full.parts.instances, view.id);

const countInstances = ({ before, full, cluster, ownGroups, seen, touched }: Bench): void => {
  diff(before?.full.network.instances ?? createTrie(), full.network.instances, (id, was, is) => {
    seen.add(id);
    for (const group of ownEntry(before?.full, was, cluster)?.securityGroups ?? [])
      count(ownGroups, group, -1, touched);
    for (const group of ownEntry(full, is, cluster)?.securityGroups ?? []) count(ownGroups, group, 1, touched);
  });
};

const changedGroups = ({ before, full, touched }: Bench): ReadonlySet<string> => {
  const groups = new Set(touched);
  diff(before?.full.parts.securityGroups ?? createTrie(), full.parts.securityGroups, (id) => groups.add(id));
  return groups;
};

const noSources: ReadonlySet<string> = new Set();

const sourcesFrom = (groups: Trie<GroupEntry> | undefined, id: string): ReadonlySet<string> => {
  const entry = groups && peek(groups, id);
  return entry === undefined ? noSources : sourcesOf(entry);
};

/** Groups named by the cluster's groups, whether or not they are in the document. */
const countSources = ({ before, full, ownGroups, sources, touched }: Bench, groups: ReadonlySet<string>): void => {
  for (const id of groups) {
    const hadIt = before !== undefined && has(before.ownGroups, id);
    const was = hadIt ? sourcesFrom(before.full.parts.securityGroups, id) : noSources;
    const is = has(ownGroups, id) ? sourcesFrom(full.parts.securityGroups, id) : noSources;
    for (const named of was) if (!is.has(named)) count(sources, named, -1, touched);
    for (const named of is) if (!was.has(named)) count(sources, named, 1, touched);
  }
};

const placeGroups = (bench: Bench, groups: ReadonlySet<string>): void => {
  const { before, full, members, ownGroups, sources, securityGroups, seen, touched } = bench;
  for (const id of new Set([...groups, ...touched])) {
    const entry = peek(full.parts.securityGroups, id);
    const isOwn = has(ownGroups, id);
    const isShown = entry !== undefined && (isOwn || has(sources, id));
    if (isShown) put(securityGroups, id, isOwn ? entry : foreignGroup(entry));
    else remove(securityGroups, id);
    if (isShown === (before !== undefined && has(before.parts.securityGroups, id))) continue;
    eachSecond(members.pairs, id, (member) => seen.add(member));
  }
};

const placeInstances = ({ full, cluster, instances, securityGroups, seen }: Bench): void => {
  const isShown = (group: string): boolean => has(securityGroups, group);
  for (const id of seen) {
    const entry = peek(full.parts.instances, id);
    const isOwn = peek(full.network.instances, id)?.cluster === cluster;
    const placed = entry && !isOwn ? foreignInstance(entry, isShown, peek(instances, id)) : entry;
    if (placed === undefined) remove(instances, id);
    else put(instances, id, placed);
  }
};

/** Heads of the clusters depend on what these two and the names of the documented clusters depend on, and on nothing else. */
const hasSameHeads = (before: KeptDocument, after: KeptDocument): boolean =>
  before.resolved === after.resolved &&
  before.cloudAddress === after.cloudAddress &&
  before.clusters.names === after.clusters.names;

const localHead = (before: KeptLocal | undefined, full: KeptDocument, cluster: string): string => {
  if (before !== undefined && hasSameHeads(before.full, full)) return before.parts.head;
  const { resolved, cloudAddress, parts } = full;
  const documented = resolved.clusters.filter(({ name }) => has(parts.clusters, name));
  const configuration = configurationEntry(resolved, cloudAddress);
  const plain = documented.map(({ name, subnet: { subnet, netmask, gateway } }) => ({
    name,
    subnet: { subnet, netmask, gateway },
  }));
  const subnets = localSubnets(configuration.subnets, plain, cluster);
  return headOf({ ...configuration, subnets }, parts.dialect);
};

const noNodes: ClusterPart['nodes'] = createTrie();

const localClusters = (before: KeptLocal | undefined, full: KeptDocument, cluster: string): Trie<ClusterPart> => {
  const clusters = copyOf(before?.parts.clusters);
  diff(before?.full.parts.clusters ?? createTrie(), full.parts.clusters, (name, _was, is) => {
    const known = peek(clusters, name);
    if (is === undefined) remove(clusters, name);
    else if (name === cluster) put(clusters, name, is);
    else if (known?.head !== is.head) put(clusters, name, { head: is.head, nodes: noNodes });
  });
  return clusters;
};
