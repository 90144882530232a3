/** An encrypted, verified connection with a user of its own: what Edgelog asks for unless told otherwise. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openKurrentStore } from '../../../src/adapters/eventstore/kurrentStore.ts';
import { isFault } from './contractCase.ts';
import type { Folder } from './folders.ts';
import { createFolder } from './folders.ts';
import { startKurrentStandIn } from './kurrentWireStandIn.ts';
import { notesOf, readWhole, writeOf } from './samples.ts';

const whyNoKeys = (): string | false => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'needs openssl to make a certificate';
  }
};

/** An authority, and a certificate for 127.0.0.1 that it has signed: readers do not take an authority for a server. */
const makeCertificate = (folder: Folder) => {
  const file = (name: string): string => folder.file(`${name}.pem`);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', [...args], { stdio: 'ignore' });
  };
  const fresh = (name: string) => [
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    file(`${name}-key`),
    '-subj',
    `/CN=${name}`,
  ];
  openssl('req', '-x509', '-days', '2', ...fresh('authority'), '-out', file('authority'));
  openssl('req', ...fresh('server'), '-out', file('request'));
  writeFileSync(file('extensions'), 'subjectAltName=IP:127.0.0.1\n');
  const signing = ['-CA', file('authority'), '-CAkey', file('authority-key'), '-CAcreateserial', '-days', '2'];
  openssl('x509', '-req', '-in', file('request'), ...signing, '-extfile', file('extensions'), '-out', file('server'));
  return {
    authority: file('authority'),
    own: { key: readFileSync(file('server-key')), certificate: readFileSync(file('server')) },
  };
};

describe('a KurrentDB connection', { skip: whyNoKeys() }, () => {
  it('is encrypted and verified, and carries the user’s name', { timeout: 60_000 }, async () => {
    const folder = createFolder();
    const made = makeCertificate(folder);
    const server = await startKurrentStandIn({}, made.own);
    const address = `kurrentdb://edgelog:s3cret@127.0.0.1:${server.link.port()}?discoveryInterval=10`;
    const timing = { callMs: 4000, walkMs: 4000 };
    try {
      await assert.rejects(openKurrentStore({ url: address, timing }), isFault('unavailable'));
      const store = await openKurrentStore({
        url: `${address}&tlsCaFile=${encodeURIComponent(made.authority)}`,
        timing,
      });
      await store.append('c1', [writeOf('pool-a', -1, 'one')]);
      assert.deepEqual(notesOf(await readWhole(store)), ['one']);
      await store.close();
      const basic = `Basic ${Buffer.from('edgelog:s3cret').toString('base64')}`;
      assert.ok(server.seenAuthorizations.size > 0);
      assert.deepEqual([...server.seenAuthorizations], [basic]);
    } finally {
      await server.close();
      folder.remove();
    }
  });
});
