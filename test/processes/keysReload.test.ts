/** Keys that come and go while the program runs: the file is read again on SIGHUP. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createApiKey, type KeyRecord } from '../../src/adapters/http/auth.ts';
import { createSite } from './program.ts';

const read = '/v1/status';

test('a key counts from the reload on, a revoked one no longer, and a bad file changes nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-keys-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'keys.json');
  const write = (keys: readonly KeyRecord[]): void => writeFileSync(file, JSON.stringify({ keys }), { mode: 0o600 });
  const [alice, bob] = ['alice', 'bob'].map((actor) => createApiKey({ id: actor, actor, role: 'operator' }));
  assert.ok(alice !== undefined && bob !== undefined);
  write([alice.record]);
  const site = await createSite(t, ['--role', 'clc', '--keys-file', file]);
  const running = site.start();
  await running.ready;
  const may = async ({ key }: { readonly key: string }): Promise<number> =>
    (await site.send('GET', read, undefined, { authorization: `Bearer ${key}` })).status;
  /** The signal is heard a moment after it was sent; the journal says when. */
  const reload = async (said: RegExp): Promise<void> => {
    const before = running.said().length;
    assert.ok(running.signal('SIGHUP'));
    while (!said.test(running.said().slice(before))) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  assert.deepEqual([await may(alice), await may(bob)], [200, 401]);

  write([alice.record, bob.record]);
  assert.equal(await may(bob), 401, 'not before the signal');
  await reload(/"the keys were read again".*"keys":2/);
  assert.deepEqual([await may(alice), await may(bob)], [200, 200]);

  const stream = site.send('GET', '/v1/events/stream', undefined, { authorization: `Bearer ${alice.key}` });
  write([bob.record]);
  await reload(/"the keys were read again".*"keys":1/);
  assert.deepEqual([await may(alice), await may(bob)], [401, 200]);
  const { status, text } = await stream;
  assert.ok(status === 401 || /event: end\ndata: .*keys have changed/.test(text), text);

  for (const spoil of [
    () => writeFileSync(file, '{"keys": ['),
    () => writeFileSync(file, '{"keys": [{"id": "x"}]}'),
    () => {
      write([alice.record]);
      chmodSync(file, 0o644);
    },
    () => rmSync(file),
  ]) {
    spoil();
    await reload(/"the keys could not be read again; those read before still count"/);
    assert.deepEqual([await may(alice), await may(bob)], [401, 200]);
  }
  write([]);
  await reload(/"keys":0/);
  assert.deepEqual([await may(alice), await may(bob), (await site.send('GET', read)).status], [401, 401, 401]);
  assert.equal((await running.kill('SIGTERM')).exit, 0);
});

test('a reload without a keys file is noted and ends nothing', async (t) => {
  const site = await createSite(t, ['--role', 'clc']);
  const running = site.start();
  await running.ready;
  assert.ok(running.signal('SIGHUP'));
  while (!/there is no keys file to read again/.test(running.said())) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal((await site.send('GET', '/healthz')).status, 200);
  assert.equal((await running.kill('SIGTERM')).exit, 0);
});
