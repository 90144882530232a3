/** Every route for every kind of caller: who gets in is what the table says, and nobody else. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createApiKey, type KeyRecord } from '../../../src/adapters/http/auth.ts';
import type { Caller, Route } from '../../../src/adapters/http/route.ts';
import { routeTable } from '../../../src/adapters/http/server.ts';
import type { Role } from '../../../src/domain/recorded.ts';
import { openDoor } from './client.ts';
import { createRecordingPort } from './recordingPort.ts';

const roles: readonly Role[] = ['viewer', 'operator', 'admin', 'auditor'];

const keyFor = (role: Role, more: Partial<KeyRecord> = {}) =>
  createApiKey({ id: `${role}-${Object.keys(more).join('-')}`, actor: `one ${role}`, role, ...more });

const kinds = roles.flatMap((role) => [
  { name: role, role, ...keyFor(role) },
  { name: `${role} of an account`, role, account: '000000000007', ...keyFor(role, { account: '000000000007' }) },
  { name: `${role} of a cluster`, role, cluster: 'PARTI00', ...keyFor(role, { cluster: 'PARTI00' }) },
]);

const concrete = (path: string): string => path.replace('{name}', 'PARTI00').replace(/\{[^}]+\}/g, 'x');

/** The policy said once more, by another hand: what the door does is compared with this. */
const may = (route: Route, caller: Pick<Caller, 'role' | 'account' | 'cluster'>): boolean => {
  if (route.access === 'anyone') return true;
  if (!route.access.roles.includes(caller.role)) return false;
  if (caller.account !== undefined && caller.role !== 'admin' && route.access.scope === 'cloud') return false;
  return caller.cluster === undefined || route.path.startsWith('/v1/clusters/{name}');
};

test('every route, every role, bound and unbound', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane, keys: kinds.map(({ record }) => record) });
  let denied = 0;
  for (const route of routeTable('0').filter(({ id }) => id !== 'streamEvents')) {
    for (const kind of kinds) {
      const before = port.asked.length;
      const { status } = await door.send(route.method, concrete(route.path), undefined, {
        Authorization: `Bearer ${kind.key}`,
      });
      const where = `${route.method} ${route.path} as ${kind.name}: ${status}`;
      assert.equal(status !== 403, may(route, kind), where);
      assert.notEqual(status, 401, where);
      if (status === 403) assert.equal(port.asked.length, before, where);
      denied += status === 403 ? 1 : 0;
    }
    const { status } = await door.send(route.method, concrete(route.path));
    assert.equal(status === 401, route.access !== 'anyone', `${route.id} without a key: ${status}`);
  }
  assert.ok(denied > 300, `only ${denied} were denied`);
});

test('a key of one cluster is of no use for another', async (t) => {
  const { key, record } = keyFor('operator', { cluster: 'PARTI00' });
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane, keys: [record] });
  const as = { Authorization: `Bearer ${key}` };
  assert.equal((await door.send('PUT', '/v1/clusters/PARTI00/nodes', { nodes: [] }, as)).status, 200);
  assert.equal((await door.send('PUT', '/v1/clusters/PARTI01/nodes', { nodes: [] }, as)).status, 403);
  assert.equal(port.asked.length, 1);
});

test('the actor comes from the key, never from the request', async (t) => {
  const { key, record } = keyFor('operator');
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane, keys: [record] });
  const as = { Authorization: `Bearer ${key}`, 'X-Request-Id': 'r-1' };
  assert.equal((await door.send('POST', '/v1/addresses', { actor: 'root' }, as)).status, 422);
  await door.send('POST', '/v1/addresses', {}, as);
  const [asked] = port.asked;
  assert.equal(asked?.context.actor, 'one operator');
  assert.equal(asked?.context.admin, false);
  assert.equal(asked?.context.correlationId, 'r-1');
  assert.equal(asked?.context.source, 'http');
});

test('a key of one account names no other; an administrator may', async (t) => {
  const bound = keyFor('operator', { account: '000000000007' });
  const admin = keyFor('admin');
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane, keys: [bound.record, admin.record] });
  const send = (key: string, body: object, headers: object = {}) =>
    door.send('POST', '/v1/addresses', body, { Authorization: `Bearer ${key}`, ...headers });
  assert.equal((await send(bound.key, { account: '000000000008' })).body['code'], 'account-not-yours');
  assert.equal((await send(bound.key, {}, { 'Edgelog-Account': '000000000008' })).status, 403);
  assert.equal((await send(bound.key, {}, { 'Edgelog-Account': 'me' })).status, 422);
  await send(bound.key, {});
  await send(admin.key, { account: '000000000008' });
  await send(admin.key, {});
  const accounts = port.asked.map(({ command }) => (command as { readonly account?: string }).account);
  assert.deepEqual(accounts, ['000000000007', '000000000008', '000000000001']);
});

test('a key can find out whose it is and what it is bound to', async (t) => {
  const bound = keyFor('viewer', { account: '000000000007' });
  const admin = keyFor('admin', { account: '000000000007' });
  const ofCluster = keyFor('operator', { cluster: 'PARTI00' });
  const keys = [bound.record, admin.record, ofCluster.record];
  const door = await openDoor(t, { controlPlane: createRecordingPort().controlPlane, keys });
  const ask = async (key: string) =>
    (await door.send('GET', '/v1/caller', undefined, { Authorization: `Bearer ${key}` })).body;
  assert.deepEqual(await ask(bound.key), { actor: 'one viewer', role: 'viewer', account: '000000000007' });
  assert.deepEqual(await ask(admin.key), { actor: 'one admin', role: 'admin', account: null });
  assert.match(String((await ask(ofCluster.key))['detail']), /bound to cluster PARTI00/);
});

test('on loopback without keys everybody is the local operator', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  await door.send('POST', '/v1/epoch', { reason: 'because' });
  assert.equal(port.asked[0]?.context.actor, 'local-operator');
  assert.equal(port.asked[0]?.context.admin, true);
});

test('a rate per key', async (t) => {
  const { key, record } = keyFor('viewer');
  const other = keyFor('auditor');
  let now = 1000;
  const door = await openDoor(t, {
    controlPlane: createRecordingPort().controlPlane,
    keys: [record, other.record],
    rateLimit: { perSecond: 0.5, burst: 2 },
    now: () => now,
  });
  const ask = (it: string) => door.send('GET', '/v1/clusters', undefined, { Authorization: `Bearer ${it}` });
  assert.deepEqual([(await ask(key)).status, (await ask(key)).status], [200, 200]);
  const refused = await ask(key);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers['retry-after'], '2');
  assert.equal((await ask(other.key)).status, 200);
  now += 2000;
  assert.equal((await ask(key)).status, 200);
});

test('who is not let in is noted with actor, place and reason, never with a key', async (t) => {
  const viewer = keyFor('viewer');
  const notes: unknown[] = [];
  const door = await openDoor(t, {
    controlPlane: createRecordingPort().controlPlane,
    keys: [viewer.record],
    onDenied: (note) => notes.push(note),
  });
  const as = { Authorization: `Bearer ${viewer.key}`, 'X-Request-Id': 'r' };
  await door.send('POST', '/v1/epoch?x=1', { reason: 'r' }, as);
  await door.send('POST', '/v1/epoch', { reason: 'r' }, { 'X-Request-Id': 'r' });
  await door.send('GET', '/v1/clusters', undefined, as);
  const place = { requestId: 'r', method: 'POST', path: '/v1/epoch' };
  assert.deepEqual(notes, [
    { ...place, code: 'forbidden', actor: 'one viewer' },
    { ...place, code: 'unauthenticated', actor: 'anonymous' },
  ]);
});
