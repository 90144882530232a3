/** Public addresses through wishes: quota, races around dirty marks, the end of a cluster, time-outs; and how private ones are chosen. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { privatePoolAggregate } from '../../../src/domain/privatePool.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { ACCOUNT } from '../../support/house.ts';
import { type Cloud, MINUTE, openCloud, run } from './cloud.ts';

const first = 'i-0000000a';
const second = 'i-0000000b';

const set = (cloud: Cloud, name: string, value: string) => cloud.does({ type: 'ChangeProperty', name, value });

const dirtyIn = (cloud: Cloud, address: string) => Object.keys(cloud.publicAddress(address)?.dirty ?? {});

test('an account owns as many addresses as its quota lets it, by default any number', async (t) => {
  const cloud = await openCloud(t);
  const allocate = { type: 'AllocateAddress', account: ACCOUNT } as const;
  await cloud.does(allocate);
  await set(cloud, 'edgelog.addresses.max_per_account', '2');
  await cloud.does(allocate);
  const refused = await cloud.refuses(allocate);
  assert.equal(refused.refused, 'address-limit-exceeded');
  await cloud.does({ ...allocate, account: '000000000002' });
  await cloud.does({ type: 'ReleaseAddress', account: ACCOUNT, address: '198.51.100.1' });
  await cloud.does(allocate);
});

test('a clearing that is late does not take a newer dirty mark away', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does({ type: 'AllocateAddress', account: ACCOUNT, address: '198.51.100.5' });
  await cloud.does(run(first, { node: 'one-a' }));
  const use = { account: ACCOUNT, address: '198.51.100.5' };
  const associate = () => cloud.does({ type: 'AssociateAddress', ...use, instanceId: first });
  const disassociate = () => cloud.does({ type: 'DisassociateAddress', ...use });
  await associate();
  await disassociate();
  const late = cloud.wishes();
  assert.deepEqual(
    late.map(({ type }) => type),
    ['FreeAddress'],
  );
  await associate();
  await disassociate();
  for (const wish of late) await cloud.does(wish);
  assert.deepEqual(dirtyIn(cloud, '198.51.100.5'), ['one']);
  for (const wish of cloud.wishes()) await cloud.does(wish);
  assert.deepEqual(dirtyIn(cloud, '198.51.100.5'), []);
});

test('a moved address is shown by nobody until its old cluster has moved on', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does({ type: 'AllocateAddress', account: ACCOUNT, address: '198.51.100.5' });
  await cloud.does(run(first, { node: 'one-a' }));
  await cloud.does(run(second, { cluster: 'two', node: 'two-a' }));
  const move = (instanceId: string) =>
    cloud.does({ type: 'AssociateAddress', account: ACCOUNT, address: '198.51.100.5', instanceId });
  await move(first);
  await move(second);
  assert.equal(cloud.instance(first)?.publicAddress, undefined);
  assert.equal(cloud.instance(second)?.publicHidden, true);
  await cloud.reconcile();
  assert.equal(cloud.instance(second)?.publicHidden, undefined);
  assert.equal(cloud.instance(second)?.publicAddress, '198.51.100.5');
});

test('the end of a cluster clears its dirty marks in the same breath', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first, { addressing: 'public', node: 'one-a' }));
  const address = cloud.instance(first)?.publicAddress ?? '';
  await cloud.does({ type: 'TerminateInstance', instanceId: first });
  assert.deepEqual(dirtyIn(cloud, address), ['one']);
  const { events } = await cloud.does({ type: 'DeregisterCluster', cluster: 'one' });
  assert.equal(events, 2);
  assert.deepEqual(dirtyIn(cloud, address), []);
  assert.equal((await cloud.does({ type: 'DeregisterCluster', cluster: 'one' })).events, 0);
});

test('a mark that nobody passes ends with the long limit, said to be so', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first, { addressing: 'public', node: 'one-a' }));
  await cloud.does({ type: 'TerminateInstance', instanceId: first });
  const waiting = { wanted: () => cloud.network().position };
  cloud.clock.now += 1440 * MINUTE;
  assert.deepEqual(
    cloud.wishes(waiting).filter(({ type }) => type === 'FreeAddress'),
    [],
  );
  cloud.clock.now += 1;
  for (const wish of cloud.wishes(waiting)) await cloud.does(wish);
  const [cleared] = await cloud.events('PublicAddressCleared');
  assert.equal(cleared?.cause, 'limit');
});

test('an impending address goes back when its instance is not placed in time', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first, { addressing: 'public' }));
  await cloud.does(run(second, { addressing: 'public' }));
  cloud.clock.now += 35 * MINUTE;
  assert.deepEqual(cloud.wishes(), []);
  cloud.clock.now += 1;
  const wishes = cloud.wishes();
  await cloud.does({ type: 'PlaceInstance', instanceId: second, node: 'one-a' });
  for (const wish of wishes) await cloud.does(wish);
  assert.equal(cloud.publicAddress('198.51.100.1'), undefined);
  assert.equal(cloud.instance(second)?.publicAddress, '198.51.100.2', 'who was placed meanwhile keeps it');
});

const addressesOf = async (cloud: Cloud, count: number, from: number) => {
  const ids = Array.from({ length: count }, (_, n) => `i-${String(from + n).padStart(8, '0')}`);
  await cloud.does(run('', { instanceIds: ids }));
  return ids.map((id) => cloud.instance(id)?.privateAddress);
};

const giveBack = async (cloud: Cloud, ...ids: readonly string[]) => {
  for (const instanceId of ids) await cloud.does({ type: 'AbortRun', instanceId });
  await cloud.reconcile();
};

test('fifo hands out what was never used and then what is longest idle', async (t) => {
  const cloud = await openCloud(t);
  assert.deepEqual(await addressesOf(cloud, 2, 1), ['10.0.0.10', '10.0.0.11']);
  await giveBack(cloud, 'i-00000001');
  assert.deepEqual(await addressesOf(cloud, 1, 5), ['10.0.0.12']);
});

test('first-free hands out the lowest', async (t) => {
  const cloud = await openCloud(t);
  await set(cloud, 'edgelog.addresses.allocator', 'first-free');
  assert.deepEqual(await addressesOf(cloud, 2, 1), ['10.0.0.10', '10.0.0.11']);
  await giveBack(cloud, 'i-00000001');
  assert.deepEqual(await addressesOf(cloud, 1, 5), ['10.0.0.10']);
});

test('random hands out every address once, in an order of its own', async (t) => {
  const cloud = await openCloud(t);
  await set(cloud, 'edgelog.addresses.allocator', 'random');
  const got = await addressesOf(cloud, 191, 1);
  assert.equal(new Set(got).size, 191);
  assert.notDeepEqual(got, got.toSorted());
  assert.equal((await cloud.refuses(run('i-0000ffff'))).refused, 'not-enough-resources');
});

test('a reservation that nobody took up runs out for its own cluster only', async (t) => {
  const cloud = await openCloud(t);
  const reserve = async (address: string, cluster: string) => {
    const done = await cloud.house.transactor.transact(
      { commandId: `r-${address}`, actor: 't', admin: true, at: cloud.clock.now, correlationId: 'c' },
      (unit) => {
        unit.read(privatePoolAggregate, 'main');
        const holding = { address, cluster, instanceId: '', reservation: `r-${address}` };
        unit.write(privatePoolAggregate, 'main', [{ type: 'PrivateAddressReserved', ...holding }]);
        return {};
      },
    );
    assert.ok(!isRefusal(done));
    await cloud.house.projector.reached(done.position);
  };
  await reserve('10.0.0.50', 'one');
  await reserve('10.0.0.51', 'one');
  await reserve('10.1.0.50', 'two');
  cloud.clock.now += 35 * MINUTE + 1;
  const instances = [{ instanceId: 'i-0000beef', state: 'Pending', privateAddress: '10.0.0.51' }] as const;
  await cloud.refuses({ type: 'ReportInstances', cluster: 'one', instances });
  const released = await cloud.events('PrivateAddressReleased');
  assert.deepEqual(
    released.map(({ address, cause }) => [address, cause]),
    [['10.0.0.50', 'expired']],
    'one is in use by the report, one is in another cluster',
  );
  const hears = (cluster: string) => cluster === 'one';
  await cloud.reconcile({ sightings: { lastReported: () => undefined, hears } });
  const after = (await cloud.events('PrivateAddressReleased')).map(({ address }) => address);
  assert.deepEqual(after, ['10.0.0.50', '10.1.0.50'], 'time alone ends those of a silent cluster');
});
