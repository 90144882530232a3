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

/** Where things of the world are put while it is set up. */
type Site = {
  readonly scene: ReturnType<typeof createScene>;
  readonly folder: string;
  /** Flags that every process has, and those of processes that know the store and the lanes. */
  readonly common: Flags;
  readonly own: Flags;
  readonly links: Link[];
  readonly members: Member[];
  readonly lastWords: World['lastWords'][number][];
};

const add = ({ scene, members, lastWords }: Site, name: string, role: Member['role'], flags: Flags): void => {
  members.push(createMember(scene, { name, role }, flags, lastWords));
};

/** A link in front of one port of this machine. */
const linkTo = async ({ scene, links }: Pick<Site, 'scene' | 'links'>, name: string, port: number): Promise<number> => {
  const link = await openBreakableLink(port);
  scene.atEnd(link.close);
  links.push({ name, all: [link] });
  return link.port();
};

const linkHost = async ({ scene, links }: Site, name: string, ports: readonly number[], { own, seen }: Host) => {
  const all = await Promise.all(ports.map((port) => openBreakableLink(port, { host: seen, targetHost: own, port })));
  for (const link of all) scene.atEnd(link.close);
  links.push({ name, all });
};

/** Control planes, their links and two workers; returns where controllers report to. */
const addControlPlanes = async (site: Site, ports: readonly number[]): Promise<readonly string[]> => {
  const { folder, own } = site;
  const reportTo: string[] = [];
  for (const [n, port] of ports.entries()) {
    const name = `clc${n + 1}`;
    add(site, name, 'clc', { ...own, port, data: join(folder, name) });
    reportTo.push(`http://127.0.0.1:${await linkTo(site, name, port)}`);
  }
  for (const n of [1, 2]) add(site, `worker${n}`, 'worker', { ...own, data: join(folder, `worker${n}`) });
  return reportTo;
};

/** A cluster's nodes, which share their ports on hosts of their own; returns how its controller is told of them. */
const addNodes = async (site: Site, nodes: readonly number[], reportTo: string): Promise<readonly string[]> => {
  const { path } = endpoints.nodeController;
  const [port = 0, wire = 0] = await freePorts(2, ncHost(nodes[0] ?? 1).own);
  const named: string[] = [];
  for (const n of nodes) {
    const { own, seen } = ncHost(n);
    await linkHost(site, `nc${n}`, [port, wire], { own, seen });
    named.push(`${own}=http://${seen}:${port}${path}`);
    add(site, `nc${n}`, 'nc', {
      ...{ ...site.common, data: join(site.folder, 'nc'), 'nc-hosts': own, 'nc-port': port, 'nc-wire-port': wire },
      ...{ 'known-as': seen, 'report-to': reportTo },
    });
  }
  return named;
};

/** A cluster controller with its nodes; returns the address that the cluster is registered with. */
const addCluster = async (
  site: Site,
  number: number,
  nodes: readonly number[],
  reportTo: readonly string[],
): Promise<string> => {
  const { own, seen } = ccHost(number);
  const name = `cc${number}`;
  const [port = 0, wire = 0] = await freePorts(2, own);
  await linkHost(site, name, [port, wire], { own, seen });
  const named = await addNodes(site, nodes, `http://${seen}:${wire}`);
  add(site, name, 'cc', {
    ...{ ...site.common, data: join(site.folder, name), 'cluster-name': `c${number}`, 'cc-host': own, 'cc-port': port },
    ...{ 'cc-wire-port': wire, 'known-as': seen, 'cc-nodes': named.join(','), 'report-to': reportTo.join(',') },
    'periodic-seconds': 5,
  });
  return `http://${seen}:${port}${endpoints.clusterController.path}`;
};

const nodeNames = (nodes: readonly number[]): readonly string[] => nodes.map((n) => ncHost(n).own);

type Backing = Pick<World, 'log' | 'redis' | 'standIn'> & { readonly site: Site };

/** Folder, event store and Redis, with their links; no process of ours yet. */
const openBacking = async (scene: Site['scene'], { signed, store }: WorldOptions): Promise<Backing> => {
  const redis = await openRedisServer();
  scene.atEnd(redis.remove);
  const links: Link[] = [];
  const folder = await scene.folder();
  const keys = join(folder, 'keys');
  if (signed) await scene.keep(edgelog('keys', 'init', keys)).ended;
  const standIn = store === 'kurrentdb' ? await startKurrentStandIn() : undefined;
  if (standIn !== undefined) {
    scene.atEnd(standIn.close);
    links.push({ name: 'event store', all: [standIn.link] });
  }
  const log = standIn?.url ?? `sqlite:${folder}/events.db`;
  const common: Flags = { 'push-timeout-ms': 3_000, ...(signed ? { 'wire-keys': keys } : {}) };
  const lanes = `redis://127.0.0.1:${await linkTo({ scene, links }, 'redis', redis.port)}`;
  const own: Flags = { ...common, insecure: true, store: log, lanes, 'resync-seconds': 1, 'periodic-seconds': 10 };
  return { log, redis, standIn, site: { scene, folder, common, own, links, members: [], lastWords: [] } };
};

const openIn = async (scene: Site['scene'], options: WorldOptions): Promise<World> => {
  const { log, redis, standIn, site } = await openBacking(scene, options);
  const ports = await freePorts(options.controlPlanes);
  const api = apiAt(ports[0] ?? 0);
  const reportTo = await addControlPlanes(site, ports);
  const doors = new Map<number, string>();
  for (const [c, nodes] of LAYOUT) doors.set(c, await addCluster(site, c, nodes, reportTo));
  await Promise.all(site.members.map((member) => member.start()));
  for (const [c, nodes] of LAYOUT) await registerCluster(api, `c${c}`, doors.get(c) ?? '', nodeNames(nodes));
  await api.must('PUT', '/v1/configuration', configuration);
  const { members, links, lastWords } = site;
  return {
    ...{ api, log, members, links, redis, standIn, lastWords },
    bases: ports.map((port) => `http://127.0.0.1:${port}`),
    clusters: new Map([...LAYOUT].map(([c, nodes]) => [`c${c}`, nodeNames(nodes)])),
    fileOf: (node) => join(site.folder, 'nc', 'nodes', node, 'global_network_info.xml'),
    close: scene.end,
  };
};

export const openWorld = async (options: WorldOptions): Promise<World> => {
  const scene = createScene();
  return openIn(scene, options).catch(async (fault) => {
    await scene.end();
    throw fault;
  });
};
