/**
 * A SQLite log opened by somebody who only looks: also while its owner writes to it, also from a folder that takes no writes.
 * SQLite itself refuses every write; nothing is created and nothing is repaired.
 */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { LogHead, StoredEvent } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import { sqliteFault } from './sqliteFaults.ts';
import { checkSchema } from './sqliteFile.ts';
import { createSqliteKnowledge } from './sqliteKnowledge.ts';
import { createSqliteReader } from './sqliteReader.ts';

export type ReadOnlyLog = {
  /** At most `limit` events with position greater than `after`, in position order. Throws StoreFault `corrupt`. */
  readonly readAll: (after: number, limit: number) => readonly StoredEvent[];
  readonly head: () => LogHead;
  readonly close: () => void;
};

const BUSY_MS = 5000;

/** Throws StoreFault: `unavailable` (no such file), `unsupported` (not a log of ours, or a newer one), `corrupt`. */
export const openReadOnlyLog = (file: string): ReadOnlyLog => {
  if (!existsSync(file)) throw new StoreFault('unavailable', `Event log ${file}: there is no such file`);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
    checkSchema(db, file);
    const { readAll, head } = createSqliteReader(db, file, createSqliteKnowledge(db, file));
    const opened = db;
    return { readAll, head, close: () => opened.close() };
  } catch (thrown) {
    db?.close();
    throw sqliteFault(thrown, file, 'open');
  }
};
