/** The board of the lanes: in Redis mode only, for administrators only, to be looked at only. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { openRedisServer, redisObstacle } from '../adapters/broadcast/redisServer.ts';
import { createScene, edgelog, freePorts, type Scene, until } from './processes.ts';

describe('the board of the lanes', { skip: redisObstacle() ?? false, timeout: 60_000 }, () => {
  let scene: Scene;
  beforeEach(() => {
    scene = createScene();
  });
  afterEach(() => scene.end());

  test('is shown to administrators, over either kind of credential, and lets nobody change a job', async () => {
    const redis = await openRedisServer();
    scene.atEnd(redis.remove);
    const data = await scene.folder();
    const file = join(data, 'keys.json');
    const made = async (id: string, role: string): Promise<string> => {
      const added = scene.keep(edgelog('keys', 'add', id, '--role', role, '--file', file));
      assert.equal(await added.ended, 0, added.said());
      return /el_[0-9a-f]{8}_[A-Za-z0-9_-]{43}/.exec(added.said())?.[0] ?? assert.fail(added.said());
    };
    const admin = await made('root', 'admin');
    const operator = await made('hand', 'operator');
    const [port = 0] = await freePorts(1);
    await scene.serve({ role: 'clc,worker', data, port, lanes: redis.url, 'keys-file': file });
    const board = `http://127.0.0.1:${port}/admin/queues`;
    const get = (path: string, authorization?: string, method = 'GET'): Promise<Response> =>
      fetch(`${board}${path}`, { method, ...(authorization === undefined ? {} : { headers: { authorization } }) });

    const unknown = await get('/');
    assert.equal(unknown.status, 401);
    assert.match(unknown.headers.get('www-authenticate') ?? '', /^Basic /);
    assert.equal((await get('/', `Bearer ${operator}`)).status, 403);
    await until(async () => (await get('/', `Bearer ${admin}`)).status === 200, 'the board');
    const page = await get('/', `Basic ${Buffer.from(`anybody:${admin}`).toString('base64')}`);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /Edgelog lanes/);
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'self'/);
    const queues = await get('/api/queues?activeQueue=lanes&page=1', `Bearer ${admin}`);
    const shown = (await queues.json()) as {
      readonly queues: readonly { readonly name: string; readonly readOnlyMode: boolean }[];
    };
    assert.deepEqual(
      shown.queues.map(({ name, readOnlyMode }) => [name, readOnlyMode]),
      [['lanes', true]],
    );
    assert.ok((await get('/api/queues/lanes/empty', `Bearer ${admin}`, 'PUT')).status >= 400);
    const { readFile } = await import('node:fs/promises');
    assert.equal((await readFile(file, 'utf8')).includes(admin), false);
  });

  test('is not there without Redis', async () => {
    const [port = 0] = await freePorts(1);
    await scene.serve({ role: 'clc', data: await scene.folder(), port });
    assert.equal((await fetch(`http://127.0.0.1:${port}/admin/queues/`)).status, 404);
  });
});
