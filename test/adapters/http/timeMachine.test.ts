/** The time machine over HTTP: every answer has the shape its route promises, and every "no" is a problem with a page. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { checkBundle } from '../../../src/adapters/audit/bundleProof.ts';
import type { Route } from '../../../src/adapters/http/route.ts';
import type { Schema } from '../../../src/adapters/http/schema.ts';
import { checkOf } from '../../../src/adapters/http/validation.ts';
import { createCloudTime } from '../../../src/roles/cloudTime.ts';
import { openDoor } from './client.ts';
import { openHouse } from './house.ts';

const configuration = JSON.stringify({
  PublicIps: ['10.111.200.0-10.111.200.255'],
  Clusters: [
    {
      Name: 'PARTI00',
      Subnet: { Name: '10.111.0.0', Subnet: '10.111.0.0', Netmask: '255.255.0.0', Gateway: '10.111.0.1' },
      PrivateIps: ['10.111.1.0-10.111.8.255'],
    },
  ],
});

const open = async (t: TestContext, onFault: (fault: unknown) => void = (fault) => assert.fail(fault as Error)) => {
  const house = await openHouse();
  t.after(() => house.stop());
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-time-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const past = createCloudTime({
    ...{ store: house.store, core: house.core, cloud: 'main', folder, now: house.now },
    settings: { number: () => 600 },
    convergence: () => new Map(),
    journal: { note: () => undefined, fault: (_, fault) => onFault(fault) },
  });
  const door = await openDoor(t, {
    controlPlane: house.controlPlane,
    now: house.now,
    extraRoutes: past.routes,
    onFault: (fault) => assert.fail(fault as Error),
  });
  const group = {
    command: 'CreateSecurityGroup',
    account: '000000000001',
    groupId: 'sg-00000001',
    name: 'web',
    description: 'd',
  };
  const done = await door.send('POST', '/v1/batch?wait=projected', [
    { command: 'RegisterCluster', cluster: 'PARTI00', host: '127.0.0.2', address: '127.0.0.2' },
    { command: 'EnableCluster', cluster: 'PARTI00' },
    { command: 'ReportNodes', cluster: 'PARTI00', nodes: [{ name: '127.0.0.3' }] },
    { command: 'PostConfiguration', text: configuration },
    group,
  ]);
  assert.equal(done.body['accepted'], 5, done.text);
  const run = await door.send('POST', '/v1/instances?wait=projected', {
    account: '000000000001',
    cluster: 'PARTI00',
    node: '127.0.0.3',
    groups: ['web'],
    addressing: 'private',
  });
  assert.equal(run.status, 200, run.text);
  const [instance] = (
    run.body['result'] as {
      readonly instances: readonly { readonly instanceId: string; readonly privateAddress: string }[];
    }
  ).instances;
  const schemaOf = (id: string): Schema => {
    const route = past.routes.find((one: Route) => one.id === id);
    return route?.responses['200']?.['application/json'] ?? {};
  };
  return { house, door, folder, schemaOf, instance: instance ?? { instanceId: '', privateAddress: '' } };
};

test('every question has an answer of the shape that was promised', async (t) => {
  const { door, schemaOf, instance } = await open(t);
  const { instanceId, privateAddress } = instance;
  const asked: readonly (readonly [id: string, path: string])[] = [
    ['getMoment', '/v1/moments/3'],
    ['getDiff', '/v1/diff?from=3'],
    ['getDiff', '/v1/diff?from=3&to=9&cluster=PARTI00&context=0'],
    ['getBlame', '/v1/clusters/PARTI00/blame'],
    ['getBlame', '/v1/clusters/PARTI00/blame?gone=true&since=5&limit=7'],
    ['getWhy', `/v1/why?source=${instanceId}&destination=8.8.8.8&traffic=tcp/443`],
    ['getWhy', `/v1/why?source=${instanceId}&destination=${privateAddress}&traffic=icmp&at=9`],
    [
      'getWhy',
      `/v1/why?source=${instanceId}&destination=8.8.8.8&traffic=tcp&wires=one&masquerade=true&sourceWire=public`,
    ],
    ['getHistory', `/v1/history/${privateAddress}`],
    ['getHistory', '/v1/history/127.0.0.3?limit=1'],
    ['getTrace', `/v1/trace/${instanceId}`],
    ['getWithout', '/v1/without?events=3,4&cluster=PARTI00'],
    ['getTimeMachine', '/v1/time-machine'],
  ];
  for (const [id, path] of asked) {
    const reply = await door.send('GET', path);
    assert.equal(reply.status, 200, `${path}: ${reply.text}`);
    assert.deepEqual(checkOf(schemaOf(id))(reply.body), undefined, path);
  }
});

test('what cannot be answered is a problem that says so', async (t) => {
  const { door } = await open(t);
  const asked: readonly (readonly [path: string, status: number, code: string])[] = [
    ['/v1/moments/0', 404, 'moment-before-log'],
    ['/v1/moments/99999', 404, 'moment-not-found'],
    ['/v1/moments/1999-01-01T00:00:00Z', 404, 'moment-before-log'],
    ['/v1/moments/2999-01-01T00:00:00Z', 404, 'moment-not-found'],
    ['/v1/moments/yesterday', 422, 'invalid-moment'],
    ['/v1/diff', 400, 'missing-parameter'],
    ['/v1/diff?from=3&cluster=NONE', 404, 'cluster-not-found'],
    ['/v1/clusters/NONE/blame', 404, 'no-document'],
    ['/v1/why?source=me&destination=you&traffic=tcp', 422, 'invalid-endpoint'],
    ['/v1/why?source=1.2.3.4&destination=1.2.3.5&traffic=tcp&wires=three', 422, 'invalid-parameter'],
    ['/v1/why?source=1.2.3.4&destination=1.2.3.5&traffic=tcp&masquerade=maybe', 422, 'invalid-parameter'],
    ['/v1/history/i-ffffffff', 404, 'subject-unknown'],
    ['/v1/trace/nothing', 404, 'trace-not-found'],
    ['/v1/without?events=9999', 404, 'event-not-found'],
    ['/v1/audit/bundle?from=500&to=501', 404, 'empty-bundle'],
  ];
  for (const [path, status, code] of asked) {
    const reply = await door.send('GET', path);
    assert.deepEqual([reply.status, reply.body['code']], [status, code], `${path}: ${reply.text}`);
  }
});

test('a plan is applied once, and not when the world has moved', async (t) => {
  const { door, schemaOf } = await open(t);
  const rule = (port: number) => ({
    command: 'AuthorizeIngress',
    account: '000000000001',
    groupId: 'sg-00000001',
    permissions: [{ protocol: 'tcp', fromPort: port, toPort: port, cidrs: ['0.0.0.0/0'] }],
  });
  const commands = [
    rule(80),
    { command: 'RunInstances', account: '000000000001', cluster: 'PARTI00', groups: ['web'], addressing: 'private' },
  ];
  const plan = await door.send('POST', '/v1/plans', { commands, sources: ['192.0.2.9'], edge: { wires: 'one' } });
  assert.equal(plan.status, 200, plan.text);
  assert.equal(checkOf(schemaOf('postPlan'))(plan.body), undefined);
  const order = { commands, planId: plan.body['planId'], token: plan.body['token'] };
  const done = await door.send('POST', '/v1/plans/apply', order);
  assert.equal(done.status, 200, done.text);
  assert.equal(done.body['events'], (plan.body['events'] as readonly unknown[]).length);
  assert.equal((await door.send('POST', '/v1/plans/apply', order)).body['repeated'], true);
  const next = await door.send('POST', '/v1/plans', { commands: [rule(81)] });
  await door.send('POST', '/v1/batch?wait=projected', [rule(82)]);
  const late = await door.send('POST', '/v1/plans/apply', {
    commands: [rule(81)],
    planId: next.body['planId'],
    token: next.body['token'],
  });
  assert.deepEqual([late.status, late.body['code']], [412, 'world-moved']);
  const wrong = await door.send('POST', '/v1/plans', {
    commands: [{ command: 'RunInstances', account: '000000000001', cluster: 'NONE', addressing: 'private' }],
  });
  assert.equal(wrong.body['code'], 'cluster-not-found');
});

test('reverting needs a reason, shows its plan, and is done once', async (t) => {
  const { door, schemaOf } = await open(t);
  const set = await door.send('POST', '/v1/security-groups/sg-00000001/ingress?wait=projected', {
    account: '000000000001',
    permissions: [{ protocol: 'tcp', fromPort: 22, toPort: 22, cidrs: ['0.0.0.0/0'] }],
  });
  const path = `/v1/events/${String(set.body['position'])}/revert`;
  assert.equal((await door.send('POST', path, {})).status, 422);
  const plan = await door.send('POST', `${path}?dryRun=true`, { reason: 'too open' });
  assert.equal(plan.status, 200, plan.text);
  assert.equal(checkOf(schemaOf('postRevert'))(plan.body), undefined);
  const done = await door.send('POST', path, { reason: 'too open' });
  assert.equal(done.status, 200, done.text);
  assert.equal((done.body['applied'] as { events: number }).events, 1);
  assert.equal((await door.send('POST', path, { reason: 'again' })).body['code'], 'cannot-revert');
  const trace = await door.send('GET', '/v1/history/sg-00000001');
  assert.match(trace.text, /too open/);
});

test('the log is proven in place and in a bundle', async (t) => {
  const { door } = await open(t);
  const signed = await door.send('POST', '/v1/audit/checkpoints');
  assert.equal(signed.status, 200, signed.text);
  const verified = await door.send('GET', '/v1/verify');
  const last = JSON.parse(verified.text.trim().split('\n').at(-1) ?? '{}') as {
    result: { ok: boolean; log: { checkpoints: number } };
  };
  assert.deepEqual([last.result.ok, last.result.log.checkpoints], [true, 1]);
  const again = await door.send('GET', '/v1/verify?recompute=true');
  const answer = JSON.parse(again.text.trim().split('\n').at(-1) ?? '{}') as {
    result: { ok: boolean; recomputed: { documents: number; same: number; differing: readonly unknown[] } };
  };
  assert.equal(answer.result.ok, true);
  assert.deepEqual([answer.result.recomputed.documents, answer.result.recomputed.same], [1, 1]);
  const key = await door.send('GET', '/v1/audit/key');
  const bundle = await door.send('GET', '/v1/audit/bundle?from=2&to=6');
  assert.equal(checkBundle(Buffer.from(bundle.text), key.text).ok, true);
});

test('nothing is signed over a log that is not what was signed for', async (t) => {
  const faults: unknown[] = [];
  const { door, folder } = await open(t, (fault) => faults.push(fault));
  const file = join(folder, 'checkpoints.jsonl');
  writeFileSync(file, 'not a checkpoint\n');
  const before = await door.send('POST', '/v1/audit/checkpoints');
  assert.equal(before.status, 200, 'nobody has looked yet');
  const text = readFileSync(file, 'utf8');
  const looked = await door.send('GET', '/v1/verify');
  assert.match(looked.text, /no checkpoint/);
  assert.equal(faults.length, 1);
  await door.send('POST', '/v1/batch?wait=projected', [{ command: 'DisableCluster', cluster: 'PARTI00', reason: 'r' }]);
  const refused = await door.send('POST', '/v1/audit/checkpoints');
  assert.deepEqual([refused.status, refused.body['code']], [409, 'log-not-proven']);
  assert.match(refused.text, /a line of the file of checkpoints is no checkpoint/);
  assert.equal(readFileSync(file, 'utf8'), text);
});
