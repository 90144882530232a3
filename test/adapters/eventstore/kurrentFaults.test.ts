/** What our KurrentDB adapter does when the server, or the way to it, fails. On the wire stand-in: it proves the adapter. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { ImportTarget } from '../../../src/adapters/eventstore/importTarget.ts';
import { openKurrentStore } from '../../../src/adapters/eventstore/kurrentStore.ts';
import { StoreFault } from '../../../src/domain/eventStore.ts';
import { appended, isFault } from './contractCase.ts';
import type { KurrentStandIn } from './kurrentWireStandIn.ts';
import { startKurrentStandIn } from './kurrentWireStandIn.ts';
import { notesOf, readWhole, writeOf } from './samples.ts';

const timing = { callMs: 500, walkMs: 500, silenceMs: 100, firstPauseMs: 10, longestPauseMs: 40 };

describe('the KurrentDB adapter, when the server fails', () => {
  let server: KurrentStandIn;
  let store: ImportTarget;

  const open = () => openKurrentStore({ url: server.url, insecure: true, categories: ['pool', 'instance'], timing });

  beforeEach(async () => {
    server = await startKurrentStandIn();
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    await server.close();
  });

  it('does not open on a server that is not there', async () => {
    await server.link.refuse();
    await assert.rejects(open(), isFault('unavailable'));
    await server.link.accept();
  });

  it('does not open on a server that does not answer', async () => {
    server.faults.hanging.add('features');
    await assert.rejects(open(), isFault('unavailable'));
  });

  it('says of an append that could not be sent that nothing was written', async () => {
    await store.append('c1', [writeOf('pool-a', -1, 'one')]);
    await server.link.refuse();
    await assert.rejects(store.append('c2', [writeOf('pool-a', 0, 'two')]), StoreFault);
    await assert.rejects(store.append('c3', [writeOf('pool-a', 0, 'three')]), isFault('unavailable'));
    await server.link.accept();
    assert.deepEqual(notesOf(await readWhole(store)), ['one']);
    appended(await store.append('c3', [writeOf('pool-a', 0, 'three')]));
  });

  it('says of an append without an answer that nobody knows', async () => {
    server.faults.hanging.add('append');
    await assert.rejects(store.append('c1', [writeOf('pool-a', -1, 'one')]), isFault('unknown-outcome'));
    server.faults.hanging.clear();
    appended(await store.append('c1', [writeOf('pool-a', -1, 'one')]));
    assert.deepEqual(notesOf(await readWhole(store)), ['one']);
  });

  for (const [title, writes] of [
    ['of one stream', [writeOf('pool-a', -1, 'one', 'two')]],
    ['of two streams', [writeOf('pool-a', -1, 'one'), writeOf('instance-1', -1, 'two')]],
  ] as const) {
    it(`repeats an append ${title} whose answer was lost, and it happens once`, async () => {
      server.faults.losingAnswers = 1;
      await assert.rejects(store.append('c1', writes), isFault('unknown-outcome'));
      const outcome = appended(await store.append('c1', writes));
      assert.equal((await store.head())?.position, outcome.position);
      assert.deepEqual([...notesOf(await readWhole(store))].sort(), ['one', 'two']);
    });
  }

  it('recognises a command whose answer was lost although it is decided anew', async () => {
    await store.append('c0', [writeOf('pool-a', -1, 'zero')]);
    server.faults.losingAnswers = 1;
    await assert.rejects(store.append('c1', [writeOf('pool-a', 0, 'one')]), isFault('unknown-outcome'));
    assert.deepEqual(appended(await store.append('c1', [writeOf('pool-a', 1, 'one')])).revisions, [1]);
    assert.deepEqual(notesOf(await readWhole(store)), ['zero', 'one']);
  });

  it('gives up on a read that hangs, in its own time', async () => {
    server.faults.hanging.add('read');
    await assert.rejects(store.readStream('pool-a', 0, 10), isFault('unavailable'));
    await assert.rejects(store.readAll(-1, 10), isFault('unavailable'));
    await assert.rejects(store.head(), isFault('unavailable'));
    server.faults.hanging.clear();
    assert.deepEqual(await store.readAll(-1, 10), []);
  });

  it('works again after every connection was dropped', async () => {
    await store.append('c1', [writeOf('pool-a', -1, 'one')]);
    server.link.drop();
    const eventually = async (attempt = 1): Promise<void> => {
      try {
        appended(await store.append('c2', [writeOf('pool-a', 0, 'two')]));
      } catch (thrown) {
        if (attempt === 20) throw thrown;
        await eventually(attempt + 1);
      }
    };
    await eventually();
    assert.deepEqual(notesOf(await readWhole(store)), ['one', 'two']);
  });

  it('asks again after a change of leader', async () => {
    server.faults.refusals.push('not-leader');
    appended(await store.append('c1', [writeOf('pool-a', -1, 'one')]));
  });

  it('says when it is not permitted', async () => {
    server.faults.refusals.push('access-denied');
    await assert.rejects(store.append('c1', [writeOf('pool-a', -1, 'one')]), isFault('not-permitted'));
  });

  it('sees neither the system’s events nor those of others, and writes none of theirs', async () => {
    await store.append('c1', [writeOf('pool-a', -1, 'one')]);
    const foreign = { id: crypto.randomUUID(), type: 'Paid', data: Buffer.from('{}'), metadata: Buffer.from('{}') };
    server.log.append([{ ...foreign, stream: 'invoice-1' }], new Map([['invoice-1', -1]]));
    await store.append('c2', [writeOf('instance-1', -1, 'two')]);
    assert.ok(server.log.records.length > 4);
    assert.deepEqual(notesOf(await readWhole(store)), ['one', 'two']);
    assert.deepEqual(notesOf(await store.readAll(-1, 1)), ['one']);
    await assert.rejects(store.append('c3', [writeOf('invoice-1', 0, 'x')]), isFault('unsupported'));
  });

  it('keeps the order of appends that follow each other without waiting', async () => {
    const answers = await Promise.all([
      store.append('c1', [writeOf('pool-a', -1, 'one')]),
      store.append('c2', [writeOf('pool-a', 0, 'two')]),
      store.append('c3', [writeOf('pool-a', 1, 'three'), writeOf('instance-1', -1, 'four')]),
      store.append('c4', [writeOf('pool-a', 2, 'five')]),
      store.append('c5', [writeOf('instance-1', 0, 'six')]),
      store.append('c6', [writeOf('pool-a', 3, 'seven'), writeOf('instance-1', 1, 'eight')]),
    ]);
    assert.deepEqual(
      answers.map((answer) => appended(answer).revisions),
      [[0], [1], [2, 0], [3], [1], [4, 2]],
    );
  });

  it('reports an event of ours that it cannot understand, with its position', async () => {
    const broken = { id: crypto.randomUUID(), type: 'Odd', data: Buffer.from('{"a":'), metadata: Buffer.from('{}') };
    server.log.append([{ ...broken, stream: 'pool-a' }], new Map([['pool-a', -1]]));
    const position = server.log.inStream('pool-a')[0]?.position;
    await assert.rejects(
      store.readAll(-1, 10),
      (thrown) => isFault('corrupt')(thrown) && (thrown as { position?: number }).position === position,
    );
  });

  it('refuses streams from which the server drops events', async () => {
    await store.append('c1', [writeOf('pool-a', -1, 'one')]);
    server.log.setMetadata('pool-a', { $maxAge: 3600 });
    server.log.setMetadata('instance-1', { $maxCount: 10 });
    server.log.setMetadata('invoice-1', { $maxCount: 10 });
    await assert.rejects(open(), /keep every event, got limits on 2: pool-a \(\$maxAge\); instance-1 \(\$maxCount\)/);
    await assert.rejects(open(), isFault('not-permitted'));
    server.log.setMetadata('pool-a', {});
    server.log.setMetadata('instance-1', { $acl: {} });
    await (await open()).close();
  });
});
