/**
 * Several processes on one log: a control plane that only nudges, workers that deliver, Redis between them. Whatever is killed,
 * emptied or frozen, every cluster ends up with the newest document, and the control plane says so.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { openRedisServer, type RedisServer, redisObstacle } from '../adapters/broadcast/redisServer.ts';
import { type Api, apiAt, change, registerCluster } from './api.ts';
import { behaviours, openMisbehaving, openWitness, type Witness } from './peers.ts';
import { createScene, type Flags, freePorts, type Process, type Scene, until } from './processes.ts';

const CLUSTERS = ['one', 'two', 'three'];

describe('workers on Redis', { skip: redisObstacle() ?? false, timeout: 240_000 }, () => {
  let scene: Scene;
  let redis: RedisServer;
  let api: Api;
  let common: Flags;
  let witnesses: ReadonlyMap<string, Witness>;

  beforeEach(async () => {
    scene = createScene();
    redis = await openRedisServer();
    scene.atEnd(redis.remove);
    const [port = 0] = await freePorts(1);
    const data = await scene.folder();
    common = {
      ...{ data, store: `sqlite:${data}/events.db`, lanes: redis.url, port, 'resync-seconds': 1 },
      'push-timeout-ms': 3_000,
    };
    await scene.serve({ ...common, role: 'clc' });
    api = apiAt(port);
    const opened = await Promise.all(CLUSTERS.map(async (name) => [name, await openWitness()] as const));
    witnesses = new Map(opened);
    for (const [name, witness] of witnesses) {
      scene.atEnd(witness.close);
      await registerCluster(api, name, witness.endpoint);
    }
  });
  afterEach(() => scene.end());

  const worker = (): Promise<Process> => scene.serve({ ...common, role: 'worker' });

  const everybodyHas = async (position: number): Promise<void> => {
    for (const [name, witness] of witnesses) {
      await until(() => witness.newest() >= position, `${name} to have ${position}`);
      await until(
        async () => ((await api.cluster(name)).delivered ?? -1) >= position,
        `the status of ${name} to say so`,
      );
    }
  };

  const lanesAre = (words: RegExp): Promise<void> =>
    until(async () => words.test(await api.text('/v1/status')), `lanes: ${words}`);

  test('two workers deliver what one control plane decides, one push at a time', async () => {
    await worker();
    await worker();
    await lanesAre(/2 workers/);
    let position = 0;
    for (let i = 0; i < 20; i += 1) position = await change(api);
    await everybodyHas(position);
    for (const [name, witness] of witnesses) {
      assert.equal(witness.atOnce(), 1, `${name} was given two documents at once`);
      const positions = witness.seen.map(({ order }) => order?.position ?? -1);
      assert.deepEqual(
        positions,
        positions.toSorted((a, b) => a - b),
        `${name} went back`,
      );
    }
  });

  test('workers are killed one after the other; the last one gone, the control plane delivers', async () => {
    const first = await worker();
    const second = await worker();
    await lanesAre(/2 workers/);
    await everybodyHas(await change(api));
    await first.kill();
    await everybodyHas(await change(api));
    await second.kill();
    await everybodyHas(await change(api));
    await lanesAre(/no worker is connected/);
    await worker();
    await lanesAre(/1 workers/);
    await everybodyHas(await change(api));
  });

  test('Redis is emptied, killed, away, back and frozen; nothing is lost', async () => {
    await worker();
    await lanesAre(/1 workers/);
    const changes = async (count: number): Promise<number> => {
      let position = 0;
      for (let i = 0; i < count; i += 1) position = await change(api);
      return position;
    };
    redis.cli('flushall');
    await everybodyHas(await changes(3));
    await redis.kill();
    await everybodyHas(await changes(3));
    await redis.start();
    await lanesAre(/1 workers/);
    await everybodyHas(await changes(3));
    redis.signal('SIGSTOP');
    await everybodyHas(await changes(3));
    redis.signal('SIGCONT');
    await lanesAre(/1 workers/);
    await everybodyHas(await changes(3));
  });

  test('a worker that is frozen in the middle of a push loses its lane to another', async () => {
    const first = await worker();
    await lanesAre(/1 workers/);
    await everybodyHas(await change(api));
    const second = await worker();
    await lanesAre(/2 workers/);
    first.signal('SIGSTOP');
    const position = await change(api);
    await everybodyHas(position);
    first.signal('SIGCONT');
    await everybodyHas(await change(api));
    assert.equal(await second.stop(), 0);
    await everybodyHas(await change(api));
  });

  test('why a push fails in a worker is said by the control plane', async () => {
    await worker();
    await lanesAre(/1 workers/);
    const hanging = await openMisbehaving(behaviours['closes at once'] ?? (() => undefined));
    scene.atEnd(hanging.close);
    await registerCluster(api, 'bad', hanging.endpoint);
    await until(async () => (await api.cluster('bad')).failuresInARow > 0, 'the failure in the status');
    const { lastFailure, delivered, converged } = await api.cluster('bad');
    assert.equal(delivered, null);
    assert.notEqual(converged, true);
    assert.match(lastFailure?.detail ?? '', /./);
    await everybodyHas(await change(api));
  });
});

describe('starting with lanes that cannot work', { timeout: 60_000 }, () => {
  const refusedWith = async (flags: Flags): Promise<string> => {
    const scene = createScene();
    try {
      const data = await scene.folder();
      const { edgelog } = await import('./processes.ts');
      const words = Object.entries({ data, port: 0, ...flags }).flatMap(([name, value]) => [
        `--${name}`,
        String(value),
      ]);
      const started = scene.keep(edgelog('serve', ...words));
      assert.equal(await started.ended, 2);
      return started.said();
    } finally {
      await scene.end();
    }
  };

  test('is refused with a sentence that says what to do', async () => {
    assert.match(await refusedWith({ role: 'worker' }), /--lanes redis:/);
    assert.match(await refusedWith({ role: 'clc', lanes: 'amqp://x' }), /redis:\/\/127\.0\.0\.1/);
    const open = await refusedWith({ role: 'clc', lanes: 'redis://:hunter2@10.255.255.1:6379' });
    assert.match(open, /TLS/);
    assert.equal(open.includes('hunter2'), false);
  });
});
