/**
 * What the network would be if some events had not happened: the rest folded as it was recorded. Later decisions are not
 * decided again, so an event that only made sense after a missing one folds into nothing.
 */
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { initialNetwork } from '../network/initial.ts';
import { advance, advanceInPlace } from '../network/runner.ts';
import type { Network } from '../network/views.ts';

/** The network as it would be had some of the events not happened; the others are folded as they were recorded. */
export const without = (
  network: Network,
  events: readonly Recorded<DomainEvent>[],
  missing: ReadonlySet<number>,
): Network => {
  const rest = events.filter(({ position }) => !missing.has(position));
  const next = advance(network, rest);
  const last = events.at(-1);
  return last === undefined || next.position === last.position
    ? next
    : { ...next, position: last.position, time: last.time };
};

/** The same from the first event. */
export const foldWithout = (events: readonly Recorded<DomainEvent>[], missing: ReadonlySet<number>): Network =>
  advanceInPlace(
    initialNetwork(),
    events.filter(({ position }) => !missing.has(position)),
  );
