/**
 * The thread that reads a SQLite log ahead of whoever replays it: pages in order, each row checked, so many at a time as are
 * asked for. It reads on a connection of its own that can only read, and has nothing more behind whatever it does not
 * understand: what is wrong there is said by the one that reads for itself.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { type CheckedPage, checkedPage } from './checkedPage.ts';
import { allRows, arrays, COLUMNS, createStreamNames } from './sqliteRows.ts';

const { file, page } = workerData as { readonly file: string; readonly page: number };
const db = new DatabaseSync(file, { readOnly: true });
const rowsAfter = arrays(db, `SELECT ${COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?`);
const nameOf = createStreamNames(db);
let after = 0;

const next = (): CheckedPage => {
  const read = checkedPage(allRows(rowsAfter, after, page), after, nameOf);
  after += read.count;
  return read;
};

const answer = (): CheckedPage | 'end' => {
  try {
    return next();
  } catch {
    return 'end';
  }
};

/** Each message asks for one page more; the first one says where they begin. It is for the other side to end this thread. */
parentPort?.on('message', (from: number | null) => {
  if (from !== null) after = from;
  parentPort?.postMessage(answer());
});
parentPort?.postMessage('ready');
