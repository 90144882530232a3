/**
 * Which documents an event may change: notes its position with every section and every cluster it concerns, so that a
 * version follows from the log alone, however events were batched. Errs only towards touching too much.
 */
import { eachSecond, pairKey } from '../pairs.ts';
import { peek, put, remove } from '../trie.ts';
import type { GroupView, InstanceView, Network } from './views.ts';

/** A group that so many others name concerns everybody; looking them all up would cost more than it saves. */
const mostNaming = 64;

export const countPresence = (network: Network, group: string, cluster: string, by: 1 | -1): void => {
  const key = pairKey(group, cluster);
  const live = (peek(network.presence, key) ?? 0) + by;
  if (live === 0) remove(network.presence, key);
  else put(network.presence, key, live);
};

/** Clusters with instances in the group: their documents show its rules and its members. True if there are any. */
const touchPresent = (network: Network, group: string, position: number): boolean => {
  const { nearby } = network.touched;
  let isPresent = false;
  eachSecond(network.presence, group, (cluster) => {
    isPresent = true;
    // Many groups touch the same clusters, and a draft makes more of writing than of reading.
    if (nearby[cluster] !== position) nearby[cluster] = position;
  });
  return isPresent;
};

/** A group without live members stands in no document; in 4.4 it may, because some rule names it. */
const isNamedAnyway = (network: Network): boolean => network.properties['edgelog.document.dialect']?.value === '4.4';

/** The group's rules: seen where it has members. */
export const touchMembersOf = (network: Network, group: string, position: number): void => {
  if (touchPresent(network, group, position) || isNamedAnyway(network)) network.touched.groups = position;
};

/** Who is in the group, or whether it exists: also seen where a group has members whose rules name it. */
export const touchGroup = (network: Network, group: string, position: number): void => {
  touchMembersOf(network, group, position);
  touchNaming(network, group, position);
};

const touchNaming = (network: Network, group: string, position: number): void => {
  let count = 0;
  eachSecond(network.namedBy, group, (naming) => {
    count += 1;
    if (count <= mostNaming) touchPresent(network, naming, position);
    else for (const cluster of Object.keys(network.clusters)) network.touched.nearby[cluster] = position;
    return count <= mostNaming;
  });
};

/** What is told of an instance, or whether anything is. Presence must be counted already when it comes, still when it goes. */
export const touchInstance = (network: Network, view: InstanceView, position: number): void => {
  network.touched.instances = position;
  network.touched.nearby[view.cluster] = position;
  for (const group of view.groups) {
    touchPresent(network, group, position);
    touchNaming(network, group, position);
  }
};

const sourcesIn = (rules: GroupView['rules']): ReadonlySet<string> => {
  const named = new Set<string>();
  for (const { rule } of rules) if (rule.source.kind === 'group') named.add(rule.source.groupId);
  return named;
};

/** Follows the rules of a group from `was` to `is`. */
export const nameSources = (network: Network, group: string, was: GroupView['rules'], is: GroupView['rules']): void => {
  const before = sourcesIn(was);
  const after = sourcesIn(is);
  for (const named of before) if (!after.has(named)) remove(network.namedBy, pairKey(named, group));
  for (const named of after) if (!before.has(named)) put(network.namedBy, pairKey(named, group), true);
};
