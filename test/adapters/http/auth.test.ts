/** Keys: shown once, kept as hashes, compared whole; and where the door may stand open. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { assertSafeBinding, authenticate, createApiKey, createKeyring } from '../../../src/adapters/http/auth.ts';
import { readKeysFile } from '../../../src/adapters/http/keysFile.ts';
import { openDoor } from './client.ts';
import { createRecordingPort } from './recordingPort.ts';

const made = () => createApiKey({ id: 'k', actor: 'somebody', role: 'viewer' });

test('a key has 256 random bits and its record does not hold it', () => {
  const { key, record } = made();
  const secret = key.slice(12);
  assert.match(key, /^el_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
  assert.equal(Buffer.from(key.slice(12), 'base64url').length, 32);
  assert.ok(!JSON.stringify(record).includes(secret));
  assert.notEqual(made().key, key);
});

test('only the whole key opens, and only until it expires', () => {
  const { key, record } = made();
  const ring = createKeyring([{ ...record, expires: 100 }]);
  assert.equal(ring.find(key, 99)?.actor, 'somebody');
  assert.equal(ring.find(key, 100), undefined);
  assert.equal(ring.find(`${key}x`, 0), undefined);
  assert.equal(ring.find(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`, 0), undefined);
  assert.equal(ring.find(record.prefix, 0), undefined);
  assert.equal(ring.find('', 0), undefined);
});

test('rotation overlaps; an emptied ring stays closed', () => {
  const [old, next] = [made(), made()];
  const ring = createKeyring([old.record]);
  ring.replace([old.record, next.record]);
  assert.ok(ring.find(old.key, 0) && ring.find(next.key, 0));
  ring.replace([]);
  assert.equal(ring.isOpen(), false);
  assert.equal((authenticate(ring, undefined, 0) as { readonly refused: string }).refused, 'unauthenticated');
  assert.equal(createKeyring([]).isOpen(), true);
});

test('a wrong credential is told nothing and never repeated', async (t) => {
  const { key, record } = made();
  const faults: unknown[] = [];
  const door = await openDoor(t, {
    controlPlane: createRecordingPort().controlPlane,
    keys: [record],
    onFault: (fault) => faults.push(fault),
  });
  for (const credential of ['Bearer nonsense', `Basic ${key}`, `Bearer ${key}x`, 'Bearer', `bearer  ${key} ${key}`]) {
    const reply = await door.send('GET', '/v1/clusters', undefined, { Authorization: credential });
    assert.equal(reply.status, 401, credential);
    assert.equal(reply.headers['www-authenticate'], 'Bearer realm="edgelog"');
    assert.ok(!reply.text.includes(key.slice(12)), 'the key stands in the answer');
  }
  assert.equal((await door.send('GET', '/v1/clusters', undefined, { Authorization: `bearer ${key}` })).status, 200);
  assert.deepEqual(faults, []);
});

test('where the door may stand open', () => {
  const safe = (host: string, hasKeys: boolean, tlsInFront: boolean, insecure: boolean): boolean => {
    try {
      assertSafeBinding({ host, hasKeys, tlsInFront, insecure });
      return true;
    } catch {
      return false;
    }
  };
  for (const host of ['127.0.0.1', '127.0.0.2', '::1', 'localhost']) assert.ok(safe(host, false, false, false), host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'edgelog.example', '', '127.evil.example', '1127.0.0.1']) {
    assert.deepEqual(
      [
        safe(host, false, false, false),
        safe(host, true, false, false),
        safe(host, false, true, false),
        safe(host, true, true, false),
      ],
      [false, false, false, true],
      host,
    );
    assert.ok(safe(host, false, false, true), host);
  }
});

test('the keys file is private and whole, or the start fails', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'keys.json');
  const { record } = made();
  const write = (text: string, mode = 0o600): void => {
    writeFileSync(path, text);
    chmodSync(path, mode);
  };
  write(JSON.stringify({ keys: [record] }));
  assert.deepEqual(readKeysFile(path), [record]);
  write(JSON.stringify({ keys: [record] }), 0o640);
  assert.throws(() => readKeysFile(path), /open to others \(mode 640\)/);
  write(JSON.stringify({ keys: [{ ...record, role: 'root' }] }));
  assert.throws(() => readKeysFile(path), /keys\[0\]\.role/);
  write(JSON.stringify({ keys: [{ ...record, secret: 'x' }] }));
  assert.throws(() => readKeysFile(path), /unknown-member/);
  write(JSON.stringify({ keys: [record, record] }));
  assert.throws(() => readKeysFile(path), /two keys have the prefix/);
  write('{"keys":[],"keys":[]}');
  assert.throws(() => readKeysFile(path), /more than once/);
  symlinkSync(path, join(folder, 'link.json'));
  assert.throws(() => readKeysFile(join(folder, 'link.json')), { code: 'ELOOP' });
});
