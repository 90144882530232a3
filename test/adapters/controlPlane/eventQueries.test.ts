/** Questions about the log are answered as if the whole log had been read: any filters, any pages, in order, to the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type EventFilter, queryEvents } from '../../../src/adapters/controlPlane/eventQueries.ts';
import { createMemoryStore } from '../../../src/adapters/eventstore/memory.ts';
import { decodeRecorded } from '../../../src/domain/codec.ts';
import type { DomainEvent } from '../../../src/domain/events.ts';
import type { Recorded } from '../../../src/domain/recorded.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { subjectsOf } from '../../../src/domain/subjects.ts';
import { openHouse, setUpCloud } from '../../support/house.ts';
import { createWishes } from '../../support/randomWishes.ts';

type Question = Omit<EventFilter, 'after' | 'limit'>;

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

const fits = ({ event, stream, actor, correlationId, time }: Recorded<DomainEvent>, question: Question): boolean =>
  (question.type ?? event.type) === event.type &&
  (question.stream ?? stream) === stream &&
  (question.actor ?? actor) === actor &&
  (question.correlationId ?? correlationId) === correlationId &&
  (question.subject === undefined || subjectsOf(event).includes(question.subject)) &&
  (question.from ?? time) <= time &&
  (question.to ?? time) >= time;

test('any question, read page by page, gives what fits of the whole log', async () => {
  const { store, house, all } = await filledHouse();
  const among = (of: (one: Recorded<DomainEvent>) => readonly string[]) => [...new Set(all.flatMap(of)), 'nobody'];
  const maybe = (values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 });
  const times = fc.option(fc.constantFrom(...all.map(({ time }) => time)), { nil: undefined, freq: 2 });
  const questions = fc.record({
    stream: maybe(among(({ stream }) => [stream])),
    type: maybe(among(({ event }) => [event.type])),
    subject: maybe(among(({ event }) => subjectsOf(event))),
    actor: maybe(among(({ actor }) => [actor])),
    correlationId: maybe(among(({ correlationId }) => [correlationId])),
    from: times,
    to: times,
  });
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(questions, fc.constantFrom(1, 2, 7, 1000), fc.nat(all.length), async (asked, limit, skip) => {
      const known = Object.entries(asked).filter(([, value]) => value !== undefined);
      const question = Object.fromEntries(known) as Question;
      const start = all[skip - 1]?.position ?? -1;
      const expected = all.filter((one) => one.position > start && fits(one, question)).map(({ position }) => position);
      const found: number[] = [];
      for (let after: number | null = start; after !== null; ) {
        const page: Awaited<ReturnType<typeof queryEvents>> = await queryEvents(store, house.index, {
          ...question,
          after,
          limit,
        });
        assert.ok(page.events.length <= limit);
        assert.ok(page.next === null || page.next > after);
        found.push(...page.events.map(({ position }) => position));
        after = page.next;
      }
      assert.deepEqual(found, expected);
      if (found.length > 0) answered += 1;
    }),
    { numRuns: 300 },
  );
  assert.ok(answered > 20, `only ${answered} questions had an answer`);
});
