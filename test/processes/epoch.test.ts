/**
 * A log that lost its tail: restored from an old copy between two starts, or cut under a running process. Receivers have seen
 * newer documents than the log knows of; the new epoch makes the corrected one newer still.
 */
import assert from 'node:assert/strict';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { openSqliteStore } from '../../src/adapters/eventstore/sqlite.ts';
import { type Api, apiAt, change } from './api.ts';
import { createScene, type Flags, freePorts, type Scene, until } from './processes.ts';

const LOG = ['events.db', 'events.db-wal', 'events.db-shm'];

describe('a log that lost its tail', { timeout: 120_000 }, () => {
  let scene: Scene;
  let data: string;
  let flags: Flags;
  let api: Api;

  beforeEach(async () => {
    scene = createScene();
    const [port = 0, cc = 0, wire = 0] = await freePorts(3);
    const [nc = 0] = await freePorts(1, '127.0.0.2');
    data = await scene.folder();
    const ports = { port, 'cc-port': cc, 'cc-wire-port': wire, 'nc-port': nc, 'nc-hosts': '127.0.0.2' };
    flags = { ...ports, data, 'checkpoint-seconds': 1, 'resync-seconds': 1 };
    api = apiAt(port);
  });
  afterEach(() => scene.end());

  /** Empty until there is one. */
  const nodeFile = (): Promise<string> =>
    readFile(join(data, 'nodes/127.0.0.2/global_network_info.xml'), 'utf8').catch(() => '');
  const orderOnNode = async (): Promise<{ readonly epoch: number; readonly position: number }> => {
    const text = await nodeFile();
    return {
      epoch: Number(/ epoch="(\d+)"/.exec(text)?.[1]),
      position: Number(/ position="(\d+)"/.exec(text)?.[1]),
    };
  };
  const onNode = (position: number): Promise<void> =>
    until(async () => (await orderOnNode()).position === position, `position ${position} on the node`);

  const copyLog = async (from: string, to: string): Promise<void> => {
    for (const file of LOG) {
      await rm(join(to, file), { force: true });
      await copyFile(join(from, file), join(to, file)).catch((fault: NodeJS.ErrnoException) => {
        if (fault.code !== 'ENOENT') throw fault;
      });
    }
  };

  test('restored from an old copy: a new epoch, and the node takes the older state as the newer document', async () => {
    const aside = await scene.folder();
    const before = await scene.serve(flags);
    await onNode(await change(api));
    assert.equal(await before.stop(), 0);
    await copyLog(data, aside);
    const then = await scene.serve(flags);
    let last = 0;
    for (let i = 0; i < 20; i += 1) last = await change(api);
    await onNode(last);
    assert.equal(await then.stop(), 0);
    const lost = await nodeFile();

    await copyLog(aside, data);
    const restored = await scene.serve(flags);
    await until(async () => (await orderOnNode()).epoch === 2, 'the new epoch on the node');
    assert.ok((await orderOnNode()).position < last);
    assert.notEqual(await nodeFile(), lost);
    await until(async () => (await api.cluster('PARTI00')).converged === true, 'convergence in the new epoch');
    assert.equal((await api.cluster('PARTI00')).epoch, 2);
    assert.match(restored.said(), /a new epoch is opened/);
    await onNode(await change(api));
    assert.equal(await restored.stop(), 0);

    const again = await scene.serve(flags);
    assert.equal((await api.must('GET', '/v1/status'))['epoch'], 2);
    assert.doesNotMatch(again.said(), /a new epoch is opened/);
  });

  test('lost with the event that had raised it: the epoch goes beyond every one ever used', async () => {
    const aside = await scene.folder();
    const before = await scene.serve(flags);
    await onNode(await change(api));
    assert.equal(await before.stop(), 0);
    await copyLog(data, aside);
    const then = await scene.serve(flags);
    await api.must('POST', '/v1/epoch', { reason: 'a test' });
    await api.must('POST', '/v1/epoch', { reason: 'another' });
    await until(async () => (await orderOnNode()).epoch === 3, 'epoch 3 on the node');
    assert.equal(await then.stop(), 0);
    await copyLog(aside, data);
    await scene.serve(flags);
    await until(async () => (await orderOnNode()).epoch === 4, 'epoch 4 on the node');
  });

  test('moved from a store with greater positions: a new epoch on any machine, once', async () => {
    const before = await scene.serve(flags);
    await onNode(await change(api));
    assert.equal(await before.stop(), 0);
    // What a log looks like whose positions were commit positions of a server: deliveries name versions far beyond it.
    const store = await openSqliteStore({ file: join(data, 'events.db') });
    const deliveries = await store.readStream('delivery-PARTI00', 0, 1000);
    const [newest] = deliveries.slice(-1);
    assert.ok(newest !== undefined);
    const moved = { ...newest, data: { ...newest.data, version: 345_678_901 } };
    await store.append('elsewhere', [{ stream: newest.stream, expected: newest.revision, events: [moved] }]);
    await store.close();

    const fresh = await scene.folder();
    await copyLog(data, fresh);
    const there = await scene.serve({ ...flags, data: fresh });
    assert.match(there.said(), /a new epoch is opened.*moved/);
    data = fresh;
    await until(async () => (await orderOnNode()).epoch === 2, 'the new epoch on the node');
    await onNode(await change(api));
    assert.equal(await there.stop(), 0);
    const again = await scene.serve({ ...flags, data: fresh });
    assert.equal((await api.must('GET', '/v1/status'))['epoch'], 2);
    assert.doesNotMatch(again.said(), /a new epoch is opened/);
  });

  test('cut under a running process: it says so and ends, and the next start opens a new epoch', async () => {
    const running = await scene.serve(flags);
    let last = 0;
    for (let i = 0; i < 5; i += 1) last = await change(api);
    await onNode(last);
    await until(async () => {
      const mark = await readFile(join(data, 'log-mark.json'), 'utf8').catch(() => '{}');
      return Number(JSON.parse(mark).position) >= last;
    }, 'the newest event to be remembered');
    const log = new DatabaseSync(join(data, 'events.db'));
    log.exec(`DELETE FROM events WHERE position > ${last - 3}`);
    log.close();
    assert.equal(await running.ended, 1);
    assert.match(running.said(), /the event log is not what it was \(lost-tail/);
    await scene.serve(flags);
    await until(async () => (await orderOnNode()).epoch === 2, 'the new epoch on the node');
  });
});
