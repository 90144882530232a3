/**
 * What a writer knows of a SQLite log while it writes: the last position, the tail of each stream it has met, and which
 * event ids are in the log. Known things are only trusted while no other process has committed; what a transaction adds is
 * kept apart until it has been committed. Must be used inside a write transaction, `load` excepted.
 */
import type { DatabaseSync } from 'node:sqlite';
import { StoreFault } from '../../domain/eventStore.ts';
import type { EventPlace, LogView } from './appendPlan.ts';
import type { SerialisedEvent } from './appendRequest.ts';
import { createIdTable } from './idTable.ts';
import { allRows, arrays, checksumOf } from './sqliteRows.ts';

/** Row number of the stream's name (undefined until it has one) and the revision of its last event. */
type StreamTail = { readonly number: number | undefined; readonly revision: number };

export type SqliteLog = {
  readonly view: LogView;
  /** Reads the ids of a slice of the log; false when there is nothing left to read. */
  readonly load: () => boolean;
  /** Makes the view that of the open transaction. Throws StoreFault `corrupt` when the log has lost its tail meanwhile. */
  readonly refresh: () => void;
  readonly insert: (id: string, stream: string, event: SerialisedEvent) => EventPlace;
  readonly added: () => number;
  /** The transaction was committed. */
  readonly keep: () => void;
  /** The transaction was rolled back, or nobody knows: nothing remembered is trusted any more. */
  readonly forget: () => void;
};

const LOAD_SLICE = 20_000;
const TAILS_KEPT = 100_000;
const UNKNOWN_VERSION = -1;

const createStatements = (db: DatabaseSync) => ({
  version: db.prepare('PRAGMA data_version'),
  ids: arrays(db, 'SELECT position, id FROM events WHERE position > ? ORDER BY position LIMIT ?'),
  at: db.prepare('SELECT id, revision FROM events WHERE position = ?'),
  stream: db.prepare('SELECT id FROM streams WHERE name = ?'),
  tail: db.prepare('SELECT max(revision) AS revision FROM events WHERE stream = ?'),
  addStream: db.prepare('INSERT INTO streams (name) VALUES (?)'),
  addEvent: db.prepare(
    'INSERT INTO events (position, id, stream, revision, type, data, metadata, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  ),
});

type Statements = ReturnType<typeof createStatements>;

const readTail = (statements: Statements, stream: string): StreamTail => {
  const number = statements.stream.get(stream)?.['id'];
  if (typeof number !== 'number') return { number: undefined, revision: -1 };
  const revision = statements.tail.get(number)?.['revision'];
  return { number, revision: typeof revision === 'number' ? revision : -1 };
};

/** The tails of streams as committed, and over them those of the running transaction. */
const createTails = (read: (stream: string) => StreamTail) => {
  const committed = new Map<string, StreamTail>();
  const pending = new Map<string, StreamTail>();
  const remember = (stream: string, tail: StreamTail): void => {
    if (committed.size >= TAILS_KEPT) committed.clear();
    committed.set(stream, tail);
  };
  return {
    of: (stream: string): StreamTail => {
      const known = pending.get(stream) ?? committed.get(stream);
      if (known !== undefined) return known;
      const tail = read(stream);
      remember(stream, tail);
      return tail;
    },
    move: (stream: string, tail: StreamTail): void => {
      pending.set(stream, tail);
    },
    keep: (): void => {
      for (const [stream, tail] of pending) remember(stream, tail);
      pending.clear();
    },
    forget: (): void => {
      pending.clear();
      committed.clear();
    },
  };
};

export const createSqliteLog = (db: DatabaseSync, file: string): SqliteLog => {
  const statements = createStatements(db);
  const tails = createTails((stream) => readTail(statements, stream));
  const ids = createIdTable();
  const pendingIds = new Map<string, EventPlace>();
  let last = { position: 0, id: '' };
  let position = 0;
  let version = UNKNOWN_VERSION;

  const load = (): boolean => {
    const rows = allRows(statements.ids, last.position, LOAD_SLICE);
    for (const row of rows) {
      last = { position: Number(row[0]), id: String(row[1]) };
      ids.add(last.id, last.position);
    }
    return rows.length === LOAD_SLICE;
  };

  /** Another process can only add; a log without the event we saw last was restored under our feet. */
  const ensureSameLog = (): void => {
    if (last.position === 0 || statements.at.get(last.position)?.['id'] === last.id) return;
    const message = `Event log ${file}: expected event ${last.id} at position ${last.position}; the log lost its tail while open`;
    throw new StoreFault('corrupt', message, { position: last.position });
  };

  const committedPlaceOf = (eventId: string): EventPlace | undefined => {
    let place: EventPlace | undefined;
    ids.find(eventId, (candidate) => {
      const row = statements.at.get(candidate);
      if (row?.['id'] !== eventId) return false;
      place = { position: candidate, revision: Number(row['revision']) };
      return true;
    });
    return place;
  };

  const forget = (): void => {
    pendingIds.clear();
    tails.forget();
    version = UNKNOWN_VERSION;
  };

  return {
    view: {
      placeOf: (eventId) => pendingIds.get(eventId) ?? committedPlaceOf(eventId),
      lastRevision: (stream) => tails.of(stream).revision,
    },
    load,
    refresh: () => {
      const current = Number(statements.version.get()?.['data_version']);
      if (current !== version) {
        ensureSameLog();
        tails.forget();
        while (load());
        version = current;
      }
      position = last.position;
    },
    insert: (id, stream, event) => {
      const tail = tails.of(stream);
      const number = tail.number ?? Number(statements.addStream.run(stream).lastInsertRowid);
      const place = { position: position + 1, revision: tail.revision + 1 };
      const { type, data, metadata } = event;
      const checksum = checksumOf({ ...place, id, stream, type, data, metadata });
      statements.addEvent.run(place.position, id, number, place.revision, type, data, metadata, checksum);
      position = place.position;
      tails.move(stream, { number, revision: place.revision });
      pendingIds.set(id, place);
      return place;
    },
    added: () => pendingIds.size,
    keep: () => {
      for (const [id, place] of pendingIds) {
        ids.add(id, place.position);
        last = { position: place.position, id };
      }
      pendingIds.clear();
      tails.keep();
    },
    forget,
  };
};
