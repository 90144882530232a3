/** What clusters report, and what follows when they no longer do (cloud spec 7.4, 4.5, 5.6, 6.9, 2.3). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createSightings } from '../../../src/adapters/controlPlane/sightings.ts';
import type { InstanceReport } from '../../../src/domain/commands.ts';
import { deliveryAggregate } from '../../../src/domain/deliveryLog.ts';
import type { GroupView } from '../../../src/projections/network/views.ts';
import { peek } from '../../../src/projections/trie.ts';
import { ACCOUNT } from '../../support/house.ts';
import { type Cloud, MINUTE, openCloud, report, run } from './cloud.ts';

const first = 'i-0000000a';
const second = 'i-0000000b';

const seen = (instanceId: string, change: Partial<InstanceReport> = {}): InstanceReport => ({
  instanceId,
  state: 'Extant',
  ...change,
});

const groupNames = (cloud: Cloud, instanceId: string): readonly string[] =>
  (cloud.instance(instanceId)?.groups ?? []).map((id) => peek<GroupView>(cloud.network().groups, id)?.name ?? '');

test('a known instance follows its report; what is reported of its addresses does not count', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first));
  await cloud.does(report('one', seen(first, { node: 'one-b', privateAddress: '10.0.0.77' })));
  const view = cloud.instance(first);
  assert.deepEqual([view?.state, view?.node, view?.privateAddress], ['RUNNING', 'one-b', '10.0.0.10']);
});

test('only the cluster an instance runs in has a say', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first));
  await cloud.does(report('two', seen(first, { node: 'two-a' })));
  assert.deepEqual([cloud.instance(first)?.state, cloud.instance(first)?.node], ['PENDING', undefined]);
  assert.equal((await cloud.refuses(report('three', seen(first)))).refused, 'cluster-not-found');
});

test('a report of many: each stands for itself, and the refused ones are said and audited', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first));
  const { result } = await cloud.does(report('one', seen(first), seen('bogus'), seen(second)));
  const refused = result['refused'] as readonly { readonly refused: string }[];
  assert.deepEqual(
    refused.map((one) => one.refused),
    ['invalid-instance-id', 'invalid-parameter-value'],
  );
  assert.equal(cloud.instance(first)?.state, 'RUNNING');
  const audited = (await cloud.store.readStream('audit-main', 0, 10)).map(({ type, data }) => [type, data]);
  assert.deepEqual(
    audited.slice(0, -1).map(([, data]) => (data as { subject: string }).subject),
    ['bogus', second],
  );
  const followed = { cluster: 'one', instances: 3, changes: 1, refused: 2 };
  assert.deepEqual(audited.at(-1), ['ReportFollowed', followed]);
});

test('torn down: stopping becomes stopped, everything else terminated', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first, { instanceIds: [first, second] }));
  await cloud.does(report('one', seen(first), seen(second)));
  await cloud.does({ type: 'StopInstance', instanceId: first });
  cloud.clock.now += MINUTE;
  await cloud.does(report('one', seen(first, { state: 'Teardown' }), seen(second, { state: 'Teardown' })));
  assert.deepEqual([cloud.instance(first)?.state, cloud.instance(second)?.state], ['STOPPED', 'TERMINATED']);
});

test('a report does not contradict what became so only a moment ago', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first));
  await cloud.does(report('one', seen(first)));
  cloud.clock.now += 39_000;
  await cloud.does(report('one', seen(first, { state: 'Teardown' })));
  assert.equal(cloud.instance(first)?.state, 'RUNNING', 'it may be the last word of an earlier life');
  cloud.clock.now += 1_000;
  await cloud.does(report('one', seen(first, { state: 'Teardown' })));
  assert.equal(cloud.instance(first)?.state, 'TERMINATED');
});

test('what was leaving and is no longer reported has left, and only that', async (t) => {
  const cloud = await openCloud(t);
  const ids = ['i-00000001', 'i-00000002', 'i-00000003'];
  await cloud.does(run('', { instanceIds: ids }));
  await cloud.does(report('one', ...ids.map((id) => seen(id))));
  await cloud.does({ type: 'StopInstance', instanceId: 'i-00000001' });
  await cloud.does({ type: 'TerminateInstance', instanceId: 'i-00000002' });
  const states = () => ids.map((id) => cloud.instance(id)?.state);
  await cloud.does(report('one'));
  assert.deepEqual(states(), ['STOPPING', 'SHUTTING_DOWN', 'RUNNING'], 'the report may be older than the wish');
  cloud.clock.now += MINUTE;
  await cloud.does(report('two'));
  assert.deepEqual(states(), ['STOPPING', 'SHUTTING_DOWN', 'RUNNING'], 'another cluster says nothing about it');
  await cloud.does(report('one'));
  assert.deepEqual(states(), ['STOPPED', 'TERMINATED', 'RUNNING']);
});

test('an unknown instance is restored with what it was reported with', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does({
    ...{ type: 'CreateSecurityGroup', account: ACCOUNT, groupId: 'sg-0000000a' },
    ...{ name: 'web', description: 'd' },
  });
  const known = {
    account: ACCOUNT,
    node: 'one-a',
    macAddress: 'D0:00:11:22:33:44',
    groups: [`${ACCOUNT}-sg-0000000a`],
  };
  const addresses = { privateAddress: '10.0.0.42', publicAddress: '198.51.100.7' };
  await cloud.does(report('one', seen(first, { ...known, ...addresses })));
  const view = cloud.instance(first);
  assert.deepEqual(
    [view?.state, view?.node, view?.privateAddress, view?.publicAddress, view?.macAddress, view?.groups],
    ['RUNNING', 'one-a', '10.0.0.42', '198.51.100.7', 'd0:00:11:22:33:44', ['sg-0000000a']],
  );
  assert.equal(cloud.publicAddress('198.51.100.7')?.owner, 'system');
  await cloud.does(run(second));
  assert.equal(cloud.instance(second)?.privateAddress, '10.0.0.10');
  // The same report again is no news.
  assert.equal((await cloud.does(report('one', seen(first, { ...known, ...addresses }), seen(second)))).events, 1);
});

test('an address that somebody else has, or that is no address of the cluster, is gone without', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first));
  const taken = { account: ACCOUNT, privateAddress: '10.0.0.10', publicAddress: '203.0.113.1' };
  await cloud.does(report('one', seen(first), seen(second, taken)));
  const view = cloud.instance(second);
  assert.deepEqual([view?.privateAddress, view?.publicAddress], ['0.0.0.0', undefined]);
  assert.equal(view?.macAddress, 'd0:00:00:00:00:0b', 'what the cluster would have made of its prefix');
});

test("the account's own unused public address is assigned to its restored instance", async (t) => {
  const cloud = await openCloud(t);
  await cloud.does({ type: 'AllocateAddress', account: ACCOUNT, address: '198.51.100.9' });
  await cloud.does(report('one', seen(first, { account: ACCOUNT, publicAddress: '198.51.100.9' })));
  const view = cloud.publicAddress('198.51.100.9');
  assert.deepEqual([view?.state, view?.owner, view?.instanceId], ['assigned', ACCOUNT, first]);
});

test('with groups nobody knows it ends in an orphaned group without rules, named after the first', async (t) => {
  const cloud = await openCloud(t);
  const name = `${ACCOUNT}-7d7a1b2c-0d0e-4f00-8a8b-abcdefabcdef`;
  await cloud.does(
    report('one', seen(first, { account: ACCOUNT, groups: [name] }), seen(second, { account: ACCOUNT })),
  );
  assert.deepEqual(groupNames(cloud, first), [`${ACCOUNT}-7d7a1b2c-0d0e-4f00-8a8b-orphaned`]);
  assert.deepEqual(groupNames(cloud, second), ['orphaned']);
  const [groupId = ''] = cloud.instance(first)?.groups ?? [];
  assert.deepEqual(peek<GroupView>(cloud.network().groups, groupId)?.rules, []);
  // The next one joins the group that is there by now.
  await cloud.does(report('one', seen('i-0000000c', { account: ACCOUNT, groups: [name] })));
  assert.deepEqual(cloud.instance('i-0000000c')?.groups, [groupId]);
});

test('an instance that is torn down is not restored, and without an account nobody can be', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(report('one', seen(first, { state: 'Teardown', account: ACCOUNT })));
  assert.equal(cloud.instance(first), undefined);
  assert.equal((await cloud.refuses(report('one', seen(first)))).refused, 'invalid-parameter-value');
});

test('unreported for too long it is given up; reported again it is back with its address', async (t) => {
  const cloud = await openCloud(t);
  const sightings = createSightings();
  const heard = async (...instances: readonly InstanceReport[]) => {
    await cloud.does(report('one', ...instances));
    const ids = instances.map(({ instanceId }) => instanceId);
    sightings.saw('one', ids, cloud.clock.now, (id) => cloud.instance(id) !== undefined);
  };
  await cloud.does(run(first, { instanceIds: [first, second] }));
  await heard(seen(first), seen(second));
  for (let minutes = 0; minutes <= 720; minutes += 3) {
    await cloud.reconcile({ sightings });
    cloud.clock.now += 3 * MINUTE;
    await heard(seen(second));
  }
  assert.equal(cloud.instance(first)?.state, 'RUNNING', 'exactly as long is not longer');
  cloud.clock.now += 1;
  // Only this much: what was released is still in quarantine.
  await cloud.reconcile({ sightings, wanted: () => cloud.network().position });
  assert.deepEqual([cloud.instance(first)?.state, cloud.instance(second)?.state], ['TERMINATED', 'RUNNING']);
  await heard(seen(first, { node: 'one-b' }), seen(second));
  const view = cloud.instance(first);
  assert.deepEqual([view?.state, view?.privateAddress, view?.node], ['RUNNING', '10.0.0.10', 'one-b']);
  assert.deepEqual(groupNames(cloud, first), ['default']);
});

test('terminated on purpose it stays terminated, whatever is reported', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first));
  await cloud.does({ type: 'TerminateInstance', instanceId: first });
  await cloud.does({ type: 'MarkTerminated', instanceId: first });
  await cloud.does(report('one', seen(first)));
  assert.equal(cloud.instance(first)?.state, 'TERMINATED');
});

test('who is silent says nothing: a cluster that is not heard loses no instance', async (t) => {
  const cloud = await openCloud(t);
  const sightings = createSightings();
  await cloud.does(run(first));
  sightings.saw('one', [first], cloud.clock.now, () => true);
  cloud.clock.now += 2_000 * MINUTE;
  assert.deepEqual(cloud.wishes({ sightings }), []);
  // It is heard again, without the instance: its time begins now.
  sightings.saw('one', [], cloud.clock.now, () => true);
  assert.deepEqual(cloud.wishes({ sightings }), []);
});

test('states last as long as their properties say', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first, { instanceIds: [first, second], node: 'one-a' }));
  await cloud.does({ type: 'StopInstance', instanceId: first });
  await cloud.does({ type: 'TerminateInstance', instanceId: second });
  const states = () => [cloud.instance(first)?.state, cloud.instance(second)?.state];
  cloud.clock.now += 10 * MINUTE;
  await cloud.reconcile();
  assert.deepEqual(states(), ['STOPPING', 'SHUTTING_DOWN']);
  cloud.clock.now += 1;
  await cloud.reconcile();
  assert.deepEqual(states(), ['STOPPED', 'TERMINATED']);
  for (const [minutes, state] of [
    [60, 'TERMINATED'],
    [60, 'BURIED'],
  ] as const) {
    cloud.clock.now += minutes * MINUTE;
    await cloud.reconcile();
    assert.equal(cloud.instance(second)?.state, state);
    cloud.clock.now += 1;
    await cloud.reconcile();
  }
  assert.equal(cloud.instance(second), undefined, 'the record is forgotten');
  assert.equal(cloud.instance(first)?.state, 'STOPPED', 'a stopped instance stays');
});

test('a node that a report leaves out stays for a while, and comes back as if nothing had been', async (t) => {
  const cloud = await openCloud(t);
  const nodes = () => cloud.network().clusters['one']?.nodes.map(({ name }) => name);
  const reportNodes = (...names: readonly string[]) =>
    cloud.does({ type: 'ReportNodes', cluster: 'one', nodes: names.map((name) => ({ name })) });
  await reportNodes('one-a');
  cloud.clock.now += 5 * MINUTE;
  assert.equal((await reportNodes('one-a')).events, 0);
  cloud.clock.now += 5 * MINUTE;
  await cloud.reconcile();
  assert.deepEqual(nodes(), ['one-a', 'one-b']);
  await reportNodes('one-a', 'one-b');
  await reportNodes('one-a');
  cloud.clock.now += 10 * MINUTE + 1;
  const stale = cloud.wishes();
  await reportNodes('one-a', 'one-b');
  for (const wish of stale) await cloud.does(wish);
  assert.deepEqual(nodes(), ['one-a', 'one-b'], 'it came back in time');
  await reportNodes('one-a');
  cloud.clock.now += 10 * MINUTE + 1;
  await cloud.reconcile();
  assert.deepEqual(nodes(), ['one-a']);
});

test('an operator forgets a node at once, and with an expiry of nothing a report does', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does({ type: 'ForgetNodes', cluster: 'one', nodes: ['one-b'] });
  assert.equal(cloud.network().clusters['one']?.nodes.length, 1);
  await cloud.does({ type: 'ChangeProperty', name: 'edgelog.nodes.expiry', value: '0' });
  await cloud.does({ type: 'ReportNodes', cluster: 'two', nodes: [{ name: 'two-b' }] });
  assert.deepEqual(
    cloud.network().clusters['two']?.nodes.map(({ name }) => name),
    ['two-b'],
  );
});

test('the cluster no longer has a dirty address: a report of a foreign controller says so', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first, { addressing: 'public', node: 'one-a' }));
  const address = cloud.instance(first)?.publicAddress ?? '';
  await cloud.does({ type: 'StopInstance', instanceId: first });
  const isDirty = () => Object.keys(cloud.publicAddress(address)?.dirty ?? {}).length > 0;
  await cloud.does(report('one', seen(first, { publicAddress: address })));
  await cloud.does(report('two'));
  assert.ok(isDirty());
  await cloud.does(report('one', seen(first, { publicAddress: address, state: 'Teardown' })));
  assert.ok(!isDirty());
});

test('where our own controller says what is applied, a report clears nothing', async (t) => {
  const cloud = await openCloud(t);
  await cloud.does(run(first, { addressing: 'public', node: 'one-a' }));
  const delivered = { type: 'DocumentDelivered', cluster: 'one', epoch: 1, version: 9 } as const;
  const document = { digest: 'd', dialect: 'superset', bytes: 1, controller: 'edgelog' } as const;
  await cloud.house.transactor.transact(
    { commandId: 'delivery', actor: 't', admin: true, at: 1, correlationId: 'c' },
    (unit) => {
      unit.read(deliveryAggregate, 'one');
      unit.write(deliveryAggregate, 'one', [{ ...delivered, ...document }]);
      return {};
    },
  );
  const address = cloud.instance(first)?.publicAddress ?? '';
  await cloud.does({ type: 'StopInstance', instanceId: first });
  await cloud.does(report('one'));
  assert.deepEqual(Object.keys(cloud.publicAddress(address)?.dirty ?? {}), ['one']);
});
