/**
 * Taking over recorded events into KurrentDB with their ids, streams and revisions, in the order of the log they come from.
 * A server of 26.1 takes many streams at once and keeps their order; older ones get one run of a stream after the other.
 */

import type { StoredEvent } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import type { KurrentConnection, Written } from './kurrentConnection.ts';

/** Events that may travel in one append: the server refuses appends beyond a size, 1 MB unless configured otherwise. */
const MAX_EVENTS = 500;
const MAX_LENGTH = 512 * 1024;

const lengthOf = (event: StoredEvent): number =>
  JSON.stringify(event.data).length + JSON.stringify(event.metadata).length;

/** Cuts events into pieces within the limits; `together` says whether an event may join the piece that ends with another. */
const pieces = (
  events: readonly StoredEvent[],
  together: (last: StoredEvent, next: StoredEvent) => boolean,
): readonly (readonly StoredEvent[])[] => {
  const cut: StoredEvent[][] = [];
  let length = 0;
  for (const event of events) {
    const piece = cut.at(-1);
    const last = piece?.at(-1);
    length += lengthOf(event);
    const fits = piece !== undefined && piece.length < MAX_EVENTS && length <= MAX_LENGTH;
    if (fits && last !== undefined && together(last, event)) {
      piece.push(event);
      continue;
    }
    cut.push([event]);
    length = lengthOf(event);
  }
  return cut;
};

const sameStream = (last: StoredEvent, next: StoredEvent): boolean => last.stream === next.stream;
const anyStream = (): boolean => true;

/** The revision each stream must be at before the first of its events is added. */
const expectedOf = (events: readonly StoredEvent[]): ReadonlyMap<string, number> => {
  const expected = new Map<string, number>();
  for (const event of events) if (!expected.has(event.stream)) expected.set(event.stream, event.revision - 1);
  return expected;
};

const writePiece = (connection: KurrentConnection, events: readonly StoredEvent[]): Promise<Written> => {
  if (connection.together === 'records') return connection.appendInOrder(events, expectedOf(events));
  const first = events[0];
  return connection.append({ stream: first?.stream ?? '', expected: (first?.revision ?? 0) - 1, events });
};

const refused = (event: StoredEvent, found: string): StoreFault =>
  new StoreFault(
    'not-permitted',
    `Import refused: expected room for revision ${event.revision} of "${event.stream}" (event ${event.id}), got ${found}`,
  );

/** The events of a piece that are not in the log yet. Throws StoreFault `not-permitted` where another event stands. */
const missingOf = async (
  connection: KurrentConnection,
  events: readonly StoredEvent[],
): Promise<readonly StoredEvent[]> => {
  const missing = new Set(events);
  for (const [stream, before] of expectedOf(events)) {
    const wanted = events.filter((event) => event.stream === stream);
    const found = await connection.readStream(stream, before + 1, wanted.length);
    for (const [index, event] of found.entries()) {
      const want = wanted[index];
      if (want === undefined) break;
      if (want.id !== event.id) throw refused(want, `event ${event.id}`);
      missing.delete(want);
    }
  }
  return [...missing];
};

export const createKurrentImport =
  (connection: KurrentConnection) =>
  async (events: readonly StoredEvent[]): Promise<void> => {
    const inRow = connection.together === 'records' ? anyStream : sameStream;
    for (const piece of pieces(events, inRow)) {
      if ((await writePiece(connection, piece)).kind === 'written') continue;
      for (const rest of pieces(await missingOf(connection, piece), sameStream)) {
        const again = await writePiece(connection, rest);
        const first = rest[0];
        if (again.kind === 'conflict' && first !== undefined) throw refused(first, `revision ${again.actual}`);
      }
    }
  };
