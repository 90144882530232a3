/** Which files are opened as a log, which are refused and how, and what the refusal leaves behind. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openSqliteStore } from '../../../src/adapters/eventstore/sqlite.ts';
import { appended, isFault } from './contractCase.ts';
import type { Folder } from './folders.ts';
import { createFolder } from './folders.ts';
import { readWhole, writeOf } from './samples.ts';

describe('opening a SQLite log', () => {
  let folder: Folder;
  beforeEach(() => {
    folder = createFolder();
  });
  afterEach(() => folder.remove());

  it('creates the folders and the file, readable by the owner only', async () => {
    const file = folder.file('deep/down/log.db');
    const store = await openSqliteStore({ file });
    await store.append('c1', [writeOf('a-1', -1, 'one')]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(`${file}-wal`).mode & 0o777, 0o600);
    await store.close();
    assert.equal(existsSync(`${file}-wal`), false);
  });

  it('takes an empty file for a new log', async () => {
    const file = folder.file('log.db');
    writeFileSync(file, '');
    const store = await openSqliteStore({ file });
    assert.equal(await store.head(), undefined);
    await store.close();
  });

  it('refuses a file that is not a database, and leaves it as it was', async () => {
    const file = folder.file('notes.txt');
    writeFileSync(file, 'these are notes, not events\n');
    await assert.rejects(openSqliteStore({ file }), isFault('corrupt'));
    assert.equal(readFileSync(file, 'utf8'), 'these are notes, not events\n');
  });

  it('refuses a database that is somebody else’s, and leaves it as it was', async () => {
    const file = folder.file('other.db');
    const db = new DatabaseSync(file);
    db.exec('CREATE TABLE accounts (id INTEGER PRIMARY KEY) STRICT');
    db.close();
    const before = readFileSync(file);
    await assert.rejects(openSqliteStore({ file }), isFault('unsupported'));
    assert.deepEqual(readFileSync(file), before);
  });

  it('refuses the log of a newer program and says which version it has', async () => {
    const file = folder.file('log.db');
    await (await openSqliteStore({ file })).close();
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 7');
    db.close();
    await assert.rejects(openSqliteStore({ file }), /has schema version 7, this program knows 1; use a newer Edgelog/);
    await assert.rejects(openSqliteStore({ file }), isFault('unsupported'));
  });

  it('says so when the path is a folder', async () => {
    const file = folder.file('log.db');
    mkdirSync(file);
    await assert.rejects(openSqliteStore({ file }), isFault('unavailable'));
  });

  it('has an answered append in its files at once', async () => {
    const file = folder.file('log.db');
    const store = await openSqliteStore({ file });
    await store.append('c1', [writeOf('a-1', -1, 'one')]);
    const copy = folder.file('copy.db');
    for (const part of ['', '-wal']) writeFileSync(`${copy}${part}`, readFileSync(`${file}${part}`));
    const other = await openSqliteStore({ file: copy });
    assert.equal((await readWhole(other)).length, 1);
    await other.close();
    await store.close();
  });
});

describe('group commit', () => {
  it('lets a request see the ones before it in the same batch, and a conflict harm nobody', async () => {
    const folder = createFolder();
    const store = await openSqliteStore({ file: folder.file('log.db') });
    const answers = await Promise.all([
      store.append('c1', [writeOf('a-1', -1, 'one')]),
      store.append('c2', [writeOf('a-1', -1, 'late')]),
      store.append('c3', [writeOf('a-1', 0, 'two')]),
      store.append('c1', [writeOf('a-1', -1, 'one')]),
      store.append('c4', [writeOf('b-1', 3, 'lost')]),
      store.append('c5', [writeOf('b-1', -1, 'three'), writeOf('a-1', 1, 'four')]),
    ]);
    assert.deepEqual(
      answers.map((answer) => (answer.outcome === 'appended' ? answer.revisions : answer.actual)),
      [[0], 0, [1], [0], -1, [0, 2]],
    );
    assert.equal(appended(await store.append('c1', [writeOf('a-1', -1, 'one')])).position, 1);
    assert.equal((await readWhole(store)).length, 4);
    await store.close();
    folder.remove();
  });

  it('answers what was asked before close', async () => {
    const folder = createFolder();
    const store = await openSqliteStore({ file: folder.file('log.db') });
    const asked = Array.from({ length: 700 }, (_, index) =>
      store.append(`c${index}`, [writeOf(`a-${index}`, -1, 'x')]),
    );
    await store.close();
    for (const answer of await Promise.all(asked)) appended(answer);
    folder.remove();
  });

  it('waits for another process that holds the log, without losing its turn', async () => {
    const folder = createFolder();
    const file = folder.file('log.db');
    const store = await openSqliteStore({ file });
    await store.append('c0', [writeOf('a-1', -1, 'zero')]);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const waiting = store.append('c1', [writeOf('a-1', 0, 'one')]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    other.exec('ROLLBACK');
    appended(await waiting);
    other.close();
    await store.close();
    folder.remove();
  });
});
