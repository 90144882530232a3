/**
 * What is known to go wrong between a client and a KurrentDB server, one by one: appends that may have happened, leaders that
 * move, feeds that are slower than the log, limits. On the wire stand-in: it proves the adapter, not the server.
 */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { ImportTarget } from '../../../src/adapters/eventstore/importTarget.ts';
import { openKurrentStore } from '../../../src/adapters/eventstore/kurrentStore.ts';
import type { StreamWrite } from '../../../src/domain/eventStore.ts';
import { appended, isFault } from './contractCase.ts';
import type { KurrentStandIn, StandInFeatures } from './kurrentWireStandIn.ts';
import { startKurrentStandIn } from './kurrentWireStandIn.ts';
import { createWitness, notesOf, readWhole, whileSubscribed, writeOf } from './samples.ts';

const timing = { callMs: 500, walkMs: 500, silenceMs: 100, firstPauseMs: 10, longestPauseMs: 40 };

const SERVERS: readonly (readonly [string, Partial<StandInFeatures>])[] = [
  ['of 26.1', {}],
  ['of 25.1', { records: false }],
  ['of 23.10', { records: false, session: false }],
  ['before 21.10', { records: false, session: false, batch: false }],
];

const one: readonly StreamWrite[] = [writeOf('pool-a', -1, 'one', 'two')];
const two: readonly StreamWrite[] = [writeOf('pool-a', -1, 'one'), writeOf('instance-1', -1, 'two')];

for (const [name, features] of SERVERS) {
  describe(`risks on a KurrentDB wire ${name}`, { timeout: 60_000 }, () => {
    let server: KurrentStandIn;
    let store: ImportTarget;

    const begin = async (): Promise<void> => {
      server = await startKurrentStandIn(features);
      store = await openKurrentStore({ url: server.url, insecure: true, categories: ['pool', 'instance'], timing });
    };
    afterEach(async () => {
      await store.close();
      await server.close();
    });

    const ours = () => server.log.records.filter(({ stream }) => !stream.startsWith('$')).length;

    for (const [what, writes] of [
      ['one stream', one],
      ['two streams', two],
    ] as const) {
      it(`a server that is late does not know what became of an append to ${what}: it is asked for again and happens once`, async () => {
        await begin();
        server.faults.refusals.push('late');
        await assert.rejects(store.append('c1', writes), isFault('unknown-outcome'));
        assert.ok(ours() > 0, 'it had happened, at least in part');
        appended(await store.append('c1', writes));
        assert.deepEqual([...notesOf(await readWhole(store))].sort(), ['one', 'two']);
      });

      it(`a connection that drops in the middle of an append to ${what}: once, whatever was written`, async () => {
        await begin();
        server.faults.losingAnswers = 2;
        await assert.rejects(store.append('c1', writes), isFault('unknown-outcome'));
        for (let attempt = 0; ; attempt += 1) {
          const outcome = await store.append('c1', writes).catch((fault: unknown) => fault);
          if (!(outcome instanceof Error)) break;
          assert.ok(attempt < 10, `expected it to be taken in the end, got ${outcome.message}`);
        }
        assert.deepEqual([...notesOf(await readWhole(store))].sort(), ['one', 'two']);
      });

      it(`a leader that moved is looked for, and an append to ${what} happens once`, async () => {
        await begin();
        server.faults.refusals.push('not-leader');
        appended(await store.append('c1', writes));
        assert.equal(ours(), 2);
      });

      it(`an append to ${what} that is too large is refused for good, nothing of it is there, and smaller ones go on`, async () => {
        await begin();
        server.faults.refusals.push('too-large');
        await assert.rejects(store.append('c1', writes), isFault('unsupported'));
        assert.equal(ours(), 0);
        appended(await store.append('c2', writes));
      });
    }

    it('another command that took the place is a conflict, not an earlier success of this one', async () => {
      await begin();
      server.faults.hanging.add('append');
      await assert.rejects(store.append('c1', one), isFault('unknown-outcome'));
      server.faults.hanging.clear();
      appended(await store.append('c2', [writeOf('pool-a', -1, 'other')]));
      const outcome = await store.append('c1', one);
      assert.deepEqual(outcome, { outcome: 'conflict', stream: 'pool-a', expected: -1, actual: 0 });
      assert.deepEqual(notesOf(await readWhole(store)), ['other']);
    });
  });
}

describe('risks of reading a KurrentDB log', { timeout: 60_000 }, () => {
  let server: KurrentStandIn;
  let store: ImportTarget;

  const begin = async (): Promise<void> => {
    server = await startKurrentStandIn();
    store = await openKurrentStore({ url: server.url, insecure: true, categories: ['pool'], timing });
  };
  afterEach(async () => {
    await store.close();
    await server.close();
  });

  it('reads ask again after a change of leader, and after one that the server did not finish in time', async () => {
    await begin();
    await store.append('c1', [writeOf('pool-a', -1, 'one')]);
    server.faults.readRefusals.push('not-leader');
    assert.equal((await store.readStream('pool-a', 0, 10)).length, 1);
    server.faults.readRefusals.push('late');
    await assert.rejects(store.readAll(-1, 10), isFault('unavailable'));
    assert.equal((await store.readAll(-1, 10)).length, 1);
  });

  it('a feed that a change of leader ended, and two more after it, goes on where it was', async () => {
    await begin();
    const witness = createWitness();
    await whileSubscribed(store.subscribe(-1, witness.observer), async () => {
      await witness.untilCaughtUp();
      await store.append('c1', [writeOf('pool-a', -1, 'one')]);
      await witness.untilSeen(1);
      server.faults.readRefusals.push('not-leader', 'late', 'not-leader');
      server.link.drop();
      await witness.until(() => server.faults.readRefusals.length === 0);
      for (let attempt = 0; ; attempt += 1) {
        const outcome = await store.append('c2', [writeOf('pool-a', 0, 'two')]).catch((fault: unknown) => fault);
        if (!(outcome instanceof Error)) break;
        assert.ok(attempt < 20);
      }
      await witness.untilSeen(2);
    });
    assert.deepEqual(notesOf(witness.seen), ['one', 'two']);
    assert.deepEqual(witness.faults, []);
  });

  it('an observer slower than the log gets everything once and in order, between words of the server that are no events', async () => {
    await begin();
    const count = 1_500;
    const notes = Array.from({ length: count }, (_, i) => `n${i}`);
    let largest = 0;
    const witness = createWitness(async (events) => {
      largest = Math.max(largest, events.length);
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    await whileSubscribed(store.subscribe(-1, witness.observer), async () => {
      await witness.untilCaughtUp();
      for (let at = 0; at < count; at += 100) {
        appended(await store.append(`c${at}`, [writeOf('pool-a', at - 1, ...notes.slice(at, at + 100))]));
      }
      await witness.untilSeen(count);
    });
    assert.deepEqual(notesOf(witness.seen), notes);
    assert.ok(largest <= 500, `expected batches with an end, got one of ${largest}`);
    assert.deepEqual(witness.faults, []);
  });

  it('links and system events in the log are not ours, also where they name our streams', async () => {
    await begin();
    await store.append('c1', [writeOf('pool-a', -1, 'one')]);
    const link = { id: crypto.randomUUID(), type: '$>', data: Buffer.from('0@pool-a'), metadata: Buffer.from('{}') };
    server.log.append([{ ...link, stream: '$ce-pool' }], new Map([['$ce-pool', -1]]));
    server.log.append([{ ...link, id: crypto.randomUUID(), stream: '$et-Reserved' }], new Map([['$et-Reserved', -1]]));
    await store.append('c2', [writeOf('pool-a', 0, 'two')]);
    const witness = createWitness();
    await whileSubscribed(store.subscribe(-1, witness.observer), () => witness.untilSeen(2));
    assert.deepEqual(notesOf(witness.seen), ['one', 'two']);
    assert.deepEqual(notesOf(await readWhole(store)), ['one', 'two']);
    assert.deepEqual(witness.faults, []);
  });
});
