/**
 * Which documents an event may change: notes its position with every section and every cluster it concerns, so that a
 * version follows from the log alone, however events were batched. Errs only towards touching too much.
 */
import { eachSecond, pairKey } from '../pairs.ts';
import { peek } from '../trie.ts';
import { type Draft, ownMember, ownTouched, put, remove } from './draft.ts';
import type { GroupView, InstanceView, Network, Touched } from './views.ts';

/** A group that so many others name concerns everybody; looking them all up would cost more than it saves. */
const mostNaming = 64;

type Section = 'configuration' | 'instances' | 'groups' | 'heads';

export const touch = (draft: Draft, section: Section & keyof Touched, position: number): void => {
  if (draft.network.touched[section] !== position) ownMember(draft, 'touched')[section] = position;
};

/** Many groups touch the same clusters, and a position is written once. */
export const touchCluster = (draft: Draft, name: 'clusters' | 'nearby', cluster: string, position: number): void => {
  if (draft.network.touched[name][cluster] !== position) ownTouched(draft, name)[cluster] = position;
};

export const countPresence = (draft: Draft, group: string, cluster: string, by: 1 | -1): void => {
  const key = pairKey(group, cluster);
  const live = (peek(draft.network.presence, key) ?? 0) + by;
  if (live === 0) remove(draft, 'presence', key);
  else put(draft, 'presence', key, live);
};

/** Clusters with instances in the group: their documents show its rules and its members. True if there are any. */
const touchPresent = (draft: Draft, group: string, position: number): boolean => {
  let isPresent = false;
  eachSecond(draft.network.presence, group, (cluster) => {
    isPresent = true;
    touchCluster(draft, 'nearby', cluster, position);
  });
  return isPresent;
};

/** A group without live members stands in no document; in 4.4 it may, because some rule names it. */
const isNamedAnyway = (network: Network): boolean => network.properties['edgelog.document.dialect']?.value === '4.4';

/** The group's rules: seen where it has members. */
export const touchMembersOf = (draft: Draft, group: string, position: number): void => {
  if (touchPresent(draft, group, position) || isNamedAnyway(draft.network)) touch(draft, 'groups', position);
};

/** Who is in the group, or whether it exists: also seen where a group has members whose rules name it. */
export const touchGroup = (draft: Draft, group: string, position: number): void => {
  touchMembersOf(draft, group, position);
  touchNaming(draft, group, position);
};

const touchNaming = (draft: Draft, group: string, position: number): void => {
  let count = 0;
  eachSecond(draft.network.namedBy, group, (naming) => {
    count += 1;
    if (count <= mostNaming) touchPresent(draft, naming, position);
    else for (const cluster of Object.keys(draft.network.clusters)) touchCluster(draft, 'nearby', cluster, position);
    return count <= mostNaming;
  });
};

/** What is told of an instance, or whether anything is. Presence must be counted already when it comes, still when it goes. */
export const touchInstance = (draft: Draft, view: InstanceView, position: number): void => {
  touch(draft, 'instances', position);
  touchCluster(draft, 'nearby', view.cluster, position);
  for (const group of view.groups) {
    touchPresent(draft, group, position);
    touchNaming(draft, group, position);
  }
};

const sourcesIn = (rules: GroupView['rules']): ReadonlySet<string> => {
  const named = new Set<string>();
  for (const { rule } of rules) if (rule.source.kind === 'group') named.add(rule.source.groupId);
  return named;
};

/** Follows the rules of a group from `was` to `is`. */
export const nameSources = (draft: Draft, group: string, was: GroupView['rules'], is: GroupView['rules']): void => {
  const before = sourcesIn(was);
  const after = sourcesIn(is);
  for (const named of before) if (!after.has(named)) remove(draft, 'namedBy', pairKey(named, group));
  for (const named of after) if (!before.has(named)) put(draft, 'namedBy', pairKey(named, group), true);
};
