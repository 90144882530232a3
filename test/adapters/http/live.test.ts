/** Over the real control plane: the stream follows the log, waits end when nodes have it, and batches keep the pools whole. */
import assert from 'node:assert/strict';
import { get } from 'node:http';
import test, { type TestContext } from 'node:test';
import { openDoor } from './client.ts';
import { openHouse } from './house.ts';

const configuration = JSON.stringify({
  PublicIps: ['10.111.200.0-10.111.200.255'],
  Clusters: [
    {
      Name: 'PARTI00',
      MacPrefix: 'd0:0d',
      Subnet: { Name: '10.111.0.0', Subnet: '10.111.0.0', Netmask: '255.255.0.0', Gateway: '10.111.0.1' },
      PrivateIps: ['10.111.1.0-10.111.8.255'],
    },
  ],
});

const open = async (t: TestContext) => {
  const house = await openHouse();
  t.after(() => house.stop());
  const door = await openDoor(t, {
    controlPlane: house.controlPlane,
    now: house.now,
    onFault: (fault) => assert.fail(fault as Error),
  });
  const { body } = await door.send('POST', '/v1/batch?wait=projected', [
    { command: 'RegisterCluster', cluster: 'PARTI00', host: '127.0.0.2', address: '127.0.0.2' },
    { command: 'EnableCluster', cluster: 'PARTI00' },
    { command: 'ReportNodes', cluster: 'PARTI00', nodes: [{ name: '127.0.0.3' }] },
    { command: 'PostConfiguration', text: configuration },
  ]);
  assert.equal(body['accepted'], 4);
  return { house, door };
};

/** The positions of the first `count` events of a stream. */
const follow = (port: number, path: string, headers: object, count: number): Promise<readonly number[]> =>
  new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, headers: { ...headers }, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (data: string) => {
        text += data;
        const positions = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
        if (positions.length < count) return;
        resolve(positions.slice(0, count));
        request.destroy();
      });
    });
    request.on('error', (fault: Error & { code?: string }) =>
      fault.code === 'ECONNRESET' ? undefined : reject(fault),
    );
  });

test('the stream begins in the past, goes on with what comes, and resumes without a gap', async (t) => {
  const { door } = await open(t);
  const past = await follow(door.port, '/v1/events/stream?after=-1', {}, 4);
  assert.equal(past.length, 4);
  const last = past.at(-1) ?? -1;
  const rest = follow(door.port, '/v1/events/stream', { 'Last-Event-ID': String(last) }, 3);
  await door.send('POST', '/v1/addresses', {});
  await door.send('POST', '/v1/addresses', {});
  const all = (await door.send('GET', `/v1/events?after=${last}`)).body['events'] as readonly {
    readonly position: number;
  }[];
  assert.deepEqual(
    await rest,
    all.slice(0, 3).map(({ position }) => position),
  );
});

test('?wait=applied answers when the node has said so', async (t) => {
  const { house, door } = await open(t);
  const waiting = door.send('POST', '/v1/instances?wait=applied&timeout=60', { cluster: 'PARTI00', node: '127.0.0.3' });
  const seen = async (): Promise<number> =>
    ((await door.send('GET', '/v1/instances')).body['items'] as readonly unknown[]).length;
  while ((await seen()) === 0);
  const wanted = Number((await door.send('GET', '/v1/clusters/PARTI00/convergence')).body['wanted']);
  house.deliver('PARTI00');
  const report = { node: '127.0.0.3', epoch: 1, accepted: wanted, applied: wanted, agent: 'kernel', at: house.now() };
  await door.send('POST', '/v1/clusters/PARTI00/reports', [report]);
  const reply = await waiting;
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(reply.body['wait'], { level: 'applied', reached: true, missing: [] });
});

test('a large batch side by side: every instance its own addresses, sent twice it is carried out once', async (t) => {
  const { door } = await open(t);
  const runs = Array.from({ length: 300 }, () => ({
    command: 'RunInstances',
    cluster: 'PARTI00',
    addressing: 'private',
    count: 2,
  }));
  const items = [
    { command: 'CreateSecurityGroup', name: 'web', description: 'd' },
    ...runs.map((it) => ({ ...it, groups: ['web'] })),
  ];
  const send = () => door.send('POST', '/v1/batch?wait=projected', items, { 'Idempotency-Key': 'bulk' });
  const first = (await send()).body;
  assert.deepEqual([first['accepted'], first['refused']], [301, 0]);
  const again = (await send()).body['results'] as readonly { readonly repeated: boolean }[];
  assert.ok(again.every(({ repeated }) => repeated));
  const instances = (await door.send('GET', '/v1/instances?limit=1000')).body['items'] as readonly {
    readonly instanceId: string;
    readonly privateAddress: string;
    readonly macAddress: string;
  }[];
  assert.equal(instances.length, 600);
  for (const member of ['instanceId', 'privateAddress', 'macAddress'] as const) {
    assert.equal(new Set(instances.map((it) => it[member])).size, 600, member);
  }
  const groups = (await door.send('GET', '/v1/security-groups?name=web')).body['items'] as readonly {
    readonly members: readonly string[];
  }[];
  assert.equal(groups[0]?.members.length, 600);
});

test('a stale If-Match is refused where it is decided, and stands in the audit with its actor', async (t) => {
  const { door } = await open(t);
  const headers = { 'If-Match': '"999"' };
  const refused = await door.send('PUT', '/v1/configuration', configuration.replace('200.255', '200.254'), headers);
  assert.deepEqual([refused.status, refused.body['code']], [412, 'stale-revision']);
  const before = await door.send('GET', '/v1/configuration');
  const etag = String(before.headers.etag);
  const taken = await door.send('PUT', '/v1/configuration', configuration.replace('200.255', '200.254'), {
    'If-Match': etag,
  });
  assert.equal(taken.status, 200, taken.text);
  const events = (await door.send('GET', '/v1/events?type=CommandRefused')).body['events'] as readonly {
    readonly actor: string;
    readonly data: { readonly command: string; readonly refused: string };
  }[];
  const said = events.map(({ actor, data }) => [actor, data.command, data.refused]);
  assert.deepEqual(said, [['local-operator', 'PostConfiguration', 'stale-revision']]);
});

test('a stopped instance has no private address; its former one is in quarantine until nobody routes it', async (t) => {
  const { door } = await open(t);
  const run = await door.send('POST', '/v1/instances?wait=projected', { cluster: 'PARTI00', node: '127.0.0.3' });
  const [{ instanceId, privateAddress }] = (run.body['result'] as { instances: [Record<string, string>] }).instances;
  const shown = async () => (await door.send('GET', `/v1/instances/${instanceId}`)).body;
  const held = async () =>
    (
      (await door.send('GET', `/v1/private-addresses?instance=${instanceId}`)).body['items'] as Record<string, string>[]
    )[0];
  assert.deepEqual([(await shown())['privateAddress'], (await held())?.['state']], [privateAddress, 'extant']);
  for (const step of ['running', 'stop', 'stopped']) {
    const done = await door.send('POST', `/v1/instances/${instanceId}/${step}?wait=projected`, {});
    assert.equal(done.status, 200, `${step}: ${done.text}`);
  }
  assert.deepEqual([(await shown())['state'], (await shown())['privateAddress']], ['STOPPED', null]);
  assert.deepEqual([(await held())?.['address'], (await held())?.['state']], [privateAddress, 'quarantined']);
});

test('several properties at once: all of them, or none and the one that is wrong', async (t) => {
  const { door } = await open(t);
  const put = (values: object) => door.send('PUT', '/v1/properties?wait=projected', { values });
  const refused = await put({ 'edgelog.dirty_limit': 5, 'edgelog.nothing': 1 });
  assert.deepEqual(
    [refused.status, refused.body['code'], refused.body['member']],
    [404, 'property.unknown', 'edgelog.nothing'],
  );
  const limit = async () => (await door.send('GET', '/v1/properties/edgelog.dirty_limit')).body['value'];
  assert.equal(await limit(), '1440');
  assert.equal((await put({ 'edgelog.dirty_limit': 5, 'cloud.vmstate.stopping_time': 11 })).body['events'], 2);
  assert.equal(await limit(), '5');
  assert.equal((await put({ 'edgelog.dirty_limit': null })).status, 200);
  assert.equal(await limit(), '1440');
});
