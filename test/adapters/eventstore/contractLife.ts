/** The contract of the event store port, third part: closing, opening again, two stores on one log, taking over events. */
import assert from 'node:assert/strict';
import type { Cases } from './contractCase.ts';
import { appended, figures, isFault } from './contractCase.ts';
import { createWitness, notesOf, readWhole, sampleEvent, whileSubscribed, writeOf } from './samples.ts';

export const lifeCases: Cases = {
  'a closed store says so and its subscriptions end': async ({ store }, stream) => {
    const witness = createWitness();
    store.subscribe(-1, witness.observer);
    await witness.untilCaughtUp();
    await store.close();
    await store.close();
    await assert.rejects(store.append('c1', [writeOf(stream('a'), -1, 'one')]), isFault('closed'));
    await assert.rejects(store.readAll(-1, 1), isFault('closed'));
    await assert.rejects(store.readStream(stream('a'), 0, 1), isFault('closed'));
    await assert.rejects(store.head(), isFault('closed'));
    assert.throws(() => store.subscribe(-1, witness.observer), isFault('closed'));
    assert.deepEqual(witness.faults, []);
  },
};

/** Only for logs that outlive their store. */
export const durableCases: Cases = {
  'what was appended before close is there for the next to open': async ({ store, again }, stream) => {
    const first = await store.append('c1', [writeOf(stream('a'), -1, 'one', 'two')]);
    await store.close();
    const next = await again();
    assert.deepEqual(notesOf(await readWhole(next)), ['one', 'two']);
    assert.deepEqual(figures(await next.append('c1', [writeOf(stream('a'), -1, 'one', 'two')])), first);
    assert.equal(appended(await next.append('c2', [writeOf(stream('a'), 1, 'three')])).revisions[0], 2);
  },
  'two stores on one log see each other': async ({ store, again }, stream) => {
    const other = await again();
    const witness = createWitness();
    await whileSubscribed(other.subscribe(-1, witness.observer), async () => {
      await witness.untilCaughtUp();
      await store.append('c1', [writeOf(stream('a'), -1, 'one')]);
      await witness.untilSeen(1);
      assert.equal((await other.append('c2', [writeOf(stream('a'), -1, 'two')])).outcome, 'conflict');
      await other.append('c3', [writeOf(stream('a'), 0, 'two')]);
      assert.equal((await store.append('c4', [writeOf(stream('a'), 0, 'three')])).outcome, 'conflict');
      assert.equal((await store.append('c3', [writeOf(stream('a'), 0, 'two')])).outcome, 'appended');
      await store.append('c5', [writeOf(stream('a'), 1, 'three')]);
      await witness.untilSeen(3);
    });
    assert.deepEqual(notesOf(witness.seen), ['one', 'two', 'three']);
  },
};

export const importCases: Cases = {
  'recorded events are taken over with id, stream and revision': async ({ store }, stream) => {
    const events = ['a', 'b', 'a', 'c', 'b', 'a'].map((id, index, ids) => ({
      ...sampleEvent(String(index)),
      id: `00000000-0000-4000-8000-00000000000${index}`,
      stream: stream(id),
      revision: ids.slice(0, index).filter((earlier) => earlier === id).length,
      position: (index + 1) * 10,
    }));
    await store.importEvents(events.slice(0, 4));
    await store.importEvents(events);
    const placeless = (list: readonly { position: number }[]) => list.map((event) => ({ ...event, position: 0 }));
    assert.deepEqual(placeless(await readWhole(store)), placeless(events));
    const foreign = { ...events[0], id: '00000000-0000-4000-8000-0000000000ff' } as (typeof events)[number];
    await assert.rejects(store.importEvents([foreign]), isFault('not-permitted'));
    assert.equal((await readWhole(store)).length, 6);
    assert.equal(appended(await store.append('c1', [writeOf(stream('a'), 2, 'next')])).revisions[0], 3);
  },
};
