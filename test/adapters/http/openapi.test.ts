/** The OpenAPI document: whole, referring only to what is there, and agreeing with what the door does. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createApiKey } from '../../../src/adapters/http/auth.ts';
import { openApiOf } from '../../../src/adapters/http/openapi.ts';
import { admins, everyone, jsonAnswer, type Route } from '../../../src/adapters/http/route.ts';
import { record, text, whole } from '../../../src/adapters/http/schema.ts';
import { routeTable } from '../../../src/adapters/http/server.ts';
import { openDoor } from './client.ts';
import { openApiDocument } from './openApiDocument.ts';
import { createRecordingPort } from './recordingPort.ts';

type Json = { readonly [member: string]: unknown };

const allRefs = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  const own = '$ref' in value ? [String(value.$ref)] : [];
  return [...own, ...Object.values(value).flatMap(allRefs)];
};

test('every route is in the document, and every reference leads somewhere', async (t) => {
  const door = await openDoor(t, { controlPlane: createRecordingPort().controlPlane });
  const served = (await door.send('GET', '/openapi.json')).body;
  assert.equal(served['openapi'], '3.1.0');
  const { operations } = openApiDocument(served);
  assert.deepEqual(
    [...operations].sort(),
    routeTable('0')
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
  );
  const schemas = (served['components'] as { readonly schemas: Json }).schemas;
  const refs = new Set(allRefs(served));
  assert.ok(refs.size > 30);
  for (const ref of refs) assert.ok(Object.hasOwn(schemas, ref.replace('#/components/schemas/', '')), ref);
});

test('each operation says who may, and what its problems are', async () => {
  const paths = openApiOf(routeTable('0'), '0')['paths'] as {
    readonly [path: string]: { readonly [method: string]: Json };
  };
  for (const [path, item] of Object.entries(paths)) {
    for (const operation of Object.values(item)) {
      assert.equal(typeof operation['x-access'], 'string', path);
      assert.ok((operation['responses'] as Json)['default'], path);
    }
  }
  assert.equal(paths['/v1/epoch']?.['post']?.['x-access'], 'admin (cloud)');
});

test('two schemas of one name are a fault', () => {
  const route = (id: string, path: string, schema: Json): Route => ({
    ...{ id, path, method: 'GET', tag: 't', summary: id, access: everyone, responses: jsonAnswer(schema) },
    answer: () => ({ kind: 'json', body: {} }),
  });
  const thing = record('Thing', { a: text('A') });
  assert.ok(openApiOf([route('a', '/a', thing), route('b', '/b', record('Thing', { a: text('A') }))], '0'));
  const other = record('Thing', { a: whole('A', 0) });
  assert.throws(
    () => openApiOf([route('a', '/a', thing), route('b', '/b', other)], '0'),
    /Two schemas are called Thing/,
  );
});

test('routes of others are mounted, described and guarded like our own', async (t) => {
  const extra: Route = {
    id: 'why',
    method: 'GET',
    path: '/v1/why/{thing}',
    tag: 'why',
    summary: 'Why',
    access: { roles: ['auditor'], scope: 'cloud' },
    parameters: { thing: text('What', { maxLength: 5 }) },
    query: { depth: whole('How deep', 1, 3) },
    responses: jsonAnswer(record('Why', { thing: text('What'), depth: whole('How deep', 1, 3) })),
    answer: ({ path, query }) => ({ kind: 'json', body: { thing: path['thing'], depth: query['depth'] ?? 1 } }),
  };
  const open: Route = { ...extra, id: 'why2', path: '/v1/why', parameters: {}, access: 'anyone' };
  const door = await openDoor(t, { controlPlane: createRecordingPort().controlPlane, extraRoutes: [extra, open] });
  assert.equal((await door.send('GET', '/v1/why/abc?depth=2')).status, 403);
  assert.deepEqual((await door.send('GET', '/v1/why?depth=2')).body, { depth: 2 });
  assert.equal((await door.send('GET', '/v1/why?depth=4')).status, 422);
  const document = openApiDocument((await door.send('GET', '/openapi.json')).body);
  assert.equal(document.operationOf('GET', '/v1/why/abc'), 'GET /v1/why/{thing}');
  assert.deepEqual(document.faultsOfAnswer('GET', '/v1/why/abc', 200, 'application/json', { thing: 'a' }).length, 1);
});

test('applications mounted below a path stand behind the same door', async (t) => {
  const seen: string[] = [];
  const viewer = createApiKey({ id: 'v', actor: 'v', role: 'viewer' });
  const admin = createApiKey({ id: 'a', actor: 'a', role: 'admin' });
  const door = await openDoor(t, {
    controlPlane: createRecordingPort().controlPlane,
    keys: [viewer.record, admin.record],
    mounts: [
      {
        path: '/admin/queues',
        access: admins,
        serve: (request, response) => response.end(seen.push(request.url ?? '') && 'in'),
      },
    ],
  });
  const ask = async (headers: { readonly [name: string]: string }) =>
    (await door.send('GET', '/admin/queues/x?y', undefined, headers)).status;
  assert.equal(await ask({}), 401);
  assert.equal(await ask({ Authorization: `Bearer ${viewer.key}` }), 403);
  assert.deepEqual(seen, []);
  assert.equal(await ask({ Authorization: `Bearer ${admin.key}` }), 200);
  assert.deepEqual(seen, ['/x?y']);
});

test('what the recording port is asked and answers agrees with the document', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const document = openApiDocument((await door.send('GET', '/openapi.json')).body);
  const requests: readonly (readonly [method: string, path: string, body?: unknown])[] = [
    ['POST', '/v1/instances', { cluster: 'PARTI00', count: 3, groups: ['web'] }],
    ['POST', '/v1/instances?dryRun=true', { cluster: 'PARTI00' }],
    ['POST', '/v1/instances/i-00000001/terminate?wait=applied&timeout=3'],
    ['POST', '/v1/clusters', { cluster: 'PARTI00', host: '127.0.0.1' }],
    ['POST', '/v1/clusters/PARTI00/disable', { reason: 'maintenance' }],
    [
      'POST',
      '/v1/batch',
      [
        { command: 'StopInstance', instanceId: 'i-00000001' },
        { command: 'MarkRunning', instanceId: 'x' },
      ],
    ],
    ['PUT', '/v1/properties/cloud.vmstate.mac_prefix', { value: 'd0:0d' }],
    ['GET', '/v1/properties?limit=5'],
    ['GET', '/v1/events?after=-1&limit=2'],
    ['GET', '/v1/convergence'],
    ['GET', '/v1/clusters/PARTI00/convergence'],
    ['GET', '/v1/clusters/NOWHERE/convergence'],
    ['GET', '/v1/status'],
    ['GET', '/readyz'],
    ['GET', '/v1/configuration'],
    ['GET', '/problems'],
    ['GET', '/'],
  ];
  for (const [method, path, body] of requests) {
    const type = body === undefined ? undefined : 'application/json';
    assert.deepEqual(document.faultsOfRequest(method, path, type, body), [], `${method} ${path}`);
    const reply = await door.send(method, path, body);
    const faults = document.faultsOfAnswer(method, path, reply.status, reply.headers['content-type'], reply.body);
    assert.deepEqual(faults, [], `${method} ${path}: ${reply.text}`);
  }
});
