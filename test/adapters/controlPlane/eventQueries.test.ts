/**
 * Questions about the log are answered as if the whole log had been read: any filters, any pages, from either end, to the other.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type EventFilter, queryEvents } from '../../../src/adapters/controlPlane/eventQueries.ts';
import { createMemoryStore } from '../../../src/adapters/eventstore/memory.ts';
import { decodeRecorded } from '../../../src/domain/codec.ts';
import type { EventStore } from '../../../src/domain/eventStore.ts';
import type { DomainEvent } from '../../../src/domain/events.ts';
import type { Recorded } from '../../../src/domain/recorded.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { subjectsOf } from '../../../src/domain/subjects.ts';
import { openHouse, setUpCloud } from '../../support/house.ts';
import { createWishes } from '../../support/randomWishes.ts';

type Question = Omit<EventFilter, 'after' | 'before' | 'order' | 'limit'>;

/** Times that stand still and go back now and then, three actors, wishes that belong together. */
const filledHouse = async () => {
  const store = createMemoryStore();
  const house = await openHouse(store);
  await setUpCloud(house);
  const wishes = createWishes(17);
  for (let i = 0; i < 150; i += 1) {
    const at = 1_000 * Math.floor(i / 3) - (i % 7 === 0 ? 5_000 : 0);
    const about = { at, actor: ['ann', 'bob', 'edgelog'][i % 3] ?? '', correlationId: `c${i % 20}` };
    const done = await house.wish(wishes.next(), about);
    if (!isRefusal(done)) wishes.learn(done.result);
  }
  const all = (await store.readAll(-1, 1_000_000)).map(decodeRecorded);
  await house.projector.reached(all.at(-1)?.position ?? -1);
  return { store, house, all };
};

/** `time`: by the clock of the log, which stands still while the clock that was set back catches up. */
const fits = (
  { event, stream, actor, correlationId }: Recorded<DomainEvent>,
  time: number,
  question: Question,
): boolean =>
  (question.type ?? event.type) === event.type &&
  (question.stream ?? stream) === stream &&
  (question.actor ?? actor) === actor &&
  (question.correlationId ?? correlationId) === correlationId &&
  (question.subject === undefined || subjectsOf(event).includes(question.subject)) &&
  (question.from ?? time) <= time &&
  (question.to ?? time) >= time;

const queries = (all: readonly Recorded<DomainEvent>[]) => {
  const among = (of: (one: Recorded<DomainEvent>) => readonly string[]) => [...new Set(all.flatMap(of)), 'nobody'];
  // Most filters are left out, or most questions would have no answer.
  const seldom = <T>(values: readonly T[]) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...values) });
  const maybe = seldom<string>;
  const times = seldom(all.map(({ time }) => time));
  return fc
    .record({
      stream: maybe(among(({ stream }) => [stream])),
      type: maybe(among(({ event }) => [event.type])),
      subject: maybe(among(({ event }) => subjectsOf(event))),
      actor: maybe(among(({ actor }) => [actor])),
      correlationId: maybe(among(({ correlationId }) => [correlationId])),
      from: times,
      to: times,
    })
    .map((asked): Question => Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)));
};

const anyEnd = fc.record({
  order: fc.constantFrom('oldest' as const, 'newest' as const),
  limit: fc.constantFrom(1, 2, 7, 1000),
  skipFirst: fc.nat(200),
  skipLast: fc.option(fc.nat(200), { nil: undefined }),
});

test('any question, read page by page from either end, gives what fits of the whole log', async () => {
  const { store, house, all } = await filledHouse();
  let clock = 0;
  const fitting = all.map((one) => {
    clock = Math.max(clock, one.time);
    return { one, time: clock };
  });
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(queries(all), anyEnd, async (question, { order, limit, skipFirst, skipLast }) => {
      const after = all[skipFirst - 1]?.position ?? -1;
      const before = skipLast === undefined ? undefined : (all.at(-1 - skipLast)?.position ?? 0);
      const expected = fitting
        .filter(({ one, time }) => fits(one, time, question))
        .map(({ one }) => one.position)
        .filter((position) => position > after && position < (before ?? Number.POSITIVE_INFINITY));
      const found: number[] = [];
      let span = { after, ...(before === undefined ? {} : { before }) };
      for (let next: number | null = -1; next !== null; ) {
        const page: Awaited<ReturnType<typeof queryEvents>> = await queryEvents(store, house.index, {
          ...{ ...question, ...span, limit, order },
        });
        assert.ok(page.events.length <= limit);
        found.push(...page.events.map(({ position }) => position));
        assert.ok(page.next === null || page.next === found.at(-1));
        next = page.next;
        if (next !== null) span = order === 'oldest' ? { ...span, after: next } : { ...span, before: next };
      }
      assert.deepEqual(order === 'oldest' ? found : found.toReversed(), expected);
      if (found.length > 0) answered += 1;
    }),
    { numRuns: 400 },
  );
  assert.ok(answered > 40, `only ${answered} questions had an answer`);
});

test('the newest of a long log are read without the log', async () => {
  const { store, house, all } = await filledHouse();
  let read = 0;
  const counting: EventStore = {
    ...store,
    readAll: async (after, limit) => {
      const events = await store.readAll(after, limit);
      read += events.length;
      return events;
    },
  };
  const { actor } = all.at(0) ?? assert.fail('an event');
  const late = all.at(-30)?.time ?? assert.fail('an event');
  for (const question of [{}, { to: late }, { actor }, { actor, type: 'nothing' }]) {
    read = 0;
    await queryEvents(counting, house.index, { after: -1, limit: 20, order: 'newest', ...question });
    assert.ok(read <= 20, `${read} events read for ${JSON.stringify(question)}`);
  }
});
