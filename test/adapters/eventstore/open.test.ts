/** Stores by address: what opens what, what is refused, and that no password is ever shown. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kurrentAddressOf } from '../../../src/adapters/eventstore/kurrentAddress.ts';
import { openStore } from '../../../src/adapters/eventstore/open.ts';
import { StoreFault } from '../../../src/domain/eventStore.ts';
import { isFault } from './contractCase.ts';
import { createFolder } from './folders.ts';
import { startKurrentStandIn } from './kurrentWireStandIn.ts';
import { notesOf, readWhole, writeOf } from './samples.ts';

describe('openStore', () => {
  it('opens a file, a memory and a server', async () => {
    const folder = createFolder();
    const server = await startKurrentStandIn();
    for (const url of [
      `sqlite:${folder.file('log.db')}`,
      'memory:',
      server.url,
      server.url.replace('kurrentdb', 'esdb'),
    ]) {
      const store = await openStore(url, { insecure: true, categories: [url.slice(0, 4)] });
      await store.append('c1', [writeOf(`${url.slice(0, 4)}-1`, -1, url)]);
      assert.deepEqual(notesOf(await readWhole(store)), [url]);
      await store.close();
    }
    await server.close();
    folder.remove();
  });

  it('refuses what it does not know, and says what it knows', async () => {
    for (const url of [
      '',
      'sqlite:',
      'memory',
      'postgres://db',
      'file:/tmp/x',
      '/var/lib/events.db',
      'http://host:2113',
    ]) {
      await assert.rejects(openStore(url), isFault('unsupported'), url);
    }
    await assert.rejects(openStore('postgres://user:secret@db'), (thrown) => {
      assert.match(String(thrown), /Expected an event store such as sqlite:.* got "postgres:"/);
      return !String(thrown).includes('secret');
    });
  });
});

describe('a KurrentDB address', () => {
  const refused: Record<string, string> = {
    'the default password': 'kurrentdb://admin:changeit@host:2113',
    'the default password of ops, in disguise': 'kurrentdb://ops:change%69t@host',
    'plain transport': 'kurrentdb://user:own@host:2113?tls=false',
    'plain transport, spelled otherwise': 'kurrentdb+discover://user:own@host?nodePreference=leader&TLS=False',
    'an unverified certificate': 'esdb://user:own@a:1,b:2,c:3?tlsVerifyCert=false',
  };
  for (const [reason, url] of Object.entries(refused)) {
    it(`is refused for ${reason}, unless allowed by name`, () => {
      assert.throws(() => kurrentAddressOf(url, false), isFault('not-permitted'));
      assert.match(kurrentAddressOf(url, true).url, /^kurrentdb/);
    });
  }

  it('is accepted with a password of its own and verified transport', () => {
    const address = kurrentAddressOf(
      'kurrentdb+discover://edgelog:s3cret@cluster.example:2113?nodePreference=leader',
      false,
    );
    assert.equal(address.url, 'kurrentdb+discover://edgelog:s3cret@cluster.example:2113?nodePreference=leader');
    assert.equal(address.shown, 'kurrentdb+discover://edgelog:***@cluster.example:2113');
  });

  it('always lets a conflict be an error', () => {
    const { url } = kurrentAddressOf('kurrentdb://host?throwOnAppendFailure=false&tls=true', false);
    assert.equal(url, 'kurrentdb://host?tls=true');
  });

  it('shows no password in any fault', async () => {
    for (const url of [
      'kurrentdb://user:s3cret@host:notaport',
      'kurrentdb://user:s3cret@',
      'kurrentdb://admin:changeit@h',
    ]) {
      await assert.rejects(openStore(url), (thrown) => {
        assert.ok(thrown instanceof StoreFault);
        return !/s3cret|changeit/.test(thrown.message);
      });
    }
  });
});
