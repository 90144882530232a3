/**
 * The projector: nothing is published before it has seen all there was, then one immutable network per batch; what it cannot
 * read stops it where it is, with its position.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryStore } from '../../../src/adapters/eventstore/memory.ts';
import { createProjector, type Published } from '../../../src/adapters/projector/projector.ts';
import { encode } from '../../../src/domain/codec.ts';
import { type EventStore, type NewEvent, StoreFault } from '../../../src/domain/eventStore.ts';
import type { DomainEvent } from '../../../src/domain/events.ts';
import { foldAll } from '../../../src/projections/network/runner.ts';
import { statement } from '../../projections/network/facts.ts';
import { batchesOf, randomLog } from '../../projections/network/randomLog.ts';

const metadata = { $correlationId: 'c', $causationId: 'c', commandId: 'c', actor: 'a', time: '1' };
const unreadable: NewEvent = { type: 'WeatherReported', data: {}, metadata };

const property = (value: number): NewEvent =>
  encode({ type: 'PropertyChanged', name: 'edgelog.dirty_limit', value: String(value) }, metadata);

let commands = 0;

/** Appends to one stream; the position of the last event. */
const appender = (store: EventStore) => {
  let revision = -1;
  return async (...events: readonly NewEvent[]): Promise<number> => {
    commands += 1;
    const write = { stream: 'configuration-main', expected: revision, events };
    const outcome = await store.append(`command-${commands}`, [write]);
    revision += events.length;
    return outcome.outcome === 'appended' ? outcome.position : assert.fail('expected to append');
  };
};

const open = (store: EventStore) => {
  const published: Published[] = [];
  const seen: DomainEvent[] = [];
  const faults: Error[] = [];
  const projector = createProjector(store, {
    observers: [(events) => seen.push(...events.map(({ event }) => event))],
    onFault: (fault) => faults.push(fault),
  });
  const unwatch = projector.watch((one) => published.push(one));
  return { projector, published, seen, faults, unwatch };
};

/** Until the projector has stopped; it says so to `onFault`. */
const untilStopped = async (faults: readonly Error[]): Promise<void> => {
  while (faults.length === 0) await new Promise((resolve) => setImmediate(resolve));
};

describe('a projector', () => {
  test('publishes nothing before it is in sync, then the whole at once, then every batch', async () => {
    const store = createMemoryStore();
    const append = appender(store);
    for (let i = 0; i < 50; i += 1) await append(property(i));
    const { projector, published, seen } = open(store);
    assert.equal(projector.health().state, 'catching-up');
    projector.start();
    await projector.inSync;
    assert.deepEqual([published.length, published[0]?.events, seen.length], [1, [], 50]);
    assert.deepEqual(projector.health(), { state: 'in-sync', position: 50, events: 50 });
    const first = published[0]?.network;
    const before = first && statement(first);

    await projector.reached(await append(property(100)));
    const last = published.at(-1);
    assert.equal(last?.network.properties['edgelog.dirty_limit']?.value, '100');
    assert.equal(last?.network, projector.network());
    assert.equal(first && statement(first), before, 'what was published never changes');
    await projector.stop();
  });

  test('of an empty log is in sync with nothing', async () => {
    const { projector, published } = open(createMemoryStore());
    projector.start();
    await projector.inSync;
    assert.deepEqual([projector.health().position, published.length], [-1, 1]);
    await projector.stop();
  });

  test('has what follows from the log, whatever came before it started and in what batches', async () => {
    const log = await randomLog(41);
    const store = createMemoryStore();
    const { projector, seen } = open(store);
    const revisions = new Map<string, number>();
    for (const [i, batch] of batchesOf(log, 3).entries()) {
      if (i === 5) projector.start();
      for (const { event, stream, id, time } of batch) {
        const expected = revisions.get(stream) ?? -1;
        const events = [encode(event, { ...metadata, time: String(time) })];
        assert.equal((await store.append(id, [{ stream, expected, events }])).outcome, 'appended');
        revisions.set(stream, expected + 1);
      }
    }
    await projector.reached(log.at(-1)?.position ?? -1);
    assert.equal(statement(projector.network()), statement(foldAll(log)));
    assert.deepEqual(
      seen,
      log.map(({ event }) => event),
    );
    await projector.stop();
  });

  test('wakes whoever waits for a position as soon as it has it, and nobody earlier', async () => {
    const store = createMemoryStore();
    const append = appender(store);
    const { projector, unwatch, published } = open(store);
    projector.start();
    await projector.inSync;
    const woken: number[] = [];
    const waits = [3, 1, 2].map((position) => projector.reached(position).then(() => woken.push(position)));
    await projector.reached(await append(property(1)));
    assert.deepEqual(woken, [1]);
    unwatch();
    const count = published.length;
    await append(property(2), property(3));
    await Promise.all(waits);
    assert.deepEqual(woken.toSorted(), [1, 2, 3]);
    assert.equal(published.length, count, 'who has stopped watching is told nothing');
    await projector.reached(0);
    await projector.stop();
  });
});

describe('an event it cannot read', () => {
  test('in the past keeps it from ever being in sync', async () => {
    const store = createMemoryStore();
    const append = appender(store);
    await append(property(1));
    const position = await append(unreadable);
    await append(property(2));
    const { projector, published, faults } = open(store);
    projector.start();
    await assert.rejects(projector.inSync, (fault) => fault instanceof StoreFault && fault.position === position);
    assert.deepEqual([projector.health().state, published.length, faults.length], ['stopped', 0, 0]);
    assert.match(projector.health().fault ?? '', new RegExp(`WeatherReported at position ${position}`));
    await projector.stop();
  });

  test('met later stops it; what was published last stays', async () => {
    const store = createMemoryStore();
    const append = appender(store);
    const { projector, published, faults } = open(store);
    projector.start();
    await projector.inSync;
    await projector.reached(await append(property(1)));
    const good = projector.network();
    const position = await append(property(2), unreadable);
    await untilStopped(faults);
    assert.equal((faults[0] as StoreFault).position, position);
    assert.equal(projector.network(), good);
    assert.equal(projector.health().state, 'stopped');
    const count = published.length;
    await append(property(3));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([published.length, projector.network(), faults.length], [count, good, 1]);
    await projector.stop();
  });
});
