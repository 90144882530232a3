/**
 * Two control planes on one log, both taking commands. One is frozen while the other carries on: what it sends late is refused
 * by the controller, what it decides late is decided again on what has happened meanwhile.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type Api, apiAt, change, registerCluster } from './api.ts';
import { openHoldingProxy } from './peers.ts';
import { createScene, freePorts, type Process, type Scene, until } from './processes.ts';

const ACCOUNT = '000000000001';

const configuration = {
  PublicIps: ['198.51.100.1-198.51.100.2'],
  Subnets: [],
  Clusters: [
    {
      Name: 'one',
      MacPrefix: 'd0:0d',
      Subnet: { Subnet: '10.1.0.0', Netmask: '255.255.0.0', Gateway: '10.1.0.1' },
      PrivateIps: ['10.1.0.10-10.1.0.20'],
    },
  ],
};

describe('two control planes on one log', { timeout: 180_000 }, () => {
  let scene: Scene;
  let first: Process;
  let second: Process;
  let apis: { readonly first: Api; readonly second: Api };
  let controller: string;

  beforeEach(async () => {
    scene = createScene();
    const shared = await scene.folder();
    const [port = 0, other = 0, cc = 0, wire = 0] = await freePorts(4);
    const log = { store: `sqlite:${shared}/events.db`, role: 'clc', 'resync-seconds': 1, 'push-timeout-ms': 60_000 };
    first = await scene.serve({ ...log, data: await scene.folder(), port });
    second = await scene.serve({ ...log, data: await scene.folder(), port: other });
    apis = { first: apiAt(port), second: apiAt(other) };
    await scene.serve({
      ...{ role: 'cc', data: await scene.folder(), 'cluster-name': 'one', 'cc-port': cc, 'cc-wire-port': wire },
      // Another address than the proxy's, so that nothing finds a way around it.
      'cc-host': '127.0.0.5',
      'report-to': `${apis.first.url},${apis.second.url}`,
    });
    controller = `http://127.0.0.5:${cc}/axis2/services/EucalyptusCC`;
  });
  afterEach(() => scene.end());

  const delivered = (api: Api, position: number): Promise<void> =>
    until(async () => ((await api.cluster('one')).delivered ?? -1) >= position, `${position} to be delivered`);

  test('both take commands, both deliver, both know', async () => {
    await registerCluster(apis.first, 'one', controller);
    for (let i = 0; i < 10; i += 1) {
      await change(apis.first);
      await change(apis.second);
    }
    const last = await change(apis.first);
    await delivered(apis.first, last);
    await delivered(apis.second, last);
  });

  test('many commands at once on both: each address goes to one account, none is lost', async () => {
    await registerCluster(apis.first, 'one', controller);
    await apis.first.must('PUT', '/v1/configuration', {
      ...configuration,
      PublicIps: ['198.51.100.1-198.51.100.60'],
    });
    const asked = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        (i % 2 === 0 ? apis.first : apis.second).must('POST', '/v1/addresses', { account: ACCOUNT }),
      ),
    );
    const given = asked.map(({ result }) => (result as { readonly address: string }).address);
    assert.equal(new Set(given).size, 40, `expected 40 addresses, got ${given.join(' ')}`);
  });

  test('one wish under one key sent to both is carried out once, and both give the same answer', async () => {
    await registerCluster(apis.first, 'one', controller);
    const [cluster] = configuration.Clusters;
    await apis.first.must('PUT', '/v1/configuration', {
      ...configuration,
      PublicIps: ['198.51.100.1-198.51.100.200'],
      Clusters: [{ ...cluster, PrivateIps: ['10.1.0.10-10.1.0.250'] }],
    });
    const wishes = Array.from({ length: 40 }, (_, i) =>
      i % 4 === 0
        ? { path: '/v1/security-groups', body: { name: `group-${i}`, description: 'd' } }
        : { path: '/v1/instances', body: { cluster: 'one', count: 1 + (i % 3) } },
    );
    const both = await Promise.all(
      wishes.map(async ({ path, body }, i) => {
        const key = { 'idempotency-key': `both-${i}` };
        const late = new Promise((resolve) => setTimeout(resolve, i % 7));
        const again = late.then(() => apis.second.must('POST', path, body, key));
        return [await apis.first.must('POST', path, body, key), await again] as const;
      }),
    );
    const log = (await apis.first.must('GET', '/v1/events?limit=1000'))['events'] as readonly { commandId: string }[];
    for (const [mine, other] of both) {
      const [{ repeated: one, ...given }, { repeated: two, ...same }] = [mine, other];
      assert.deepEqual(same, given);
      assert.deepEqual([one, two].toSorted(), [false, true], 'one of them did it');
      assert.equal(log.filter(({ commandId }) => commandId === given['commandId']).length, given['events']);
    }
  });

  test('a frozen one decides again when it wakes: the last address is given once', async () => {
    await registerCluster(apis.first, 'one', controller);
    await apis.first.must('PUT', '/v1/configuration', { ...configuration, PublicIps: ['198.51.100.1'] });
    await until(async () => (await apis.second.call('GET', '/v1/configuration')).status === 200, 'the configuration');
    // The first has read and decided before, so its states are cached.
    await apis.first.call('POST', '/v1/addresses', { account: ACCOUNT, address: '198.51.100.99' });
    first.signal('SIGSTOP');
    const late = apis.first.call('POST', '/v1/addresses', { account: ACCOUNT });
    const taken = await apis.second.must('POST', '/v1/addresses', { account: ACCOUNT });
    assert.deepEqual((taken['result'] as Record<string, unknown>)['address'], '198.51.100.1');
    first.signal('SIGCONT');
    const refused = await late;
    assert.ok(refused.status >= 400, `expected no address to be left, got ${JSON.stringify(refused)}`);
  });

  test('what a frozen one sent is refused when it arrives late, and it goes on with what is newest', async () => {
    const proxy = await openHoldingProxy(controller);
    scene.atEnd(proxy.close);
    await registerCluster(apis.first, 'one', proxy.endpoint);
    await delivered(apis.first, await change(apis.first));
    await delivered(apis.second, await change(apis.second));
    // Only the first sends, the wire keeps it back, and the first is frozen while its document is on the way.
    second.signal('SIGSTOP');
    proxy.hold();
    await change(apis.first);
    await until(() => proxy.held() === 1, 'the first to have sent');
    first.signal('SIGSTOP');
    proxy.pass();
    second.signal('SIGCONT');
    const newest = await change(apis.second);
    await delivered(apis.second, newest);
    proxy.release();
    first.signal('SIGCONT');
    await until(async () => (await apis.first.cluster('one')).lastFailure !== null, 'the refusal to be known');
    assert.match((await apis.first.cluster('one')).lastFailure?.detail ?? '', /older-document/);
    await delivered(apis.first, newest);
    const last = await change(apis.first);
    await delivered(apis.first, last);
    await delivered(apis.second, last);
  });
});
