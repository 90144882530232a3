/**
 * Reading a SQLite log by position and by stream. Positions are dense, so an event that is missing is seen as surely as one
 * that is damaged. Never writes, and never returns an event that was not checked.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LogHead, StoredEvent, StoreFault } from '../../domain/eventStore.ts';
import { isCorrupt } from './sqliteFaults.ts';
import type { SqliteKnowledge } from './sqliteKnowledge.ts';
import type { Row } from './sqliteRows.ts';
import { allRows, arrays, COLUMNS, createStreamNames, damagedAt, soundEvents } from './sqliteRows.ts';

export type SqliteReader = {
  readonly readAll: (after: number, limit: number) => readonly StoredEvent[];
  readonly readStream: (stream: string, from: number, limit: number) => readonly StoredEvent[];
  readonly head: () => LogHead;
};

/** Reads row by row what could not be read as a page, to name the place where SQLite itself stumbles. */
const damageAfter = (query: StatementSync, file: string, after: number, limit: number, cause: unknown): StoreFault => {
  for (let position = after; position < after + limit; position += 1) {
    try {
      if (allRows(query, position, 1).length === 0) break;
    } catch (thrown) {
      return damagedAt(file, position + 1, String(thrown), thrown);
    }
  }
  return damagedAt(file, after + 1, String(cause), cause);
};

const rowsAfter = (query: StatementSync, file: string, after: number, limit: number): readonly Row[] => {
  try {
    return allRows(query, after, limit);
  } catch (thrown) {
    throw isCorrupt(thrown) ? damageAfter(query, file, after, limit, thrown) : thrown;
  }
};

export const createSqliteReader = (db: DatabaseSync, file: string, knowledge: SqliteKnowledge): SqliteReader => {
  const byPosition = arrays(db, `SELECT ${COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?`);
  const byRevision = arrays(
    db,
    `SELECT ${COLUMNS} FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?`,
  );
  const unindexed = db.prepare('SELECT position FROM events NOT INDEXED WHERE stream = ? AND revision = ?');
  const newest = db.prepare('SELECT position, id FROM events ORDER BY position DESC LIMIT 1');
  const nameOf = createStreamNames(db);

  return {
    readAll: (after, limit) => {
      const first = Math.max(0, after) + 1;
      const rows = rowsAfter(byPosition, file, first - 1, limit);
      const misplaced = ({ position }: StoredEvent, index: number) =>
        position === first + index
          ? undefined
          : { position: first + index, finding: `expected an event there, the next one is at ${position}` };
      return soundEvents(rows, { file, nameOf, misplaced });
    },
    readStream: (stream, from, limit) => {
      knowledge.refresh();
      const number = knowledge.numberOf(stream);
      if (number === undefined) return [];
      const first = Math.max(0, from);
      const misplaced = (event: StoredEvent, index: number) => {
        if (event.stream === stream && event.revision === first + index) return undefined;
        const finding = `expected revision ${first + index} of "${stream}", got ${event.revision} of "${event.stream}"`;
        return { position: event.position, finding };
      };
      const rows = allRows(byRevision, number, first, limit);
      const missing = first + rows.length;
      if (rows.length < limit && missing <= knowledge.lastRevision(number)) {
        const position = Number(unindexed.get(number, missing)?.['position']);
        throw damagedAt(file, position, `revision ${missing} of "${stream}" is not found by its stream`);
      }
      return soundEvents(rows, { file, nameOf, misplaced });
    },
    head: () => {
      const row = newest.get();
      return row === undefined ? undefined : { position: Number(row['position']), id: String(row['id']) };
    },
  };
};
