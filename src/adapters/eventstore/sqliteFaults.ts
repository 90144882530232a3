/**
 * What SQLite's result codes mean to the house. `unavailable` says that nothing was written and the same call may be
 * repeated; `unknown-outcome` says that a commit may or may not have reached the disk.
 */

import type { StoreFaultKind } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';

type SqliteError = Error & { readonly errcode: number };

const isSqliteError = (thrown: unknown): thrown is SqliteError =>
  thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number';

/** The primary result code, or 0 for an error that SQLite did not raise. */
export const resultCode = (thrown: unknown): number => (isSqliteError(thrown) ? thrown.errcode & 0xff : 0);

const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const PERMISSION = 3;
const NOT_A_DATABASE = 26;

/** Another process is writing just now; waiting helps. */
export const isBusy = (thrown: unknown): boolean => [BUSY, LOCKED].includes(resultCode(thrown));

export const isCorrupt = (thrown: unknown): boolean => [CORRUPT, NOT_A_DATABASE].includes(resultCode(thrown));

type Meaning = { readonly kind: StoreFaultKind; readonly says: string };

const meanings = new Map<number, Meaning>([
  [BUSY, { kind: 'unavailable', says: 'another process kept it locked for too long' }],
  [LOCKED, { kind: 'unavailable', says: 'another process kept it locked for too long' }],
  [READ_ONLY, { kind: 'not-permitted', says: 'it is read-only' }],
  [PERMISSION, { kind: 'not-permitted', says: 'access is denied' }],
  [IO_ERROR, { kind: 'unavailable', says: 'the disk reported an error' }],
  [CORRUPT, { kind: 'corrupt', says: 'it is damaged' }],
  [NOT_A_DATABASE, { kind: 'corrupt', says: 'it is not a SQLite database' }],
  [FULL, { kind: 'unavailable', says: 'the disk is full; nothing was written' }],
  [CANNOT_OPEN, { kind: 'unavailable', says: 'it cannot be opened' }],
]);

/**
 * `during` is `commit` only while COMMIT runs: there an I/O error leaves the outcome unknown. A fault passes unchanged; an
 * error that is neither SQLite's nor a fault is a mistake in the program and passes unchanged too.
 */
export const sqliteFault = (thrown: unknown, file: string, during: 'open' | 'read' | 'write' | 'commit'): unknown => {
  if (!isSqliteError(thrown)) return thrown;
  const code = resultCode(thrown);
  if (code === IO_ERROR && during === 'commit') {
    const message = `Event log ${file}: the disk reported an error during commit (${thrown.message})`;
    return new StoreFault('unknown-outcome', message, { cause: thrown });
  }
  const meaning = meanings.get(code) ?? { kind: 'unavailable', says: `SQLite failed with code ${code}` };
  return new StoreFault(meaning.kind, `Event log ${file}: ${meaning.says} (${thrown.message})`, { cause: thrown });
};
