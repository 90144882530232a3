/**
 * Runs the fold: on a bare private object while catching up (nobody may see it yet), on one draft per batch once in sync, so
 * that every network handed out is immutable and shares all that did not change with the one before.
 */
import { createDraft, finishDraft, setAutoFreeze } from 'immer';
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { forEach, share } from '../trie.ts';
import { apply } from './apply.ts';
import { initialNetwork } from './initial.ts';
import type { Network } from './views.ts';

// Freezing walks what the bare catch-up built; immutability after that is kept by drafting alone.
setAutoFreeze(false);

export type NetworkRunner = {
  /** The newest network. Only meaningful to others once in sync. */
  readonly network: () => Network;
  /** Events in position order. Before `goLive` they are folded in place, after it into a new network. */
  readonly fold: (events: readonly Recorded<DomainEvent>[]) => Network;
  readonly goLive: () => void;
  readonly isLive: () => boolean;
};

/** From now on others may hold it: nothing of it is changed in place any more. */
export const shareNetwork = (network: Network): void => {
  const { instances, groups, privateAddresses, publicAddresses, quarantine, presence, namedBy } = network;
  if (instances.isOwned !== true) return;
  forEach(groups, (_, { members }) => share(members));
  for (const { placements } of Object.values(network.clusters))
    for (const placed of Object.values(placements)) share(placed);
  for (const trie of [instances, groups, privateAddresses, publicAddresses, quarantine, presence, namedBy]) share(trie);
};

/** The next network; `network` itself stays as it was. */
export const advance = (network: Network, events: readonly Recorded<DomainEvent>[]): Network => {
  shareNetwork(network);
  if (events.length === 0) return network;
  const draft = createDraft(network);
  for (const event of events) apply(draft, event);
  return finishDraft(draft);
};

/** Folds in place, which is only allowed while nobody else holds `network`. */
export const advanceInPlace = (network: Network, events: readonly Recorded<DomainEvent>[]): Network => {
  for (const event of events) apply(network, event);
  return network;
};

/** Everything recomputed from the first event: the judge of every increment. */
export const foldAll = (events: readonly Recorded<DomainEvent>[]): Network => advanceInPlace(initialNetwork(), events);

export const createNetworkRunner = (from: Network = initialNetwork()): NetworkRunner => {
  let network = from;
  let live = false;
  return {
    network: () => network,
    fold: (events) => {
      network = live ? advance(network, events) : advanceInPlace(network, events);
      return network;
    },
    goLive: () => {
      shareNetwork(network);
      live = true;
    },
    isLive: () => live,
  };
};
