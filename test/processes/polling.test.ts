/**
 * The program beside a cluster controller that says nothing by itself, as those of Eucalyptus do: it is asked, and what it says
 * is in the cloud; a controller of ours is not asked.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { apiAt } from './api.ts';
import { createScene, freePorts, type Scene, until } from './processes.ts';

const answers: Readonly<Record<string, string>> = {
  DescribeNetworks: '<mode>MANAGED-NOVLAN</mode>',
  DescribeResources: '<nodes><serviceTag>http://10.1.0.5:8775/axis2/services/EucalyptusNC</serviceTag></nodes>',
  DescribePublicAddresses: '<addresses><sourceAddress>198.51.100.7</sourceAddress></addresses>',
  DescribeInstances:
    '<instances><instanceId>i-0000000a</instanceId><stateName>Extant</stateName><netParams><privateIp>172.16.0.2</privateIp></netParams>' +
    '<accountId>000000000001</accountId><serviceTag>http://10.1.0.5:8775/axis2/services/EucalyptusNC</serviceTag></instances>',
};

/** An answer as Axis2/C writes it; undefined for operations it does not have. */
const answerTo = (action: string): string | undefined => {
  const kind = /EucalyptusCC#(\w+)/.exec(action)?.[1] ?? '';
  const inner = answers[kind];
  if (inner === undefined) return undefined;
  const body = `<${kind}Response xmlns="http://eucalyptus.ucsb.edu/"><return>true</return>${inner}</${kind}Response>`;
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;
};

let scene: Scene;
beforeEach(() => {
  scene = createScene();
});
afterEach(() => scene.end());

test('nodes, mode, addresses and instances come in from a controller that only answers', {
  timeout: 60_000,
}, async (t) => {
  const controller = createServer((request, response) => {
    const action = String(request.headers['soapaction']);
    request.resume().on('end', () => {
      const text = answerTo(action);
      response.writeHead(text === undefined ? 500 : 200, { 'content-type': 'text/xml' }).end(text ?? '');
    });
  });
  const [port = 0, cc = 0] = await freePorts(2);
  await new Promise<void>((resolve) => controller.listen(cc, '127.0.0.1', resolve));
  t.after(() => {
    controller.closeAllConnections();
    controller.close();
  });
  const running = await scene.serve({ role: 'clc', data: await scene.folder(), port });
  const api = apiAt(port);
  const endpoint = `http://127.0.0.1:${cc}/axis2/services/EucalyptusCC`;
  await api.must('PUT', '/v1/properties/cloud.cluster.enabledinterval', { value: 1 });
  await api.must('POST', '/v1/clusters', { cluster: 'one', host: '127.0.0.1', address: '127.0.0.1', endpoint });
  await api.must('POST', '/v1/clusters/one/enable', {});
  await until(async () => (await api.call('GET', '/v1/instances/i-0000000a')).status === 200, 'the instance');
  const instance = await api.must('GET', '/v1/instances/i-0000000a');
  assert.deepEqual(
    [instance['state'], instance['node'], instance['privateAddress']],
    ['RUNNING', '10.1.0.5', '172.16.0.2'],
  );
  const cluster = await api.must('GET', '/v1/clusters/one');
  assert.equal(cluster['mode'], 'MANAGED-NOVLAN');
  assert.match(JSON.stringify(cluster['nodes']), /10\.1\.0\.5/);
  assert.match(JSON.stringify(await api.must('GET', '/v1/addresses?state=unallocated')), /198\.51\.100\.7/);
  assert.match(JSON.stringify(await api.must('GET', '/v1/events?actor=poller&limit=1')), /"actor":"poller"/);
  assert.equal(await running.stop(), 0);
  assert.doesNotMatch(running.said(), /asked in vain/);
});

test('controllers of ours are not asked', { timeout: 60_000 }, async () => {
  const [port = 0, cc = 0, wire = 0] = await freePorts(3);
  const [nc = 0] = await freePorts(1, '127.0.0.2');
  const ports = { port, 'cc-port': cc, 'cc-wire-port': wire, 'nc-port': nc, 'nc-hosts': '127.0.0.2' };
  const running = await scene.serve({ ...ports, data: await scene.folder() });
  const api = apiAt(port);
  await api.must('PUT', '/v1/properties/cloud.cluster.enabledinterval', { value: 1 });
  await until(async () => (await api.cluster('PARTI00')).converged === true, 'convergence');
  // Two intervals: long enough for a question that must not come.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  assert.deepEqual((await api.must('GET', '/v1/events?actor=poller'))['events'], []);
  assert.equal(await running.stop(), 0);
  assert.doesNotMatch(running.said(), /asked in vain|refused a message/);
});
