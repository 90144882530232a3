/**
 * The next network while it is being made: the only place where records of a network are made free to be changed. The network
 * a draft was made from stays as it was, unless nobody else holds it; reducers ask here before they change a record, and never
 * change one that did not come from here.
 */
import { type Owner, ownCopy } from '../owner.ts';
import { createTrie, peek, type Trie, withEntry, withoutEntry } from '../trie.ts';
import type { ClusterView, Network } from './views.ts';

export type Draft = { readonly network: Network; readonly owner: Owner };

/** The network's large maps, and what they hold. */
type Tries = { [N in keyof Network as Network[N] extends Trie<infer _> ? N : never]: Network[N] };
type Held<N extends keyof Tries> = Tries[N] extends Trie<infer V> ? V : never;

/** Maps of records that change member by member. */
type OfRecords = 'instances' | 'groups' | 'privateAddresses' | 'publicAddresses';

export const put = <N extends keyof Tries>({ network, owner }: Draft, name: N, key: string, value: Held<N>): void => {
  const trie = network[name] as Trie<Held<N>>;
  // Written only when it is another one: a network has twenty members, and writing one costs more than looking.
  const next = withEntry<Held<N>>(trie, key, value, owner);
  if (next !== trie) (network[name] as Trie<Held<N>>) = next;
};

/** A record made for this draft: it may be changed as long as the draft is. */
export const putNew = <N extends OfRecords>(draft: Draft, name: N, key: string, value: Held<N> & object): void => {
  draft.owner.records?.add(value);
  put(draft, name, key, value);
};

export const remove = ({ network, owner }: Draft, name: keyof Tries, key: string): void => {
  const trie = network[name] as Trie<unknown>;
  const next = withoutEntry(trie, key, owner);
  if (next !== trie) (network[name] as Trie<unknown>) = next;
};

/** The record under the key, to be changed in its own members; what those hold is replaced and never changed. */
export const own = <N extends OfRecords>(draft: Draft, name: N, key: string): (Held<N> & object) | undefined => {
  const value = peek(draft.network[name] as Trie<unknown>, key) as (Held<N> & object) | undefined;
  if (value === undefined) return undefined;
  const mine = ownCopy(draft.owner, value);
  if (mine !== value) put(draft, name, key, mine);
  return mine;
};

/** A record that is a member of the network. */
export const ownMember = <N extends 'properties' | 'clusters' | 'inFlight' | 'assignedEarly' | 'touched'>(
  { network, owner }: Draft,
  name: N,
): Network[N] => {
  const value = network[name];
  const mine = ownCopy(owner, value);
  if (mine !== value) network[name] = mine;
  return mine;
};

/** Positions by cluster. */
export const ownTouched = (draft: Draft, name: 'clusters' | 'nearby'): Record<string, number> => {
  const touched = ownMember(draft, 'touched');
  const mine = ownCopy(draft.owner, touched[name]);
  if (mine !== touched[name]) touched[name] = mine;
  return mine;
};

const ownCluster = (draft: Draft, name: string): ClusterView | undefined => {
  const view = draft.network.clusters[name];
  if (view === undefined) return undefined;
  const mine = ownCopy(draft.owner, view);
  if (mine !== view) ownMember(draft, 'clusters')[name] = mine;
  return mine;
};

/** Which instances stand on a node of a cluster; a cluster that is not there has none. */
export const placeOn = (
  draft: Draft,
  cluster: string,
  node: string,
  change: (on: Trie<number>) => Trie<number>,
): void => {
  const known = draft.network.clusters[cluster];
  if (known === undefined) return;
  const before = known.placements[node] ?? createTrie<number>();
  const after = change(before);
  if (after === before) return;
  const view = ownCluster(draft, cluster);
  if (view === undefined) return;
  const placements = ownCopy(draft.owner, view.placements);
  placements[node] = after;
  view.placements = placements;
};
