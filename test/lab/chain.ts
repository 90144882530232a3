/**
 * The whole chain inside the lab: the real program as control plane and cluster controller in the room, and as node controller
 * with its agent in each node's namespace, signing all the way. Everything is told by HTTP commands and arrives as packets.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeKeys } from '../../src/adapters/soap/keys.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import { type NodeName, nodeAddresses, outside } from './story.ts';
import { batch } from './world.ts';

const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const port = 8780;
/** Where the cluster controller is on the private fabric. */
const clusterAddress = '198.51.100.6';
export const chainCluster = 'PARTI00';

export type Answer = { readonly [member: string]: unknown };

export type Chain = {
  readonly url: string;
  /** Faults unless it succeeds. With `?wait=applied` a success means that the kernels have it. */
  readonly command: (method: string, path: string, body?: object) => Promise<Answer>;
  /** Beside each node's document: status, figures. */
  readonly folderOf: (node: NodeName) => string;
  readonly stop: () => Promise<void>;
};

type Running = { readonly stop: () => Promise<void> };

const patience = 30_000;

/** A flag without a value is empty. Resolves when it says it is ready. */
const serve = async (flags: Readonly<Record<string, string>>, namespace?: NodeName): Promise<Running> => {
  const words = [
    program,
    'serve',
    ...Object.entries(flags).map(([name, value]) => (value === '' ? `--${name}` : `--${name}=${value}`)),
  ];
  const inside = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  const [command = '', ...args] = [...inside, process.execPath, ...words];
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ready = new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${flags['role']} ${namespace ?? ''} ${why}: ${said}`));
    const timer = setTimeout(() => fail('is not ready'), patience);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (/^ready /m.test(said)) resolve();
      });
    }
    void ended.then(() => fail('ended'));
    void ended.finally(() => clearTimeout(timer));
  });
  await ready;
  return {
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
};

const command = async (method: string, path: string, body?: object): Promise<Answer> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${method} ${path}: expected 200, got ${response.status} ${text}`);
  return JSON.parse(text) as Answer;
};

/** The cloud as the lab's wires are. */
const foundCloud = async (): Promise<void> => {
  await command('PUT', '/v1/configuration', {
    InstanceDnsDomain: 'lab.internal',
    InstanceDnsServers: [outside.clc],
    PublicIps: ['203.0.113.50-203.0.113.59'],
    Clusters: [
      {
        Name: chainCluster,
        MacPrefix: 'd0:0d',
        Subnet: { Name: '10.111.0.0', Subnet: '10.111.0.0', Netmask: '255.255.0.0', Gateway: outside.gateway },
        PrivateIps: ['10.111.0.10-10.111.0.90'],
      },
    ],
  });
  const endpoint = `http://${clusterAddress}:8774/axis2/services/EucalyptusCC`;
  const host = clusterAddress;
  await command('POST', '/v1/clusters', { cluster: chainCluster, host, address: host, endpoint });
  await command('POST', `/v1/clusters/${chainCluster}/enable`);
  const nodes = Object.values(nodeAddresses).map((node) => ({ name: node.private }));
  await command('PUT', `/v1/clusters/${chainCluster}/nodes`, { nodes });
};

/** Nobody else may be programming the nodes meanwhile. */
export const startChain = async (folder: string): Promise<Chain> => {
  const keys = join(folder, 'keys');
  const made = await makeKeys({ folder: keys, nowMs: Date.now() });
  if (isRefusal(made)) throw new Error(made.detail);
  const build = join(folder, 'node.json');
  await writeFile(build, '{"masquerade":true,"driftSeconds":0}');
  const dataOf = (name: string): string => join(folder, name);
  batch([`addr add ${clusterAddress}/24 dev sw0`]);
  const running: Running[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((one) => one.stop()));
    batch([`addr del ${clusterAddress}/24 dev sw0`]);
  };
  const common = { 'wire-keys': keys };
  const above = {
    ...{ role: 'clc,worker,cc', data: dataOf('cloud'), port: String(port), 'clc-address': outside.clc },
    ...{ 'cc-host': clusterAddress, 'cluster-name': chainCluster, 'report-to': `http://127.0.0.1:${port}` },
  };
  const below = (node: NodeName) => ({
    ...{ role: 'nc,agent', data: dataOf(node), 'report-to': `http://${clusterAddress}:8784` },
    ...{ 'nc-hosts': nodeAddresses[node].private, 'program-kernel': '', 'agent-options': build },
  });
  try {
    running.push(await serve({ ...common, ...above }));
    running.push(await serve({ ...common, ...below('n1') }, 'n1'));
    running.push(await serve({ ...common, ...below('n2') }, 'n2'));
    await foundCloud();
  } catch (fault) {
    await stop();
    throw fault;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    command,
    folderOf: (node) => join(dataOf(node), 'nodes', nodeAddresses[node].private),
    stop,
  };
};
