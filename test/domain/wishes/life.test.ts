/** The life of an instance as wishes tell it: what it gets, what it gives back, and whose it is (cloud spec 7.3, 7.5). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { ACCOUNT } from '../../support/house.ts';
import { openCloud, run } from './cloud.ts';

const first = 'i-0000000a';
const OTHER = '000000000002';

test('a run has its addresses, its MAC and its group from the first moment on', async (t) => {
  const cloud = await openCloud(t);
  const { result } = await cloud.does(run('i-A7F05959', { addressing: 'public' }));
  const [made] = result['instances'] as readonly { readonly [member: string]: unknown }[];
  assert.equal(made?.['instanceId'], 'i-a7f05959');
  assert.equal(made?.['macAddress'], 'd0:00:a7:f0:59:59');
  assert.equal(made?.['privateAddress'], '10.0.0.10');
  const view = cloud.instance('i-a7f05959');
  assert.equal(view?.state, 'PENDING');
  assert.equal(cloud.publicAddress(String(made?.['publicAddress']))?.state, 'impending');
});

test('a second cluster makes MAC addresses of its own prefix', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first, { cluster: 'two' }));
  assert.equal(cloud.instance(first)?.macAddress, 'd0:01:00:00:00:0a');
});

test('a run that cannot have everything gets nothing', async (t) => {
  const cloud = await openCloud(t);
  const many = Array.from({ length: 21 }, (_, n) => `i-${String(n).padStart(8, '0')}`);
  const refused = await cloud.refuses(run('', { instanceIds: many, addressing: 'public' }));
  assert.equal(refused.refused, 'not-enough-resources');
  assert.equal((await cloud.events('PrivateAddressReserved')).length, 0);
  const unknown = await cloud.refuses(run(first, { groups: ['nowhere'] }));
  assert.equal(unknown.refused, 'invalid-group-not-found');
  assert.equal((await cloud.refuses(run(first, { cluster: 'three' }))).refused, 'cluster-not-found');
  assert.equal((await cloud.events('InstanceCreated')).length, 0);
});

test('what the cluster echoes never overwrites what was decided; a difference is noted once', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first));
  const place = { type: 'PlaceInstance', instanceId: first, node: 'one-a', privateAddress: '10.0.0.99' } as const;
  await cloud.does(place);
  await cloud.does(place);
  assert.equal(cloud.instance(first)?.privateAddress, '10.0.0.10');
  const differences = await cloud.events('InstanceReportDiffered');
  assert.deepEqual(
    differences.map(({ expected, reported }) => [expected, reported]),
    [['10.0.0.10', '10.0.0.99']],
  );
});

test('the view moves with every change of the instance, its revision with every event of its stream', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first));
  const seen = [cloud.instance(first)?.at ?? -1];
  for (const command of [
    { type: 'PlaceInstance', instanceId: first, node: 'one-a' },
    { type: 'MarkRunning', instanceId: first },
    { type: 'StopInstance', instanceId: first },
  ] as const) {
    const { position } = await cloud.does(command);
    assert.equal(cloud.instance(first)?.at, position, command.type);
    seen.push(position);
  }
  const place = { type: 'PlaceInstance', instanceId: first, node: 'one-a', macAddress: 'aa:aa:aa:aa:aa:aa' } as const;
  await cloud.does(place);
  assert.equal(cloud.instance(first)?.revision, seen.length, 'a noted difference moves the stream');
  const stale = { category: 'instance', id: first, revision: seen.length } as const;
  const done = await cloud.house.executor.execute(
    { type: 'MarkStopped', instanceId: first },
    { commandId: 'if-match', actor: 't', admin: true, at: 1, correlationId: 'c' },
    stale,
  );
  assert.ok(!('refused' in done), 'the revision shown is the one that If-Match wants');
});

test('stopping gives both addresses up, starting takes new ones', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first, { addressing: 'public', node: 'one-a' }));
  const before = cloud.instance(first)?.publicAddress ?? '';
  assert.equal(cloud.publicAddress(before)?.state, 'assigned');
  await cloud.does({ type: 'StopInstance', instanceId: first });
  assert.equal(cloud.instance(first)?.publicAddress, undefined);
  assert.deepEqual(Object.keys(cloud.publicAddress(before)?.dirty ?? {}), ['one']);
  assert.equal(
    (await cloud.events('PrivateAddressReleased')).length,
    0,
    'the private one is kept until it has stopped',
  );
  await cloud.does({ type: 'MarkStopped', instanceId: first });
  assert.equal((await cloud.events('PrivateAddressReleased')).length, 1);
  await cloud.does({ type: 'StartInstance', instanceId: first, node: 'one-b' });
  const after = cloud.instance(first);
  assert.deepEqual([after?.state, after?.privateAddress, after?.node], ['PENDING', '10.0.0.11', 'one-b']);
  assert.notEqual(after?.publicAddress, undefined);
});

test('an aborted run gives everything back at once; back is free as soon as no document can show it', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first, { addressing: 'public' }));
  await cloud.does({ type: 'AbortRun', instanceId: first });
  const [released] = await cloud.events('PrivateAddressReleased');
  assert.deepEqual([released?.address, released?.cause], ['10.0.0.10', 'aborted']);
  const [unassigned] = await cloud.events('PublicAddressUnassigned');
  assert.equal(unassigned?.cluster, '', 'an impending address was shown to nobody');
  assert.equal((await cloud.events('PublicAddressReleased')).length, 1);
  // A cluster that was promised a newer document and has not passed it keeps the address in quarantine.
  const waiting = cloud.wishes({ wanted: () => cloud.network().position });
  assert.deepEqual(waiting, []);
  await cloud.reconcile();
  assert.equal((await cloud.events('PrivateAddressFreed')).length, 1);
  assert.equal((await cloud.refuses({ type: 'AbortRun', instanceId: 'i-0000ffff' })).refused, 'instance-not-found');
});

test('a running instance is past its run and is not aborted', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first, { node: 'one-a' }));
  await cloud.does({ type: 'MarkRunning', instanceId: first });
  assert.equal((await cloud.refuses({ type: 'AbortRun', instanceId: first })).refused, 'incorrect-instance-state');
});

test('the groups are kept while stopped and left when terminated', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does({
    ...{ type: 'CreateSecurityGroup', account: ACCOUNT, groupId: 'sg-0000000a' },
    ...{ name: 'web', description: 'd' },
  });
  await cloud.does(run(first, { groups: ['web'], node: 'one-a' }));
  await cloud.does({ type: 'MarkRunning', instanceId: first });
  const remove = { type: 'DeleteSecurityGroup', account: ACCOUNT, name: 'web' } as const;
  for (const type of ['StopInstance', 'MarkStopped'] as const) {
    await cloud.does({ type, instanceId: first });
    assert.equal((await cloud.refuses(remove)).refused, 'invalid-group-in-use', type);
  }
  await cloud.does({ type: 'TerminateInstance', instanceId: first });
  await cloud.does(remove);
});

test("an account's instances do not exist for another one", async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first, { node: 'one-a' }));
  for (const type of ['StopInstance', 'TerminateInstance', 'AbortRun', 'StartInstance'] as const) {
    const refused = await cloud.refuses({ type, instanceId: first, account: OTHER }, { admin: false });
    assert.equal(refused.refused, 'instance-not-found', type);
  }
  assert.equal(cloud.instance(first)?.state, 'PENDING');
  await cloud.does({ type: 'StopInstance', instanceId: first, account: ACCOUNT }, { admin: false });
  assert.equal(cloud.instance(first)?.state, 'STOPPING');
});

test('refused wishes stand in the audit with their actor', async (t) => {
  const cloud = await openCloud(t);
  await cloud.refuses({ type: 'StopInstance', instanceId: 'i-0000ffff' }, { actor: 'mallory' });
  const stored = (await cloud.store.readStream('audit-main', 0, 10)).map(({ data, metadata }) => [
    data['command'],
    data['subject'],
    data['refused'],
    metadata['actor'],
  ]);
  assert.deepEqual(stored, [['StopInstance', 'i-0000ffff', 'instance-not-found', 'mallory']]);
});
