/**
 * A marker in place of every secret a process is given: it must come out nowhere. Not in what the process says, whether all
 * goes well or nothing does, not over HTTP, not in events, not in Redis, not in the files of its data folder.
 */
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { openRedisServer, type RedisServer, redisObstacle } from '../adapters/broadcast/redisServer.ts';
import { type KurrentStandIn, startKurrentStandIn } from '../adapters/eventstore/kurrentWireStandIn.ts';
import { apiAt, change, registerCluster } from './api.ts';
import { openWitness } from './peers.ts';
import {
  createScene,
  edgelog,
  type Flags,
  freePorts,
  type Process,
  type Scene,
  serveLine,
  until,
} from './processes.ts';

const MARKER = 'm4rk3rS3cr3t';

describe('secrets', { skip: redisObstacle() ?? false, timeout: 120_000 }, () => {
  let scene: Scene;
  let server: KurrentStandIn;
  let redis: RedisServer;

  beforeEach(async () => {
    scene = createScene();
    server = await startKurrentStandIn();
    scene.atEnd(server.close);
    redis = await openRedisServer();
    scene.atEnd(redis.remove);
    redis.cli('config', 'set', 'requirepass', MARKER);
  });
  afterEach(() => scene.end());

  const secretive = (port: number): Flags => ({
    store: server.url.replace('kurrentdb://', `kurrentdb://edgelog:${MARKER}@`),
    lanes: `redis://:${MARKER}@127.0.0.1:${redis.port}`,
    ...{ port, insecure: true, 'report-key': MARKER, 'resync-seconds': 1, 'push-timeout-ms': 2_000 },
  });

  const assertClean = (what: string, text: string): void =>
    assert.equal(text.includes(MARKER), false, `${what}: ${text.slice(Math.max(0, text.indexOf(MARKER) - 200), 200)}`);

  const filesIn = async (folder: string): Promise<readonly string[]> => {
    const names = await readdir(folder, { recursive: true });
    const files: string[] = [];
    for (const name of names) if ((await stat(join(folder, name))).isFile()) files.push(join(folder, name));
    return files;
  };

  test('come out nowhere while everything works, and nowhere when peers fail', async () => {
    const [port = 0] = await freePorts(1);
    const data = await scene.folder();
    const control = await scene.serve({ ...secretive(port), role: 'clc', data });
    const worker = await scene.serve({ ...secretive(port), role: 'worker', data: await scene.folder() });
    const api = apiAt(port);
    const witness = await openWitness();
    scene.atEnd(witness.close);
    await until(async () => /1 workers/.test(await api.text('/v1/status')), 'a worker');
    await registerCluster(api, 'one', witness.endpoint);
    const last = await change(api);
    await until(() => witness.newest() >= last, 'the document');
    for (const path of [
      '/v1/status',
      '/metrics',
      '/readyz',
      '/healthz',
      '/v1/events',
      '/v1/clusters/one/convergence',
    ]) {
      assertClean(path, await api.text(path));
    }
    await redis.kill();
    server.faults.hanging.add('append');
    await api.call('PUT', '/v1/properties/edgelog.clc_address', { value: '10.8.8.8' });
    await until(() => /not well/.test(control.said()), 'a word about the lanes');
    server.faults.hanging.clear();
    await server.link.refuse();
    await api.call('PUT', '/v1/properties/edgelog.clc_address', { value: '10.8.8.9' });
    assertClean('/v1/status', await api.text('/v1/status'));
    for (const one of [control, worker]) {
      one.signal('SIGTERM');
      await one.ended;
      assert.ok(one.said().length > 0);
      assertClean('what a process said', one.said());
    }
    for (const file of await filesIn(data)) assertClean(file, await readFile(file, 'latin1'));
    for (const { data: bytes, metadata } of server.log.records) {
      assertClean('an event', `${bytes.toString()}${metadata.toString()}`);
    }
  });

  test('come out nowhere when nothing can start', async () => {
    const [port = 0] = await freePorts(1);
    const began = async (flags: Flags): Promise<Process> =>
      scene.keep(edgelog(...serveLine({ ...flags, role: 'clc', data: await scene.folder() }).slice(2)));
    await server.link.refuse();
    const refused: readonly Flags[] = [
      secretive(port),
      { ...secretive(port), store: `kurrentdb://edgelog:${MARKER}@[` },
      { ...secretive(port), store: `kurrentdb://edgelog:${MARKER}@127.0.0.1:1?nodePreference=${MARKER}` },
      { ...secretive(port), store: `mysql://edgelog:${MARKER}@127.0.0.1` },
      { ...secretive(port), store: 'memory:', lanes: `redis://:${MARKER}@` },
      { ...secretive(port), store: 'memory:', lanes: `redis://:${MARKER}@redis.example`, insecure: 'false' },
    ];
    for (const flags of refused) {
      const one = await began(flags);
      assert.notEqual(await one.ended, 0);
      assert.match(one.said(), /edgelog: /);
      assertClean('what a process said', one.said());
    }
  });
});
