/**
 * A copy of a SQLite log taken while it is in use: a moment of the log as a whole, walked from its first event to its last
 * before it gets its name. A backup that could not be read is no backup. Never touches the log it copies from.
 */
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import type { LogHead } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import { openSqliteStore } from './sqlite.ts';
import { sqliteFault } from './sqliteFaults.ts';

export type BackupReport = { readonly events: number; readonly head: LogHead };

const PAGE = 1000;

const copyPages = async (file: string, target: string): Promise<void> => {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    await backup(db, target);
  } catch (thrown) {
    throw sqliteFault(thrown, file, 'read');
  } finally {
    db.close();
  }
};

/** Reads every event, which checks every event. */
const walk = async (file: string): Promise<BackupReport> => {
  const store = await openSqliteStore({ file });
  try {
    let events = 0;
    let position = -1;
    for (let page = await store.readAll(position, PAGE); page.length > 0; page = await store.readAll(position, PAGE)) {
      events += page.length;
      position = page.at(-1)?.position ?? position;
    }
    return { events, head: await store.head() };
  } finally {
    await store.close();
  }
};

const syncPath = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/**
 * Copies the log in `file` to `target`, which must not exist. Throws StoreFault: `corrupt` with the position when the log
 * itself is damaged, `not-permitted` for a target that is there, `unavailable` when the disk is full.
 */
export const backupSqliteLog = async (file: string, target: string): Promise<BackupReport> => {
  if (!existsSync(file)) throw new StoreFault('unavailable', `Event log ${file}: there is none to copy`);
  if (existsSync(target))
    throw new StoreFault('not-permitted', `Backup ${target}: expected a new file, got one that is there`);
  const part = `${target}.part`;
  await rm(part, { force: true });
  try {
    await copyPages(file, part);
    const report = await walk(part);
    await syncPath(part);
    await rename(part, target);
    await syncPath(dirname(target));
    return report;
  } catch (thrown) {
    await rm(part, { force: true });
    throw thrown;
  }
};
