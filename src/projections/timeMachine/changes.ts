/**
 * What differs between two networks, entity by entity, found by identity and so at the cost of what differs. A list of
 * changes applied to the plain form of the first network gives that of the second; inverted, the other way round.
 */
import type { Network } from '../network/views.ts';
import type { Trie } from '../trie.ts';
import { diff } from '../trieDiff.ts';
import { logOf, type Plain, type PlainNetwork, plain, type Section } from './plain.ts';

/** An entity that came has no `before`, one that went no `after`. */
export type Change = {
  readonly section: Section;
  readonly key: string;
  readonly before?: Plain;
  readonly after?: Plain;
};

/** Two views may be two objects and yet say the same. */
const isSame = (a: Plain | undefined, b: Plain | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

const changeOf = (section: Section, key: string, was: unknown, is: unknown): readonly Change[] => {
  const before = was === undefined ? undefined : plain(was);
  const after = is === undefined ? undefined : plain(is);
  if (isSame(before, after)) return [];
  return [{ section, key, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
};

type Members = { readonly [key: string]: unknown };

const ofRecord = (section: Section, before: Members, after: Members): readonly Change[] =>
  before === after
    ? []
    : [...new Set([...Object.keys(before), ...Object.keys(after)])]
        .sort()
        .flatMap((key) => changeOf(section, key, before[key], after[key]));

const ofTrie = <V>(section: Section, before: Trie<V>, after: Trie<V>): readonly Change[] => {
  const found: Change[] = [];
  diff(before, after, (key, was, is) => found.push(...changeOf(section, key, was, is)));
  return found;
};

export const changesBetween = (a: Network, b: Network): readonly Change[] => [
  ...ofRecord('log', logOf(a), logOf(b)),
  ...ofRecord('properties', a.properties, b.properties),
  ...ofRecord('clusters', a.clusters, b.clusters),
  ...ofTrie('groups', a.groups, b.groups),
  ...ofTrie('instances', a.instances, b.instances),
  ...ofTrie('privateAddresses', a.privateAddresses, b.privateAddresses),
  ...ofTrie('publicAddresses', a.publicAddresses, b.publicAddresses),
];

const inOrder = (members: ReadonlyMap<string, Plain>): { readonly [key: string]: Plain } =>
  Object.fromEntries([...members].sort(([a], [b]) => (a < b ? -1 : 1)));

/** Throws when the network is not the one the changes start from. */
export const applyChanges = (network: PlainNetwork, changes: readonly Change[]): PlainNetwork => {
  const made = new Map(Object.entries(network).map(([section, map]) => [section, new Map(Object.entries(map))]));
  for (const { section, key, before, after } of changes) {
    const map = made.get(section);
    if (map === undefined || !isSame(map.get(key), before)) {
      throw new Error(
        `expected ${section} ${key} to be ${JSON.stringify(before)}, got ${JSON.stringify(map?.get(key))}`,
      );
    }
    if (after === undefined) map.delete(key);
    else map.set(key, after);
  }
  return Object.fromEntries([...made].map(([section, map]) => [section, inOrder(map)])) as PlainNetwork;
};

export const invert = (changes: readonly Change[]): readonly Change[] =>
  changes.map(({ before, after, ...place }) => ({
    ...place,
    ...(after === undefined ? {} : { before: after }),
    ...(before === undefined ? {} : { after: before }),
  }));
