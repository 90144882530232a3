/** The contract of the event store port, first part: appending, repeating, conflicts, and what is refused. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { StreamWrite } from '../../../src/domain/eventStore.ts';
import type { Case, Cases } from './contractCase.ts';
import { appended, figures, isFault } from './contractCase.ts';
import { notesOf, readWhole, sampleEvent, writeOf } from './samples.ts';

/** Any sequence of appends is answered as a table of streams would answer it. */
const agreesWithModel: Case = async ({ store }, stream) => {
  const step = fc.record({
    id: fc.constantFrom('p', 'q', 'r'),
    offset: fc.integer({ min: -1, max: 1 }),
    count: fc.integer({ min: 1, max: 3 }),
  });
  let command = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      command += 1;
      const run = command;
      const model = new Map<string, number>();
      for (const [index, { id, offset, count }] of steps.entries()) {
        const name = stream(`${id}${run}`);
        const actual = model.get(name) ?? -1;
        const expected = Math.max(-1, actual + offset);
        const notes = Array.from({ length: count }, (_, place) => `${index}.${place}`);
        const outcome = await store.append(`model-${run}-${index}`, [writeOf(name, expected, ...notes)]);
        assert.equal(outcome.outcome, expected === actual ? 'appended' : 'conflict');
        if (expected === actual) model.set(name, actual + count);
      }
      for (const [name, last] of model) assert.equal((await store.readStream(name, 0, 100)).length, last + 1);
    }),
    { numRuns: 15, seed: 7 },
  );
};

export const appendCases: Cases = {
  'an append to a new stream is read back as it was written': async ({ store }, stream) => {
    const outcome = appended(await store.append('c1', [writeOf(stream('a'), -1, 'one', 'two')]));
    const events = await store.readStream(stream('a'), 0, 10);
    assert.deepEqual(outcome.revisions, [1]);
    assert.deepEqual(notesOf(events), ['one', 'two']);
    assert.deepEqual(
      events.map(({ type, data, metadata }) => ({ type, data, metadata })),
      [sampleEvent('one'), sampleEvent('two')],
    );
    assert.deepEqual(
      events.map((event) => [event.stream, event.revision]),
      [
        [stream('a'), 0],
        [stream('a'), 1],
      ],
    );
    assert.equal(events[1]?.position, outcome.position);
    assert.ok(Number(events[0]?.position) < outcome.position);
  },
  'event ids follow from command, stream and place': async ({ store }, stream) => {
    await store.append('c1', [writeOf(stream('a'), -1, 'one', 'two')]);
    await store.append('c2', [writeOf(stream('a'), 1, 'three')]);
    const ids = (await store.readStream(stream('a'), 0, 10)).map((event) => event.id);
    assert.equal(new Set(ids).size, 3);
    for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  },
  'a stream that is elsewhere is a conflict, and nothing is written': async ({ store }, stream) => {
    await store.append('c1', [writeOf(stream('a'), -1, 'one', 'two')]);
    for (const [command, expected] of [
      ['low', 0],
      ['new', -1],
      ['high', 7],
    ] as const) {
      assert.deepEqual(await store.append(command, [writeOf(stream('a'), expected, 'other')]), {
        outcome: 'conflict',
        stream: stream('a'),
        expected,
        actual: 1,
      });
    }
    assert.deepEqual(await store.append('none', [writeOf(stream('b'), 0, 'other')]), {
      outcome: 'conflict',
      stream: stream('b'),
      expected: 0,
      actual: -1,
    });
    assert.deepEqual(notesOf(await readWhole(store)), ['one', 'two']);
  },
  'a command repeated gets the first answer and adds nothing': async ({ store }, stream) => {
    const writes = [writeOf(stream('a'), -1, 'one', 'two')];
    const first = await store.append('c1', writes);
    assert.deepEqual(figures(await store.append('c1', writes)), first);
    await store.append('c2', [writeOf(stream('a'), 1, 'three')]);
    assert.deepEqual(figures(await store.append('c1', writes)), first);
    assert.deepEqual(notesOf(await readWhole(store)), ['one', 'two', 'three']);
  },
  'a command that was decided otherwise the second time adds nothing and is said to be repeated, where the store can tell':
    async ({ store }, stream) => {
      if (!store.checksPredecessors) return;
      const first = appended(
        await store.append('c1', [writeOf(stream('a'), -1, 'one'), writeOf(stream('b'), -1, 'two')]),
      );
      assert.equal(first.repeated, undefined);
      for (const writes of [
        [writeOf(stream('b'), -1, 'two')],
        [writeOf(stream('b'), 0, 'two'), writeOf(stream('c'), -1, 'three')],
        [writeOf(stream('c'), -1, 'three'), writeOf(stream('a'), -1, 'one', 'more')],
      ]) {
        assert.equal(appended(await store.append('c1', writes)).repeated, true);
      }
      assert.deepEqual([...notesOf(await readWhole(store))].sort(), ['one', 'two']);
    },
  'several streams in one append': async ({ store }, stream) => {
    await store.append('c1', [writeOf(stream('b'), -1, 'one')]);
    const writes = [writeOf(stream('a'), -1, 'two'), writeOf(stream('b'), 0, 'three', 'four')];
    const outcome = appended(await store.append('c2', writes));
    assert.deepEqual(outcome.revisions, [0, 2]);
    const all = await readWhole(store);
    assert.deepEqual([...notesOf(all)].sort(), ['four', 'one', 'three', 'two']);
    assert.equal(all.at(-1)?.position, outcome.position);
    assert.deepEqual(figures(await store.append('c2', writes)), outcome);
  },
  'of several streams one in conflict keeps all from being written, where the store is atomic': async (
    { store },
    stream,
  ) => {
    await store.append('c1', [writeOf(stream('b'), -1, 'one')]);
    const outcome = await store.append('c2', [writeOf(stream('a'), -1, 'two'), writeOf(stream('b'), -1, 'three')]);
    assert.deepEqual(outcome, { outcome: 'conflict', stream: stream('b'), expected: -1, actual: 0 });
    assert.deepEqual(notesOf(await readWhole(store)), store.atomicAcrossStreams ? ['one'] : ['one', 'two']);
  },
  'a stream may be checked without being written': async ({ store }, stream) => {
    const check = (id: string, expected: number) => ({ stream: stream(id), expected, events: [] });
    await store.append('c1', [writeOf(stream('a'), -1, 'one', 'two')]);
    const writes = [check('a', 1), writeOf(stream('b'), -1, 'three'), check('none', -1)];
    const outcome = appended(await store.append('c2', writes));
    assert.deepEqual(outcome.revisions, [1, 0, -1]);
    assert.equal((await store.head())?.position, outcome.position);
    assert.deepEqual(await store.append('c3', [check('a', 0), writeOf(stream('b'), 0, 'four')]), {
      outcome: 'conflict',
      stream: stream('a'),
      expected: 0,
      actual: 1,
    });
    assert.deepEqual(await store.append('c4', [writeOf(stream('b'), 0, 'four'), check('none', 3)]), {
      outcome: 'conflict',
      stream: stream('none'),
      expected: 3,
      actual: -1,
    });
    assert.deepEqual(notesOf(await readWhole(store)), ['one', 'two', 'three']);
    await store.append('c5', [writeOf(stream('a'), 1, 'five')]);
    assert.deepEqual(figures(await store.append('c2', writes)), outcome);
    assert.equal((await store.append('c6', [check('a', 2)])).outcome, 'appended');
    assert.equal((await store.append('c7', [check('a', 1)])).outcome, 'conflict');
    assert.deepEqual(notesOf(await readWhole(store)), ['one', 'two', 'three', 'five']);
  },
  'of two that expect the same revision one wins': async ({ store }, stream) => {
    const rounds = 12;
    for (let round = 0; round < rounds; round += 1) {
      const outcomes = await Promise.all(
        ['x', 'y', 'z'].map((who) => store.append(`${who}${round}`, [writeOf(stream('a'), round - 1, who)])),
      );
      assert.deepEqual(outcomes.map((outcome) => outcome.outcome).sort(), ['appended', 'conflict', 'conflict']);
    }
    assert.equal((await store.readStream(stream('a'), 0, 100)).length, rounds);
  },
  'many at once are all kept, each at a position of its own': async ({ store }, stream) => {
    const names = Array.from({ length: 150 }, (_, index) => String(index));
    await Promise.all(names.map((name) => store.append(name, [writeOf(stream(name), -1, name)])));
    const all = await readWhole(store, 40);
    assert.deepEqual([...notesOf(all)].sort(), [...names].sort());
    assert.equal(new Set(all.map((event) => event.position)).size, names.length);
  },
  'a wish no store can take is refused before anything is written': async ({ store }, stream) => {
    const event = sampleEvent('one');
    const wrong: readonly (readonly StreamWrite[])[] = [
      [],
      [writeOf('$system', -1, 'one')],
      [writeOf(stream('a'), -2, 'one')],
      [writeOf(stream('a'), 0.5, 'one')],
      [writeOf(stream('a'), -1, 'one'), writeOf(stream('a'), 0, 'two')],
      [{ stream: stream('a'), expected: -1, events: [{ ...event, type: '' }] }],
      [{ stream: stream('a'), expected: -1, events: [{ ...event, metadata: { count: 1 as unknown as string } }] }],
      [{ stream: stream('a'), expected: -1, events: [{ ...event, data: { big: 'x'.repeat(9_000_000) } }] }],
    ];
    for (const writes of wrong) await assert.rejects(store.append('c', writes), isFault('unsupported'));
    await assert.rejects(store.append('', [writeOf(stream('a'), -1, 'one')]), isFault('unsupported'));
    assert.equal(await store.head(), undefined);
  },
  'any sequence of appends agrees with a table of streams': agreesWithModel,
};
