/**
 * The kinds of senders and targets that two networks have together, and which pairs of kinds a change can have touched. It
 * is what keeps a comparison from being a walk over all pairs of instances.
 */
import { parseIpv4 } from '../../domain/ipv4.ts';
import type { Network } from '../network/views.ts';
import { blocksOf, type Rulebook, rulebookOf, type Selector, type Station } from './classes.ts';
import type { EdgeOptions } from './explanation.ts';
import { type Outsider, outsiderOf } from './outsiders.ts';
import { differenceOf, noPermits } from './permits.ts';

export const sides = ['before', 'after'] as const;
export type Side = (typeof sides)[number];
export type Both<T> = { readonly [S in Side]: T };

/** Instances named by the same groups and blocks, before and after; or one outsider. Undefined: nobody there then. */
export type Sender = {
  readonly index: number;
  readonly selectors: Both<readonly Selector[] | undefined>;
  readonly changed: boolean;
  readonly ids: string[];
  readonly outside?: Both<Outsider | undefined>;
};

/** Instances whose groups are the same, before and after, and whose elastic addresses came, went or moved alike. */
export type Target = {
  readonly index: number;
  readonly groups: Both<readonly string[] | undefined>;
  readonly changed: boolean;
  readonly ids: string[];
};

export type Kinds = {
  readonly books: Both<Rulebook>;
  readonly senders: readonly Sender[];
  readonly targets: readonly Target[];
};

/** `sources` are addresses outside the cloud. */
export const kindsOf = (networks: Both<Network>, edge: EdgeOptions, sources: readonly string[]): Kinds => {
  const books = { before: rulebookOf(networks.before, edge), after: rulebookOf(networks.after, edge) };
  const ids = [...new Set([...books.before.stations.keys(), ...books.after.stations.keys()])].sort();
  const blocks = [books.before, books.after];
  const insiders = sendersOf(books, ids, blocks);
  const outsiders = outsidersOf(books, sources, blocks, insiders.length);
  return { books, senders: [...insiders, ...outsiders], targets: targetsOf(books, ids, sources.length > 0) };
};

/** Both networks' blocks count on both sides, so that a new rule alone makes no sender another one. */
const allBlocks = (books: readonly Rulebook[], address: number): readonly Selector[] => [
  ...new Set(books.flatMap((book) => blocksOf(book, address))),
];

const sendersOf = (books: Both<Rulebook>, ids: readonly string[], blocks: readonly Rulebook[]): readonly Sender[] => {
  const kinds = new Map<string, Sender>();
  const selectorsOf = (station: Station | undefined): readonly Selector[] | undefined =>
    station && [...station.groups, ...allBlocks(blocks, station.address)].sort();
  for (const id of ids) {
    const before = selectorsOf(books.before.stations.get(id));
    const after = selectorsOf(books.after.stations.get(id));
    const keys = [keyOf(before), keyOf(after)];
    const key = keys.join('|');
    const kind = kinds.get(key);
    if (kind !== undefined) kind.ids.push(id);
    else kinds.set(key, { index: kinds.size, selectors: { before, after }, changed: keys[0] !== keys[1], ids: [id] });
  }
  return [...kinds.values()];
};

const keyOf = (texts: readonly string[] | undefined): string => (texts === undefined ? '-' : texts.join(' '));

const outsidersOf = (
  books: Both<Rulebook>,
  sources: readonly string[],
  blocks: readonly Rulebook[],
  first: number,
): readonly Sender[] =>
  [...new Set(sources)].map((address, position) => {
    const held = allBlocks(blocks, parseIpv4(address) ?? 0);
    const outside = { before: outsiderOf(books.before, address, held), after: outsiderOf(books.after, address, held) };
    return {
      index: first + position,
      selectors: { before: outside.before?.blocks, after: outside.after?.blocks },
      changed: JSON.stringify(outside.before) !== JSON.stringify(outside.after),
      ids: [address],
      outside,
    };
  });

const targetsOf = (books: Both<Rulebook>, ids: readonly string[], withElastics: boolean): readonly Target[] => {
  const changedGroups = changedGroupsOf(books);
  const kinds = new Map<string, Target>();
  for (const id of ids) {
    const [before, after] = [books.before.stations.get(id), books.after.stations.get(id)];
    const keys = [keyOf(before?.groups), keyOf(after?.groups)];
    const elastics = withElastics ? elasticKey(before, after) : 'none';
    const key = `${keys.join('|')}|${elastics}`;
    const kind = kinds.get(key);
    if (kind !== undefined) {
      kind.ids.push(id);
      continue;
    }
    const touched = [...(before?.groups ?? []), ...(after?.groups ?? [])].some((group) => changedGroups.has(group));
    const changed = touched || keys[0] !== keys[1] || !unmoved.has(elastics);
    const groups = { before: before?.groups, after: after?.groups };
    kinds.set(key, { index: kinds.size, groups, changed, ids: [id] });
  }
  return [...kinds.values()];
};

type ElasticKey = 'none' | 'same' | 'came' | 'went' | 'moved';
const unmoved: ReadonlySet<ElasticKey> = new Set<ElasticKey>(['none', 'same']);

const elasticKey = (before: Station | undefined, after: Station | undefined): ElasticKey => {
  const [old, fresh] = [before?.elastic, after?.elastic];
  if (old === fresh) return old === undefined ? 'none' : 'same';
  if (old === undefined) return 'came';
  return fresh === undefined ? 'went' : 'moved';
};

const changedGroupsOf = ({ before, after }: Both<Rulebook>): ReadonlySet<string> => {
  const ids = new Set([...before.allowed.keys(), ...after.allowed.keys()]);
  return new Set([...ids].filter((id) => written(before, id) !== written(after, id)));
};

/** What a group allows, as text that does not depend on the order in which it came about. */
const written = ({ allowed }: Rulebook, id: string): string =>
  [...(allowed.get(id) ?? [])]
    .map(([selector, permits]) => {
      const ranges = differenceOf({ ...permits, everything: false }, noPermits());
      return `${selector}${permits.everything ? '*' : ''}${JSON.stringify(ranges)}`;
    })
    .sort()
    .join(' ');

/**
 * Pairs of which one kind changed and one lets the other in, before or after; in the order of the kinds, at most `most`.
 * `isWhole` is false when there are more.
 */
export const affectedPairs = (
  kinds: Kinds,
  most: number,
): { readonly pairs: readonly (readonly [Sender, Target])[]; readonly isWhole: boolean } => {
  const { senders, targets } = kinds;
  const found = new Set<number>();
  let isWhole = true;
  for (const [sender, target] of candidates(kinds)) {
    const pair = sender.index * targets.length + target.index;
    isWhole = found.size < most || found.has(pair);
    if (!isWhole) break;
    found.add(pair);
  }
  const pairs = [...found]
    .sort((a, b) => a - b)
    .flatMap((pair) => {
      const sender = senders[Math.floor(pair / targets.length)];
      const target = targets[pair % targets.length];
      return sender === undefined || target === undefined ? [] : [[sender, target] as const];
    });
  return { pairs, isWhole };
};

/** The same pair may come more than once. */
function* candidates({ books, senders, targets }: Kinds): Generator<readonly [Sender, Target]> {
  const named = ({ selectors }: Sender) => sides.flatMap((side) => selectors[side] ?? []);
  const asked = ({ groups }: Target) => sides.flatMap((side) => selectorsAsked(books[side], groups[side]));
  const byNamed = indexed(senders, named);
  for (const target of targets) {
    if (!target.changed) continue;
    for (const selector of new Set(asked(target))) {
      for (const sender of byNamed.get(selector) ?? []) yield [sender, target];
    }
  }
  const changed = senders.filter((sender) => sender.changed);
  const byAsked = changed.length === 0 ? new Map<Selector, Target[]>() : indexed(targets, asked);
  for (const sender of changed) {
    for (const selector of new Set(named(sender))) {
      for (const target of byAsked.get(selector) ?? []) yield [sender, target];
    }
  }
}

const selectorsAsked = ({ allowed }: Rulebook, groups: readonly string[] = []): readonly Selector[] =>
  groups.flatMap((group) => [...(allowed.get(group)?.keys() ?? [])]);

const indexed = <T>(kinds: readonly T[], selectorsOf: (kind: T) => readonly Selector[]): ReadonlyMap<Selector, T[]> => {
  const index = new Map<Selector, T[]>();
  for (const kind of kinds) {
    for (const selector of new Set(selectorsOf(kind))) {
      const known = index.get(selector);
      if (known === undefined) index.set(selector, [kind]);
      else known.push(kind);
    }
  }
  return index;
};
