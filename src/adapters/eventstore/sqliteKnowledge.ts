/**
 * What a process knows of a SQLite log: which event ids it holds, the number of each stream and where each stream ends.
 * All of it is learned by walking the events in position order, not from an index, so an index that has lost an entry
 * cannot make a stream look shorter than it is. Holds only what has been committed.
 */
import type { DatabaseSync } from 'node:sqlite';
import { StoreFault } from '../../domain/eventStore.ts';
import type { EventPlace } from './appendPlan.ts';
import { createFingerprints, fingerprintOfId, fingerprintOfName } from './fingerprints.ts';
import { allRows, arrays, damagedAt } from './sqliteRows.ts';

export type SqliteKnowledge = {
  /** Learns at most so much of what has been added; false when there is nothing left. Throws StoreFault `corrupt` for a gap. */
  readonly learnSlice: (limit?: number) => boolean;
  /** Learns all that other processes have added since the last look. Throws StoreFault `corrupt` when the log lost its tail. */
  readonly refresh: () => void;
  /** False before the first look, and while nobody knows how the last commit ended. */
  readonly isCurrent: () => boolean;
  readonly lastPosition: () => number;
  readonly placeOf: (eventId: string) => EventPlace | undefined;
  /** Row number of a stream's name. */
  readonly numberOf: (stream: string) => number | undefined;
  /** -1 for a stream without events. */
  readonly lastRevision: (streamNumber: number) => number;
  /** This process has committed a stream or an event itself. */
  readonly learnStream: (number: number, name: string) => void;
  readonly learnEvent: (id: string, streamNumber: number, place: EventPlace) => void;
  /** Nobody knows whether the last commit reached the log: look again before the next transaction. */
  readonly doubt: () => void;
};

const SLICE = 20_000;
const UNKNOWN_VERSION = -1;

/** Last revision of each stream by its number; four bytes a stream. */
const createTails = () => {
  let tails = new Int32Array(1024).fill(-1);
  return {
    get: (number: number): number => tails[number] ?? -1,
    set: (number: number, revision: number): void => {
      if (number >= tails.length) {
        const grown = new Int32Array(Math.max(number + 1, tails.length * 2)).fill(-1);
        grown.set(tails);
        tails = grown;
      }
      tails[number] = revision;
    },
  };
};

/** Names of streams, found without the index over them. */
const createStreamNumbers = (db: DatabaseSync) => {
  const nameAt = db.prepare('SELECT name FROM streams WHERE id = ?');
  const later = arrays(db, 'SELECT id, name FROM streams WHERE id > ? ORDER BY id LIMIT ?');
  const names = createFingerprints();
  let newest = 0;
  const add = (number: number, name: string): void => {
    names.add(fingerprintOfName(name), number);
    newest = Math.max(newest, number);
  };
  return {
    add,
    learn: (limit: number): boolean => {
      const rows = allRows(later, newest, limit);
      for (const row of rows) add(Number(row[0]), String(row[1]));
      return rows.length === limit;
    },
    find: (stream: string): number | undefined =>
      names.find(fingerprintOfName(stream), (number) => nameAt.get(number)?.['name'] === stream),
  };
};

export const createSqliteKnowledge = (db: DatabaseSync, file: string): SqliteKnowledge => {
  const versionNow = db.prepare('PRAGMA data_version');
  const later = arrays(
    db,
    'SELECT position, id, stream, revision FROM events WHERE position > ? ORDER BY position LIMIT ?',
  );
  const eventAt = db.prepare('SELECT id, revision FROM events WHERE position = ?');
  const tails = createTails();
  const streams = createStreamNumbers(db);
  const ids = createFingerprints();
  let last = { position: 0, id: '' };
  let version = UNKNOWN_VERSION;

  const learnEvent = (id: string, number: number, place: EventPlace): void => {
    ids.add(fingerprintOfId(id), place.position);
    tails.set(number, place.revision);
    last = { position: place.position, id };
  };

  const learnSlice = (limit = SLICE): boolean => {
    const moreStreams = streams.learn(limit);
    const rows = allRows(later, last.position, limit) as readonly [number, string, number, number][];
    for (const [position, id, number, revision] of rows) {
      if (position !== last.position + 1) {
        throw damagedAt(file, last.position + 1, `expected an event there, the next one is at ${position}`);
      }
      const expected = tails.get(number) + 1;
      if (revision !== expected) throw damagedAt(file, position, `expected revision ${expected}, got ${revision}`);
      learnEvent(id, number, { position, revision });
    }
    return moreStreams || rows.length === limit;
  };

  /** Another process can only add; a log without the event we saw last was restored under our feet. */
  const ensureSameLog = (): void => {
    if (last.position === 0 || eventAt.get(last.position)?.['id'] === last.id) return;
    const message = `Event log ${file}: expected event ${last.id} at position ${last.position}; the log lost its tail while open`;
    throw new StoreFault('corrupt', message, { position: last.position });
  };

  return {
    learnSlice,
    refresh: () => {
      const current = Number(versionNow.get()?.['data_version']);
      if (current === version) return;
      ensureSameLog();
      while (learnSlice());
      version = current;
    },
    isCurrent: () => version !== UNKNOWN_VERSION,
    lastPosition: () => last.position,
    placeOf: (eventId) => {
      let revision = -1;
      const position = ids.find(fingerprintOfId(eventId), (candidate) => {
        const row = eventAt.get(candidate);
        revision = Number(row?.['revision']);
        return row?.['id'] === eventId;
      });
      return position === undefined ? undefined : { position, revision };
    },
    numberOf: streams.find,
    lastRevision: tails.get,
    learnStream: streams.add,
    learnEvent,
    doubt: () => {
      version = UNKNOWN_VERSION;
    },
  };
};
