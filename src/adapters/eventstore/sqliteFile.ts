/**
 * One SQLite file as an event log: how it is opened, which schema it carries and what is refused. Durability is decided
 * here (WAL, synchronous=FULL: a commit returns after fsync). Never opens a file it does not understand, and never repairs.
 */
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreFault } from '../../domain/eventStore.ts';
import { sqliteFault } from './sqliteFaults.ts';

/** Grows with every change of the tables below; an older program refuses a newer file. */
export const SCHEMA_VERSION = 1;

/** "EDLG": tells our log from any other SQLite file. */
const APPLICATION_ID = 0x45444c47;
const MAGIC = 'SQLite format 3\0';
const OPEN_BUSY_MS = 5000;
/** Waiting inside SQLite stops the whole process, so it is kept short; longer waits are the writer's, between turns. */
const LIVE_BUSY_MS = 5;

/** The write-ahead log is folded into the file every 4000 pages (16 MB): pages that many commits touch are then written once. */
const TUNING = `
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -32768;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
`;

const SCHEMA = `
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    stream INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE (stream, revision)
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

const pragma = (db: DatabaseSync, name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];

/** Creates the file with mode 0600 when there is none, and looks at the first bytes of one that exists. */
const inspectBytes = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = existsSync(file) ? openSync(file, 'r') : openSync(file, 'a', 0o600);
  try {
    const { size } = fstatSync(descriptor);
    if (size === 0) return;
    const start = Buffer.alloc(MAGIC.length);
    readSync(descriptor, start, 0, start.length, 0);
    if (start.toString('latin1') === MAGIC) return;
    throw new StoreFault(
      'corrupt',
      `Event log ${file}: expected a SQLite database, got ${size} bytes that start with ${start.toString('hex')}`,
    );
  } finally {
    closeSync(descriptor);
  }
};

export const checkSchema = (db: DatabaseSync, file: string): void => {
  const version = Number(pragma(db, 'user_version'));
  const application = Number(pragma(db, 'application_id'));
  if (application !== APPLICATION_ID) {
    throw new StoreFault('unsupported', `Event log ${file}: it is a SQLite database, but not an Edgelog log`);
  }
  if (version !== SCHEMA_VERSION) {
    throw new StoreFault(
      'unsupported',
      `Event log ${file}: it has schema version ${version}, this program knows ${SCHEMA_VERSION}; use a newer Edgelog`,
    );
  }
};

/** Two processes may open a new file at once: the lock decides who creates the tables, the other finds them there. */
const createSchema = (db: DatabaseSync): void => {
  db.exec('BEGIN IMMEDIATE');
  if (isEmpty(db)) db.exec(SCHEMA);
  db.exec('COMMIT');
};

const isEmpty = (db: DatabaseSync): boolean =>
  Number(db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables']) === 0 &&
  Number(pragma(db, 'user_version')) === 0;

/** A file that is somebody else's is refused before anything in it is changed. */
const configure = (db: DatabaseSync, file: string): void => {
  if (!isEmpty(db)) checkSchema(db, file);
  const mode = String(pragma(db, 'journal_mode = WAL'));
  if (mode !== 'wal') {
    throw new StoreFault(
      'unsupported',
      `Event log ${file}: expected journal mode wal, got ${mode} (network file system?)`,
    );
  }
  db.exec(TUNING);
  createSchema(db);
  checkSchema(db, file);
  db.exec(`PRAGMA busy_timeout = ${LIVE_BUSY_MS}`);
};

/**
 * Opens or creates the log. Throws StoreFault: `corrupt` (not a database, damaged, cut short), `unsupported` (another
 * schema), `not-permitted` (read-only), `unavailable` (cannot be opened, disk full).
 */
export const openSqliteFile = (file: string): DatabaseSync => {
  let db: DatabaseSync | undefined;
  try {
    inspectBytes(file);
    db = new DatabaseSync(file, { timeout: OPEN_BUSY_MS });
    configure(db, file);
    return db;
  } catch (thrown) {
    db?.close();
    throw fileFault(thrown, file);
  }
};

const fileFault = (thrown: unknown, file: string): unknown => {
  if (!(thrown instanceof Error) || !('syscall' in thrown)) return sqliteFault(thrown, file, 'open');
  const denied = 'code' in thrown && ['EACCES', 'EPERM', 'EROFS'].includes(String(thrown.code));
  const message = `Event log ${file}: ${thrown.message}`;
  return new StoreFault(denied ? 'not-permitted' : 'unavailable', message, { cause: thrown });
};
