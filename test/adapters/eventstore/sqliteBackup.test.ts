/** Backups of a SQLite log, and the drill of restoring one. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openSqliteStore } from '../../../src/adapters/eventstore/sqlite.ts';
import { backupSqliteLog } from '../../../src/adapters/eventstore/sqliteBackup.ts';
import { advanceMark, checkTail } from '../../../src/adapters/eventstore/tail.ts';
import { StoreFault } from '../../../src/domain/eventStore.ts';
import { isFault } from './contractCase.ts';
import type { Folder } from './folders.ts';
import { createFolder } from './folders.ts';
import { readWhole, writeOf } from './samples.ts';

describe('a backup of a SQLite log', () => {
  let folder: Folder;
  beforeEach(() => {
    folder = createFolder();
  });
  afterEach(() => folder.remove());

  it('is a moment of a log that goes on, and restoring it is noticed', async () => {
    const file = folder.file('log.db');
    const target = folder.file('backup.db');
    const store = await openSqliteStore({ file });
    for (let index = 0; index < 30; index += 1)
      await store.append(`c${index}`, [writeOf('pool-a', index - 1, `${index}`)]);
    const running = Array.from({ length: 200 }, (_, index) =>
      store.append(`d${index}`, [writeOf(`pool-${index}`, -1, 'x')]),
    );
    const report = await backupSqliteLog(file, target);
    await Promise.all(running);
    assert.ok(report.events >= 30 && report.events <= 230, String(report.events));
    await store.append('last', [writeOf('pool-a', 29, 'last')]);
    const all = await readWhole(store);
    const mark = advanceMark(undefined, all);
    await store.close();

    const restored = await openSqliteStore({ file: target });
    assert.deepEqual(await readWhole(restored), all.slice(0, report.events));
    assert.deepEqual(await restored.head(), report.head);
    assert.ok(mark !== undefined);
    assert.equal(await checkTail(restored, mark), 'lost-tail');
    await restored.close();
  });

  it('is not made of a damaged log', async () => {
    const file = folder.file('log.db');
    const store = await openSqliteStore({ file });
    for (let index = 0; index < 9; index += 1)
      await store.append(`c${index}`, [writeOf('pool-a', index - 1, `${index}`)]);
    await store.close();
    const db = new DatabaseSync(file);
    db.exec("UPDATE events SET data = '{}' WHERE position = 4");
    db.close();
    const thrown = await backupSqliteLog(file, folder.file('backup.db')).catch((fault: unknown) => fault);
    assert.ok(thrown instanceof StoreFault && thrown.kind === 'corrupt' && thrown.position === 4, String(thrown));
    assert.equal(existsSync(folder.file('backup.db')), false);
    assert.equal(existsSync(folder.file('backup.db.part')), false);
  });

  it('never replaces a file that is there, nor makes one of nothing', async () => {
    const target = folder.file('backup.db');
    await assert.rejects(backupSqliteLog(folder.file('none.db'), target), isFault('unavailable'));
    writeFileSync(target, 'precious');
    await (await openSqliteStore({ file: folder.file('log.db') })).close();
    await assert.rejects(backupSqliteLog(folder.file('log.db'), target), isFault('not-permitted'));
    assert.equal(readFileSync(target, 'utf8'), 'precious');
  });
});
