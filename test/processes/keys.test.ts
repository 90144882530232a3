/**
 * Keys on both hops, made with `edgelog keys init`: control plane, cluster controller and node each in a process of its own.
 * Whoever signs with another key, speaks for another cluster or is meant for somebody else is not believed, and the status says
 * why.
 */
import assert from 'node:assert/strict';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { readCertificate, readKeys } from '../../src/adapters/soap/keys.ts';
import { createSigner } from '../../src/adapters/soap/security/signer.ts';
import { createVerifier } from '../../src/adapters/soap/security/verifier.ts';
import { type Api, apiAt, change, registerCluster } from './api.ts';
import { openWitness } from './peers.ts';
import { createScene, edgelog, type Flags, freePorts, type Scene, until } from './processes.ts';

const NODE = '127.0.0.2';

describe('keys on every hop', { timeout: 180_000 }, () => {
  let scene: Scene;
  let keys: string;
  let ports: {
    readonly api: number;
    readonly cc: number;
    readonly wire: number;
    readonly nc: number;
    readonly ncWire: number;
  };

  const makeKeys = async (folder: string): Promise<void> => {
    const made = scene.keep(edgelog('keys', 'init', folder));
    assert.equal(await made.ended, 0, made.said());
  };

  /** Only what an owner should have: its own private key, and the certificates it must trust. */
  const shareOf = async (owner: 'cloud' | 'cluster' | 'node', from = keys): Promise<string> => {
    const folder = await scene.folder();
    const trusted = {
      cloud: ['cluster-cert.pem'],
      cluster: ['cloud-cert.pem', 'node-cert.pem'],
      node: ['cluster-cert.pem'],
    };
    for (const file of [`${owner}-pk.pem`, `${owner}-cert.pem`, ...trusted[owner]])
      await cp(join(from, file), join(folder, file));
    return folder;
  };

  beforeEach(async () => {
    scene = createScene();
    keys = await scene.folder();
    await makeKeys(keys);
    const [api = 0, cc = 0, wire = 0] = await freePorts(3);
    const [nc = 0, ncWire = 0] = await freePorts(2, NODE);
    ports = { api, cc, wire, nc, ncWire };
  });
  afterEach(() => scene.end());

  const clc = async (more: Flags = {}, isSigned = true): Promise<Api> => {
    const signed: Flags = isSigned ? { 'wire-keys': await shareOf('cloud') } : {};
    const data = await scene.folder();
    await scene.serve({ role: 'clc', data, port: ports.api, 'resync-seconds': 1, ...signed, ...more });
    return apiAt(ports.api);
  };
  const cc = async (more: Flags = {}) =>
    scene.serve({
      ...{
        role: 'cc',
        data: await scene.folder(),
        'cluster-name': 'one',
        'cc-port': ports.cc,
        'cc-wire-port': ports.wire,
      },
      ...{ 'nc-port': ports.nc, 'cc-nodes': NODE, 'report-to': `http://127.0.0.1:${ports.api}` },
      ...{ 'wire-keys': await shareOf('cluster'), ...more },
    });
  const nc = async (more: Flags = {}) =>
    scene.serve({
      ...{
        role: 'nc',
        data: await scene.folder(),
        'nc-hosts': NODE,
        'nc-port': ports.nc,
        'nc-wire-port': ports.ncWire,
      },
      ...{ 'report-to': `http://127.0.0.1:${ports.wire}`, 'wire-keys': await shareOf('node'), ...more },
    });
  const ccUrl = (): string => `http://127.0.0.1:${ports.cc}/axis2/services/EucalyptusCC`;

  const failsWith = (api: Api, cluster: string, words: RegExp): Promise<void> =>
    until(async () => {
      const { lastFailure } = await api.cluster(cluster);
      return words.test(`${lastFailure?.reason} ${lastFailure?.detail}`);
    }, `${cluster} to fail with ${words}`);

  const nodeHas = (api: Api, position: number): Promise<void> =>
    until(async () => {
      const { delivered, nodes } = await api.cluster('one');
      return (delivered ?? -1) >= position && nodes.some(({ accepted }) => (accepted ?? -1) >= position);
    }, `the node to have ${position}`);

  test('from the command to the node and back, everything signed', async () => {
    const api = await clc();
    await cc();
    await nc();
    await registerCluster(api, 'one', ccUrl(), [NODE]);
    await nodeHas(api, await change(api));
    // Further changes go another way between controllers of ours; they are sealed with the same keys.
    for (let i = 0; i < 5; i += 1) await nodeHas(api, await change(api));
    const { nodes } = await api.cluster('one');
    assert.deepEqual(
      nodes.map(({ refusal }) => refusal),
      [null],
    );
  });

  test('a cluster controller with a key of its own is not believed, though it answers true', async () => {
    const other = await scene.folder();
    await makeKeys(other);
    const impostor = await openWitness({
      wire: {
        verifier: createVerifier({ certificates: [await readCertificate(keys, 'cloud')], now: Date.now }),
        signer: createSigner(await readKeys(other, 'cluster')),
      },
    });
    const honest = await openWitness({
      wire: {
        verifier: createVerifier({ certificates: [await readCertificate(keys, 'cloud')], now: Date.now }),
        signer: createSigner(await readKeys(keys, 'cluster')),
      },
    });
    scene.atEnd(impostor.close);
    scene.atEnd(honest.close);
    const api = await clc({ 'push-timeout-ms': 5_000 });
    await registerCluster(api, 'bad', impostor.endpoint);
    await registerCluster(api, 'good', honest.endpoint);
    await failsWith(api, 'bad', /untrusted/);
    const last = await change(api);
    await until(async () => ((await api.cluster('good')).delivered ?? -1) >= last, 'the other to be delivered');
    assert.equal((await api.cluster('bad')).delivered, null);
  });

  test('one cluster cannot answer for another: each has its own certificate', async () => {
    const folder = await shareOf('cloud');
    const twoKeys = await scene.folder();
    await makeKeys(twoKeys);
    await mkdir(join(folder, 'two'));
    await cp(join(twoKeys, 'cluster-cert.pem'), join(folder, 'two', 'cluster-cert.pem'));
    const one = await openWitness({
      wire: { signer: createSigner(await readKeys(keys, 'cluster')) },
    });
    scene.atEnd(one.close);
    const api = await clc({ 'wire-keys': folder });
    await registerCluster(api, 'one', one.endpoint);
    await registerCluster(api, 'two', one.endpoint);
    const last = await change(api);
    await until(async () => ((await api.cluster('one')).delivered ?? -1) >= last, 'its own to be delivered');
    await failsWith(api, 'two', /untrusted/);
    assert.equal((await api.cluster('two')).delivered, null);
  });

  test('a control plane with another key is refused; nothing unsigned is taken', async () => {
    const other = await scene.folder();
    await makeKeys(other);
    await cp(join(keys, 'cluster-cert.pem'), join(other, 'cluster-cert.pem'), { force: true });
    const controller = await cc();
    const api = await clc({ 'wire-keys': other });
    await registerCluster(api, 'one', ccUrl(), [NODE]);
    await failsWith(api, 'one', /FailedAuthentication/);
    assert.equal((await api.cluster('one')).delivered, null);
    assert.match(controller.said(), /refused a message/);
  });

  test('unsigned is refused where keys are configured', async () => {
    await cc();
    const api = await clc({}, false);
    await registerCluster(api, 'one', ccUrl(), [NODE]);
    await failsWith(api, 'one', /InvalidSecurity/);
  });

  test('mail for another address is refused, unless the controller is known by it', async () => {
    const api = await clc();
    const controller = await cc({ 'cc-host': '0.0.0.0' });
    await registerCluster(api, 'one', ccUrl().replace('127.0.0.1', '127.0.0.9'), [NODE]);
    await failsWith(api, 'one', /not-addressed-to-us|addressed to/);
    assert.equal(await controller.stop(), 0);
    await cc({ 'cc-host': '0.0.0.0', 'known-as': '127.0.0.9' });
    const last = await change(api);
    await until(async () => ((await api.cluster('one')).delivered ?? -1) >= last, 'the document to be delivered');
  });

  test('a node with another key is neither given documents nor believed', async () => {
    const other = await scene.folder();
    await makeKeys(other);
    const folder = await shareOf('node', other);
    await cp(join(keys, 'cluster-cert.pem'), join(folder, 'cluster-cert.pem'), { force: true });
    const api = await clc();
    const controller = await cc({ 'push-timeout-ms': 3_000 });
    await nc({ 'wire-keys': folder });
    await registerCluster(api, 'one', ccUrl(), [NODE]);
    await change(api);
    await until(() => /refused the word of a node/.test(controller.said()), 'its word to be refused');
    await until(
      async () => (await api.cluster('one')).nodes.some(({ refusal }) => refusal?.reason === 'untrusted'),
      'the reason',
    );
    const { nodes } = await api.cluster('one');
    assert.deepEqual(
      nodes.map(({ accepted, converged }) => [accepted, converged === true]),
      [[null, false]],
    );
  });

  test('a key of the API bound to one cluster reports for that one only', async () => {
    const folder = await scene.folder();
    const file = join(folder, 'keys.json');
    const made = async (...words: readonly string[]): Promise<string> => {
      const added = scene.keep(edgelog('keys', 'add', ...words, '--file', file));
      assert.equal(await added.ended, 0, added.said());
      const key = /el_[0-9a-f]{8}_[A-Za-z0-9_-]{43}/.exec(added.said())?.[0];
      assert.ok(key !== undefined, added.said());
      return key;
    };
    const admin = await made('root', '--role', 'admin');
    const bound = await made('cc-one', '--role', 'operator', '--cluster', 'one');
    await clc({ 'keys-file': file });
    const api = apiAt(ports.api, admin);
    await registerCluster(api, 'one', ccUrl(), [NODE]);
    await registerCluster(api, 'two', 'http://127.0.0.1:9/axis2/services/EucalyptusCC', [NODE]);
    const word = [{ node: NODE, epoch: 1, accepted: 5, applied: 5, agent: 'kernel', at: 0 }];
    const asOne = apiAt(ports.api, bound);
    assert.equal((await asOne.call('POST', '/v1/clusters/one/reports', word)).status, 200);
    assert.equal((await asOne.call('POST', '/v1/clusters/two/reports', word)).status, 403);
    assert.equal((await apiAt(ports.api).call('POST', '/v1/clusters/one/reports', word)).status, 401);
    assert.deepEqual(
      (await api.cluster('two')).nodes.map(({ accepted }) => accepted),
      [null],
    );
    // The controller itself reports with its key.
    await cc({ 'report-key': bound });
    await nc();
    await nodeHas(api, await change(api));
  });

  test('a missing key is said with its file, and nothing is started', async () => {
    const empty = await scene.folder();
    const started = scene.keep(edgelog('serve', '--role', 'cc', '--data', await scene.folder(), '--wire-keys', empty));
    assert.equal(await started.ended, 2);
    assert.match(started.said(), /cluster-pk\.pem.*edgelog keys init/s);
  });

  test('no key is ever written to the log of a process', async () => {
    const api = await clc();
    const controller = await cc();
    await registerCluster(api, 'one', ccUrl(), [NODE]);
    await change(api);
    const secret = (await readFile(join(keys, 'cluster-pk.pem'), 'utf8')).split('\n')[3] ?? 'never';
    assert.equal(controller.said().includes(secret), false);
  });
});
