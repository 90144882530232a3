/**
 * The way in for emergencies: a key of its own that opens what an administrator may do, ends by itself, and is never used in
 * silence. And where the API may listen: every combination of place, keys, TLS in front and the operator's word.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createApiKey } from '../../src/adapters/http/auth.ts';
import { apiAt } from './api.ts';
import { createScene, edgelog, type Flags, freePorts, type Scene, serveLine, until } from './processes.ts';

describe('the door of the API', { timeout: 120_000 }, () => {
  let scene: Scene;
  let keysFile: string;
  let opens: { readonly admin: string; readonly emergency: string; readonly late: string };

  beforeEach(async () => {
    scene = createScene();
    keysFile = join(await scene.folder(), 'keys.json');
    const admin = createApiKey({ id: 'alice', actor: 'alice', role: 'admin' });
    const emergency = createApiKey({
      ...{ id: 'break-glass-1', actor: 'break-glass-jane', role: 'admin' },
      expires: Date.now() + 3_600_000,
    });
    const late = createApiKey({
      id: 'break-glass-0',
      actor: 'break-glass-joe',
      role: 'admin',
      expires: Date.now() - 1,
    });
    const keys = [admin, emergency, late].map(({ record }) => record);
    await writeFile(keysFile, JSON.stringify({ keys }), { mode: 0o600 });
    opens = { admin: admin.key, emergency: emergency.key, late: late.key };
  });
  afterEach(() => scene.end());

  test('an emergency key opens, is noted with every event it makes, and one that ended opens nothing', async () => {
    const [port = 0] = await freePorts(1);
    const control = await scene.serve({ role: 'clc', data: await scene.folder(), port, 'keys-file': keysFile });
    const wish = (key: string, value: string) =>
      apiAt(port, key).call('PUT', '/v1/properties/edgelog.clc_address', { value });
    assert.equal((await wish(opens.late, '10.1.1.1')).status, 401);
    assert.equal((await wish(opens.admin, '10.1.1.2')).status, 200);
    assert.equal(/"alarm":"break-glass"/.test(control.said()), false);
    assert.equal((await wish(opens.emergency, '10.1.1.3')).status, 200);
    await until(() => /"alarm":"break-glass"/.test(control.said()), 'a word about it');
    assert.match(control.said(), /break-glass-jane has made \w+/);
    const { events } = await apiAt(port, opens.admin).must('GET', '/v1/events?actor=break-glass-jane');
    assert.ok((events as readonly unknown[]).length > 0, 'and it stands in the log');
  });

  test('who is not let in is noted without the key, a name of a proxy is allowed, and a key has its rate', async () => {
    const [port = 0] = await freePorts(1);
    const flags = { 'keys-file': keysFile, 'requests-per-second': 5, 'known-as': 'cloud.example' };
    const control = await scene.serve({ role: 'clc', data: await scene.folder(), port, ...flags });
    const ask = (host: string, key: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const headers = { host, authorization: `Bearer ${key}` };
        const asked = request(
          { host: '127.0.0.1', port, path: '/v1/properties', headers, agent: false },
          (response) => {
            response.resume();
            resolve(response.statusCode ?? 0);
          },
        );
        asked.on('error', reject);
        asked.end();
      });
    assert.equal(await ask('cloud.example', opens.admin), 200);
    assert.equal(await ask('evil.example', opens.admin), 421);
    assert.equal(await ask(`127.0.0.1:${port}`, opens.late), 401);
    await until(() => /"code":"unauthenticated"/.test(control.said()), 'the denial in the journal');
    assert.match(control.said(), /"code":"misdirected-host"/);
    for (const key of Object.values(opens)) assert.equal(control.said().includes(key), false);
    const many = await Promise.all(Array.from({ length: 40 }, () => ask('cloud.example', opens.admin)));
    assert.ok(many.includes(429) && many.includes(200), many.join(' '));
    assert.equal(await ask('cloud.example', opens.emergency), 200, 'another key has a rate of its own');
  });

  test('beyond loopback only with keys and TLS in front, or when somebody says so', async () => {
    const [port = 0] = await freePorts(1);
    const end = async (flags: Flags): Promise<{ readonly isUp: boolean; readonly said: string }> => {
      const data = await scene.folder();
      const one = scene.keep(edgelog(...serveLine({ role: 'clc', data, port, ...flags }).slice(2)));
      let isEnded = false;
      void one.ended.then(() => {
        isEnded = true;
      });
      await until(() => isEnded || /^ready /m.test(one.said()), 'a decision');
      const isUp = !isEnded;
      await one.stop();
      return { isUp, said: one.said() };
    };
    const keys = { 'keys-file': keysFile };
    const tls = { 'tls-in-front': true } as const;
    for (const [flags, isUp] of [
      [{ host: '127.0.0.1' }, true],
      [{ host: '0.0.0.0' }, false],
      [{ host: '0.0.0.0', ...keys }, false],
      [{ host: '0.0.0.0', ...tls }, false],
      [{ host: '0.0.0.0', ...keys, ...tls }, true],
      [{ host: '0.0.0.0', insecure: true }, true],
    ] as const) {
      const found = await end(flags);
      assert.equal(found.isUp, isUp, `${JSON.stringify(flags)}: ${found.said}`);
      if (!isUp) assert.match(found.said, /Refusing to listen on 0\.0\.0\.0/);
    }
  });
});
