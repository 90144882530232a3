/**
 * Runs the fold: while catching up in place, because nobody may see the network yet; once in sync into a new network per batch,
 * so that every network handed out is immutable and shares all that did not change with the one before.
 */
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { type Owner, ownerOfAll, ownerOfChanges } from '../owner.ts';
import { apply } from './apply.ts';
import { initialNetwork } from './initial.ts';
import type { Network } from './views.ts';

export type NetworkRunner = {
  /** The newest network. Only meaningful to others once in sync. */
  readonly network: () => Network;
  /** Events in position order. Before `goLive` they are folded in place, after it into a new network. */
  readonly fold: (events: readonly Recorded<DomainEvent>[]) => Network;
  readonly goLive: () => void;
  readonly isLive: () => boolean;
};

/** The next network; `network` itself stays as it was. */
export const advance = (network: Network, events: readonly Recorded<DomainEvent>[]): Network => {
  if (events.length === 0) return network;
  const draft = { network: { ...network }, owner: ownerOfChanges() };
  for (const event of events) apply(draft, event);
  return draft.network;
};

/**
 * Folds in place, which is only allowed while nobody else holds `network`. Whoever folds page after page keeps one owner for
 * all of them, and gives it up before anybody else gets to see the network.
 */
export const advanceInPlace = (
  network: Network,
  events: readonly Recorded<DomainEvent>[],
  owner: Owner = ownerOfAll(),
): Network => {
  const draft = { network, owner };
  for (const event of events) apply(draft, event);
  return network;
};

/** Everything recomputed from the first event: the judge of every increment. */
export const foldAll = (events: readonly Recorded<DomainEvent>[]): Network => advanceInPlace(initialNetwork(), events);

/** `from` stays as it is. */
export const createNetworkRunner = (from?: Network): NetworkRunner => {
  let network = from === undefined ? initialNetwork() : { ...from };
  let owner: Owner | undefined = from === undefined ? ownerOfAll() : ownerOfChanges();
  return {
    network: () => network,
    fold: (events) => {
      network = owner === undefined ? advance(network, events) : advanceInPlace(network, events, owner);
      return network;
    },
    goLive: () => {
      owner = undefined;
    },
    isLive: () => owner === undefined,
  };
};
