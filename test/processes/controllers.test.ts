/**
 * Cluster controller and node as processes of their own: they survive restarts with what they last had, refuse what is older,
 * serve nodes of Eucalyptus without believing to know them, and hear what an agent has in force.
 */
import assert from 'node:assert/strict';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { base64OfPieces } from '../../src/adapters/soap/base64.ts';
import { createSoapClient } from '../../src/adapters/soap/client.ts';
import { endpoints } from '../../src/adapters/soap/names.ts';
import { type Api, apiAt, change, type Node, registerCluster } from './api.ts';
import { openNodeWitness } from './peers.ts';
import { createScene, type Flags, freePorts, type Process, type Scene, until } from './processes.ts';

const NODE = '127.0.0.2';

describe('controllers as processes', { timeout: 240_000 }, () => {
  let scene: Scene;
  let api: Api;
  let control: Process;
  let folders: { readonly clc: string; readonly cc: string; readonly nc: string };
  let ports: Readonly<Record<'api' | 'cc' | 'wire' | 'nc' | 'ncWire', number>>;

  const clc = (): Promise<Process> =>
    scene.serve({ role: 'clc', data: folders.clc, port: ports.api, 'resync-seconds': 1, 'periodic-seconds': 2 });
  const cc = (more: Flags = {}): Promise<Process> =>
    scene.serve({
      ...{ role: 'cc', data: folders.cc, 'cluster-name': 'one', 'cc-port': ports.cc, 'cc-wire-port': ports.wire },
      ...{ 'nc-port': ports.nc, 'report-to': api.url, 'periodic-seconds': 2, 'push-timeout-ms': 5_000, ...more },
    });
  const nc = (): Promise<Process> =>
    scene.serve({
      ...{ role: 'nc', data: folders.nc, 'nc-hosts': NODE, 'nc-port': ports.nc, 'nc-wire-port': ports.ncWire },
      'report-to': `http://127.0.0.1:${ports.wire}`,
    });

  beforeEach(async () => {
    scene = createScene();
    const [apiPort = 0, ccPort = 0, wire = 0] = await freePorts(3);
    const [ncPort = 0, ncWire = 0] = await freePorts(2, NODE);
    ports = { api: apiPort, cc: ccPort, wire, nc: ncPort, ncWire };
    folders = { clc: await scene.folder(), cc: await scene.folder(), nc: await scene.folder() };
    api = apiAt(ports.api);
    control = await clc();
    await registerCluster(api, 'one', `http://127.0.0.1:${ports.cc}${endpoints.clusterController.path}`, [NODE]);
    const clusters = [{ Name: 'one', MacPrefix: 'd0:0d', PrivateIps: ['10.1.0.10-10.1.0.20'] }];
    const subnet = { Subnet: '10.1.0.0', Netmask: '255.255.0.0', Gateway: '10.1.0.1' };
    await api.must('PUT', '/v1/configuration', {
      PublicIps: ['198.51.100.1-198.51.100.9'],
      Subnets: [],
      Clusters: clusters.map((cluster) => ({ ...cluster, Subnet: subnet })),
    });
  });
  afterEach(() => scene.end());

  const nodeFile = (): string => join(folders.nc, 'nodes', NODE, 'global_network_info.xml');
  const positionOnNode = async (): Promise<number> => {
    const text = await readFile(nodeFile(), 'utf8').catch(() => '');
    return Number(/ position="(\d+)"/.exec(text)?.[1] ?? -1);
  };
  const onNode = (position: number): Promise<void> =>
    until(async () => (await positionOnNode()) >= position, `position ${position} on the node`);
  const node = async (name = NODE): Promise<Node> => {
    const { nodes } = await api.cluster('one');
    const found = nodes.find((one) => one.node === name);
    if (found === undefined) throw new Error(`expected ${name} among ${JSON.stringify(nodes)}`);
    return found;
  };

  test('a killed cluster controller comes back with its last document and serves a node that lost its own', async () => {
    const controller = await cc();
    const agentless = await nc();
    const last = await change(api);
    await onNode(last);
    assert.equal(await control.stop(), 0);
    await until(
      async () =>
        (await readFile(join(folders.cc, 'clusters/one/cc_global_network_info.xml'), 'utf8')).includes(
          `position="${last}"`,
        ),
      'the document in the file of the controller',
    );
    await controller.kill();
    await agentless.kill();
    await rm(nodeFile());
    await cc();
    await nc();
    await onNode(last);
    assert.match(await readFile(nodeFile(), 'utf8'), /<\/network-data>\s*$/);
  });

  test('a node refuses what is older, also after a restart, and keeps its file', async () => {
    await cc();
    const before = await nc();
    await onNode(await change(api));
    const older = await readFile(nodeFile());
    await onNode(await change(api));
    const newest = await readFile(nodeFile(), 'utf8');
    const client = createSoapClient({ now: Date.now });
    const push = async () =>
      client.push(`http://${NODE}:${ports.nc}${endpoints.nodeController.path}`, {
        kind: 'ncBroadcastNetworkInfo',
        networkInfo: base64OfPieces([older]),
      });
    const pushed = await push();
    assert.deepEqual(pushed.kind === 'answered' && [pushed.return, pushed.statusMessage?.slice(0, 16)], [
      false,
      '2 older-document',
    ]);
    assert.equal(await before.stop(), 0);
    await nc();
    const again = await push();
    assert.equal(again.kind === 'answered' && again.return, false);
    assert.equal(await readFile(nodeFile(), 'utf8'), newest);
    client.close();
  });

  test('a node of Eucalyptus is given every document, again every period, and stays unknown', async () => {
    const foreign = await openNodeWitness();
    scene.atEnd(foreign.close);
    await cc({ 'cc-nodes': `${NODE}=${foreign.endpoint}` });
    const last = await change(api);
    await until(() => foreign.newest() >= last, 'the document at the node');
    const count = foreign.seen.length;
    await until(() => foreign.seen.length >= count + 2, 'the same document again, and again');
    assert.equal(foreign.newest(), last);
    await until(async () => (await node()).accepted === last, 'what it was given in the status');
    const { agent, applied, converged } = await node();
    assert.deepEqual({ agent, applied, converged }, { agent: 'unknown', applied: null, converged: null });
    assert.equal((await api.cluster('one')).converged, null);
  });

  test('what eucanetd has applied is understood from its version file', async () => {
    await cc();
    await nc();
    const first = await change(api);
    await onNode(first);
    const stampOf = async (): Promise<string> =>
      / version="([0-9a-f]{8})"/.exec(await readFile(nodeFile(), 'utf8'))?.[1] ?? '';
    const version = join(folders.nc, 'nodes', NODE, 'global_network_info.version');
    const applied = await positionOnNode();
    await writeFile(version, await stampOf());
    await until(async () => (await node()).applied === applied, 'what it has applied in the status');
    assert.equal((await node()).agent, 'kernel');
    const second = await change(api);
    await onNode(second);
    await until(async () => (await node()).accepted === second, 'what it was given in the status');
    assert.deepEqual([(await node()).applied, (await node()).converged], [applied, false]);
    await writeFile(version, await stampOf());
    await until(async () => (await node()).converged === true, 'convergence');
  });

  test('an agent in a process of its own is heard by the node controller', async () => {
    await cc();
    await nc();
    const flags = { role: 'agent', data: folders.nc, 'node-name': NODE };
    const agent = await scene.serve(flags);
    const last = await change(api);
    await onNode(last);
    await until(async () => (await node()).agent === 'plan', 'the agent in the status');
    await until(async () => {
      const status = await readFile(join(folders.nc, 'nodes', NODE, 'agent-status.json'), 'utf8');
      return JSON.parse(status).accepted?.position === last;
    }, 'the plan of the newest document');
    assert.ok((await stat(join(folders.nc, 'nodes', NODE, 'plan.nft'))).size > 0);
    assert.equal((await node()).applied, null);
    assert.equal(await agent.stop(), 0);
  });

  test('a trace is carried from the request to the word of the node, and each hop is measured', async () => {
    await cc();
    await nc();
    await onNode(await change(api));
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const last = await change(api, { traceparent: `00-${trace}-00f067aa0ba902b7-01` });
    await onNode(last);
    // That it has the document is known from the answer to the push; its own word may come a moment later.
    await until(
      async () => (await node()).accepted === last && (await node()).traceparent !== null,
      'the word of the node',
    );
    assert.match((await node()).traceparent ?? '', new RegExp(`^00-${trace}-`));
    const metrics = await api.text('/metrics');
    for (const hop of ['delivered', 'accepted']) {
      const count = new RegExp(`edgelog_change_seconds_count\\{hop="${hop}",cluster="one"\\} (\\d+)`).exec(
        metrics,
      )?.[1];
      assert.ok(Number(count) >= 2, `expected ${hop} to be measured, got ${count}`);
    }
    assert.match(metrics, /edgelog_change_seconds_count\{hop="projected"/);
    assert.match(metrics, /edgelog_push_seconds_count\{cluster="one",outcome="delivered"\} \d+/);
  });

  test('a node that dies is not taken for converged for ever, and a new change shows it', async () => {
    const controller = await cc();
    const dying = await nc();
    const last = await change(api);
    await onNode(last);
    await until(async () => (await node()).converged === true, 'convergence');
    await dying.kill();
    const more = await change(api);
    await until(async () => (await node()).refusal !== null, 'the reason in the status');
    const { accepted, converged, refusal } = await node();
    assert.deepEqual({ accepted, converged }, { accepted: last, converged: false });
    assert.match(refusal?.detail ?? '', /./);
    await nc();
    await onNode(more);
    await until(async () => (await node()).converged === true, 'convergence again');
    assert.equal((await node()).refusal, null);
    assert.equal(await controller.stop(), 0);
  });
});
