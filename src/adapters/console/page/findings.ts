/** Small looks at what was loaded that several views share: indexes by id, colours of groups, what is selected. */
import type { Group, Instance } from './answers.ts';
import type { Network } from './state.ts';

/** Colours there are for groups; beyond them they are used again. */
export const COLOURS = 10;
/** Of instances without a group that is known. */
export const NO_COLOUR = 'gnone';

export type Colours = ReadonlyMap<string, string>;

/** FNV-1a: the same number for a text, everywhere. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
};

/**
 * A class name per group. It follows from the id, so a group looks the same to everybody and at every moment; while there are
 * few, the younger of two that would look alike takes the next colour.
 */
export const coloursOf = (groups: readonly Group[]): Colours => {
  const colours = new Map<string, string>();
  const taken = new Set<number>();
  for (const { groupId } of groups.toSorted((a, b) => a.createdAt - b.createdAt || (a.groupId < b.groupId ? -1 : 1))) {
    let colour = hashOf(groupId) % COLOURS;
    while (taken.size < COLOURS && taken.has(colour)) colour = (colour + 1) % COLOURS;
    taken.add(colour);
    colours.set(groupId, `g${colour}`);
  }
  return colours;
};

export const colourOf = (colours: Colours, groupId: string | undefined): string =>
  (groupId === undefined ? undefined : colours.get(groupId)) ?? NO_COLOUR;

/** Gone for good, and not drawn. */
export const isOver = ({ state }: Instance): boolean => state === 'TERMINATED' || state === 'BURIED';

export type Selected =
  | { readonly kind: 'instance'; readonly instance: Instance }
  | { readonly kind: 'group'; readonly group: Group }
  | { readonly kind: 'node'; readonly node: string }
  | { readonly kind: 'cluster'; readonly cluster: string }
  | { readonly kind: 'other'; readonly id: string };

/** What an id means at the moment shown; `other` is something only the log remembers. */
export const selectedIn = (network: Network, id: string): Selected => {
  const instance = network.instances.find((it) => it.instanceId === id);
  if (instance !== undefined) return { kind: 'instance', instance };
  const group = network.groups.find(({ groupId }) => groupId === id);
  if (group !== undefined) return { kind: 'group', group };
  if (network.clusters.some(({ name }) => name === id)) return { kind: 'cluster', cluster: id };
  const isNode =
    network.clusters.some(({ nodes }) => nodes.some(({ name }) => name === id)) ||
    network.instances.some(({ node }) => node === id);
  return isNode ? { kind: 'node', node: id } : { kind: 'other', id };
};

/** Instances that a word finds: by id, address, node, account or the name of a group. */
export const foundBy = (network: Network, word: string): ReadonlySet<string> => {
  const wanted = word.trim().toLowerCase();
  if (wanted === '') return new Set();
  const groups = new Set(
    network.groups
      .filter(({ name, groupId }) => `${name} ${groupId}`.toLowerCase().includes(wanted))
      .map((it) => it.groupId),
  );
  const hits = network.instances.filter(
    ({ instanceId, privateAddress, publicAddress, node, account, groups: of }) =>
      [instanceId, privateAddress, publicAddress, node, account].some((text) => text?.toLowerCase().includes(wanted)) ||
      of.some((groupId) => groups.has(groupId)),
  );
  return new Set(hits.map(({ instanceId }) => instanceId));
};
