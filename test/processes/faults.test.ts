/**
 * Cluster controllers that hang, trickle, lie and pour, beside ones that work: the working ones get every change while the
 * others are still being waited for, the memory of the control plane stays bounded, and its status names what is wrong.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type Api, apiAt, change, registerCluster } from './api.ts';
import { behaviours, openMisbehaving, openWitness, type Witness } from './peers.ts';
import { createScene, freePorts, type Process, type Scene, until } from './processes.ts';

const WELL = ['well-1', 'well-2', 'well-3', 'well-4'];

/** What the status says of each way to misbehave. */
const reasons: Readonly<Record<string, RegExp>> = {
  hangs: /timeout/,
  trickles: /timeout/,
  'answers garbage': /garbage|connection|broken|closed/,
  'answers other XML': /garbage/,
  'closes half way': /closed|connection|broken|garbage/,
  'closes at once': /closed|connection|broken|refused/,
  'sends an endless body': /too-large/,
};

describe('controllers that misbehave', { timeout: 180_000 }, () => {
  let scene: Scene;
  let control: Process;
  let api: Api;
  let witnesses: readonly Witness[];

  const begin = async (flags: Readonly<Record<string, string | number>>): Promise<void> => {
    const [port = 0] = await freePorts(1);
    control = await scene.serve({ role: 'clc', data: await scene.folder(), port, 'resync-seconds': 1, ...flags });
    api = apiAt(port);
    witnesses = await Promise.all(WELL.map(() => openWitness()));
    for (const [i, witness] of witnesses.entries()) {
      scene.atEnd(witness.close);
      await registerCluster(api, WELL[i] ?? '', witness.endpoint);
    }
  };

  beforeEach(() => {
    scene = createScene();
  });
  afterEach(() => scene.end());

  const wellHave = async (position: number): Promise<void> => {
    for (const witness of witnesses)
      await until(() => witness.newest() >= position, `a working one to have ${position}`);
  };

  const residentBytes = async (): Promise<number> => {
    const status = await readFile(`/proc/${control.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? '0') * 1024;
  };

  test('while many hang, the others get every change, before the first of the hanging is given up', async () => {
    await begin({ 'push-timeout-ms': 120_000 });
    const hanging = await Promise.all(
      Array.from({ length: 12 }, () => openMisbehaving(behaviours['hangs'] ?? (() => {}))),
    );
    for (const [i, peer] of hanging.entries()) {
      scene.atEnd(peer.close);
      await registerCluster(api, `hangs-${i}`, peer.endpoint);
    }
    for (const peer of hanging) await until(() => peer.asked() === 1, 'every hanging one to be asked');
    for (let i = 0; i < 25; i += 1) await wellHave(await change(api));
    for (const [i, peer] of hanging.entries()) {
      const { failuresInARow, delivered, converged } = await api.cluster(`hangs-${i}`);
      assert.deepEqual(
        { asked: peer.asked(), failuresInARow, delivered },
        { asked: 1, failuresInARow: 0, delivered: null },
      );
      assert.notEqual(converged, true);
    }
  });

  test('each kind of misbehaviour is named, retried with pauses, and disturbs nobody', async () => {
    await begin({ 'push-timeout-ms': 1_000 });
    const bad = await Promise.all(
      Object.entries(behaviours).map(async ([kind, behaviour], i) => {
        const peer = await openMisbehaving(behaviour);
        scene.atEnd(peer.close);
        const name = `bad-${i}`;
        await registerCluster(api, name, peer.endpoint);
        return { kind, peer, name };
      }),
    );
    for (let i = 0; i < 20; i += 1) await wellHave(await change(api));
    for (const { kind, peer, name } of bad) {
      await until(async () => (await api.cluster(name)).failuresInARow >= 2, `two failures of one that ${kind}`);
      const { lastFailure, delivered, converged } = await api.cluster(name);
      assert.match(`${lastFailure?.reason} ${lastFailure?.detail}`, reasons[kind] ?? /never/, kind);
      assert.equal(delivered, null, `nothing is delivered to one that ${kind}`);
      assert.notEqual(converged, true);
      // Twenty changes were made; pauses between attempts keep them from becoming twenty attempts each.
      assert.ok(peer.asked() < 20, `${kind}: asked ${peer.asked()} times`);
    }
  });

  test('an endless answer costs no memory', async () => {
    await begin({ 'push-timeout-ms': 30_000 });
    await wellHave(await change(api));
    const before = await residentBytes();
    const pouring = await Promise.all(
      Array.from({ length: 8 }, () => openMisbehaving(behaviours['sends an endless body'] ?? (() => {}))),
    );
    for (const [i, peer] of pouring.entries()) {
      scene.atEnd(peer.close);
      await registerCluster(api, `pours-${i}`, peer.endpoint);
    }
    for (let i = 0; i < pouring.length; i += 1) {
      await until(async () => (await api.cluster(`pours-${i}`)).failuresInARow >= 3, 'three failures each');
    }
    await wellHave(await change(api));
    const grown = (await residentBytes()) - before;
    assert.ok(grown < 150 * 1024 * 1024, `grew by ${Math.round(grown / 1024 / 1024)} MB`);
  });

  test('the newest wins while one is blocked: it gets two documents, not a thousand', async () => {
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await begin({ 'push-timeout-ms': 120_000 });
    const slow = await openWitness({ hold: () => released });
    scene.atEnd(slow.close);
    await registerCluster(api, 'slow', slow.endpoint);
    let last = 0;
    for (let i = 0; i < 300; i += 1) last = await change(api);
    await wellHave(last);
    assert.equal(slow.seen.length, 0);
    release();
    await until(() => slow.newest() >= last, 'the newest to be delivered');
    assert.ok(slow.seen.length <= 3, `expected what was on the way and the newest, got ${slow.seen.length}`);
    assert.equal(slow.atOnce(), 1);
  });

  test('a document over the limit is not sent and not cut; the last good one stays, and it says so', async () => {
    await begin({});
    const good = await change(api);
    await wellHave(good);
    await api.must('PUT', '/v1/properties/edgelog.document.max_bytes', { value: '10000' });
    const groups = Array.from({ length: 60 }, (_, i) => ({ name: `group-${i}`, description: 'x'.repeat(200) }));
    for (const group of groups) await api.must('POST', '/v1/security-groups', group);
    await api.must('PUT', '/v1/configuration', {
      PublicIps: Array.from({ length: 400 }, (_, i) => `198.18.${i >> 8}.${i & 255}`),
      PrivateIps: Array.from({ length: 400 }, (_, i) => `10.77.${i >> 8}.${(i & 254) + 1}`),
      Subnets: [{ Subnet: '10.77.0.0', Netmask: '255.255.0.0', Gateway: '10.77.255.254' }],
      Clusters: WELL.map((Name, i) => ({ Name, MacPrefix: `d0:0${i}` })),
    });
    for (const name of WELL) {
      await until(
        async () => (await api.cluster(name)).lastFailure?.reason === 'document-too-large',
        `${name} to say so`,
      );
      const { lastFailure, delivered, converged } = await api.cluster(name);
      assert.match(lastFailure?.detail ?? '', /limit is 10000; nothing was cut or sent/);
      assert.ok((delivered ?? 0) >= good);
      assert.equal(converged, false);
    }
    for (const witness of witnesses) {
      for (const { pieces } of witness.seen) {
        assert.ok(Buffer.concat([...pieces]).byteLength <= 10_000);
      }
    }
    await api.must('DELETE', '/v1/properties/edgelog.document.max_bytes');
    await wellHave(await change(api));
  });
});
