/**
 * Redis dies, is emptied, hangs, comes back, evicts, or is written to by others: deliveries go on and the last nudge counts.
 * Everything runs against a real server that these tests start themselves.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import {
  type BullmqLanes,
  type BullmqLanesOptions,
  openBullmqLanes,
} from '../../../src/adapters/broadcast/bullmqLanes.ts';
import { clusterInJob } from '../../../src/adapters/broadcast/bullmqWorker.ts';
import { createFallbackLanes } from '../../../src/adapters/broadcast/fallbackLanes.ts';
import { createInProcessLanes } from '../../../src/adapters/broadcast/inProcessLanes.ts';
import type { Lanes, LaneWork } from '../../../src/adapters/broadcast/lanes.ts';
import { isRedisAddressFault, readRedisAddress, unsafeRedis } from '../../../src/adapters/broadcast/redisAddress.ts';
import { unfitRedis } from '../../../src/adapters/broadcast/redisFitness.ts';
import { gate, until } from './lanesContract.ts';
import { openRedisServer, type RedisServer, redisObstacle } from './redisServer.ts';

const addressOf = (url: string) => {
  const address = readRedisAddress(url);
  if (isRedisAddressFault(address)) throw new Error(address.problem);
  return address;
};

test('addresses: hosts, credentials, TLS; a password is never shown nor repeated', () => {
  const one = addressOf('rediss://edge:s%40cret@redis.example:7000/2');
  assert.deepEqual(one.nodes, [{ host: 'redis.example', port: 7000 }]);
  assert.deepEqual([one.tls, one.username, one.password, one.db], [true, 'edge', 's@cret', 2]);
  assert.equal(one.shown.includes('cret'), false);
  assert.equal(addressOf('redis://a:1,b:2,[::1]:3').nodes.length, 3);
  for (const bad of [
    'http://x',
    'redis://',
    'redis://:secret@',
    'redis://h:99999',
    'redis://a b',
    'redis://u:secret%zz@h',
  ]) {
    const fault = readRedisAddress(bad);
    assert.ok(isRedisAddressFault(fault), bad);
    assert.equal(fault.problem.includes('secret'), false);
  }
});

test('a Redis that others can reach needs TLS and a password', () => {
  assert.equal(unsafeRedis(addressOf('redis://127.0.0.1')), undefined);
  assert.match(unsafeRedis(addressOf('redis://:pw@10.0.0.5')) ?? '', /TLS/);
  assert.match(unsafeRedis(addressOf('rediss://10.0.0.5')) ?? '', /password/);
  assert.equal(unsafeRedis(addressOf('rediss://:pw@10.0.0.5')), undefined);
});

test('a server is unfit when it is old, evicts, only replicates, or loads', () => {
  const info = (...lines: string[]): string =>
    ['redis_version:7.0.15', 'maxmemory_policy:noeviction', ...lines].join('\r\n');
  assert.equal(unfitRedis(info('role:master')), undefined);
  assert.match(unfitRedis('redis_version:6.0.16\r\n') ?? '', /6\.0\.16/);
  assert.match(unfitRedis('redis_version:7.0.0\r\nmaxmemory_policy:allkeys-lru') ?? '', /noeviction/);
  assert.match(unfitRedis(info('role:slave')) ?? '', /replica/);
  assert.match(unfitRedis(info('loading:1')) ?? '', /loading/);
  assert.match(unfitRedis('') ?? '', /version/);
});

test('a job is a nudge only if it names a cluster and nothing else', () => {
  assert.equal(clusterInJob({ cluster: 'one' }), 'one');
  for (const data of [
    null,
    7,
    'one',
    [],
    {},
    { cluster: 7 },
    { cluster: '' },
    { cluster: 'a b' },
    { cluster: 'x'.repeat(300) },
  ]) {
    assert.equal(clusterInJob(data), undefined);
  }
  assert.equal(clusterInJob({ cluster: 'one', document: '<network-data/>' }), undefined);
});

describe('Redis at its worst', { skip: redisObstacle() ?? false, timeout: 120_000 }, () => {
  let server: RedisServer;
  let opened: Lanes[] = [];
  beforeEach(async () => {
    server = await openRedisServer();
  });
  afterEach(async () => {
    for (const lanes of opened) await lanes.stop();
    opened = [];
    await server.remove();
  });

  const open = async (options: Partial<BullmqLanesOptions> = {}): Promise<BullmqLanes> => {
    const usual = {
      address: addressOf(server.url),
      cloud: 'faults',
      answers: true,
      backoff: { firstMs: 5, capMs: 50 },
    };
    const lanes = await openBullmqLanes({ ...usual, ...options });
    opened.push(lanes);
    return lanes;
  };

  /** What a control plane has: others answer, and this process when they cannot. */
  const withFallback = async (work: LaneWork, more: Partial<BullmqLanesOptions> = {}) => {
    const here = createInProcessLanes({ backoff: { firstMs: 5, capMs: 50 } });
    const others = await open({ ...more, onLost: here.nudge });
    const lanes = createFallbackLanes(others, here);
    opened.push(lanes);
    await lanes.start(work);
    return { lanes, others };
  };

  test('a server that evicts keys is not used, and the reason names the setting', async () => {
    server.cli('config', 'set', 'maxmemory-policy', 'allkeys-lru');
    const lanes = await open();
    const health = await lanes.check();
    assert.equal(health.ok, false);
    assert.match(health.detail, /noeviction/);
    assert.deepEqual(server.cli('keys', '*'), '');
    server.cli('config', 'set', 'maxmemory-policy', 'noeviction');
    await lanes.start(async () => undefined);
    await until(() => lanes.health().ok, 'health once it is put right');
  });

  test('a password is used; a wrong one, or nobody at home, is said and never shown', async () => {
    server.cli('config', 'set', 'requirepass', 'right-one');
    const right = await open({ address: addressOf(`redis://:right-one@127.0.0.1:${server.port}`) });
    await right.start(async () => undefined);
    assert.equal((await right.check()).ok, true);
    const wrong = await open({ address: addressOf(`redis://:wrong-one@127.0.0.1:${server.port}`) });
    assert.match((await wrong.check()).detail, /WRONGPASS|NOAUTH/);
    const none = await open();
    assert.match((await none.check()).detail, /NOAUTH/);
    await server.kill();
    const nobody = await open();
    const { detail } = await nobody.check();
    assert.match(detail, /ECONNREFUSED/);
    assert.doesNotMatch(`${detail} ${wrong.health().detail}`, /wrong-one|right-one/);
  });

  test('keys carry the hash tag of their cloud, jobs say the cluster only, and none is kept for ever', async () => {
    let runs = 0;
    const lanes = await open();
    await lanes.start(async () => {
      runs += 1;
    });
    for (let i = 0; i < 300; i += 1) {
      const before = runs;
      lanes.nudge(`c${i % 150}`);
      await until(() => runs > before, `run ${i}`);
    }
    const keys = server.cli('keys', '*').split('\n');
    assert.ok(keys.length > 3 && keys.every((key) => key.startsWith('{edgelog:faults}:')));
    const jobs = keys.filter((key) => /:\d+$/.test(key));
    assert.ok(jobs.length > 0 && jobs.length <= 130, `expected finished jobs to be bounded, ${jobs.length} are kept`);
    for (const key of jobs.slice(0, 5)) {
      assert.deepEqual(Object.keys(JSON.parse(server.cli('hget', key, 'data'))), ['cluster']);
    }
  });

  test('jobs that others put there are refused or do no more than a look', async () => {
    const seen: string[] = [];
    const lanes = await open();
    await lanes.start(async (cluster) => void seen.push(cluster));
    await until(() => lanes.health().ok, 'health');
    await lanes.queue()?.add('look', { cluster: 'one', document: '<network-data/>' }, { jobId: 'evil-1' });
    await lanes.queue()?.add('anything', { cluster: 'two' }, { jobId: 'evil-2' });
    await until(async () => (await lanes.queue()?.getFailedCount()) === 1, 'the refusal');
    await until(() => seen.length === 1, 'the look');
    assert.deepEqual(seen, ['two']);
  });

  test('what fails elsewhere is seen here with its reason', async () => {
    const worker = await open();
    await worker.start(async (cluster) => {
      throw new Error(`${cluster}: timeout: no answer within 60000 ms`);
    });
    const asking = await open({ answers: false });
    await asking.start(async () => undefined);
    await until(() => asking.health().ok, 'health');
    asking.nudge('one');
    await until(async () => ((await asking.look('one'))?.failures ?? 0) >= 2, 'two failures');
    assert.equal((await asking.look('one'))?.lastFailure, 'one: timeout: no answer within 60000 ms');
    assert.deepEqual(await asking.look('two'), { state: 'empty', failures: 0, lastFailure: undefined });
  });

  test('no worker is connected: this process answers, until one comes', async () => {
    const here: string[] = [];
    const there: string[] = [];
    const { lanes } = await withFallback(async (cluster) => void here.push(cluster), { answers: false });
    lanes.nudge('one');
    await until(() => here.length === 1, 'an answer from here');
    assert.match(lanes.health().detail, /no worker/);
    const worker = await open();
    await worker.start(async (cluster) => void there.push(cluster));
    await until(() => lanes.health().ok, 'health');
    lanes.nudge('two');
    await until(() => there.length === 1, 'an answer from there');
    assert.deepEqual([here, there], [['one'], ['two']]);
  });

  test('killed: nudges are answered here at once; back and empty: the lanes go on', async () => {
    const seen: string[] = [];
    const { lanes, others } = await withFallback(async (cluster) => void seen.push(cluster));
    await until(() => lanes.health().ok, 'health');
    await server.kill();
    lanes.nudge('one');
    await until(() => seen.includes('one'), 'an answer without Redis');
    await until(() => !lanes.health().ok, 'the loss to be seen');
    await server.start();
    await until(() => lanes.health().ok, 'health again');
    others.nudge('two');
    await until(() => seen.includes('two'), 'an answer through Redis');
  });

  test('killed while work is under way: the work ends, its lane stays usable', async () => {
    const hold = gate();
    let runs = 0;
    const { lanes, others } = await withFallback(async () => {
      runs += 1;
      if (runs === 1) await hold.passed;
    });
    await until(() => lanes.health().ok, 'health');
    lanes.nudge('one');
    await until(() => runs === 1, 'the first run');
    await server.kill();
    hold.open();
    await server.start();
    await until(() => lanes.health().ok, 'health again');
    others.nudge('one');
    await until(() => runs >= 2, 'the next run');
  });

  test('emptied while a job waits and another runs: the next nudges are answered', async () => {
    const hold = gate();
    const seen: string[] = [];
    const { lanes } = await withFallback(async (cluster) => {
      if (cluster === 'held' && !seen.includes('held')) {
        seen.push('held');
        await hold.passed;
      }
      seen.push(cluster);
    });
    await until(() => lanes.health().ok, 'health');
    lanes.nudge('held');
    await until(() => seen.includes('held'), 'the held run');
    lanes.nudge('held');
    server.cli('flushall');
    hold.open();
    // The resync loop nudges again, because versions differ.
    lanes.nudge('held');
    lanes.nudge('other');
    await until(
      () => seen.filter((cluster) => cluster === 'held').length >= 3 && seen.includes('other'),
      'all answers',
    );
  });

  test('hung: no nudge blocks, this process answers; running again: the lanes go on', async () => {
    const seen: string[] = [];
    const { lanes, others } = await withFallback(async (cluster) => void seen.push(cluster));
    await until(() => lanes.health().ok, 'health');
    server.signal('SIGSTOP');
    const before = performance.now();
    for (let i = 0; i < 1000; i += 1) lanes.nudge(`c${i}`);
    assert.ok(performance.now() - before < 1_000, 'a nudge must not wait for Redis');
    await until(() => new Set(seen).size === 1000, 'all answers without Redis');
    server.signal('SIGCONT');
    await until(() => lanes.health().ok, 'health again');
    const last = seen.length;
    others.nudge('two');
    await until(() => seen.length > last && seen.includes('two'), 'an answer through Redis');
  });

  test('hung while stopping: stopping ends all the same', async () => {
    const { lanes } = await withFallback(async (_cluster, signal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    });
    await until(() => lanes.health().ok, 'health');
    lanes.nudge('one');
    server.signal('SIGSTOP');
    await lanes.stop();
    server.signal('SIGCONT');
  });

  test('a worker that lost its lock gives its attempt up, and the job is taken again', async () => {
    const hold = gate();
    let isGivenUp = false;
    let runs = 0;
    const first = await open({ lockMs: 1_000 });
    await first.start(async (_cluster, signal) => {
      runs += 1;
      signal.addEventListener('abort', () => {
        isGivenUp = true;
        hold.open();
      });
      await hold.passed;
    });
    await until(() => first.health().ok, 'health');
    first.nudge('one');
    const thief = new Redis(server.port, '127.0.0.1');
    try {
      // The lock is taken away from under it, as when it was stopped for longer than the lock lasts.
      await until(async () => {
        const locks = (await thief.keys('*:lock')).filter((key) => key.endsWith(':lock'));
        for (const lock of locks) await thief.set(lock, 'another');
        return locks.length > 0;
      }, 'a lock');
      await until(() => isGivenUp, 'the attempt to be given up');
      for (const lock of await thief.keys('*:lock')) await thief.del(lock);
      // Whoever looks for jobs without a lock next puts it back, and anybody may take it.
      await until(() => runs > 1, 'the job to be taken again');
    } finally {
      thief.disconnect();
    }
  });
});
