/** Clusters whose controllers' hosts are names: one that means nothing is left out, and only that one (cloud spec 2.3). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { alarmIn } from '../../../src/projections/alarms.ts';
import { fullDocument } from '../../../src/projections/documents.ts';
import { openCloud, run } from './cloud.ts';

const register = (address: string, followsHost = true) =>
  ({
    ...{ cluster: 'two', component: 'two-cc', host: 'cc-two', address, followsHost },
    type: 'RegisterCluster',
    endpoint: 'http://cc-two:8774/axis2/services/EucalyptusCC',
  }) as const;

test('a name that means nothing leaves out that cluster alone, until it means something', async (t) => {
  const cloud = await openCloud(t);
  const document = () => Buffer.concat([...(fullDocument(cloud.network(), 'one')?.pieces ?? [])]).toString();
  await cloud.does(register('0.0.0.0'));
  assert.match(document(), /<cluster name="one">/);
  assert.doesNotMatch(document(), /<cluster name="two">/);
  await cloud.does({ type: 'ResolveCluster', cluster: 'two', address: '127.0.1.9' });
  assert.match(document(), /<cluster name="two">[\s\S]*<value>127\.0\.1\.9<\/value>/);
  const version = fullDocument(cloud.network(), 'one')?.version;
  assert.equal((await cloud.does({ type: 'ResolveCluster', cluster: 'two', address: '0.0.0.0' })).events, 0);
  assert.equal(fullDocument(cloud.network(), 'one')?.version, version, 'the last known address stays');
});

test('an address that an operator gave does not follow the name', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(register('127.0.1.2', false));
  assert.equal((await cloud.does({ type: 'ResolveCluster', cluster: 'two', address: '127.0.1.9' })).events, 0);
  await cloud.does(register('127.0.1.2'));
  await cloud.does({ type: 'ResolveCluster', cluster: 'two', address: '127.0.1.9' });
  await cloud.does(register('127.0.1.2', false));
  assert.equal(cloud.network().clusters['two']?.followsHost, false);
  assert.equal(cloud.network().clusters['two']?.address, '127.0.1.2');
  const refused = await cloud.refuses({ type: 'ResolveCluster', cluster: 'nowhere', address: '127.0.1.9' });
  assert.equal(refused.refused, 'cluster-not-found');
});

test('what needs an eye is said in a sentence, everything else is not', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run('i-0000000a', { node: 'one-a' }));
  await cloud.does({ type: 'PlaceInstance', instanceId: 'i-0000000a', node: 'one-a', privateAddress: '10.0.0.77' });
  const alarms = (await cloud.events('InstanceReportDiffered')).map(alarmIn);
  assert.deepEqual(
    alarms.map((one) => one?.alarm),
    ['report-differs'],
  );
  assert.match(alarms[0]?.text ?? '', /i-0000000a.*10\.0\.0\.77.*10\.0\.0\.10/);
  const created = await cloud.events('InstanceCreated');
  assert.deepEqual(created.map(alarmIn), [undefined]);
});
