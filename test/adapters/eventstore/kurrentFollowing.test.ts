/** Following a KurrentDB log through everything that can happen to a feed. On the wire stand-in: it proves the adapter. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { ImportTarget } from '../../../src/adapters/eventstore/importTarget.ts';
import { openKurrentStore } from '../../../src/adapters/eventstore/kurrentStore.ts';
import { isFault } from './contractCase.ts';
import type { KurrentStandIn } from './kurrentWireStandIn.ts';
import { startKurrentStandIn } from './kurrentWireStandIn.ts';
import { createWitness, notesOf, whileSubscribed } from './samples.ts';

const timing = { callMs: 500, walkMs: 500, silenceMs: 100, firstPauseMs: 10, longestPauseMs: 40 };

describe('following a KurrentDB log', () => {
  let server: KurrentStandIn;
  let store: ImportTarget;
  let written = 0;

  /** Straight into the server's log, so that the way to it may be broken meanwhile. */
  const happen = (...notes: readonly string[]): void => {
    for (const note of notes) {
      const record = {
        id: crypto.randomUUID(),
        stream: 'pool-a',
        type: 'AddressReserved',
        data: Buffer.from(JSON.stringify({ note })),
        metadata: Buffer.from('{}'),
      };
      const verdict = server.log.append([record], new Map([['pool-a', written - 1]]));
      assert.equal(verdict.kind, 'written');
      written += 1;
    }
  };

  beforeEach(async () => {
    written = 0;
    server = await startKurrentStandIn();
    store = await openKurrentStore({ url: server.url, insecure: true, categories: ['pool'], timing });
  });
  afterEach(async () => {
    await store.close();
    await server.close();
  });

  it('resumes where it was after the connection was dropped, and is caught up again', async () => {
    const witness = createWitness();
    happen('one', 'two');
    await whileSubscribed(store.subscribe(-1, witness.observer), async () => {
      await witness.untilSeen(2);
      for (const note of ['three', 'four', 'five']) {
        server.link.drop();
        happen(note);
        await witness.untilSeen(written);
      }
      await witness.until(() => witness.caughtUp() > 1);
    });
    assert.deepEqual(notesOf(witness.seen), ['one', 'two', 'three', 'four', 'five']);
    assert.deepEqual(witness.faults, []);
  });

  it('goes on when a server that was down comes back', async () => {
    const witness = createWitness();
    await whileSubscribed(store.subscribe(-1, witness.observer), async () => {
      await witness.untilCaughtUp();
      await server.link.refuse();
      happen('one');
      await server.link.accept();
      await witness.untilSeen(1);
    });
    assert.deepEqual(witness.faults, []);
  });

  it('replaces a feed that is silent while the log grows', async () => {
    const witness = createWitness();
    await whileSubscribed(store.subscribe(-1, witness.observer), async () => {
      await witness.untilCaughtUp();
      server.faults.silent = true;
      happen('one', 'two');
      server.faults.silent = false;
      await witness.untilSeen(2);
    });
    assert.deepEqual(notesOf(witness.seen), ['one', 'two']);
  });

  it('leaves a connection on which nothing comes through any more', async () => {
    const witness = createWitness();
    await whileSubscribed(store.subscribe(-1, witness.observer), async () => {
      await witness.untilCaughtUp();
      server.link.freeze(true);
      happen('one');
      await new Promise((resolve) => setTimeout(resolve, 3 * timing.silenceMs));
      server.link.drop();
      server.link.freeze(false);
      await witness.untilSeen(1);
    });
    assert.deepEqual(witness.faults, []);
  });

  it('ends with a fault when the log has lost its tail', async () => {
    const witness = createWitness();
    happen('one', 'two', 'three');
    await whileSubscribed(store.subscribe(-1, witness.observer), async () => {
      await witness.untilSeen(3);
      server.log.truncate((record) => record.revision < 2 && record.stream === 'pool-a');
      server.link.drop();
      await witness.untilFault();
    });
    assert.ok(isFault('corrupt')(witness.faults[0]), String(witness.faults[0]));
    assert.match(String(witness.faults[0]), /lost its tail/);
  });

  it('ends with a fault when the log was rewritten behind its back', async () => {
    const witness = createWitness();
    happen('one', 'two', 'three');
    await whileSubscribed(store.subscribe(-1, witness.observer), async () => {
      await witness.untilSeen(3);
      server.log.truncate((record) => record.revision < 2 && record.stream === 'pool-a');
      written = 2;
      happen('other', 'another');
      server.link.drop();
      await witness.untilFault();
    });
    assert.ok(isFault('corrupt')(witness.faults[0]), String(witness.faults[0]));
    assert.match(String(witness.faults[0]), /rewritten/);
    assert.deepEqual(notesOf(witness.seen), ['one', 'two', 'three']);
  });

  it('delivers what comes before an event it cannot understand, then the fault', async () => {
    const witness = createWitness();
    happen('one', 'two');
    const odd = {
      id: crypto.randomUUID(),
      stream: 'pool-b',
      type: 'Odd',
      data: Buffer.from('[]'),
      metadata: Buffer.from('{}'),
    };
    server.log.append([odd], new Map([['pool-b', -1]]));
    happen('three');
    await whileSubscribed(store.subscribe(-1, witness.observer), () => witness.untilFault());
    assert.deepEqual(notesOf(witness.seen), ['one', 'two']);
    assert.ok(isFault('corrupt')(witness.faults[0]));
  });

  it('stops at once while it cannot reach the server', async () => {
    const witness = createWitness();
    await server.link.refuse();
    const subscription = store.subscribe(-1, witness.observer);
    await subscription.stop();
    assert.deepEqual(witness.faults, []);
    assert.equal(witness.caughtUp(), 0);
    await server.link.accept();
  });
});
