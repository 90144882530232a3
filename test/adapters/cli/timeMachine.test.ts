/** The time machine on the command line, over the real control plane: what is printed, and the exit codes scripts live by. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { createCloudTime } from '../../../src/roles/cloudTime.ts';
import { openDoor } from '../http/client.ts';
import { openHouse } from '../http/house.ts';
import { type Captured, run } from './captured.ts';

const account = '000000000001';
const group = 'sg-00000001';
const configuration = JSON.stringify({
  PublicIps: ['10.111.200.0-10.111.200.255'],
  Clusters: [{ Name: 'PARTI00', Subnet: { Subnet: '10.111.0.0', Netmask: '255.255.0.0', Gateway: '10.111.0.1' } }],
});
const rule = (port: number) => ({
  ...{ command: 'AuthorizeIngress', account, groupId: group },
  permissions: [{ protocol: 'tcp', fromPort: port, toPort: port, cidrs: ['0.0.0.0/0'] }],
});

const open = async (t: TestContext) => {
  const house = await openHouse();
  t.after(() => house.stop());
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-past-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const past = createCloudTime({
    ...{ store: house.store, core: house.core, cloud: 'main', folder, now: house.now },
    settings: { number: () => 600 },
    convergence: () => new Map(),
    journal: { note: () => undefined, fault: (_, fault) => assert.fail(fault as Error) },
  });
  const door = await openDoor(t, { controlPlane: house.controlPlane, now: house.now, extraRoutes: past.routes });
  const wish = (commands: readonly object[]) => door.send('POST', '/v1/batch?wait=projected', commands);
  const founded = await wish([
    { command: 'RegisterCluster', cluster: 'PARTI00', host: '127.0.0.2', address: '127.0.0.2' },
    { command: 'EnableCluster', cluster: 'PARTI00' },
    { command: 'ReportNodes', cluster: 'PARTI00', nodes: [{ name: '127.0.0.3' }] },
    { command: 'PostConfiguration', text: configuration },
    { command: 'CreateSecurityGroup', account, groupId: group, name: 'web', description: 'd' },
  ]);
  assert.equal(founded.body['accepted'], 5, founded.text);
  const ran = await door.send('POST', '/v1/instances?wait=projected', {
    account,
    cluster: 'PARTI00',
    node: '127.0.0.3',
    groups: ['web'],
    addressing: 'private',
  });
  const [instance] = (ran.body['result'] as { instances: readonly { instanceId: string; privateAddress: string }[] })
    .instances;
  const environment = { EDGELOG_URL: `http://127.0.0.1:${door.port}`, EDGELOG_ACCOUNT: account };
  const say = (...argv: readonly string[]): Promise<Captured> => run(argv, environment);
  return {
    say,
    wish,
    folder,
    before: Number(ran.body['position']),
    ...(instance ?? { instanceId: '', privateAddress: '' }),
  };
};

test('at asks any question of the past, and says which event that is', async (t) => {
  const { say, before, instanceId } = await open(t);
  const none = await say('at', '--position', '5', 'instances', '-o', 'name');
  assert.deepEqual([none.exit, none.out], [0, '']);
  assert.match(none.err, /after .* at position 5/);
  assert.equal(
    (await say('at', '--position', String(before), 'instances', 'show', instanceId, '-o', 'name')).out,
    `${instanceId}\n`,
  );
  assert.match((await say('at', '--position', String(before), 'document', 'PARTI00')).out, /^<\?xml.*<network-data/s);
  assert.equal((await say('at', 'instances')).exit, 2);
  assert.equal((await say('at', '--position', '3', '--time', '2026-03-01T00:00Z', 'instances')).exit, 2);
  assert.equal((await say('at', '--position', '3', 'health')).exit, 2);
  assert.match((await say('at', '--time', '1999-01-01T00:00Z', 'instances')).err, /The log begins later/);
  assert.equal((await say('at', '--position', '99999', 'instances')).exit, 4);
});

test('diff, blame and at --without say what a rule changed, and by whom', async (t) => {
  const { say, wish, before } = await open(t);
  await wish([rule(443)]);
  const diff = await say('diff', String(before));
  assert.equal(diff.exit, 1);
  assert.match(diff.out, /^\+ security group sg-00000001 \(web\): tcp 443-443 from 0\.0\.0\.0\/0 added {2}by \S+ at /m);
  assert.match(diff.out, /^\+ .*443/m);
  const words = await say('diff', String(before), '--words');
  assert.equal(words.out.trim().split('\n').length, 1);
  assert.equal((await say('diff', String(before), String(before))).exit, 0);
  const blamed = await say('blame', 'PARTI00', '--match', '443');
  assert.ok(
    blamed.out
      .split('\n')
      .filter((line) => line.includes('443'))
      .every((line) => line.includes('by ')),
  );
  const other = await say('at', '--without', String(before + 1), 'document', 'PARTI00');
  assert.equal(other.exit, 1);
  assert.match(other.out, /^- security group .* removed$/m);
  assert.equal((await say('blame', 'PARTI00', '--gone')).exit, 2);
});

test('why, history and trace', async (t) => {
  const { say, instanceId, privateAddress } = await open(t);
  const why = await say('why', instanceId, '8.8.8.8', 'tcp/443');
  assert.equal(why.exit, 0);
  assert.match(why.out, /^allowed\n/);
  const denied = await say('why', '10.111.0.77', instanceId, 'tcp/443', '-o', 'name');
  assert.deepEqual([denied.exit, denied.out], [1, 'denied\n']);
  const asked = ['why', '10.111.0.77', instanceId, 'tcp/443', '-o', 'json'];
  const built = await say(...asked, '--same-group', '--masquerade', '--wires', 'one', '--source-wire', 'private');
  assert.deepEqual(JSON.parse(built.out).edge, {
    ...{ sameGroupTraffic: true, masquerade: true, wires: 'one', sourceWire: 'private' },
  });
  const usual = await say(...asked);
  assert.deepEqual(JSON.parse(usual.out).edge, { sameGroupTraffic: false, masquerade: false, wires: 'two' });
  assert.equal((await say(...asked, '--wires', 'three')).exit, 2);
  assert.equal((await say('why', 'me', 'you', 'tcp')).exit, 4);
  assert.match((await say('history', privateAddress)).out, new RegExp(`was reserved for ${instanceId}`));
  assert.match((await say('trace', instanceId)).out, /document of PARTI00, version \d+: no delivery recorded yet/);
});

test('plan, apply and revert', async (t) => {
  const { say, wish, folder } = await open(t);
  const [file, out] = [join(folder, 'wishes.json'), join(folder, 'plan.json')];
  writeFileSync(file, JSON.stringify([rule(80)]));
  const plan = await say('plan', file, '--out', out);
  assert.equal(plan.exit, 1);
  assert.match(plan.out, /^\+ security group/m);
  const done = await say('apply', out, '-o', 'json');
  assert.equal(done.exit, 0, done.err);
  assert.match((await say('apply', out)).err, /Done before/);
  assert.equal((await say('plan', file)).exit, 4, 'the rule is there already');
  writeFileSync(file, `${JSON.stringify(rule(81))}\n`);
  await say('plan', file, '--out', out);
  await wish([rule(82)]);
  const late = await say('apply', out);
  assert.equal(late.exit, 4);
  assert.match(late.err, /world-moved/);
  assert.equal((await say('apply', file)).exit, 2);
  writeFileSync(file, 'no json');
  assert.equal((await say('plan', file)).exit, 2);
  const position = String((JSON.parse(done.out) as { position: number }).position);
  assert.equal((await say('revert', position)).exit, 2);
  const shown = await say('revert', position, '--reason', 'too open', '--dry-run');
  assert.match(shown.out, /^- security group/m);
  assert.match((await say('revert', position, '--reason', 'too open')).err, /Undone by 1 event,/);
  assert.equal((await say('revert', position, '--reason', 'too open')).exit, 4);
});

test('verify, and a bundle checked without the house', async (t) => {
  const { say, folder } = await open(t);
  const verified = await say('verify');
  assert.equal(verified.exit, 0, verified.err);
  const recomputed = await say('verify', '--recompute');
  assert.equal(recomputed.exit, 0, recomputed.err);
  assert.match(recomputed.err, /1 of 1 document in use at position \d+: what the log alone makes/);
  const [bundle, key] = [join(folder, 'bundle'), join(folder, 'key.pem')];
  assert.equal((await say('audit', 'export', '--to', '5', '--out', bundle)).exit, 0);
  writeFileSync(key, (await say('audit', 'key')).out);
  assert.equal((await say('audit', 'verify', bundle, '--key', key)).exit, 0);
  writeFileSync(bundle, readFileSync(bundle, 'utf8').replace('PARTI00', 'PARTI01'));
  assert.equal((await say('audit', 'verify', bundle, '--key', key)).exit, 1);
});
