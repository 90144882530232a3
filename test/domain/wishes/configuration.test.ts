/** Changing the configuration and the properties of a running cloud (cloud spec 1.8, 1.9, 3.7, 5.4). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createDryRun } from '../../../src/adapters/controlPlane/dryRun.ts';
import { surroundingsOf } from '../../../src/adapters/controlPlane/surroundings.ts';
import { configurationAggregate } from '../../../src/domain/configuration/aggregate.ts';
import { privatePoolAggregate } from '../../../src/domain/privatePool.ts';
import { publicPoolAggregate } from '../../../src/domain/publicPool.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { worldToken } from '../../../src/domain/wishes/worldToken.ts';
import { fullDocument } from '../../../src/projections/documents.ts';
import { ACCOUNT, CLOUD, configurationText, context } from '../../support/house.ts';
import { type Cloud, openCloud, openEmptyCloud, run } from './cloud.ts';

const post = (text: string, token?: string) =>
  ({ type: 'PostConfiguration', text, ...(token === undefined ? {} : { token }) }) as const;

const warnings = (result: { readonly [member: string]: unknown }): readonly string[] =>
  (result['warnings'] as readonly { readonly code: string }[]).map(({ code }) => code);

test('a bad configuration is refused with code and path, and the last good one stays', async (t) => {
  const cloud = await openCloud(t);
  const bad = configurationText().replace('10.1.0.1"', '10.9.0.1"');
  const refused = await cloud.refuses(post(bad));
  assert.deepEqual([refused.refused, refused.member], ['property.invalid.subnet', 'Clusters[1].Subnet']);
  assert.equal(cloud.network().configuration?.text, configurationText());
  await cloud.does(run('i-0000000a'));
});

test('warnings come with every answer, also when it was posted before', async (t) => {
  const cloud = await openCloud(t);
  const flat = JSON.stringify({
    PublicIps: ['198.51.100.1'],
    PrivateIps: ['10.0.0.1-10.0.0.9'],
    Subnets: [{ Subnet: '10.0.0.0', Netmask: '255.255.255.0', Gateway: '10.0.0.1' }],
    Clusters: [{ Name: 'one' }, { Name: 'two' }],
  });
  const first = await cloud.does(post(flat));
  const again = await cloud.does(post(flat));
  assert.deepEqual([first.result['changed'], again.result['changed']], [true, false]);
  assert.deepEqual(warnings(again.result), warnings(first.result));
  for (const code of ['subnet-shared', 'gateway-in-pool', 'clusters-share-addresses']) {
    assert.ok(warnings(first.result).includes(code), code);
  }
});

test('the public pool grows and shrinks: what is free goes at once, what is in use upon release', async (t) => {
  const cloud = await openCloud(t);
  const allocate = (address: string) => cloud.does({ type: 'AllocateAddress', account: ACCOUNT, address });
  await allocate('198.51.100.20');
  await cloud.does(post(configurationText(200, 10)));
  const refused = await cloud.refuses({ type: 'AllocateAddress', account: ACCOUNT, address: '198.51.100.19' });
  assert.equal(refused.refused, 'address-not-found');
  assert.equal(cloud.publicAddress('198.51.100.20')?.owner, ACCOUNT);
  await cloud.does(run('i-0000000a', { node: 'one-a' }));
  await cloud.does({
    ...{ type: 'AssociateAddress', account: ACCOUNT },
    ...{ address: '198.51.100.20', instanceId: 'i-0000000a' },
  });
  assert.equal(cloud.instance('i-0000000a')?.publicAddress, '198.51.100.20', 'it goes on working for who has it');
  await cloud.does({ type: 'ReleaseAddress', account: ACCOUNT, address: '198.51.100.20' });
  await cloud.reconcile();
  assert.equal(cloud.publicAddress('198.51.100.20'), undefined);
  const gone = await cloud.refuses({ type: 'AllocateAddress', account: ACCOUNT, address: '198.51.100.20' });
  assert.equal(gone.refused, 'address-not-found');
  await cloud.does(post(configurationText(200, 30)));
  await allocate('198.51.100.30');
});

test('a private address outside the new pool stays with its holder and is gone when it is given back', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run('i-0000000a', { instanceIds: ['i-0000000a', 'i-0000000b', 'i-0000000c'] }));
  assert.equal(cloud.instance('i-0000000c')?.privateAddress, '10.0.0.12');
  await cloud.does(post(configurationText(11)));
  assert.equal(cloud.instance('i-0000000c')?.privateAddress, '10.0.0.12');
  for (const instanceId of ['i-0000000b', 'i-0000000c']) await cloud.does({ type: 'AbortRun', instanceId });
  await cloud.reconcile();
  await cloud.does(run('i-0000000d'));
  assert.equal(cloud.instance('i-0000000d')?.privateAddress, '10.0.0.11');
  assert.equal((await cloud.refuses(run('i-0000000e'))).refused, 'not-enough-resources');
  await cloud.does(post(configurationText(12)));
  await cloud.does(run('i-0000000e'));
  assert.equal(
    cloud.instance('i-0000000e')?.privateAddress,
    '10.0.0.12',
    'back in the pool it is what is longest idle',
  );
});

test('clearing the configuration takes the pools away, not what is in use', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does({ type: 'AllocateAddress', account: ACCOUNT });
  await cloud.does(run('i-0000000a'));
  await cloud.does({ type: 'ClearConfiguration' });
  assert.equal(cloud.network().publicRanges.length, 0);
  assert.equal(cloud.instance('i-0000000a')?.privateAddress, '10.0.0.10');
  assert.equal(cloud.publicAddress('198.51.100.1')?.owner, ACCOUNT);
  assert.equal(
    (await cloud.refuses({ type: 'AllocateAddress', account: ACCOUNT })).refused,
    'insufficient-address-capacity',
  );
});

const dryRunOf = (cloud: Cloud) => {
  const { transactor, executor, projector } = cloud.house;
  const surroundings = surroundingsOf(CLOUD, projector.network);
  return createDryRun({
    ...{ executor, surroundings, network: projector.network, documentAt: fullDocument },
    token: async (asked) => {
      const made = await transactor.rehearse(asked, (unit) => {
        for (const one of [configurationAggregate, privatePoolAggregate, publicPoolAggregate] as const) {
          unit.read(one as typeof configurationAggregate, CLOUD);
        }
        return { token: worldToken({ unit, surroundings }) };
      });
      return isRefusal(made) ? '' : made.result.token;
    },
  });
};

test('a dry run says who is affected and changes nothing; its token holds while the world stands still', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(
    run('i-0000000a', { instanceIds: ['i-0000000a', 'i-0000000b'], addressing: 'public', node: 'one-a' }),
  );
  await cloud.does({ type: 'AllocateAddress', account: ACCOUNT, address: '198.51.100.20' });
  const before = cloud.network();
  const smaller = configurationText(10, 10);
  const said = await dryRunOf(cloud)(post(smaller), context());
  assert.ok(!isRefusal(said));
  assert.equal(cloud.network(), before);
  const orphaned = said['addressesOrphaned'] as readonly { readonly kind: string; readonly address: string }[];
  assert.deepEqual(
    orphaned.map(({ kind, address }) => `${kind} ${address}`),
    ['private 10.0.0.11', 'public 198.51.100.20'],
  );
  assert.deepEqual(said['instancesAffected'], ['i-0000000b']);
  const touched = said['clustersTouched'] as readonly { readonly cluster: string }[];
  assert.deepEqual(
    touched.map(({ cluster }) => cluster),
    ['one', 'two'],
  );
  const bytes = said['documentBytes'] as { readonly before: number; readonly after: number };
  assert.ok(bytes.before > 0 && bytes.after !== bytes.before);
  const token = String(said['token']);
  await cloud.does(post(smaller, token));
  assert.equal((await cloud.refuses(post(configurationText(), token))).refused, 'world-moved');
});

test('a cluster that registers meanwhile moves the world', async (t) => {
  const cloud = await openCloud(t);
  const said = await dryRunOf(cloud)(post(configurationText(50)), context());
  assert.ok(!isRefusal(said));
  await cloud.does({
    ...{ type: 'RegisterCluster', cluster: 'three', component: 'three-cc' },
    ...{ host: '127.0.1.3', address: '127.0.1.3', endpoint: 'http://127.0.1.3:8774/axis2/services/EucalyptusCC' },
  });
  assert.equal((await cloud.refuses(post(configurationText(50), String(said['token'])))).refused, 'world-moved');
});

test('the static manager keeps its reserve: with its properties, and with the pool', async (t) => {
  const cloud = await openEmptyCloud(t);
  const owned = () =>
    [...Array(31).keys()].filter((n) => cloud.publicAddress(`198.51.100.${n}`)?.owner === 'system').length;
  const change = (values: { readonly [name: string]: string | null }) =>
    cloud.does({ type: 'ChangeProperties', values });
  await change({
    'cloud.addresses.dodynamicpublicaddresses': 'false',
    'cloud.addresses.systemreservedpublicaddresses': '5',
  });
  assert.equal(owned(), 0, 'there is no pool yet');
  await cloud.does(post(configurationText(200, 3)));
  assert.equal(owned(), 3);
  await cloud.does(post(configurationText(200, 20)));
  assert.equal(owned(), 5);
  await change({ 'cloud.addresses.systemreservedpublicaddresses': '2' });
  assert.equal(owned(), 2);
  await change({ 'cloud.addresses.dodynamicpublicaddresses': null });
  assert.equal(owned(), 0);
});

test('several properties at once: all, or none and the first reason', async (t) => {
  const cloud = await openCloud(t);
  const change = (values: { readonly [name: string]: string | null }) =>
    ({ type: 'ChangeProperties', values }) as const;
  const refused = await cloud.refuses(change({ 'edgelog.dirty_limit': '5', 'edgelog.nothing': '1' }));
  assert.deepEqual([refused.refused, refused.member], ['property.unknown', 'edgelog.nothing']);
  assert.deepEqual(cloud.network().properties, {});
  const [tagLow, tagHigh] = ['cloud.network.global_min_network_tag', 'cloud.network.global_max_network_tag'];
  const single = { type: 'ChangeProperty', name: tagLow, value: '5000' } as const;
  assert.equal((await cloud.refuses(single)).refused, 'property.invalid');
  const done = await cloud.does(change({ [tagLow]: '5000', [tagHigh]: '6000', 'edgelog.dirty_limit': ' 7 ' }));
  assert.equal(done.events, 3);
  assert.equal(cloud.network().properties['edgelog.dirty_limit']?.value, '7');
  assert.equal((await cloud.does(change({ 'edgelog.dirty_limit': '7' }))).events, 0);
});
