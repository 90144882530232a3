/**
 * From the command's first byte to the document in the node's file, through real processes: everything in one, each role in its
 * own, two workers on Redis between control plane and controllers with the log in SQLite or on KurrentDB's wire; with and
 * without keys. One change after the other, so it is latency and not throughput. `npm run bench:command -- [CHANGES]`.
 */
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRedisServer, redisObstacle } from '../test/adapters/broadcast/redisServer.ts';
import { startKurrentStandIn } from '../test/adapters/eventstore/kurrentWireStandIn.ts';
import { type Api, apiAt, change, registerCluster } from '../test/processes/api.ts';
import { createScene, edgelog, type Flags, freePorts, type Scene, until } from '../test/processes/processes.ts';

const NODE = '127.0.0.2';
const changes = Number(process.argv[2] ?? 200);

type Set_ = { readonly api: Api; readonly file: string };
type Open = (scene: Scene, keys: Flags) => Promise<Set_>;

const configure = async (api: Api, cc: number): Promise<void> => {
  await registerCluster(api, 'one', `http://127.0.0.1:${cc}/axis2/services/EucalyptusCC`, [NODE]);
};

const portsOf = async () => {
  const [port = 0, cc = 0, wire = 0] = await freePorts(3);
  const [nc = 0] = await freePorts(1, NODE);
  return { port, cc, wire, nc };
};

const oneProcess: Open = async (scene, keys) => {
  const { port, cc, wire, nc } = await portsOf();
  const data = await scene.folder();
  const ports = { port, 'cc-port': cc, 'cc-wire-port': wire, 'nc-port': nc, 'nc-hosts': NODE };
  await scene.serve({ ...ports, ...keys, data });
  return { api: apiAt(port), file: join(data, 'nodes', NODE, 'global_network_info.xml') };
};

const controllers = async (scene: Scene, keys: Flags, ports: Awaited<ReturnType<typeof portsOf>>): Promise<string> => {
  const { port, cc, wire, nc } = ports;
  await scene.serve({
    ...{
      role: 'cc',
      data: await scene.folder(),
      'cluster-name': 'one',
      'cc-port': cc,
      'cc-wire-port': wire,
      'nc-port': nc,
    },
    ...{ 'report-to': `http://127.0.0.1:${port}`, ...keys },
  });
  const data = await scene.folder();
  await scene.serve({
    ...{ role: 'nc', data, 'nc-hosts': NODE, 'nc-port': nc, 'report-to': `http://127.0.0.1:${wire}` },
    ...keys,
  });
  return join(data, 'nodes', NODE, 'global_network_info.xml');
};

const apart: Open = async (scene, keys) => {
  const ports = await portsOf();
  await scene.serve({ role: 'clc', data: await scene.folder(), port: ports.port, ...keys });
  const file = await controllers(scene, keys, ports);
  const api = apiAt(ports.port);
  await configure(api, ports.cc);
  return { api, file };
};

type StoreFor = (scene: Scene) => Promise<Flags>;

const onSqlite: StoreFor = async (scene) => ({ store: `sqlite:${await scene.folder()}/events.db` });

/** Speaks the server's protocol and keeps its log in memory: what our side costs, not what a server would. */
const onKurrentStandIn: StoreFor = async (scene) => {
  const server = await startKurrentStandIn();
  scene.atEnd(server.close);
  return { store: server.url, insecure: true };
};

const withWorkers =
  (storeFor: StoreFor): Open =>
  async (scene, keys) => {
    const redis = await openRedisServer();
    scene.atEnd(redis.remove);
    const ports = await portsOf();
    const common = { ...(await storeFor(scene)), lanes: redis.url, port: ports.port, ...keys };
    await scene.serve({ ...common, data: await scene.folder(), role: 'clc' });
    for (let i = 0; i < 2; i += 1) await scene.serve({ ...common, data: await scene.folder(), role: 'worker' });
    const api = apiAt(ports.port);
    await until(async () => /2 workers/.test(await api.text('/v1/status')), 'two workers');
    const file = await controllers(scene, keys, ports);
    await configure(api, ports.cc);
    return { api, file };
  };

const positionIn = async (file: string): Promise<number> =>
  Number(/ position="(\d+)"/.exec((await readFile(file, 'utf8').catch(() => '')).slice(0, 400))?.[1] ?? -1);

/** Resolves when the file holds the position; told by the system, not by looking again and again. */
const reached = async (file: string, position: number): Promise<void> => {
  let wake: () => void = () => {};
  const watcher = watch(join(file, '..'), () => wake());
  try {
    while ((await positionIn(file)) < position) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 50);
      });
    }
  } finally {
    watcher.close();
  }
};

const measured = async ({ api, file }: Set_): Promise<readonly number[]> => {
  for (let i = 0; i < 20; i += 1) await reached(file, await change(api));
  const times: number[] = [];
  for (let i = 0; i < changes; i += 1) {
    const begun = performance.now();
    await reached(file, await change(api));
    times.push(performance.now() - begun);
  }
  return times.toSorted((a, b) => a - b);
};

const line = (name: string, times: readonly number[]): string => {
  const at = (share: number): string =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1);
  return `${name.padEnd(66)} p50 ${at(0.5).padStart(6)} ms  p90 ${at(0.9).padStart(6)} ms  p99 ${at(0.99).padStart(6)} ms`;
};

const setups: readonly (readonly [string, Open])[] = [
  ['one process, SQLite, lanes in process', oneProcess],
  ['clc, cc, nc apart, SQLite, lanes in process', apart],
  ...(redisObstacle() === undefined
    ? [
        ['clc, two workers, Redis, cc, nc apart, SQLite', withWorkers(onSqlite)] as const,
        ['clc, two workers, Redis, cc, nc apart, KurrentDB stand-in', withWorkers(onKurrentStandIn)] as const,
      ]
    : []),
];

for (const isSigned of [false, true]) {
  for (const [name, open] of setups) {
    const scene = createScene();
    try {
      const keys = await scene.folder();
      if (isSigned) await scene.keep(edgelog('keys', 'init', join(keys, 'all'))).ended;
      const set = await open(scene, isSigned ? { 'wire-keys': join(keys, 'all') } : {});
      process.stdout.write(`${line(`${name}${isSigned ? ', signed' : ''}`, await measured(set))}\n`);
    } finally {
      await scene.end();
    }
  }
}
