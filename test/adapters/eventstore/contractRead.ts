/** The contract of the event store port, second part: reading by stream and position, and following the log. */
import assert from 'node:assert/strict';
import type { Cases } from './contractCase.ts';
import { appended, isFault } from './contractCase.ts';
import { createWitness, notesOf, readWhole, whileSubscribed, writeOf } from './samples.ts';

export const readCases: Cases = {
  'a log without events': async ({ store }, stream) => {
    assert.equal(await store.head(), undefined);
    assert.deepEqual(await store.readAll(-1, 10), []);
    assert.deepEqual(await store.readStream(stream('a'), 0, 10), []);
  },
  'a stream in pages': async ({ store }, stream) => {
    await store.append('c1', [writeOf(stream('a'), -1, ...'abcdefg')]);
    assert.deepEqual(notesOf(await store.readStream(stream('a'), 0, 3)), ['a', 'b', 'c']);
    assert.deepEqual(notesOf(await store.readStream(stream('a'), 3, 3)), ['d', 'e', 'f']);
    assert.deepEqual(notesOf(await store.readStream(stream('a'), 6, 3)), ['g']);
    assert.deepEqual(await store.readStream(stream('a'), 7, 3), []);
    assert.deepEqual(await store.readStream(stream('a'), 70, 3), []);
  },
  'the whole log in pages, in position order': async ({ store }, stream) => {
    for (let index = 0; index < 9; index += 1) {
      await store.append(`c${index}`, [writeOf(stream(String(index % 2)), Math.floor(index / 2) - 1, String(index))]);
    }
    const all = await readWhole(store, 2);
    assert.deepEqual(notesOf(all), ['0', '1', '2', '3', '4', '5', '6', '7', '8']);
    assert.deepEqual(notesOf(await store.readAll(all[4]?.position ?? 0, 100)), ['5', '6', '7', '8']);
    assert.deepEqual(await store.head(), { position: all[8]?.position, id: all[8]?.id });
    assert.deepEqual(await store.readAll(all[8]?.position ?? 0, 100), []);
  },
  'a reader cannot change what is recorded': async ({ store }, stream) => {
    await store.append('c1', [writeOf(stream('a'), -1, 'one')]);
    const [first] = await store.readStream(stream('a'), 0, 1);
    (first?.data as Record<string, unknown>)['note'] = 'changed';
    assert.deepEqual(notesOf(await store.readStream(stream('a'), 0, 1)), ['one']);
  },
};

export const subscriptionCases: Cases = {
  'everything from the start, then caught up, then what follows': async ({ store }, stream) => {
    await store.append('c1', [writeOf(stream('a'), -1, 'one', 'two')]);
    const witness = createWitness();
    await whileSubscribed(store.subscribe(-1, witness.observer), async () => {
      await witness.untilCaughtUp();
      assert.deepEqual(notesOf(witness.seen), ['one', 'two']);
      for (const [index, note] of ['three', 'four', 'five'].entries()) {
        await store.append(`d${index}`, [writeOf(stream('a'), index + 1, note)]);
      }
      await witness.untilSeen(5);
      assert.deepEqual(notesOf(witness.seen), ['one', 'two', 'three', 'four', 'five']);
      assert.deepEqual(witness.seen, await readWhole(store));
    });
    assert.deepEqual(witness.faults, []);
  },
  'only what comes after the position asked for': async ({ store }, stream) => {
    const { position } = appended(await store.append('c1', [writeOf(stream('a'), -1, 'one', 'two')]));
    const witness = createWitness();
    await whileSubscribed(store.subscribe(position, witness.observer), async () => {
      await witness.untilCaughtUp();
      assert.equal(witness.seen.length, 0);
      await store.append('c2', [writeOf(stream('a'), 1, 'three')]);
      await witness.untilSeen(1);
      assert.deepEqual(notesOf(witness.seen), ['three']);
    });
  },
  'an empty log is caught up at once': async ({ store }, stream) => {
    const witness = createWitness();
    await whileSubscribed(store.subscribe(-1, witness.observer), async () => {
      await witness.untilCaughtUp();
      await store.append('c1', [writeOf(stream('a'), -1, 'one')]);
      await witness.untilSeen(1);
    });
  },
  'more events than fit a page, none twice, none left out': async ({ store }, stream) => {
    const notes = Array.from({ length: 60 }, (_, index) => String(index));
    let revision = -1;
    for (let batch = 0; batch < 40; batch += 1) {
      await store.append(`c${batch}`, [writeOf(stream('a'), revision, ...notes)]);
      revision += notes.length;
    }
    const witness = createWitness();
    await whileSubscribed(store.subscribe(-1, witness.observer), () => witness.untilCaughtUp());
    assert.deepEqual(
      witness.seen.map((event) => event.revision),
      Array.from({ length: 2400 }, (_, index) => index),
    );
  },
  'the next batch waits until the observer is done': async ({ store }, stream) => {
    let inside = 0;
    let most = 0;
    const witness = createWitness(async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    });
    await whileSubscribed(store.subscribe(-1, witness.observer), async () => {
      for (let index = 0; index < 20; index += 1) {
        await store.append(`c${index}`, [writeOf(stream('a'), index - 1, String(index))]);
      }
      await witness.untilSeen(20);
    });
    assert.equal(most, 1);
  },
  'an observer that throws ends the subscription with its error': async ({ store }, stream) => {
    const witness = createWitness(() => {
      throw new Error('cannot apply');
    });
    await store.append('c1', [writeOf(stream('a'), -1, 'one')]);
    await whileSubscribed(store.subscribe(-1, witness.observer), () => witness.untilFault());
    assert.deepEqual(
      witness.faults.map((fault) => fault.message),
      ['cannot apply'],
    );
    assert.equal(witness.caughtUp(), 0);
  },
  'after stop nothing is delivered': async ({ store }, stream) => {
    const witness = createWitness();
    const subscription = store.subscribe(-1, witness.observer);
    await witness.untilCaughtUp();
    await subscription.stop();
    await store.append('c1', [writeOf(stream('a'), -1, 'one')]);
    const second = createWitness();
    await whileSubscribed(store.subscribe(-1, second.observer), () => second.untilSeen(1));
    assert.equal(witness.seen.length, 0);
    assert.deepEqual(witness.faults, []);
  },
  'a log that ends before the position asked for has lost its tail': async ({ store }, stream) => {
    const { position } = appended(await store.append('c1', [writeOf(stream('a'), -1, 'one')]));
    const witness = createWitness();
    await whileSubscribed(store.subscribe(position + 1000, witness.observer), () => witness.untilFault());
    assert.ok(isFault('corrupt')(witness.faults[0]));
    assert.equal(witness.caughtUp(), 0);
  },
};
