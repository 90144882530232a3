import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '../../src/adapters/eventstore/memory.ts';
import { clusterAggregate, enableCluster, registerCluster } from '../../src/domain/cluster.ts';
import { type AppendOutcome, type EventStore, StoreFault } from '../../src/domain/eventStore.ts';
import { isRefusal, refuse } from '../../src/domain/refusals.ts';
import { createTransactor, type Unit } from '../../src/domain/transact.ts';
import { context } from '../support/house.ts';

const particulars = {
  cluster: 'c',
  component: 'c-cc',
  host: '127.0.0.1',
  address: '127.0.0.1',
  endpoint: 'http://127.0.0.1/',
};

const register = (unit: Unit) => {
  const events = registerCluster(unit.read(clusterAggregate, 'c'), particulars);
  if (isRefusal(events)) return events;
  unit.write(clusterAggregate, 'c', events);
  return { wrote: events.length };
};

const enable = (unit: Unit) => {
  const events = enableCluster(unit.read(clusterAggregate, 'c'), 'c');
  if (isRefusal(events)) return events;
  unit.write(clusterAggregate, 'c', events);
  return { wrote: events.length };
};

/** A store whose appends wait for a word; questions that write nothing do not. */
const held = (store: EventStore) => {
  const waiting: (() => void)[] = [];
  const append: EventStore['append'] = async (commandId, writes) => {
    if (writes.some(({ events }) => events.length > 0)) await new Promise<void>((resolve) => waiting.push(resolve));
    return store.append(commandId, writes);
  };
  return { store: { ...store, append }, waiting };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a decision is folded in ahead of its commit, and nothing resting on it is acknowledged before', async () => {
  const { store, waiting } = held(createMemoryStore());
  const { transact } = createTransactor(store);
  const first = transact(context(), register);
  await turn();
  let answered = false;
  // The same wish again decides to nothing, because it sees the first; but the first is not durable yet.
  const second = transact(context(), register).then((answer) => {
    answered = true;
    return answer;
  });
  await turn();
  assert.equal(waiting.length, 1);
  assert.equal(answered, false);
  waiting.shift()?.();
  assert.deepEqual((await first) as object, {
    result: { wrote: 1 },
    position: 1,
    events: [{ type: 'ClusterRegistered', ...particulars }],
  });
  assert.deepEqual(await second, { result: { wrote: 0 }, position: -1, events: [] });
});

test('who was second decides again on what the first has written', async () => {
  const store = createMemoryStore();
  const one = createTransactor(store);
  const two = createTransactor(store);
  await one.transact(context(), register);
  await two.transact(context(), register);
  const answers = await Promise.all([one.transact(context(), enable), two.transact(context(), enable)]);
  const wrote = answers.map((answer) => (isRefusal(answer) ? -1 : answer.result.wrote)).sort();
  assert.deepEqual(wrote, [0, 1]);
  assert.equal((await store.readStream('cluster-c', 0, 100)).length, 2);
});

test('a stream that seems new is not read; a hint that was wrong costs another try', async () => {
  const memory = createMemoryStore();
  let reads = 0;
  const seen = new Set<string>();
  const store: EventStore = {
    ...memory,
    readStream: (stream, from, limit) => {
      reads += 1;
      return memory.readStream(stream, from, limit);
    },
    append: (commandId, writes) => {
      for (const { stream } of writes) seen.add(stream);
      return memory.append(commandId, writes);
    },
    // As a process that has not looked lately: it only knows of streams it has met in an append.
    seemsNew: (stream) => !seen.has(stream),
  };
  const mine = createTransactor(store);
  assert.deepEqual(await mine.transact(context(), register), {
    ...{ result: { wrote: 1 }, position: 1 },
    events: [{ type: 'ClusterRegistered', ...particulars }],
  });
  assert.equal(reads, 0);
  seen.clear();
  const late = createTransactor(store);
  assert.deepEqual(await late.transact(context(), register), { result: { wrote: 0 }, position: -1, events: [] });
  assert.deepEqual(await late.transact(context(), enable), {
    ...{ result: { wrote: 1 }, position: 2 },
    events: [{ type: 'ClusterEnabled', cluster: 'c' }],
  });
  seen.clear();
  const answer = await createTransactor(store).transact(context(), enable);
  assert.deepEqual(answer, { result: { wrote: 0 }, position: -1, events: [] });
  assert.equal((await memory.readStream('cluster-c', 0, 100)).length, 2);
});

test('when an append fails, who built on it decides again', async () => {
  const memory = createMemoryStore();
  let failures = 1;
  const append: EventStore['append'] = async (commandId, writes): Promise<AppendOutcome> => {
    await turn();
    if (failures > 0) {
      failures -= 1;
      throw new StoreFault('unavailable', 'as the test says');
    }
    return memory.append(commandId, writes);
  };
  const { transact } = createTransactor({ ...memory, append });
  const first = transact(context(), register);
  await turn();
  const second = transact(context(), register);
  await assert.rejects(first, { kind: 'unavailable' });
  assert.deepEqual((await second) as object, {
    result: { wrote: 1 },
    position: 1,
    events: [{ type: 'ClusterRegistered', ...particulars }],
  });
});

test('a refusal writes nothing', async () => {
  const store = createMemoryStore();
  const { transact } = createTransactor(store);
  const answer = await transact(context(), (unit) => {
    unit.read(clusterAggregate, 'c');
    unit.write(clusterAggregate, 'c', [{ type: 'ClusterRegistered', ...particulars }]);
    return refuse('no', 'as the test says');
  });
  assert.deepEqual(answer, { refused: 'no', detail: 'as the test says' });
  assert.equal(await store.head(), undefined);
});

test('a rehearsal says what would be written and writes nothing', async () => {
  const store = createMemoryStore();
  const { rehearse } = createTransactor(store);
  const answer = await rehearse(context(), register);
  assert.ok(!isRefusal(answer));
  assert.equal(answer.events.length, 1);
  assert.equal(await store.head(), undefined);
});

test('a command id that was carried out elsewhere counts for nothing here', async () => {
  const store = createMemoryStore();
  const same = context();
  await createTransactor(store).transact(same, register);
  const stale = createTransactor(store);
  // This control plane has read the stream before the other wrote to it.
  await stale.rehearse(context(), (unit) => ({ state: unit.read(clusterAggregate, 'c') !== undefined }));
  const answer = await stale.transact(same, register);
  assert.ok(!isRefusal(answer));
  assert.equal((await store.readStream('cluster-c', 0, 10)).length, 1);
});

test('states of another control plane are not kept stale once their events are seen', async () => {
  const store = createMemoryStore();
  const one = createTransactor(store);
  const two = createTransactor(store);
  await one.transact(context(), register);
  await two.transact(context(), register);
  await two.transact(context(), enable);
  one.observe(await store.readAll(-1, 100));
  assert.deepEqual(await one.transact(context(), enable), { result: { wrote: 0 }, position: -1, events: [] });
});

test('what was only read is checked too: a decision never rests on a state that somebody has changed', async () => {
  const store = createMemoryStore();
  const one = createTransactor(store);
  const two = createTransactor(store);
  await one.transact(context(), register);
  // The first control plane writes to another stream because of what it saw in this one.
  const because = (unit: Unit) => {
    const { state } = unit.read(clusterAggregate, 'c');
    unit.read(clusterAggregate, 'd');
    const reason = `c is ${state}`;
    unit.write(clusterAggregate, 'd', [{ type: 'ClusterDisabled', cluster: 'd', reason }]);
    return { reason };
  };
  await two.transact(context(), enable);
  const answer = await one.transact(context(), because);
  assert.deepEqual(!isRefusal(answer) && answer.result, { reason: 'c is enabled' });
});

test('many writers on one stream, in two control planes, all get their turn', async () => {
  const store = createMemoryStore();
  const planes = [createTransactor(store), createTransactor(store)] as const;
  const add = (n: number) => (unit: Unit) => {
    unit.read(clusterAggregate, 'c');
    unit.write(clusterAggregate, 'c', [{ type: 'ClusterModeReported', cluster: 'c', mode: String(n) }]);
    return { n };
  };
  const all = await Promise.all(
    Array.from({ length: 200 }, (_, n) => (planes[n % 2] ?? planes[0]).transact(context(), add(n))),
  );
  assert.equal(all.filter(isRefusal).length, 0);
  const stored = await store.readStream('cluster-c', 0, 1000);
  assert.equal(new Set(stored.map(({ data }) => data['mode'])).size, 200);
});
