/**
 * One live feed of a KurrentDB server: what it holds, how it ended, and whether it still belongs to the log followed so far.
 * Nothing of a feed is believed without its position; nothing is left out of it.
 */

import type { StoredEvent } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import type { Doorbell } from './doorbell.ts';
import type { KurrentConnection, KurrentFeed } from './kurrentConnection.ts';
import { storedEventOf } from './kurrentRecords.ts';
import { lostTail } from './subscription.ts';

/** Where a subscription has got to; `last` is unknown until it has delivered something itself. */
export type Place = { position: number; last: StoredEvent | undefined };

const BATCH = 500;

/** What a feed holds right now, up to the first record that is not sound. */
export const takeFrom = (feed: KurrentFeed): { readonly events: readonly StoredEvent[]; readonly flaw?: unknown } => {
  const events: StoredEvent[] = [];
  while (events.length < BATCH) {
    const record = feed.read();
    if (record === undefined) break;
    try {
      events.push(storedEventOf(record));
    } catch (flaw) {
      return { events, flaw };
    }
  }
  return { events };
};

/** Rings for everything that happens to a feed, and keeps how it ended. */
export const watchFeed = (feed: KurrentFeed, bell: Doorbell): (() => { readonly error?: Error } | undefined) => {
  let end: { readonly error?: Error } | undefined;
  const ended = (error?: Error): void => {
    end ??= error === undefined ? {} : { error };
    bell.ring();
  };
  feed.watch(bell.ring, ended);
  return () => end;
};

/** The position of the newest event now, after making sure that this is still the log followed so far. */
export const goalFrom = async (connection: KurrentConnection, place: Place): Promise<number> => {
  const newest = await connection.newest();
  const goal = newest?.position ?? -1;
  if (place.position > goal && place.position > 0) throw lostTail(place.position, goal);
  const { last } = place;
  if (last === undefined) return goal;
  const [found] = await connection.readStream(last.stream, last.revision, 1);
  if (found?.id === last.id && found.position === last.position) return goal;
  const message = `Event store ${connection.shown}: event ${last.id} at position ${last.position} is no longer there: the log was rewritten`;
  throw new StoreFault('corrupt', message, { position: last.position });
};

/** Events behind the place, in order. Two events at one position could not be told apart later, so they are refused. */
export const freshEvents = (events: readonly StoredEvent[], place: Place): readonly StoredEvent[] => {
  const doubled = events.find((event, index) => {
    const before = index === 0 ? place.last : events[index - 1];
    return before !== undefined && event.position === before.position && event.id !== before.id;
  });
  if (doubled !== undefined) {
    const message = `Expected one event at position ${doubled.position}, got several (explicit transactions are not supported)`;
    throw new StoreFault('unsupported', message, { position: doubled.position });
  }
  return events.filter((event) => event.position > place.position);
};
