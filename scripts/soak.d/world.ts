/**
 * The world of the soak: a control plane, workers, cluster controllers and nodes as processes of their own, Redis, and a link in
 * front of everything that others connect to, so that any way between two of them can be cut. Everything is in temporary folders
 * and on loopback, and gone with the scene.
 */
import { join } from 'node:path';
import { endpoints } from '../../src/adapters/soap/names.ts';
import { openRedisServer, type RedisServer } from '../../test/adapters/broadcast/redisServer.ts';
import { type BreakableLink, openBreakableLink } from '../../test/adapters/eventstore/breakableLink.ts';
import { type KurrentStandIn, startKurrentStandIn } from '../../test/adapters/eventstore/kurrentWireStandIn.ts';
import { type Api, apiAt, registerCluster } from '../../test/processes/api.ts';
import { createScene, edgelog, type Flags, freePorts, type Process } from '../../test/processes/processes.ts';

export type Member = {
  readonly name: string;
  readonly role: 'clc' | 'worker' | 'cc' | 'nc';
  readonly process: () => Process | undefined;
  readonly start: () => Promise<void>;
  readonly kill: () => Promise<void>;
  /** Asks it to stop and waits; one that does not stop in good order is a finding. */
  readonly stop: () => Promise<void>;
};

export type Link = { readonly name: string; readonly all: readonly BreakableLink[] };

export type World = {
  /** The doors of the control planes, not behind links: a client knows no more of a fault than that nobody answers. */
  readonly bases: readonly string[];
  readonly api: Api;
  readonly log: string;
  readonly clusters: ReadonlyMap<string, readonly string[]>;
  readonly members: readonly Member[];
  readonly links: readonly Link[];
  readonly redis: RedisServer;
  /** The event store, where it is not a file. */
  readonly standIn: KurrentStandIn | undefined;
  readonly fileOf: (node: string) => string;
  /** What processes that are gone said, and the exit of those that nobody had killed. */
  readonly lastWords: readonly { readonly name: string; readonly said: string; readonly exit?: number | null }[];
  readonly close: () => Promise<void>;
};

/** `kurrentdb`: on the wire stand-in, in the process of the soak; it proves our side and not a server. */
export type WorldOptions = {
  readonly signed: boolean;
  readonly controlPlanes: number;
  readonly store: 'sqlite' | 'kurrentdb';
};

type Host = { readonly own: string; readonly seen: string };
const ccHost = (n: number): Host => ({ own: `127.0.11.${n}`, seen: `127.0.12.${n}` });
const ncHost = (n: number): Host => ({ own: `127.0.13.${n}`, seen: `127.0.14.${n}` });

/** Two clusters of two nodes each. */
const LAYOUT: ReadonlyMap<number, readonly number[]> = new Map([
  [1, [1, 2]],
  [2, [3, 4]],
]);

const configuration = {
  PublicIps: ['10.111.200.0-10.111.203.255'],
  Clusters: [...LAYOUT.keys()].map((n) => ({
    Name: `c${n}`,
    MacPrefix: 'd0:0d',
    Subnet: { Name: `net${n}`, Subnet: `10.${110 + n}.0.0`, Netmask: '255.255.0.0', Gateway: `10.${110 + n}.0.1` },
    PrivateIps: [`10.${110 + n}.1.0-10.${110 + n}.9.255`],
  })),
};

const createMember = (
  scene: ReturnType<typeof createScene>,
  { name, role }: Pick<Member, 'name' | 'role'>,
  flags: Flags,
  lastWords: World['lastWords'][number][],
): Member => {
  let running: Process | undefined;
  const end = async (ending: (one: Process) => Promise<number | null | undefined>): Promise<void> => {
    const one = running;
    running = undefined;
    if (one === undefined) return;
    const exit = await ending(one);
    lastWords.push({ name, said: one.said(), ...(exit === undefined ? {} : { exit }) });
  };
  return {
    name,
    role,
    process: () => running,
    start: async () => {
      const started = await scene.serve({ role, ...flags });
      running = started;
      void started.ended.then((exit) => {
        if (running === started) lastWords.push({ name, said: started.said(), exit });
      });
    },
    kill: () =>
      end(async (one) => {
        await one.kill();
        return undefined;
      }),
    stop: () => end(async (one) => ((await one.stop()) === 0 ? undefined : (one.child.exitCode ?? -1))),
  };
};

export const openWorld = async ({ signed, controlPlanes, store }: WorldOptions): Promise<World> => {
  const scene = createScene();
  const redis = await openRedisServer();
  scene.atEnd(redis.remove);
  const lastWords: World['lastWords'][number][] = [];
  const links: Link[] = [];
  const linked = async (name: string, ports: readonly number[], { own, seen }: Host): Promise<void> => {
    const all = await Promise.all(ports.map((port) => openBreakableLink(port, { host: seen, targetHost: own, port })));
    for (const link of all) scene.atEnd(link.close);
    links.push({ name, all });
  };
  const folder = await scene.folder();
  const keys = join(folder, 'keys');
  if (signed) await scene.keep(edgelog('keys', 'init', keys)).ended;
  const server = store === 'kurrentdb' ? await startKurrentStandIn() : undefined;
  if (server !== undefined) {
    scene.atEnd(server.close);
    links.push({ name: 'event store', all: [server.link] });
  }
  const log = server?.url ?? `sqlite:${folder}/events.db`;
  const common: Flags = { 'push-timeout-ms': 3_000, ...(signed ? { 'wire-keys': keys } : {}) };

  const redisLink = await openBreakableLink(redis.port);
  scene.atEnd(redisLink.close);
  links.push({ name: 'redis', all: [redisLink] });
  const own: Flags = {
    ...common,
    insecure: true,
    store: log,
    lanes: `redis://127.0.0.1:${redisLink.port()}`,
    'resync-seconds': 1,
    'periodic-seconds': 10,
  };
  const members: Member[] = [];
  const add = (name: string, role: Member['role'], flags: Flags): void => {
    members.push(createMember(scene, { name, role }, flags, lastWords));
  };

  const apiPorts = await freePorts(controlPlanes);
  const reportTo: string[] = [];
  for (const [n, port] of apiPorts.entries()) {
    add(`clc${n + 1}`, 'clc', { ...own, port, data: join(folder, `clc${n + 1}`) });
    const link = await openBreakableLink(port);
    scene.atEnd(link.close);
    links.push({ name: `clc${n + 1}`, all: [link] });
    reportTo.push(`http://127.0.0.1:${link.port()}`);
  }
  for (const n of [1, 2]) add(`worker${n}`, 'worker', { ...own, data: join(folder, `worker${n}`) });

  const { path } = endpoints.nodeController;
  const clusters = new Map<string, readonly string[]>();
  const registrations: (() => Promise<void>)[] = [];
  const fileOf = (node: string): string => join(folder, 'nc', 'nodes', node, 'global_network_info.xml');
  const api = apiAt(apiPorts[0] ?? 0);
  for (const [c, nodes] of LAYOUT) {
    const at = ccHost(c);
    const [port = 0, wire = 0] = await freePorts(2, at.own);
    await linked(`cc${c}`, [port, wire], at);
    const [ncPort = 0, ncWire = 0] = await freePorts(2, ncHost(nodes[0] ?? 1).own);
    const named: string[] = [];
    for (const n of nodes) {
      const node = ncHost(n);
      await linked(`nc${n}`, [ncPort, ncWire], node);
      named.push(`${node.own}=http://${node.seen}:${ncPort}${path}`);
      add(`nc${n}`, 'nc', {
        ...{ ...common, data: join(folder, 'nc'), 'nc-hosts': node.own, 'nc-port': ncPort, 'nc-wire-port': ncWire },
        ...{ 'known-as': node.seen, 'report-to': `http://${at.seen}:${wire}` },
      });
    }
    add(`cc${c}`, 'cc', {
      ...{ ...common, data: join(folder, `cc${c}`), 'cluster-name': `c${c}`, 'cc-host': at.own, 'cc-port': port },
      ...{ 'cc-wire-port': wire, 'known-as': at.seen, 'cc-nodes': named.join(','), 'report-to': reportTo.join(',') },
      'periodic-seconds': 5,
    });
    const names = nodes.map((n) => ncHost(n).own);
    clusters.set(`c${c}`, names);
    const endpoint = `http://${at.seen}:${port}${endpoints.clusterController.path}`;
    registrations.push(() => registerCluster(api, `c${c}`, endpoint, names));
  }
  const open = async (): Promise<World> => {
    await Promise.all(members.map((member) => member.start()));
    for (const register of registrations) await register();
    await api.must('PUT', '/v1/configuration', configuration);
    return {
      bases: apiPorts.map((port) => `http://127.0.0.1:${port}`),
      api,
      log,
      clusters,
      members,
      links,
      redis,
      standIn: server,
      fileOf,
      lastWords,
      close: scene.end,
    };
  };
  return open().catch(async (fault) => {
    await scene.end();
    throw fault;
  });
};
