/** The networking service where EDGE is not in force (cloud spec 8.2, 8.4, 8.6, 5.2, 5.7): tags and indexes, messages, reports. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createOrphanBook } from '../../../src/adapters/controlPlane/orphanBook.ts';
import {
  type AddressInFlight,
  addressDispatch,
  dispatch,
  messageFor,
} from '../../../src/domain/networking/dispatcher.ts';
import { networkTagsAggregate } from '../../../src/domain/networkTags.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { activeNetworkIn } from '../../../src/projections/activeNetwork.ts';
import { wantsDocument } from '../../../src/projections/documents.ts';
import { ACCOUNT, configurationText, context } from '../../support/house.ts';
import { type Cloud, MINUTE, openEmptyCloud, report, run } from './cloud.ts';

const first = 'i-0000000a';
const second = 'i-0000000b';

/** Two clusters in mode MANAGED with three public addresses, and no configuration. */
const openGeneric = async (t: Parameters<typeof openEmptyCloud>[0]): Promise<Cloud> => {
  const cloud = await openEmptyCloud(t);
  for (const cluster of ['one', 'two']) {
    const endpoint = 'http://127.0.1.1:8774/axis2/services/EucalyptusCC';
    const particulars = { component: `${cluster}-cc`, host: '127.0.1.1', address: '127.0.1.1', endpoint };
    await cloud.does({ type: 'RegisterCluster', cluster, ...particulars });
    await cloud.does({ type: 'EnableCluster', cluster });
    await cloud.does({ type: 'ReportMode', cluster, mode: 'MANAGED' });
  }
  const addresses = [1, 2, 3].map((n) => ({ address: `198.51.100.${n}` }));
  await cloud.does({ type: 'ReportAddresses', cluster: 'one', addresses });
  return cloud;
};

const inFlight = (cloud: Cloud) =>
  Object.values(cloud.network().inFlight).map(({ address, change, instanceAddress, cluster }) => [
    ...[address, change, instanceAddress, cluster],
  ]);

const answer = (cloud: Cloud, address: string, instanceId: string, message: 'assign' | 'unassign') =>
  cloud.does({ type: 'CompleteAddress', address, answered: { instanceId, message } });

/** Running with a public address whose assignment is still in flight. */
const runPublic = async (cloud: Cloud, instanceId: string, privateAddress: string) => {
  await cloud.does(run(instanceId, { addressing: 'public' }));
  await cloud.does({
    type: 'PlaceInstance',
    instanceId,
    node: 'one-a',
    privateAddress,
    macAddress: 'D0:0D:00:00:00:0A',
  });
  await cloud.does({ type: 'MarkRunning', instanceId });
};

test('the mode follows from configuration and reports, and does not flap', async (t) => {
  const cloud = await openGeneric(t);
  const mode = () => activeNetworkIn(cloud.network());
  assert.equal(mode(), 'generic');
  await cloud.does({ type: 'ReportMode', cluster: 'two', mode: 'EDGE' });
  assert.equal(mode(), 'EDGE');
  assert.equal((await cloud.does({ type: 'ReportMode', cluster: 'one', mode: 'MANAGED' })).events, 0);
  assert.equal(mode(), 'EDGE', 'a report that says what was said before is no news');
  await cloud.does({ type: 'ReportMode', cluster: 'two', mode: 'MANAGED' });
  await cloud.does({ type: 'DisableCluster', cluster: 'one', reason: 'r' });
  assert.equal(mode(), 'generic');
  await cloud.does({ type: 'PostConfiguration', text: configurationText() });
  assert.equal(mode(), 'EDGE');
  assert.deepEqual(
    [addressDispatch('EDGE').dispatcher, addressDispatch('generic').dispatcher],
    ['SHORTCUT', 'STANDARD'],
  );
});

test('no document goes to a cluster in another mode while EDGE is not in force', async (t) => {
  const cloud = await openGeneric(t);
  const wants = () => ['one', 'two'].filter((cluster) => wantsDocument(cloud.network(), cluster));
  assert.deepEqual(wants(), []);
  await cloud.does({ type: 'PostConfiguration', text: configurationText() });
  assert.deepEqual(wants(), ['one', 'two']);
});

test('a run takes a tag for its group and an index for itself, and no private address', async (t) => {
  const cloud = await openGeneric(t);
  const { result } = await cloud.does(run('', { instanceIds: [first, second] }));
  const runs = result['instances'] as readonly { readonly [member: string]: unknown }[];
  assert.deepEqual(
    runs.map((one) => [one['privateAddress'], one['networkTag'], one['networkIndex']]),
    [
      ['0.0.0.0', 1, 2],
      ['0.0.0.0', 1, 3],
    ],
  );
  assert.equal((await cloud.events('PrivateAddressReserved')).length, 0);
  await cloud.does({ type: 'PlaceInstance', instanceId: first, node: 'one-a' });
  for (const type of ['MarkRunning', 'StopInstance', 'MarkStopped'] as const)
    await cloud.does({ type, instanceId: first });
  await cloud.does({ type: 'TerminateInstance', instanceId: second });
  await cloud.does({ type: 'MarkTerminated', instanceId: second });
  assert.equal((await cloud.events('NetworkTagReleased')).length, 1, 'the tag goes with the last index');
  await cloud.does({ type: 'StartInstance', instanceId: first });
  assert.equal((await cloud.events('NetworkIndexReserved')).length, 3);
  const tags = await cloud.house.transactor.rehearse(context(), (unit) => {
    const { networks } = unit.read(networkTagsAggregate, 'main');
    return { groups: [...networks.keys()] };
  });
  assert.ok(!isRefusal(tags));
  assert.deepEqual(tags.result.groups, cloud.instance(first)?.groups);
});

test('tags and indexes run out by their properties', async (t) => {
  const cloud = await openGeneric(t);
  await cloud.does({
    type: 'ChangeProperties',
    values: { 'cloud.network.global_max_network_tag': '1', 'cloud.network.global_max_network_index': '3' },
  });
  await cloud.does(run('', { instanceIds: [first, second] }));
  assert.equal((await cloud.refuses(run('i-0000000c'))).refused, 'not-enough-network-indexes');
  const other = await cloud.refuses(run('i-0000000c', { account: '000000000002' }));
  assert.equal(other.refused, 'not-enough-network-tags');
  assert.equal(cloud.instance('i-0000000c'), undefined);
});

test('the cluster says which addresses an instance has; until then nothing can be assigned to it', async (t) => {
  const cloud = await openGeneric(t);
  await cloud.does(run(first, { addressing: 'public' }));
  await cloud.does({ type: 'PlaceInstance', instanceId: first, node: 'one-a' });
  assert.deepEqual(inFlight(cloud), []);
  assert.equal(cloud.publicAddress('198.51.100.1')?.state, 'impending');
  await cloud.does(report('one', { instanceId: first, state: 'Extant', privateAddress: '172.16.1.2' }));
  assert.equal(cloud.instance(first)?.privateAddress, '172.16.1.2');
  assert.deepEqual(inFlight(cloud), [['198.51.100.1', 'assign', '172.16.1.2', 'one']]);
  assert.equal((await cloud.does(report('one', { instanceId: first, state: 'Extant' }))).events, 0);
});

test('an assignment stays in flight until the cluster has answered that very message', async (t) => {
  const cloud = await openGeneric(t);
  await runPublic(cloud, first, '172.16.1.2');
  assert.equal(cloud.publicAddress('198.51.100.1')?.pending, true);
  assert.equal(
    (
      await cloud.does({
        ...{ type: 'CompleteAddress', address: '198.51.100.1' },
        answered: { instanceId: first, message: 'unassign' },
      })
    ).events,
    0,
  );
  await answer(cloud, '198.51.100.1', first, 'assign');
  assert.deepEqual(inFlight(cloud), []);
  assert.equal(cloud.publicAddress('198.51.100.1')?.pending, false);
});

test('an instance that stops while its assignment is in flight gives the address up all the same', async (t) => {
  const cloud = await openGeneric(t);
  await runPublic(cloud, first, '172.16.1.2');
  await cloud.does({ type: 'StopInstance', instanceId: first });
  assert.deepEqual(inFlight(cloud), [['198.51.100.1', 'unassign', '172.16.1.2', 'one']]);
  // The late answer to what was overtaken means nothing.
  assert.equal(
    (
      await cloud.does({
        ...{ type: 'CompleteAddress', address: '198.51.100.1' },
        answered: { instanceId: first, message: 'assign' },
      })
    ).events,
    0,
  );
  await answer(cloud, '198.51.100.1', first, 'unassign');
  assert.equal(cloud.publicAddress('198.51.100.1'), undefined, 'a system address goes back to the pool');
  assert.deepEqual(inFlight(cloud), []);
});

test('what is to be done about a transition in flight', () => {
  const change: AddressInFlight = {
    ...{ address: '198.51.100.1', change: 'assign', instanceId: first },
    ...{ instanceAddress: '172.16.1.2', cluster: 'one' },
  };
  const message = { message: 'AssignAddress', cluster: 'one', source: '198.51.100.1', dest: '172.16.1.2' };
  assert.deepEqual(messageFor(change), message);
  assert.deepEqual(dispatch(change, 'generic', 'enabled'), { kind: 'send', message });
  assert.deepEqual(dispatch(change, 'generic', 'disabled'), { kind: 'wait' });
  assert.deepEqual(dispatch(change, 'generic', undefined), { kind: 'complete' });
  assert.deepEqual(dispatch(change, 'EDGE', 'enabled'), { kind: 'complete' });
});

const bookOf = (cloud: Cloud) =>
  createOrphanBook({
    ...{ cloud: 'main', transactor: cloud.house.transactor, network: cloud.network },
    carryOut: (wish) => cloud.does(wish),
  });

test('a lasting contradiction is settled in favour of the cluster', async (t) => {
  const cloud = await openGeneric(t);
  await cloud.does({ type: 'ChangeProperty', name: 'cloud.addresses.maxkillorphans', value: '3' });
  await runPublic(cloud, first, '172.16.1.2');
  await answer(cloud, '198.51.100.1', first, 'assign');
  const book = bookOf(cloud);
  const says = async (instanceAddress: string) => {
    const said = {
      type: 'ReportAddresses',
      cluster: 'one',
      addresses: [{ address: '198.51.100.1', instanceAddress }],
    } as const;
    await cloud.does(said);
    await book.judge(said, context({ at: cloud.clock.now }));
  };
  for (let times = 0; times < 3; times += 1) await says('0.0.0.0');
  assert.equal(cloud.instance(first)?.publicAddress, '198.51.100.1');
  await says('172.16.1.2');
  for (let times = 0; times < 3; times += 1) await says('0.0.0.0');
  assert.equal(cloud.instance(first)?.publicAddress, '198.51.100.1', 'agreeing once begins the count anew');
  await says('0.0.0.0');
  assert.equal(cloud.instance(first)?.publicAddress, undefined);
});

test('an address that a running instance has shown for long enough is its own', async (t) => {
  const cloud = await openGeneric(t);
  await cloud.does(run(first));
  await cloud.does(report('one', { instanceId: first, state: 'Extant', privateAddress: '172.16.1.2' }));
  await cloud.does({ type: 'AllocateAddress', account: ACCOUNT, address: '198.51.100.2' });
  const book = bookOf(cloud);
  const addresses = [{ address: '198.51.100.2', instanceAddress: '172.16.1.2' }];
  const said = { type: 'ReportAddresses', cluster: 'one', addresses } as const;
  cloud.clock.now += 360 * MINUTE;
  await book.judge(said, context({ at: cloud.clock.now }));
  assert.equal(cloud.instance(first)?.publicAddress, undefined);
  cloud.clock.now += 1;
  await book.judge(said, context({ at: cloud.clock.now }));
  assert.equal(cloud.instance(first)?.publicAddress, '198.51.100.2');
  assert.equal(cloud.publicAddress('198.51.100.2')?.owner, ACCOUNT);
});

test('in EDGE mode reports of addresses mean nothing', async (t) => {
  const cloud = await openGeneric(t);
  await cloud.does({ type: 'PostConfiguration', text: configurationText(20, 5) });
  const said = { type: 'ReportAddresses', cluster: 'one', addresses: [{ address: '203.0.113.9' }] } as const;
  assert.equal((await cloud.does(said)).events, 0);
  assert.equal((await cloud.refuses({ ...said, addresses: [{ address: 'x' }] })).refused, 'invalid-parameter-value');
});
