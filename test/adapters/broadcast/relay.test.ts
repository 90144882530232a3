/**
 * The relay on a clock that tests move: newest wins, paces hold across processes, what is delivered is repeated only to those
 * that do not speak, and every failure says why. Beside it the ledger, the lanes' watch and the way out of lanes of others.
 */
import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { createDeliveryRecorder } from '../../../src/adapters/broadcast/deliveryRecorder.ts';
import { createFallbackLanes } from '../../../src/adapters/broadcast/fallbackLanes.ts';
import { createInProcessLanes } from '../../../src/adapters/broadcast/inProcessLanes.ts';
import { type LaneHealth, type LaneSight, type Lanes, oneAtATime } from '../../../src/adapters/broadcast/lanes.ts';
import { createLaneWatch } from '../../../src/adapters/broadcast/laneWatch.ts';
import { createLedger } from '../../../src/adapters/broadcast/ledger.ts';
import { createRelay, failureIn, type PushOutcome, type RelayPorts } from '../../../src/adapters/broadcast/relay.ts';
import { createResync } from '../../../src/adapters/broadcast/resync.ts';
import { gate, until } from './lanesContract.ts';

type Document = { cluster: string; epoch: number; version: number; digest: string; byteLength: number };

const documentAt = (version: number, epoch = 1): Document => ({
  ...{ cluster: 'one', epoch, version },
  digest: `${epoch}/${version}`,
  byteLength: 100,
});

const open = (change: Partial<RelayPorts<Document>> = {}) => {
  let version = 1;
  let answer: PushOutcome = { outcome: 'delivered' };
  const pushed: number[] = [];
  const told: number[] = [];
  const clock = { now: 1_000_000 };
  const ledger = createLedger(() => clock.now);
  const relay = createRelay<Document>(ledger, {
    latest: () => documentAt(version),
    push: async (document) => {
      pushed.push(document.version);
      return answer;
    },
    onDelivered: (document) => told.push(document.version),
    minIntervalMs: () => 0,
    maxBytes: () => 1_000,
    now: () => clock.now,
    ...change,
  });
  const work = (): Promise<void> => relay.work('one', new AbortController().signal);
  return {
    ...{ ledger, relay, work, pushed, told, clock },
    become: (next: number) => {
      version = next;
    },
    answer: (next: PushOutcome) => {
      answer = next;
    },
  };
};

describe('the relay', () => {
  test('pushes what is new once, and again only when it is told to or it is due', async () => {
    const one = open({ againAfterMs: () => 15_000 });
    await one.work();
    await one.work();
    assert.deepEqual(one.pushed, [1]);
    one.relay.resend('one');
    await one.work();
    assert.deepEqual(one.pushed, [1, 1]);
    one.clock.now += 14_999;
    await one.work();
    assert.equal(one.pushed.length, 2);
    one.clock.now += 1;
    await one.work();
    assert.equal(one.pushed.length, 3);
    const speaking = open({ againAfterMs: () => undefined });
    await speaking.work();
    speaking.clock.now += 1_000_000;
    await speaking.work();
    assert.equal(speaking.pushed.length, 1);
  });

  test('does not push what another process delivered, and keeps the pace it set', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const one = open({ minIntervalMs: () => 5_000 });
    one.ledger.recall('one', { epoch: 1, version: 1, digest: '1/1', at: one.clock.now, reportsItself: false });
    await one.work();
    assert.deepEqual(one.pushed, []);
    one.become(2);
    let isDone = false;
    const working = one.work().then(() => {
      isDone = true;
    });
    for (let i = 0; i < 24; i += 1) {
      one.clock.now += 200;
      t.mock.timers.tick(200);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual([one.pushed, isDone], [[], false]);
    one.clock.now += 400;
    t.mock.timers.tick(400);
    await working;
    assert.deepEqual(one.pushed, [2]);
  });

  test('while a push is under way many changes become one more', async () => {
    const hold = gate();
    const seen: number[] = [];
    let version = 1;
    const one = open({
      latest: () => documentAt(version),
      push: async (document) => {
        seen.push(document.version);
        if (seen.length === 1) await hold.passed;
        return { outcome: 'delivered' };
      },
    });
    const working = one.work();
    await until(() => seen.length === 1, 'the first push');
    for (version = 2; version < 1_000; version += 1) one.ledger.want('one', 1, version);
    hold.open();
    await working;
    assert.deepEqual(seen, [1, 1_000]);
  });

  test('a failure is noted with its reason and travels as one line', async () => {
    const one = open();
    one.ledger.want('one', 1, 1);
    one.answer({ outcome: 'failed', reason: 'timeout', detail: 'no answer: within 60000 ms' });
    const fault = await one.work().then(
      () => assert.fail('expected it to throw'),
      (thrown: Error) => thrown,
    );
    assert.deepEqual(failureIn(fault.message), { reason: 'timeout', detail: 'no answer: within 60000 ms' });
    assert.equal(one.ledger.of('one')?.lastFailure?.reason, 'timeout');
    assert.deepEqual(failureIn('<script>'), { reason: 'failed', detail: '<script>' });
    assert.equal(failureIn('x'.repeat(5_000)).detail.length, 1_000);
    one.answer({ outcome: 'delivered' });
    await one.work();
    assert.equal(one.ledger.of('one')?.failuresInARow, 0);
  });

  test('too large is refused before anything is sent, and a document that cannot be made is a failure', async () => {
    const large = open({ maxBytes: () => 99 });
    await assert.rejects(large.work(), /document-too-large: 100 bytes, the limit is 99/);
    assert.deepEqual(large.pushed, []);
    const broken = open({
      latest: () => {
        throw new Error('no such group');
      },
    });
    await assert.rejects(broken.work(), /build-failed: no such group/);
  });
});

describe('the ledger', () => {
  test('takes from the log what is newer, and nothing older', () => {
    const ledger = createLedger(() => 50);
    const entry = (epoch: number, version: number, at = 10) => ({
      epoch,
      version,
      digest: 'x',
      at,
      reportsItself: false,
    });
    ledger.recall('one', entry(1, 5));
    ledger.recall('one', entry(1, 4));
    assert.equal(ledger.delivered('one')?.version, 5);
    ledger.recall('one', entry(2, 1));
    ledger.recall('one', entry(1, 9));
    assert.deepEqual([ledger.delivered('one')?.epoch, ledger.delivered('one')?.version], [2, 1]);
  });

  test('what was delivered before a restart is known as soon as it is wanted again', () => {
    const ledger = createLedger(() => 50);
    ledger.recall('one', { epoch: 3, version: 8, digest: 'x', at: 10, reportsItself: true });
    ledger.want('one', 3, 8);
    const { delivered, deliveredAt, reportsItself } = ledger.of('one') ?? assert.fail('expected a status');
    assert.deepEqual({ delivered, deliveredAt, reportsItself }, { delivered: 8, deliveredAt: 10, reportsItself: true });
  });

  test('tells of failures elsewhere once for each', () => {
    const ledger = createLedger(() => 50);
    let changes = 0;
    ledger.watch(() => {
      changes += 1;
    });
    ledger.failing('one', 3, { reason: 'timeout', detail: 'x' });
    ledger.failing('one', 3, { reason: 'timeout', detail: 'x' });
    ledger.failing('one', 4, { reason: 'timeout', detail: 'x' });
    assert.deepEqual([changes, ledger.of('one')?.failuresInARow], [2, 4]);
  });
});

test('what was delivered is written down together, and again when the log could not take it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const written: string[] = [];
  let isDown = true;
  let faults = 0;
  const recorder = createDeliveryRecorder<{ readonly cluster: string; readonly version: number }>(
    async (cluster, delivered) => {
      if (isDown) throw new Error('the log is away');
      written.push(...delivered.map(({ version }) => `${cluster} ${version}`));
    },
    () => {
      faults += 1;
    },
  );
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 10; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  for (const version of [1, 2, 3]) recorder.note({ cluster: 'one', version });
  recorder.note({ cluster: 'two', version: 3 });
  t.mock.timers.tick(250);
  await settled();
  assert.deepEqual([written, faults], [[], 2]);
  isDown = false;
  t.mock.timers.tick(2_000);
  await settled();
  assert.deepEqual(written, ['one 3', 'two 3']);
  await recorder.stop();
});

describe('lanes that others answer', () => {
  test('are looked at where clusters are behind: failures are told, what nobody answers is taken over', async () => {
    const sights: Readonly<Record<string, LaneSight | undefined>> = {
      failing: { state: 'waiting', failures: 2, lastFailure: 'failing: timeout: x' },
      left: { state: 'unanswered', failures: 0, lastFailure: undefined },
      busy: { state: 'active', failures: 0, lastFailure: undefined },
      unseen: undefined,
    };
    const taken: string[] = [];
    const told: string[] = [];
    const watch = createLaneWatch({
      look: async (cluster) => sights[cluster],
      onUnanswered: (cluster) => taken.push(cluster),
      onFailing: (cluster, failures) => told.push(`${cluster} ${failures}`),
    });
    await watch.round(Object.keys(sights));
    assert.deepEqual([taken, told], [['left'], ['failing 2']]);
  });

  test('are left while they are not well, and used again when they are', async () => {
    let health: LaneHealth = { ok: false, detail: 'away' };
    const there: string[] = [];
    const here: string[] = [];
    const others: Lanes = {
      nudge: (cluster) => void there.push(cluster),
      start: async () => undefined,
      stop: async () => undefined,
      health: () => health,
    };
    const lanes = createFallbackLanes(others, createInProcessLanes());
    await lanes.start(async (cluster) => void here.push(cluster));
    lanes.nudge('one');
    await until(() => here.length === 1, 'an answer from here');
    assert.match(lanes.health().detail, /away; this process delivers by itself/);
    health = { ok: true, detail: 'back' };
    lanes.nudge('two');
    assert.deepEqual([here, there], [['one'], ['two']]);
    lanes.insist('three');
    await until(() => here.length === 2, 'the insisted answer');
    assert.deepEqual([here, there], [['one', 'three'], ['two']]);
    await lanes.stop();
  });

  test('an attempt that is to be repeated here is handed over when they are back', async () => {
    let health: LaneHealth = { ok: false, detail: 'away' };
    const there: string[] = [];
    let tries = 0;
    const others: Lanes = {
      nudge: (cluster) => void there.push(cluster),
      start: async () => undefined,
      stop: async () => undefined,
      health: () => health,
    };
    const lanes = createFallbackLanes(others, createInProcessLanes({ backoff: { firstMs: 5, capMs: 5 } }));
    await lanes.start(async () => {
      tries += 1;
      health = { ok: true, detail: 'back' };
      throw new Error('one: timeout: x');
    });
    lanes.nudge('one');
    await until(() => there.length === 1, 'the handing over');
    assert.equal(tries, 1);
    await lanes.stop();
  });

  test('the same cluster is never worked on twice at once in one process', async () => {
    const under = { now: 0, most: 0 };
    const work = oneAtATime(async () => {
      under.now += 1;
      under.most = Math.max(under.most, under.now);
      await new Promise((resolve) => setImmediate(resolve));
      under.now -= 1;
      if (under.most > 99) throw new Error('never');
    });
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 20 }, () => work('one', signal)));
    assert.equal(under.most, 1);
  });
});

test('the resync loop nudges those behind every few seconds, and everybody every period', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const nudged: string[] = [];
  const resent: string[] = [];
  const behind: (readonly string[])[] = [];
  const resync = createResync(
    { nudge: (cluster) => void nudged.push(cluster) },
    {
      clusters: () => ['one', 'two'],
      isBehind: (cluster) => cluster === 'two',
      resend: (cluster) => void resent.push(cluster),
      onBehind: (clusters) => void behind.push(clusters),
    },
    { everyMs: 3_000, allEveryMs: 30_000 },
  );
  resync.start();
  t.mock.timers.tick(29_999);
  assert.deepEqual([nudged.length, new Set(nudged).size, resent], [9, 1, []]);
  t.mock.timers.tick(1);
  assert.deepEqual(resent, ['one', 'two']);
  assert.ok(nudged.includes('one'));
  assert.ok(behind.every((clusters) => clusters.length === 1 && clusters[0] === 'two'));
  resync.stop();
  mock.reset();
});
