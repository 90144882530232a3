/** Commands that ask no server: keys, and those whose work stands behind a hook. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { exits } from '../../../src/adapters/cli/exits.ts';
import { createKeyring } from '../../../src/adapters/http/auth.ts';
import { readKeysFile } from '../../../src/adapters/http/keysFile.ts';
import { hooksFor, run } from './captured.ts';

const folderFor = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

test('an API key is made, opens the door, is listed without secrets and revoked', async (t) => {
  const file = join(folderFor(t), 'keys.json');
  const environment = { EDGELOG_KEYS_FILE: file };
  const alice = await run(['keys', 'add', 'alice', '--role', 'operator', '--account', '000000000002'], environment);
  assert.equal(alice.exit, exits.ok, alice.err);
  const key = alice.out.trim();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!readFileSync(file, 'utf8').includes(key));
  const record = createKeyring(readKeysFile(file)).find(key, Date.now());
  assert.deepEqual([record?.actor, record?.role, record?.account], ['alice', 'operator', '000000000002']);

  const bob = await run(['keys', 'add', 'bob', '--role', 'viewer', '--expires', '30d', '-o', 'json'], environment);
  assert.deepEqual(Object.keys(JSON.parse(bob.out)).sort(), ['actor', 'expires', 'id', 'key', 'prefix', 'role']);
  const listed = await run(['keys', 'list'], environment);
  assert.match(listed.out, /^alice +[0-9a-f]{8} +alice +operator +000000000002 +- +never$/m);
  const json = await run(['keys', 'list', '-o', 'json'], environment);
  assert.ok(!json.out.includes('hash') && !json.out.includes(key));

  assert.equal((await run(['keys', 'revoke', 'alice'], environment)).exit, exits.ok);
  assert.equal(createKeyring(readKeysFile(file)).find(key, Date.now()), undefined);
  assert.equal((await run(['keys', 'list', '-o', 'name'], environment)).out, 'bob\n');
});

test('keys: what cannot be', async (t) => {
  const folder = folderFor(t);
  const file = join(folder, 'keys.json');
  const add = (...words: readonly string[]) => run(['keys', 'add', ...words, '--file', file]);
  assert.equal((await run(['keys', 'list'])).exit, exits.usage);
  assert.match((await add('x')).err, /--role viewer\|operator\|admin\|auditor is missing/);
  assert.match((await add('x', '--role', 'king')).err, /expected one of viewer/);
  assert.match((await add('x', '--role', 'admin', '--expires', 'yesterday')).err, /expected a time to come/);
  assert.match((await add('x', '--role', 'admin', '--account', '1')).err, /twelve digits/);
  assert.equal(existsSync(file), false);
  await add('x', '--role', 'admin');
  assert.equal((await add('x', '--role', 'admin')).exit, exits.refused);
  assert.equal((await run(['keys', 'revoke', 'y', '--file', file])).exit, exits.refused);
  writeFileSync(join(folder, 'open.json'), '{"keys":[]}', { mode: 0o644 });
  const open = await run(['keys', 'list', '--file', join(folder, 'open.json')]);
  assert.deepEqual([open.exit, /is open to others/.test(open.err)], [exits.usage, true]);
  writeFileSync(join(folder, 'bad.json'), '{"keys":1}', { mode: 0o600 });
  assert.equal((await run(['keys', 'list', '--file', join(folder, 'bad.json')])).exit, exits.usage);
});

test('wire keys are made once and never overwritten', async (t) => {
  const folder = join(folderFor(t), 'wire');
  const made = await run(['keys', 'init', folder, '-o', 'name']);
  assert.deepEqual(made.out, `${join(folder, 'cloud-pk.pem')}\n${join(folder, 'cloud-cert.pem')}\n`);
  const again = await run(['keys', 'init', folder]);
  assert.deepEqual([again.exit, again.out], [exits.refused, '']);
  assert.match(again.err, /exists and is not overwritten\. \(key-file-exists\)/);
});

test('serve hands its flags on, and knows no others', async () => {
  const calls = { serve: [], node: [], copy: [] };
  const good = await run(['serve', '--role', 'all', '--no-cluster', '--port=1'], {}, {}, hooksFor(calls));
  assert.equal(good.exit, exits.ok);
  assert.deepEqual(calls.serve, [{ role: 'all', 'no-cluster': 'true', port: '1' }]);
  const bad = await run(['serve', '--prot', '1'], {}, {}, hooksFor(calls));
  assert.match(bad.err, /Did you mean --port\?/);
  assert.equal(calls.serve.length, 1);
});

test('node commands hand on their words, and show what comes back', async () => {
  const calls = { serve: [], node: [], copy: [] };
  const diff = await run(['node', 'diff', '--node-name', 'n1', '-q'], {}, {}, hooksFor(calls));
  assert.deepEqual(diff, { exit: exits.different, out: 'differs\n', err: '' });
  const explain = await run(['node', 'explain', 'from=a', 'tcp/1', '-o', 'json'], {}, {}, hooksFor(calls));
  assert.deepEqual(JSON.parse(explain.out), { differs: true });
  assert.deepEqual(calls.node, [
    { subcommand: 'diff', options: { 'node-name': 'n1' }, arguments: [] },
    { subcommand: 'explain', options: {}, arguments: ['from=a', 'tcp/1'] },
  ]);
  const refused = await run(['node', 'apply'], {}, {}, hooksFor(calls));
  assert.equal(refused.exit, exits.refused);
  assert.equal(refused.err, 'edgelog: Programming the kernel takes root. Next: try --check (not-root)\n');
});

test('copy and wiring go to their hooks', async () => {
  const calls = { serve: [], node: [], copy: [] };
  const copied = await run(['copy', '--from', 'sqlite:a', '--to', 'sqlite:b'], {}, {}, hooksFor(calls));
  assert.deepEqual(copied, { exit: exits.ok, out: '3 events\n', err: 'copied\n' });
  assert.deepEqual(calls.copy, [{ from: 'sqlite:a', to: 'sqlite:b', insecure: false }]);
  assert.equal((await run(['wiring'])).out, 'parts and how they meet\n');
});

test('a fault of the program is one line and an exit code of its own', async () => {
  const broken = {
    ...hooksFor(),
    wiring: async (): Promise<string> => {
      throw new Error('expected 1, got\n2');
    },
  };
  const { exit, out, err } = await run(['wiring'], {}, {}, broken);
  assert.deepEqual([exit, out], [exits.fault, '']);
  assert.match(err, /^edgelog: A fault of this program: expected 1, got\\u000a2 at .*\n$/);
});
