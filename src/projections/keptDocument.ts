/**
 * The parts of the cloud's document, moved along with the network: what changed between two networks is found by identity and
 * told to the parts entity by entity, by the very functions of the full build. `buildDocument` stays the definition; these
 * parts must give the same bytes after any events, and cost what the change costs. Networks must be immutable ones.
 */
import type { ResolvedConfiguration } from '../domain/configuration/resolve.ts';
import { isLive } from '../domain/instanceStates.ts';
import { configurationEntry, groupEntry, instanceEntry, omittedIn } from './document/build.ts';
import { canonicalGroup, canonicalInstance, isSameEntry } from './document/canonical.ts';
import type { Dialect, DocumentStamp, GroupEntry, InstanceEntry } from './document/model.ts';
import { type DocumentParts, headOf } from './document/parts.ts';
import { groupInput, instanceInput, resolvedIn, settingsIn } from './documentInputs.ts';
import { type KeptClusters, keptClusters, move, nothingPlaced, type Placement, placeAll } from './keptClusters.ts';
import type { GroupView, InstanceView, Network } from './network/views.ts';
import { type Owner, ownerOfAll, ownerOfChanges } from './owner.ts';
import { createTrie, forEach, from, has, peek, put, remove, rootOf, type Trie, trieOf } from './trie.ts';
import { diff } from './trieDiff.ts';
import { nodeOf } from './trieNodes.ts';

export type KeptParts = DocumentParts<InstanceEntry, GroupEntry>;

/** Everything needed to go on from one network to the next. Immutable. */
export type KeptDocument = {
  readonly network: Network;
  readonly resolved: ResolvedConfiguration;
  readonly cloudAddress: string;
  readonly parts: KeptParts;
  /** Group id -> how many instances of the document are in it. */
  readonly memberCounts: Trie<number>;
  /** Group that a rule names + separator + group that has the rule. */
  readonly namedBy: Trie<true>;
  readonly clusters: KeptClusters;
};

/** The document of `network`. `previous` may be any earlier or later network's; without it everything is made anew. */
export const keepDocument = (
  previous: KeptDocument | undefined,
  network: Network,
  stamp: DocumentStamp,
): KeptDocument => {
  const settings = settingsIn(network);
  const dialect = settings['edgelog.document.dialect'];
  const cloudAddress = settings['edgelog.clc_address'];
  const before = previous?.parts.dialect === dialect ? previous : undefined;
  const resolved = isResolvedAlike(before, network) ? before.resolved : resolvedIn(network);
  const bench = benchOf(before, dialect);
  if (before === undefined) fillInstances(bench, network.instances);
  else changeInstances(bench, before.network.instances, network.instances);
  changeGroups(bench, before?.network.groups ?? createTrie(), network.groups);
  const clusters = keptClusters(before?.clusters, network, resolved, bench.placement);
  const sameHead = before !== undefined && before.resolved === resolved && before.cloudAddress === cloudAddress;
  const head = sameHead ? before.parts.head : headOf(configurationEntry(resolved, cloudAddress), dialect);
  const { instances, securityGroups, memberCounts, namedBy } = bench;
  const parts = { dialect, stamp, head, clusters: clusters.parts, instances, securityGroups };
  return { network, resolved, cloudAddress, parts, memberCounts, namedBy, clusters };
};

/** Resolution depends on the configuration, the properties and the names of the registered clusters. */
const isResolvedAlike = (before: KeptDocument | undefined, network: Network): before is KeptDocument => {
  if (before === undefined) return false;
  const { configuration, properties, clusters } = before.network;
  if (configuration !== network.configuration || properties !== network.properties) return false;
  if (clusters === network.clusters) return true;
  const names = Object.keys(clusters);
  return names.length === Object.keys(network.clusters).length && names.every((name) => name in network.clusters);
};

/** Private tries over the nodes of the version before, and what is noticed on the way. */
type Bench = {
  readonly dialect: Dialect;
  readonly owner: Owner;
  readonly omits: (entry: InstanceEntry) => boolean;
  readonly instances: Trie<InstanceEntry>;
  readonly securityGroups: Trie<GroupEntry>;
  readonly memberCounts: Trie<number>;
  readonly namedBy: Trie<true>;
  readonly placement: Placement;
  /** Groups whose place in the document may have changed. */
  readonly touched: Set<string>;
};

const benchOf = (before: KeptDocument | undefined, dialect: Dialect): Bench => ({
  dialect,
  // Without a version before, nobody else holds the tries.
  owner: before === undefined ? ownerOfAll() : ownerOfChanges(),
  omits: omittedIn(dialect),
  instances: copyOf(before?.parts.instances),
  securityGroups: copyOf(before?.parts.securityGroups),
  memberCounts: copyOf(before?.memberCounts),
  namedBy: copyOf(before?.namedBy),
  placement: before === undefined ? nothingPlaced() : { placed: copyOf(before.clusters.placed), moved: new Set() },
  touched: new Set(),
});

const copyOf = <V>(trie: Trie<V> | undefined): Trie<V> =>
  trie === undefined ? createTrie<V>() : { root: rootOf(trie) };

/** What stands in the document for a view; dirty addresses are hidden in the views already. */
const shown = (view: Readonly<InstanceView>, omits: Bench['omits']): InstanceEntry | undefined => {
  if (!isLive(view.state)) return undefined;
  const entry = canonicalInstance(instanceEntry(instanceInput(view), noAddresses));
  return omits(entry) ? undefined : entry;
};

const noAddresses: ReadonlySet<string> = new Set();

/** Without a version before: whole maps at once, instead of entry by entry. */
const fillInstances = (bench: Bench, views: Trie<InstanceView>): void => {
  const shownIds: string[] = [];
  const entries: InstanceEntry[] = [];
  const hosted: InstanceView[] = [];
  const counts = new Map<string, number>();
  forEach(views, (id, view) => {
    const entry = shown(view, bench.omits);
    if (entry === undefined) return;
    shownIds.push(id);
    entries.push(entry);
    for (const group of entry.securityGroups) counts.set(group, (counts.get(group) ?? 0) + 1);
    if (view.node !== undefined) hosted.push(view);
  });
  bench.instances.root = nodeOf(shownIds, entries);
  bench.memberCounts.root = trieOf(counts).root;
  placeAll(bench.placement, hosted);
  for (const group of counts.keys()) bench.touched.add(group);
};

const changeInstances = (bench: Bench, before: Trie<InstanceView>, after: Trie<InstanceView>): void => {
  diff(before, after, (id, was, is) => {
    const old = peek(bench.instances, id);
    const entry = is === undefined ? undefined : shown(is, bench.omits);
    for (const group of old?.securityGroups ?? []) count(bench, group, -1);
    for (const group of entry?.securityGroups ?? []) count(bench, group, 1);
    move(bench.placement, old && was, entry && is);
    if (entry === undefined) remove(bench.instances, id, bench.owner);
    else if (old === undefined || !isSameEntry(old, entry)) put(bench.instances, id, entry, bench.owner);
  });
};

const count = (bench: Bench, group: string, by: 1 | -1): void => {
  const members = (peek(bench.memberCounts, group) ?? 0) + by;
  if (members === 0) remove(bench.memberCounts, group, bench.owner);
  else put(bench.memberCounts, group, members, bench.owner);
  if (members === (by === 1 ? 1 : 0)) bench.touched.add(group);
};

/** Sorts before every character of an id, so that one group's entries stand together. */
const separator = '\u0001';

const namedGroups = (view: Readonly<GroupView> | undefined): ReadonlySet<string> =>
  new Set((view?.rules ?? []).flatMap(({ rule }) => (rule.source.kind === 'group' ? rule.source.groupId : [])));

const referrers = function* (bench: Bench, group: string): Generator<string> {
  const start = group + separator;
  for (const [key] of from(bench.namedBy, start)) {
    if (!key.startsWith(start)) return;
    yield key.slice(start.length);
  }
};

const changeGroups = (bench: Bench, before: Trie<GroupView>, after: Trie<GroupView>): void => {
  const changed = new Set<string>();
  diff(before, after, (id, was, is) => {
    if (was?.account !== is?.account) changed.add(id);
    if (!isSameRules(was, is)) {
      changed.add(id);
      rename(bench, id, namedGroups(was), namedGroups(is));
    }
    if (was === undefined || is === undefined) bench.touched.add(id);
  });
  const isIncluded = (id: string): boolean =>
    has(after, id) && (has(bench.memberCounts, id) || (bench.dialect === '4.4' && isNamed(bench, id)));
  for (const id of bench.touched) {
    if (isIncluded(id) === has(bench.securityGroups, id)) continue;
    changed.add(id);
    for (const referrer of referrers(bench, id)) changed.add(referrer);
  }
  for (const id of changed) {
    const view = peek(after, id);
    if (view === undefined || !isIncluded(id)) remove(bench.securityGroups, id, bench.owner);
    else put(bench.securityGroups, id, canonicalGroup(groupEntry(groupInput(view), isIncluded)), bench.owner);
  }
};

/** Rule by rule: a group whose members changed is another view with another list of the same rules. */
const isSameRules = (was: Readonly<GroupView> | undefined, is: Readonly<GroupView> | undefined): boolean =>
  was?.rules.length === is?.rules.length && (was?.rules ?? []).every((rule, index) => rule === is?.rules[index]);

const isNamed = (bench: Bench, group: string): boolean => !referrers(bench, group).next().done;

const rename = (bench: Bench, group: string, was: ReadonlySet<string>, is: ReadonlySet<string>): void => {
  for (const named of was) if (!is.has(named)) remove(bench.namedBy, named + separator + group, bench.owner);
  for (const named of is) if (!was.has(named)) put(bench.namedBy, named + separator + group, true, bench.owner);
  for (const named of [...was, ...is]) bench.touched.add(named);
};
