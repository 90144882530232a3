/**
 * A cluster controller that answers as one of Eucalyptus does, in its own dialect of XML, is asked for what it knows; what it
 * says becomes the same wishes as reports over HTTP. What cannot be used is named and changes nothing.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test, { type TestContext } from 'node:test';
import { createSightings } from '../../src/adapters/controlPlane/sightings.ts';
import { isSettingFault, readSettings } from '../../src/adapters/settings/settings.ts';
import { endpoints } from '../../src/adapters/soap/names.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import type { InstanceView } from '../../src/projections/network/views.ts';
import { peek } from '../../src/projections/trie.ts';
import { houseContext } from '../../src/roles/cloudCore.ts';
import { type ClusterPollingOptions, createClusterPolling } from '../../src/roles/clusterPolling.ts';
import { readWireKeys } from '../../src/roles/wireKeys.ts';
import { openEmptyCloud, run } from '../domain/wishes/cloud.ts';
import { ACCOUNT, configurationText } from '../support/house.ts';

const instanceId = 'i-0000000a';
const tag = (node: string): string => `http://${node}:8775/axis2/services/EucalyptusNC`;

/** The envelope Axis2/C writes: another prefix, no XML declaration, no header. */
const axis = (kind: string, inner: string): string =>
  `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><ns1:${kind}Response xmlns:ns1="http://eucalyptus.ucsb.edu/"><ns1:correlationId>c</ns1:correlationId><ns1:userId>eucalyptus</ns1:userId><ns1:return>true</ns1:return>${inner}</ns1:${kind}Response></soapenv:Body></soapenv:Envelope>`;

const instanceXml = (state: string, privateIp: string, node: string): string =>
  `<ns1:instances><ns1:uuid>u-1</ns1:uuid><ns1:imageId>emi-1</ns1:imageId><ns1:instanceId>${instanceId}</ns1:instanceId><ns1:instanceType><ns1:name>m1.small</ns1:name><ns1:memory>256</ns1:memory></ns1:instanceType><ns1:launchTime>2026-03-01T02:00:00.000Z</ns1:launchTime><ns1:stateName>${state}</ns1:stateName><ns1:netParams><ns1:privateMacAddress>d0:0d:00:00:00:0a</ns1:privateMacAddress><ns1:privateIp>${privateIp}</ns1:privateIp><ns1:publicIp>0.0.0.0</ns1:publicIp><ns1:vlan>-1</ns1:vlan><ns1:networkIndex>-1</ns1:networkIndex></ns1:netParams><ns1:ownerId>AIDA</ns1:ownerId><ns1:accountId>${ACCOUNT}</ns1:accountId><ns1:serviceTag>${tag(node)}</ns1:serviceTag><ns1:groupNames>${ACCOUNT}-web</ns1:groupNames></ns1:instances>`;

const nodeXml = (node: string): string =>
  `<ns1:nodes><ns1:serviceTag>${tag(node)}</ns1:serviceTag><ns1:iqn>iqn.2026:${node}</ns1:iqn></ns1:nodes>`;

const resources =
  '<ns1:resources><ns1:instanceType><ns1:name>m1.small</ns1:name></ns1:instanceType><ns1:maxInstances>8</ns1:maxInstances></ns1:resources>';

const open = async (t: TestContext, more: Partial<ClusterPollingOptions> = {}) => {
  const cloud = await openEmptyCloud(t);
  const asked: string[] = [];
  const troubles: (string | undefined)[] = [];
  const answers: { [kind: string]: string } = {
    DescribeNetworks:
      '<ns1:useVlans>0</ns1:useVlans><ns1:mode>EDGE</ns1:mode><ns1:vnetSubnet>10.0.0.0</ns1:vnetSubnet>',
    DescribeResources: `${resources}${nodeXml('10.1.0.5')}${nodeXml('10.1.0.6')}`,
    DescribePublicAddresses: '',
    DescribeInstances: '',
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const kind = /EucalyptusCC#(\w+)/.exec(String(request.headers['soapaction']))?.[1] ?? '';
    assert.match(body, /<euca:services>.*<euca:partition>one<\/euca:partition>/, 'it learns that it is enabled');
    asked.push(kind);
    response.writeHead(200, { 'Content-Type': 'text/xml' }).end(axis(kind, answers[kind] ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const endpoint = `http://127.0.0.1:${port}${endpoints.clusterController.path}`;
  const particulars = { component: 'one-cc', host: '127.0.0.1', address: '127.0.0.1', endpoint };
  await cloud.does({ type: 'RegisterCluster', cluster: 'one', ...particulars });
  await cloud.does({ type: 'EnableCluster', cluster: 'one' });
  const settings = readSettings({ 'wire-keys': '' }, {});
  assert.ok(!isSettingFault(settings));
  const sightings = createSightings();
  const now = () => cloud.clock.now;
  const polling = createClusterPolling({
    ...{ settings, keys: await readWireKeys(settings, new Set(['clc']), Date.now), now, network: cloud.network },
    ...{ reportsItself: () => false, hasAnswered: () => true, lastHeard: sightings.lastHeard },
    carryOut: async (wish) => {
      const done = await cloud.house.executor.execute(wish, houseContext('poller', now()));
      if (isRefusal(done)) return done;
      if (wish.type === 'ReportInstances') sightings.saw('one', [], now(), () => true);
      if (done.position >= 0) await cloud.house.projector.reached(done.position);
      return done;
    },
    onTrouble: (_cluster, faults) =>
      void troubles.push(faults?.map(({ question, reason }) => `${question}: ${reason}`).join('; ')),
    ...more,
  });
  t.after(() => polling.stop());
  const ask = async (afterMs = 15_000): Promise<readonly string[]> => {
    asked.length = 0;
    cloud.clock.now += afterMs;
    polling.look();
    await polling.idle();
    return [...asked];
  };
  return { cloud, answers, troubles, ask, server, sightings, endpoint };
};

const rounds = ['DescribeResources', 'DescribeNetworks', 'DescribeInstances'];

test('mode, idle nodes and instances come into the cloud; a second round makes no event', async (t) => {
  const { cloud, answers, troubles, ask } = await open(t);
  await cloud.does({ type: 'PostConfiguration', text: configurationText() });
  await cloud.does(run(instanceId));
  answers['DescribeInstances'] = instanceXml('Extant', '10.0.0.10', '10.1.0.5');
  assert.deepEqual(await ask(), rounds);
  const cluster = cloud.network().clusters['one'];
  assert.deepEqual([cluster?.mode, cluster?.nodes.map(({ name }) => name)], ['EDGE', ['10.1.0.5', '10.1.0.6']]);
  const { state, node } = cloud.instance(instanceId) ?? {};
  assert.deepEqual([state, node], ['RUNNING', '10.1.0.5']);
  const before = cloud.network().position;
  assert.deepEqual(await ask(), rounds);
  assert.equal(cloud.network().position, before);
  answers['DescribeInstances'] = instanceXml('Teardown', '10.0.0.10', '10.1.0.5');
  await ask(60_000);
  assert.equal(cloud.instance(instanceId)?.state, 'TERMINATED');
  assert.deepEqual(troubles, []);
});

test('an instance nobody knew is restored as it was reported', async (t) => {
  const { cloud, answers, ask } = await open(t);
  await cloud.does({ type: 'PostConfiguration', text: configurationText() });
  answers['DescribeInstances'] = instanceXml('Extant', '10.0.0.77', '10.1.0.6');
  await ask();
  const view = peek<InstanceView>(cloud.network().instances, instanceId);
  assert.deepEqual(
    [view?.account, view?.privateAddress, view?.macAddress],
    [ACCOUNT, '10.0.0.77', 'd0:0d:00:00:00:0a'],
  );
});

test('in generic mode its public addresses are asked for too', async (t) => {
  const { cloud, answers, ask } = await open(t);
  answers['DescribeNetworks'] = '<ns1:mode>MANAGED</ns1:mode>';
  answers['DescribePublicAddresses'] =
    '<ns1:addresses><ns1:uuid>u</ns1:uuid><ns1:sourceAddress>198.51.100.7</ns1:sourceAddress><ns1:destAddress>0.0.0.0</ns1:destAddress></ns1:addresses>';
  assert.deepEqual(await ask(), ['DescribePublicAddresses', ...rounds]);
  assert.equal(cloud.network().clusters['one']?.mode, 'MANAGED');
  assert.deepEqual(cloud.network().publicRanges, ['198.51.100.7']);
});

test('an answer that makes no sense is named once and not taken in part; the other questions go on', async (t) => {
  const { cloud, answers, troubles, ask } = await open(t);
  await cloud.does({ type: 'PostConfiguration', text: configurationText() });
  await cloud.does(run(instanceId));
  answers['DescribeInstances'] = `${instanceXml('Extant', '10.0.0.10', '10.1.0.5')}${instanceXml('Sideways', '', 'x')}`;
  answers['DescribeNetworks'] = '<ns1:mode/>';
  answers['DescribeResources'] = nodeXml('10.1.0.5').replace('http:', 'ftp:');
  assert.deepEqual(await ask(), rounds);
  await ask();
  assert.equal(cloud.instance(instanceId)?.state, 'PENDING');
  assert.equal(troubles.length, 1);
  assert.match(
    troubles[0] ?? '',
    /nodes\.serviceTag is "ftp:.*DescribeNetworks: mode is "".*stateName is "Sideways", expected/,
  );
  answers['DescribeInstances'] = '<ns1:surprise/>';
  await ask();
  assert.match(troubles[1] ?? '', /DescribeInstances: garbage: .*surprise/);
  Object.assign(answers, {
    DescribeInstances: '',
    DescribeNetworks: '<ns1:mode>EDGE</ns1:mode>',
    DescribeResources: '',
  });
  await ask();
  assert.equal(troubles.at(-1), undefined);
  assert.equal(troubles.length, 3);
});

test('who is gone is asked one question a round, and at once again when it is back', async (t) => {
  const { troubles, ask, server, endpoint } = await open(t);
  await new Promise((resolve) => server.close(resolve));
  assert.deepEqual(await ask(), []);
  assert.equal(troubles.length, 1);
  assert.match(troubles[0] ?? '', /^DescribePublicAddresses: refused-connection: [^;]*$/);
  await new Promise<void>((resolve) => server.listen(Number(new URL(endpoint).port), '127.0.0.1', resolve));
  assert.equal((await ask()).length, 4);
  assert.equal(troubles.at(-1), undefined);
});

test('nobody is asked before the interval is over, nor at all where the property says never', async (t) => {
  const { cloud, ask } = await open(t);
  assert.equal((await ask()).length, 4);
  assert.deepEqual(await ask(14_000), []);
  assert.equal((await ask(1_000)).length, 3, 'EDGE was reported meanwhile');
  await cloud.does({ type: 'ChangeProperty', name: 'cloud.cluster.enabledinterval', value: '0' });
  assert.deepEqual(await ask(3_600_000), []);
  await cloud.does({ type: 'ResetProperty', name: 'cloud.cluster.enabledinterval' });
  await cloud.does({ type: 'DisableCluster', cluster: 'one', reason: 'r' });
  assert.deepEqual(await ask(), []);
});

test('controllers of ours are not asked, nor who has not answered yet, nor where somebody else reports', async (t) => {
  const ours = await open(t, { reportsItself: () => true });
  assert.deepEqual(await ours.ask(), []);
  const silent = await open(t, { hasAnswered: () => false });
  await silent.cloud.does({ type: 'PostConfiguration', text: configurationText() });
  assert.deepEqual(await silent.ask(), []);
  const { cloud, sightings, ask } = await open(t);
  assert.equal((await ask()).length, 4);
  cloud.clock.now += 1_000;
  sightings.saw('one', [], cloud.clock.now, () => true);
  assert.deepEqual(await ask(), []);
  assert.equal((await ask(5 * 60_000)).length, 3, 'who has fallen silent is asked again');
});
