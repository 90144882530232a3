/** Backing up and moving logs from the command line: verified, and a "no" of a store is one line with what to do next. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import { openSqliteStore } from '../../src/adapters/eventstore/sqlite.ts';
import { cliHooks } from '../../src/roles/hooks.ts';
import { hooksFor, run } from '../adapters/cli/captured.ts';
import { openHouse, setUpCloud } from '../support/house.ts';

const open = async (t: TestContext) => {
  const data = mkdtempSync(join(tmpdir(), 'edgelog-logs-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const store = await openSqliteStore({ file: join(data, 'events.db') });
  const house = await openHouse(store);
  await setUpCloud(house);
  const close = async (): Promise<void> => {
    await house.stop();
    await store.close();
  };
  const hooks = { ...hooksFor(), copy: cliHooks.copy, backup: cliHooks.backup };
  const say = (...words: readonly string[]) => run(words, { EDGELOG_DATA: data }, {}, hooks);
  return { data, store, house, close, say };
};

test('a log in use is backed up, and the copy starts a cloud that is the same', async (t) => {
  const { data, house, close, say } = await open(t);
  const target = join(data, 'backup.db');
  const done = await say('backup', target);
  const { position } = house.projector.network();
  assert.deepEqual([done.exit, done.err], [0, '']);
  assert.equal(
    done.out,
    `${position} events, up to position ${position}, each of them read and checked, in ${target}.\n`,
  );
  const again = await openSqliteStore({ file: target });
  const other = await openHouse(again);
  assert.deepEqual(other.projector.network(), house.projector.network());
  await other.stop();
  await again.close();
  const json = await say('backup', join(data, 'second.db'), '-o', 'json');
  assert.equal(JSON.parse(json.out).position, position);
  const refused = await say('backup', target);
  assert.equal(refused.exit, 4);
  assert.match(
    refused.err,
    /^edgelog: Backup .*expected a new file, got one that is there\. \(store-not-permitted\)\n$/,
  );
  await close();
});

test('nothing is made of a damaged log, of none, or of a store that is no file', async (t) => {
  const { data, close, say } = await open(t);
  await close();
  const target = join(data, 'backup.db');
  const none = await say('backup', target, '--data', join(data, 'elsewhere'));
  assert.deepEqual([none.exit, /there is none to copy\. Next: /.test(none.err)], [3, true], none.err);
  const server = await say('backup', target, '--store', 'kurrentdb://127.0.0.1:2113');
  assert.deepEqual([server.exit, /Only logs in SQLite files/.test(server.err)], [4, true], server.err);
  const db = new DatabaseSync(join(data, 'events.db'));
  db.exec("UPDATE events SET data = '{}' WHERE position = 3");
  db.close();
  const damaged = await say('backup', target);
  assert.equal(damaged.exit, 4);
  assert.match(damaged.err, /^edgelog: .*damaged at position 3.*\(store-corrupt\)\n$/);
  assert.equal(existsSync(target), false);
});

test('copying: what the stores cannot do is said in one line', async (t) => {
  const { data, close, say } = await open(t);
  await close();
  const [from, to] = [`sqlite:${join(data, 'events.db')}`, `sqlite:${join(data, 'copy.db')}`];
  const done = await say('copy', '--from', from, '--to', to);
  assert.equal(done.exit, 0, done.err);
  assert.match(done.out, /rebuilt documents are equal/);
  const asked: readonly (readonly [from: string, to: string, exit: number, says: RegExp])[] = [
    [`sqlite:${join(data, 'typo.db')}`, to, 3, /typo\.db: there is none to copy\. Next: .*\(store-unavailable\)/],
    [from, 'ftp://x', 4, /Expected an event store such as .*\(store-unsupported\)/],
    [from, 'kurrentdb://127.0.0.1:1?tls=false', 4, /\(store-[a-z-]+\)/],
  ];
  for (const [source, target, exit, says] of asked) {
    const answer = await say('copy', '--from', source, '--to', target);
    assert.equal(answer.exit, exit, answer.err);
    assert.match(answer.err, says);
    assert.equal(answer.err.trim().split('\n').length, 1, answer.err);
  }
  assert.equal(existsSync(join(data, 'typo.db')), false, 'a typing mistake makes no log');
  writeFileSync(join(data, 'letter.db'), 'dear all,\n'.repeat(1000));
  const foreign = await say('copy', '--from', `sqlite:${join(data, 'letter.db')}`, '--to', to);
  assert.deepEqual([foreign.exit, / at .*:\d+/.test(foreign.err)], [4, false], foreign.err);
});
