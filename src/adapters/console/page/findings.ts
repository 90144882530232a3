/** Small looks at what was loaded that several views share: indexes by id, looks of groups, what is selected. */
import type { Group, Instance } from './answers.ts';
import type { Network } from './state.ts';

/** Colours there are for groups; beyond them they are used again with a notch, and there are as many kinds of notches. */
const COLOURS = 10;
export const NOTCHES = ['across', 'upright', 'crossed'] as const;
export type Notch = (typeof NOTCHES)[number];
/** Groups from which on some look alike. */
export const LOOKS = COLOURS * (1 + NOTCHES.length);

/** `colour`: a class name. */
export type Look = { readonly colour: string; readonly notch: Notch | undefined };

/** Of instances without a group that is known. */
export const NO_LOOK: Look = { colour: 'gnone', notch: undefined };

export type Looks = ReadonlyMap<string, Look>;

/** FNV-1a: the same number for a text, everywhere. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
};

const lookAt = (number: number): Look => ({
  colour: `g${number % COLOURS}`,
  notch: NOTCHES[Math.floor(number / COLOURS) - 1],
});

/**
 * How each group looks. It follows from the id, so a group looks the same to everybody and at every moment; the younger of two
 * that would look alike takes the next colour, and when all are taken, one with a notch.
 */
export const looksOf = (groups: readonly Group[]): Looks => {
  const looks = new Map<string, Look>();
  const taken = new Set<number>();
  for (const { groupId } of groups.toSorted((a, b) => a.createdAt - b.createdAt || (a.groupId < b.groupId ? -1 : 1))) {
    const first = hashOf(groupId) % COLOURS;
    const inTurn = Array.from({ length: LOOKS }, (_, i) => i - (i % COLOURS) + ((first + i) % COLOURS));
    const number = inTurn.find((it) => !taken.has(it)) ?? first;
    taken.add(number);
    looks.set(groupId, lookAt(number));
  }
  return looks;
};

export const lookOf = (looks: Looks, groupId: string | undefined): Look =>
  (groupId === undefined ? undefined : looks.get(groupId)) ?? NO_LOOK;

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
