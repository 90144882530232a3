/** States as they were last folded: loaded once, kept up with the log, forgotten when they cannot be right, and never too many. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryStore } from '../../src/adapters/eventstore/memory.ts';
import { clusterAggregate } from '../../src/domain/cluster.ts';
import { encode } from '../../src/domain/codec.ts';
import { createContention } from '../../src/domain/contention.ts';
import { streamOf } from '../../src/domain/decider.ts';
import type { EventStore } from '../../src/domain/eventStore.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { createStateCache, isMissing } from '../../src/domain/stateCache.ts';
import type { AnyAggregate, Entry } from '../../src/domain/stateEntry.ts';

const aggregate = clusterAggregate as unknown as AnyAggregate;
const metadata = { $correlationId: 'c', $causationId: 'c', commandId: 'c', actor: 'a', time: '1' };

const registered = (cluster: string): DomainEvent => ({
  type: 'ClusterRegistered',
  ...{ cluster, component: 'cc', host: 'h', address: '127.0.0.1', endpoint: '' },
});

let commands = 0;

/** A log in which clusters are registered, and a count of how often streams are read. */
const world = (maxEntries = 100) => {
  const store = createMemoryStore();
  let reads = 0;
  const readStream: EventStore['readStream'] = (...asked) => {
    reads += 1;
    return store.readStream(...asked);
  };
  const cache = createStateCache({ readStream }, maxEntries);
  const revisions = new Map<string, number>();
  const write = async (cluster: string, ...events: readonly DomainEvent[]): Promise<void> => {
    commands += 1;
    const stream = streamOf('cluster', cluster);
    const expected = revisions.get(stream) ?? -1;
    const outcome = await store.append(`command-${commands}`, [
      { stream, expected, events: events.map((event) => encode(event, metadata)) },
    ]);
    assert.equal(outcome.outcome, 'appended');
    revisions.set(stream, expected + events.length);
  };
  const load = async (cluster: string): Promise<Entry> => {
    await cache.load({ missing: { aggregate, id: cluster } });
    const entry = cache.find(streamOf('cluster', cluster));
    return entry ?? assert.fail(`expected ${cluster} to be there`);
  };
  return { store, cache, write, load, reads: () => reads };
};

const enabled = (cluster: string): DomainEvent => ({ type: 'ClusterEnabled', cluster });
const stateOf = ({ state }: Entry): string => (state as { readonly state: string }).state;

describe('loading', () => {
  test('folds the whole stream, also one that does not exist', async () => {
    const { write, load } = world();
    await write('one', registered('one'), enabled('one'));
    const one = await load('one');
    assert.deepEqual([one.revision, stateOf(one), one.failed, one.pending.size], [1, 'enabled', false, 0]);
    const none = await load('none');
    assert.deepEqual([none.revision, stateOf(none)], [-1, 'unknown']);
  });

  test('folds streams longer than a page', async () => {
    const { write, load } = world();
    await write('one', registered('one'));
    for (let i = 0; i < 5; i += 1) {
      const turns = Array.from({ length: 500 }, (_, n): DomainEvent[] => [
        { type: 'ClusterDisabled', cluster: 'one', reason: `${i}/${n}` },
        enabled('one'),
      ]);
      await write('one', ...turns.flat());
    }
    const one = await load('one');
    assert.deepEqual([one.revision, stateOf(one)], [5000, 'enabled']);
  });

  test('twice at once reads once', async () => {
    const { load, reads } = world();
    await Promise.all([load('one'), load('one'), load('one')]);
    assert.equal(reads(), 1);
  });
});

describe('keeping up', () => {
  test('takes the next event, leaves what it has, and forgets what it missed', async () => {
    const { store, cache, write, load } = world();
    await write('one', registered('one'));
    const one = await load('one');
    await write('one', enabled('one'));
    const [first, second] = await store.readAll(-1, 10);
    assert.ok(first !== undefined && second !== undefined);
    cache.observe([first]);
    assert.deepEqual([one.revision, stateOf(one)], [0, 'registered']);
    cache.observe([second]);
    assert.deepEqual([one.revision, stateOf(one)], [1, 'enabled']);
    cache.observe([{ ...second, revision: 5 }]);
    assert.equal(cache.find('cluster-one'), undefined);
    cache.observe([{ ...second, stream: 'cluster-two' }]);
    assert.equal(cache.size(), 0);
  });

  test('leaves a state alone that runs ahead of the log', async () => {
    const { store, cache, write, load } = world();
    const one = await load('one');
    one.pending.add(Promise.resolve(true));
    await write('one', registered('one'));
    cache.observe(await store.readAll(-1, 10));
    assert.deepEqual([one.revision, stateOf(one), cache.find('cluster-one')], [-1, 'unknown', one]);
  });

  test('catching up reads only what is new', async () => {
    const { cache, write, load } = world();
    await write('one', registered('one'));
    const one = await load('one');
    await write('one', enabled('one'), { type: 'ClusterDisabled', cluster: 'one', reason: 'r' });
    await cache.regain(new Set([one]), new Set());
    assert.deepEqual([one.revision, stateOf(one), one.failed], [2, 'disabled', false]);
  });

  test('after a lost race forgets what runs ahead, but not for the append that lost it', async () => {
    const { cache, write, load } = world();
    const [one, two] = [await load('one'), await load('two')];
    for (const entry of [one, two]) entry.pending.add(Promise.resolve(true));
    await write('one', registered('one'));
    await cache.regain(new Set([one, two]), new Set([one]));
    assert.deepEqual([one.revision, one.failed, cache.find('cluster-one')], [0, false, one]);
    assert.deepEqual([two.failed, cache.find('cluster-two')], [true, undefined]);
  });
});

describe('forgetting', () => {
  test('marks the state as worth nothing, and never another one loaded since', async () => {
    const { cache, load } = world();
    const old = await load('one');
    cache.forget([old]);
    assert.deepEqual([old.failed, cache.find('cluster-one')], [true, undefined]);
    const fresh = await load('one');
    cache.forget([old]);
    assert.deepEqual([fresh.failed, cache.find('cluster-one')], [false, fresh]);
  });

  test('beyond the limit the states used longest ago go, but none with appends under way', async () => {
    const { cache, load } = world(10);
    const first = await load('c0');
    first.pending.add(Promise.resolve(true));
    for (let i = 1; i <= 10; i += 1) await load(`c${i}`);
    const touched = cache.find('cluster-c1');
    assert.ok(touched !== undefined);
    cache.touch(touched);
    cache.trim();
    assert.equal(cache.size(), 9);
    assert.equal(cache.find('cluster-c0'), first);
    assert.equal(cache.find('cluster-c1'), touched);
    assert.deepEqual([cache.find('cluster-c2'), cache.find('cluster-c3')], [undefined, undefined]);
    assert.ok(cache.find('cluster-c4') !== undefined);
    cache.trim();
    assert.equal(cache.size(), 9);
  });
});

test('a lost race makes a stream contended until enough appends went well', async () => {
  const { load } = world();
  const contention = createContention({ checksPredecessors: true });
  const [one, two] = [await load('one'), await load('two')];
  const both = new Set([one, two]);
  assert.deepEqual(contention.among(both), []);
  contention.raced([one]);
  assert.deepEqual(contention.among(both), [one]);
  let appends = 0;
  while (contention.among(both).length > 0) {
    contention.calmed(both);
    appends += 1;
    assert.ok(appends < 1000, 'it never becomes quiet');
  }
  assert.ok(appends > 1, 'one good append is no peace');
});

test('where the store cannot tell whose event it finds, every stream counts as contended', async () => {
  const { load } = world();
  const both = new Set([await load('one'), await load('two')]);
  assert.deepEqual(createContention({ checksPredecessors: false }).among(both), [...both]);
});

test('what is missing is told from everything else that may be thrown', () => {
  assert.equal(isMissing({ missing: { aggregate, id: 'one' } }), true);
  for (const other of [undefined, null, 'missing', 5, new Error('missing'), {}]) assert.equal(isMissing(other), false);
});
