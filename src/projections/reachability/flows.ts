/**
 * Which flows a change of the network gives and takes: between instances by their private addresses, and from given
 * addresses outside to instances. Instances that are alike before and after are compared once, and only kinds that a change
 * touched. Pairs are listed up to a limit and counted beyond it. Both networks are only read; whoever gives them must not
 * change them in place between making and comparing them.
 */
import type { Network } from '../network/views.ts';
import { permitsOf } from './classes.ts';
import { defaultEdgeOptions, type EdgeOptions } from './explanation.ts';
import { affectedPairs, type Kinds, kindsOf, type Sender, type Side, type Target } from './flowKinds.ts';
import { wayFromOutside } from './outsiders.ts';
import { differenceOf, noPermits, type Permits, type TrafficRange } from './permits.ts';
import type { Endpoint } from './question.ts';

/** `via` is the elastic address it goes to, when that is how the destination is reached. */
export type FlowChange = {
  readonly source: Endpoint;
  readonly destination: string;
  readonly via?: string;
  readonly traffic: readonly TrafficRange[];
};

/** `gained` and `lost` are the first ones; the counts are of all pairs. `incomplete`: too much to compare, so neither is whole. */
export type FlowChanges = {
  readonly gained: readonly FlowChange[];
  readonly lost: readonly FlowChange[];
  readonly gainedPairs: number;
  readonly lostPairs: number;
  readonly incomplete: boolean;
};

export type FlowOptions = {
  readonly edge: EdgeOptions;
  /** Addresses outside the cloud whose flows are looked at, too. */
  readonly sources: readonly string[];
  /** Most pairs to list of each sort. */
  readonly limit: number;
  /** Most pairs of kinds to compare. */
  readonly effort: number;
};

export const defaultFlowOptions: FlowOptions = { edge: defaultEdgeOptions, sources: [], limit: 1000, effort: 200_000 };

export const flowsBetween = (before: Network, after: Network, options: Partial<FlowOptions> = {}): FlowChanges => {
  const { edge, sources, limit, effort } = { ...defaultFlowOptions, ...options };
  const kinds = kindsOf({ before, after }, edge, sources);
  const { pairs, isWhole } = affectedPairs(kinds, effort);
  const both = membersInBoth(kinds);
  const gained = createList(kinds, 'after', limit);
  const lost = createList(kinds, 'before', limit);
  for (const [sender, target] of pairs) {
    const change = compare(kinds, sender, target);
    const themselves = both.get(pairKey(sender, target)) ?? 0;
    gained.add(sender, target, change.gained, themselves);
    lost.add(sender, target, change.lost, themselves);
  }
  return {
    gained: gained.flows,
    lost: lost.flows,
    gainedPairs: gained.count(),
    lostPairs: lost.count(),
    incomplete: !isWhole,
  };
};

const pairKey = (sender: Sender, target: Target): string => `${sender.index}/${target.index}`;

/** How many instances are in both kinds of a pair: what an instance sends itself is no flow. */
const membersInBoth = ({ senders, targets }: Kinds): ReadonlyMap<string, number> => {
  const senderOf = new Map(senders.flatMap((sender) => sender.ids.map((id) => [id, sender] as const)));
  const counts = new Map<string, number>();
  for (const target of targets) {
    for (const id of target.ids) {
      const sender = senderOf.get(id);
      if (sender === undefined) continue;
      const key = pairKey(sender, target);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
};

/** All of a kind are alike, so the first one stands for them; an elastic address that moved ends one flow and begins another. */
const compare = (kinds: Kinds, sender: Sender, target: Target) => {
  const [id = ''] = target.ids;
  const before = permitted(kinds, sender, target, 'before');
  const after = permitted(kinds, sender, target, 'after');
  const moved =
    sender.outside !== undefined && viaOf(kinds, sender, id, 'before') !== viaOf(kinds, sender, id, 'after');
  return {
    gained: differenceOf(after, moved ? noPermits() : before),
    lost: differenceOf(before, moved ? noPermits() : after),
  };
};

const permitted = (kinds: Kinds, sender: Sender, target: Target, side: Side): Permits => {
  const groups = target.groups[side];
  const selectors = sender.selectors[side];
  const [id = ''] = target.ids;
  const isCutOff = sender.outside !== undefined && wayOf(kinds, sender, id, side) === undefined;
  return groups === undefined || selectors === undefined || isCutOff
    ? noPermits()
    : permitsOf(kinds.books[side], groups, selectors);
};

const wayOf = ({ books }: Kinds, { outside }: Sender, id: string, side: Side) => {
  const outsider = outside?.[side];
  const station = books[side].stations.get(id);
  return outsider && station && wayFromOutside(books[side], outsider, station);
};

const viaOf = (kinds: Kinds, sender: Sender, id: string, side: Side): string | undefined =>
  wayOf(kinds, sender, id, side)?.elastic;

const createList = (kinds: Kinds, side: Side, limit: number) => {
  const flows: FlowChange[] = [];
  let pairs = 0;
  const add = (sender: Sender, target: Target, traffic: readonly TrafficRange[], themselves: number): void => {
    if (traffic.length === 0) return;
    pairs += sender.ids.length * target.ids.length - themselves;
    for (const source of sender.ids) {
      for (const destination of target.ids) {
        if (flows.length >= limit) return;
        if (source === destination) continue;
        const via = viaOf(kinds, sender, destination, side);
        flows.push({ source: endOf(sender, source), destination, ...(via === undefined ? {} : { via }), traffic });
      }
    }
  };
  return { flows: flows as readonly FlowChange[], add, count: () => pairs };
};

const endOf = ({ outside }: Sender, text: string): Endpoint =>
  outside === undefined ? { kind: 'instance', id: text } : { kind: 'address', address: text };
