/** From request to command: ids, keys, contexts, preconditions, waits; and faults on the other side of the port. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { StoreFault } from '../../../src/domain/eventStore.ts';
import type { InstanceView } from '../../../src/projections/network/views.ts';
import { put } from '../../../src/projections/trie.ts';
import { openDoor } from './client.ts';
import { createRecordingPort, type RecordingPort, recordedEvent } from './recordingPort.ts';

const idsOf = (port: RecordingPort): readonly (readonly string[])[] =>
  port.asked.map(({ command }) => (command.type === 'RunInstances' ? command.instanceIds : []));

const instance = (id: string, more: Partial<InstanceView> = {}): InstanceView => ({
  ...{ id, account: '000000000001', cluster: 'PARTI00', groups: [], macAddress: 'd0:0d:00:00:00:01' },
  ...{ privateAddress: '10.1.0.5', reservation: 'r', addressing: 'private', state: 'RUNNING', createdAt: 1, at: 1 },
  ...{ stateAt: 1, privateAt: 1, stateTime: 1_700_000_000_000, revision: 4 },
  ...more,
});

test('the same key names the same wish and makes the same ids; another actor’s does not', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const run = (key?: string) =>
    door.send('POST', '/v1/instances', { cluster: 'A', count: 2 }, key === undefined ? {} : { 'Idempotency-Key': key });
  for (const key of ['one', 'one', 'two', undefined, undefined]) await run(key);
  const [first, again, other, free, freeAgain] = port.asked.map(({ context }) => context);
  assert.equal(first?.commandId, again?.commandId);
  assert.equal(first?.fingerprint, again?.fingerprint);
  assert.match(first?.commandId ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(first?.commandId, other?.commandId);
  assert.notEqual(free?.commandId, freeAgain?.commandId);
  assert.equal(free?.fingerprint, undefined);
  const ids = idsOf(port);
  assert.deepEqual(ids[0], ids[1]);
  assert.equal(new Set(ids.flat()).size, 8);
  for (const id of ids.flat()) assert.match(id, /^i-[0-9a-f]{8}$/);
});

test('the same key with another body or place has another fingerprint, with another wait the same', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const key = { 'Idempotency-Key': 'k' };
  await door.send('POST', '/v1/addresses', {}, key);
  await door.send('POST', '/v1/addresses?wait=projected', {}, key);
  await door.send('POST', '/v1/addresses', { address: '1.2.3.4' }, key);
  await door.send('POST', '/v1/addresses?account=000000000002', {}, key);
  await door.send('POST', '/v1/instances/i-00000001/stop', {}, key);
  const prints = port.asked.map(({ context }) => context.fingerprint);
  assert.equal(prints[0], prints[1]);
  assert.equal(new Set(prints).size, 4);
});

test('an id that is taken is passed over, unless this very command took it', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const run = (key: string) => door.send('POST', '/v1/instances', { cluster: 'A' }, { 'Idempotency-Key': key });
  await run('k');
  const taken = idsOf(port)[0]?.[0] ?? '';
  put(port.network.instances, taken, instance(taken));
  await run('k');
  const second = idsOf(port)[1]?.[0];
  assert.notEqual(second, taken);
  // The recording port says that command "c" made every instance: then its own id is used again.
  const own = { ...recordedEvent(0), commandId: port.asked[0]?.context.commandId ?? '' };
  const controlPlane = { ...port.controlPlane, events: async () => ({ events: [own], next: null }) };
  const other = await openDoor(t, { controlPlane });
  await other.send('POST', '/v1/instances', { cluster: 'A' }, { 'Idempotency-Key': 'k' });
  assert.equal(idsOf(port)[2]?.[0], taken);
});

test('defaults of forms: controller, endpoint, account, groups, addressing', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, {
    controlPlane: port.controlPlane,
    resolveHost: async (host) => (host === 'cc.example' ? '10.9.8.7' : '0.0.0.0'),
  });
  await door.send('POST', '/v1/clusters', { cluster: 'PARTI00', host: 'cc.example' });
  await door.send('POST', '/v1/instances', { cluster: 'A', instanceIds: ['i-00000001'] });
  await door.send('PUT', '/v1/properties/a.b', { value: 7 });
  await door.send('POST', '/v1/addresses/1.2.3.4/free', { reason: 'looked' });
  await door.send('PUT', '/v1/configuration?token=t', '{ "a" : 1 }');
  assert.deepEqual(
    port.asked.map(({ command }) => command),
    [
      {
        ...{
          type: 'RegisterCluster',
          cluster: 'PARTI00',
          component: 'PARTI00-cc',
          host: 'cc.example',
          address: '10.9.8.7',
        },
        endpoint: 'http://cc.example:8774/axis2/services/EucalyptusCC',
        followsHost: true,
      },
      {
        ...{ type: 'RunInstances', groups: [], addressing: 'public', cluster: 'A', account: '000000000001' },
        instanceIds: ['i-00000001'],
      },
      { type: 'ChangeProperty', name: 'a.b', value: '7' },
      { type: 'FreeAddress', cause: 'operator', reason: 'looked', address: '1.2.3.4' },
      { type: 'PostConfiguration', text: '{ "a" : 1 }', token: 't' },
    ],
  );
});

test('If-Match goes with the command, which is decided at that revision or not at all', async (t) => {
  const port = createRecordingPort();
  put(port.network.instances, 'i-00000001', instance('i-00000001'));
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const stop = (tag: string) => door.send('POST', '/v1/instances/i-00000001/stop', undefined, { 'If-Match': tag });
  assert.equal((await door.send('GET', '/v1/instances/I-00000001')).status, 404);
  assert.equal((await door.send('GET', '/v1/instances/i-00000001')).headers.etag, '"4"');
  assert.equal((await stop('"4"')).status, 200);
  await door.send('PUT', '/v1/configuration', '{}', { 'If-Match': '"7"' });
  await door.send('DELETE', '/v1/security-groups/sg-0000000A', undefined, { 'If-Match': '"0"' });
  assert.deepEqual(
    port.asked.map(({ precondition }) => precondition),
    [
      { category: 'instance', id: 'i-00000001', revision: 4 },
      { category: 'configuration', revision: 7 },
      { category: 'securityGroup', id: 'sg-0000000a', revision: 0 },
    ],
  );
  const seen = await door.send('GET', '/v1/instances/i-00000001', undefined, { 'If-None-Match': '"1", "4"' });
  assert.deepEqual([seen.status, seen.text], [304, '']);
});

test('where If-Match is demanded, replacing without it is refused', async (t) => {
  const port = createRecordingPort();
  port.network.configurationRevision = 2;
  const door = await openDoor(t, { controlPlane: port.controlPlane, demandIfMatch: true });
  assert.equal((await door.send('PUT', '/v1/configuration', '{}')).status, 428);
  assert.equal((await door.send('DELETE', '/v1/clusters/PARTI00')).status, 428);
  assert.equal((await door.send('PUT', '/v1/configuration', '{}', { 'If-Match': '"2"' })).status, 200);
  assert.equal((await door.send('POST', '/v1/instances/i-00000001/stop')).status, 200);
});

test('an instance of another account does not exist for a bound key', async (t) => {
  const { createApiKey } = await import('../../../src/adapters/http/auth.ts');
  const { key, record } = createApiKey({ id: 'k', actor: 'a', role: 'operator', account: '000000000007' });
  const port = createRecordingPort();
  put(port.network.instances, 'i-00000001', instance('i-00000001'));
  put(port.network.instances, 'i-00000007', instance('i-00000007', { account: '000000000007' }));
  const door = await openDoor(t, { controlPlane: port.controlPlane, keys: [record] });
  const as = { Authorization: `Bearer ${key}` };
  assert.equal((await door.send('GET', '/v1/instances/i-00000001', undefined, as)).status, 404);
  assert.equal((await door.send('GET', '/v1/instances/i-00000007', undefined, as)).status, 200);
  // Whose instance it is only the decision knows for sure; the door says for whom it asks.
  await door.send('POST', '/v1/instances/i-00000001/stop', undefined, as);
  await door.send('POST', '/v1/batch', [{ command: 'StopInstance', instanceId: 'i-00000001' }], as);
  const wished = { type: 'StopInstance', instanceId: 'i-00000001', account: '000000000007' };
  assert.deepEqual(
    port.asked.map(({ command }) => command),
    [wished, wished],
  );
  const list = await door.send('GET', '/v1/instances', undefined, as);
  assert.deepEqual(
    (list.body['items'] as readonly { readonly instanceId: string }[]).map((it) => it.instanceId),
    ['i-00000007'],
  );
});

test('waits: 200 when all are there, 202 with what is missing', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const there = await door.send('POST', '/v1/addresses?wait=delivered', {});
  assert.equal(there.status, 200);
  assert.deepEqual(there.body['wait'], { level: 'delivered', reached: true, missing: [] });
  const missing = await door.send('POST', '/v1/addresses?wait=applied&timeout=1', {});
  assert.equal(missing.status, 202);
  assert.deepEqual((missing.body['wait'] as { readonly missing: unknown }).missing, [
    { cluster: 'PARTI00', node: '10.1.1.2', at: null },
  ]);
  assert.equal(missing.headers['edgelog-position'], '2');
  assert.equal(missing.headers['edgelog-epoch'], '1');
});

test('faults behind the port: their kind is told, their message is not, and the door goes on', async (t) => {
  const port = createRecordingPort();
  const faults: string[] = [];
  const door = await openDoor(t, {
    controlPlane: port.controlPlane,
    onFault: (fault, note) => faults.push(`${note.method} ${note.path}: ${(fault as Error).message}`),
  });
  const after = async (fault: Error) => {
    port.next = () => Promise.reject(fault);
    const reply = await door.send('POST', '/v1/addresses?account=000000000003', {});
    assert.doesNotMatch(reply.text, /secret|at .*\.ts/);
    return [reply.status, reply.body['code'], reply.headers['retry-after']];
  };
  assert.deepEqual(await after(new Error('secret')), [500, 'internal-fault', undefined]);
  assert.deepEqual(await after(new StoreFault('unavailable', 'secret')), [503, 'store-unavailable', '1']);
  assert.deepEqual(await after(new StoreFault('unknown-outcome', 'secret')), [503, 'outcome-unknown', '1']);
  assert.deepEqual(await after(new StoreFault('not-permitted', 'secret')), [503, 'store-not-permitted', undefined]);
  assert.deepEqual(await after(new StoreFault('corrupt', 'secret', { position: 7 })), [500, 'log-corrupt', undefined]);
  assert.equal(faults.length, 5);
  assert.equal(faults[0], 'POST /v1/addresses: secret');
  port.next = undefined;
  assert.equal((await door.send('POST', '/v1/addresses', {})).status, 200);
});

test('trace context and request id travel with the command when they are well formed', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  await door.send('POST', '/v1/addresses', {}, { traceparent: trace, 'X-Request-Id': 'a-b.c:1' });
  await door.send('POST', '/v1/addresses', {}, { traceparent: 'x', 'X-Request-Id': 'a b' });
  const [good, bad] = port.asked.map(({ context }) => context);
  assert.deepEqual([good?.traceparent, good?.correlationId], [trace, 'a-b.c:1']);
  assert.equal(bad?.traceparent, undefined);
  assert.match(bad?.correlationId ?? '', /^[0-9a-f-]{36}$/);
});

test('documents: pieces, tags, versions, 304', async (t) => {
  const port = createRecordingPort();
  port.network.position = 12;
  const pieces = ['<a>', 'é', '</a>'].map((it) => Buffer.from(it));
  port.document = {
    ...{ cluster: 'PARTI00', epoch: 3, version: 9, stamp: '0000000a', digest: 'abc', dialect: 'superset', pieces },
    byteLength: pieces.reduce((sum, it) => sum + it.length, 0),
  };
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const reply = await door.send('GET', '/v1/clusters/PARTI00/document');
  assert.equal(reply.text, '<a>é</a>');
  const { etag, 'content-type': type, 'content-length': length } = reply.headers;
  assert.deepEqual([etag, type, length], ['"abc"', 'application/xml; charset=utf-8', '9']);
  const figures = ['edgelog-version', 'edgelog-position', 'edgelog-epoch', 'edgelog-stamp'].map(
    (it) => reply.headers[it],
  );
  assert.deepEqual(figures, ['9', '12', '3', '0000000a']);
  const seen = await door.send('GET', '/v1/clusters/PARTI00/document', undefined, { 'If-None-Match': '"abc"' });
  assert.deepEqual([seen.status, seen.text, seen.headers['edgelog-version']], [304, '', '9']);
});

test('reports of nodes go to the control plane, of unknown clusters nowhere', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const report = { node: '10.1.1.2', epoch: 1, accepted: 4, applied: null, agent: 'none', at: 1 };
  assert.equal((await door.send('POST', '/v1/clusters/PARTI00/reports', [report])).status, 404);
  port.network.clusters['PARTI00'] = {
    ...{ name: 'PARTI00', component: 'c', host: 'h', address: '1.1.1.1', endpoint: 'http://h', state: 'enabled' },
    ...{ nodes: [], nodesAt: 0, placements: {}, createdAt: 0, at: 0, revision: 0 },
  };
  assert.deepEqual((await door.send('POST', '/v1/clusters/PARTI00/reports', [report])).body, { received: 1 });
  assert.deepEqual(port.reports, [{ cluster: 'PARTI00', reports: [report] }]);
});

test('probes say yes or no and keep details to themselves', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  assert.deepEqual((await door.send('GET', '/readyz')).body, { status: 'ok', checks: [{ name: 'store', ok: true }] });
  port.ready = false;
  const not = await door.send('GET', '/readyz');
  assert.equal(not.status, 503);
  assert.doesNotMatch(not.text, /secret/);
  assert.equal((await door.send('GET', '/healthz')).status, 200);
  assert.equal(
    (await door.send('GET', '/metrics')).headers['content-type'],
    'text/plain; version=0.0.4; charset=utf-8',
  );
});
