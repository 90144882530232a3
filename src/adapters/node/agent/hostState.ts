/**
 * The kernel's state beside the rules: applied in batches, read back by tag, compared with what the plan wants. Only what
 * carries our protocol tag, or hangs on our own bridge, is ever taken away.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { type HostChange, hostKey } from '../../../projections/plan/host.ts';
import type { HostItem, NodeOptions } from '../../../projections/plan/model.ts';
import { addItem, type HostBatch, isAbsent, joinBatches, protocolTag, removeItem } from './hostBatch.ts';
import type { RunTool } from './shells.ts';
import { firstLine, runTool, type Tools } from './tool.ts';

export type HostState = {
  /** Takes away, adds, and says in words what could not be done. */
  readonly apply: (change: HostChange) => Promise<string[]>;
  /** What differs between the kernel and these items. */
  readonly compare: (wanted: readonly HostItem[]) => Promise<HostChange>;
  /** Which of these items of ports are not as they should be; nothing else is looked at. */
  readonly wrongAtPorts: (wanted: readonly HostItem[]) => Promise<HostItem[]>;
};

/** In the network namespace of this process, unlike `/sys/class/net`. */
export const deviceExists = (device: string): boolean => existsSync(`/proc/sys/net/ipv4/conf/${device}`);

export const createHostState = (tools: Tools, options: NodeOptions, run: RunTool = runTool): HostState => ({
  apply: ({ removed, added }) => {
    const away = joinBatches(removed.map((item) => removeItem(item, deviceExists)));
    const here = joinBatches(added.map((item) => addItem(item, deviceExists)));
    return runBatches({ tools, run }, away, here);
  },
  compare: async (wanted) => {
    const present = await observe({ tools, run }, options, wanted);
    const wantedKeys = new Set(wanted.map(hostKey));
    const removed = [...present].filter(([key, item]) => !wantedKeys.has(key) && isOurs(item)).map(([, item]) => item);
    return { removed, added: wrong(wanted, present) };
  },
  wrongAtPorts: async (wanted) => {
    const [[ports = [], fdb = []], sysctls] = await Promise.all([
      listed(run, [tools.bridge, options.bridge], portListings),
      readSysctls(wanted),
    ]);
    return wrong(wanted, byKey([...readPorts(ports, fdb, options.bridge, wanted), ...sysctls]));
  },
});

const byKey = (items: readonly HostItem[]): Map<string, HostItem> =>
  new Map(items.map((item) => [hostKey(item), item]));

const wrong = (wanted: readonly HostItem[], present: ReadonlyMap<string, HostItem>): HostItem[] =>
  wanted.filter((item) => {
    if (isAbsent(item, deviceExists)) return false;
    const found = present.get(hostKey(item));
    return found === undefined || JSON.stringify(found) !== JSON.stringify(item);
  });

/** Switches and ports are read back by name, so an unwanted one is never ours to undo. */
const isOurs = (item: HostItem): boolean => item.kind === 'route' || item.kind === 'neighbour' || item.kind === 'proxy';

type Hands = { readonly tools: Tools; readonly run: RunTool };

/** Links first: ports must be on the bridge before they have flags, devices must be there before they have routes. */
const runBatches = async ({ tools, run }: Hands, away: HostBatch, here: HostBatch): Promise<string[]> => {
  const isLink = (line: string): boolean => line.startsWith('link ');
  const links = await runLines([run, tools.ip], [], here.ip.filter(isLink));
  const results = await Promise.all([
    runLines(
      [run, tools.ip],
      away.ip,
      here.ip.filter((line) => !isLink(line)),
    ),
    runLines([run, tools.bridge], away.bridge, here.bridge),
    ...here.sysctl.map(({ key, value }) => writeSwitch(key, value)),
  ]);
  return [...links, ...results.flat()];
};

const writeSwitch = (key: string, value: string): Promise<string[]> =>
  writeFile(`/proc/sys/${key}`, value).then(
    () => [],
    (error: Error) => [`sysctl ${key}: ${error.message}`],
  );

/**
 * All lines in one process; when that breaks off, each by itself: the tools end at the first line that fails. A thing to take
 * away that is gone already is no problem.
 */
const runLines = async (
  [run, tool]: readonly [RunTool, string],
  away: readonly string[],
  here: readonly string[],
): Promise<string[]> => {
  const lines = [...away, ...here];
  if (lines.length === 0) return [];
  const whole = await run(tool, ['-batch', '-'], { input: `${lines.join('\n')}\n` });
  if (whole.code === 0) return [];
  const problems: string[] = [];
  for (const line of lines) {
    const result = await runTool(tool, line.split(' '));
    if (result.code !== 0 && !away.includes(line)) problems.push(`${tool} ${line}: ${firstLine(result)}`);
  }
  return problems;
};

type Json = { readonly [key: string]: unknown };

/** `$1` is the tool, `$2` the bridge. */
const portListings = ['"$1" -j -d link show', '"$1" -j fdb show br "$2"'];
const addressListings = [
  '"$1" -j link show dev "$2"',
  '"$1" -j -4 address show dev "$2"',
  `"$1" -j -4 route show proto ${protocolTag}`,
  '"$1" -j -4 neigh show dev "$2" nud permanent',
  '"$1" -j -4 neigh show proxy',
];
const parting = '--';

/** Several listings one after the other in one call; one that fails, as of a device that is not there, is empty. */
const listed = async (run: RunTool, words: readonly string[], commands: readonly string[]): Promise<Json[][]> => {
  const script = commands.join(`; echo; echo ${parting}; `);
  const { stdout } = await run('sh', ['-c', script, 'sh', ...words], { isListing: true });
  return stdout.split(`\n${parting}\n`).map((text) => (text.trim() === '' ? [] : (JSON.parse(text) as Json[])));
};

const observe = async (
  { tools, run }: Hands,
  { bridge }: NodeOptions,
  wanted: readonly HostItem[],
): Promise<Map<string, HostItem>> => {
  const [[links = [], addresses = [], routes = [], neighbours = [], proxies = []], [ports = [], fdb = []], sysctls] =
    await Promise.all([
      listed(run, [tools.ip, bridge], addressListings),
      listed(run, [tools.bridge, bridge], portListings),
      readSysctls(wanted),
    ]);
  return byKey([
    ...links.map((link): HostItem => ({ kind: 'bridge', name: bridge, mac: String(link['address']) })),
    ...addresses.flatMap((link) => readAddresses(link, bridge)),
    ...routes.map(readRoute),
    ...neighbours.map(({ dst, lladdr }): HostItem => {
      return { kind: 'neighbour', address: String(dst), mac: String(lladdr), device: bridge };
    }),
    ...proxies
      .filter(({ protocol }) => protocol === protocolTag)
      .map(({ dst, dev }): HostItem => ({ kind: 'proxy', address: String(dst), device: String(dev) })),
    ...readPorts(ports, fdb, bridge, wanted),
    ...sysctls,
  ]);
};

const readPorts = (
  ports: readonly Json[],
  fdb: readonly Json[],
  bridge: string,
  wanted: readonly HostItem[],
): HostItem[] => {
  const statics = new Map(
    fdb.filter(({ state }) => state === 'static').map(({ ifname, mac }) => [`${ifname} ${mac}`, true]),
  );
  const byPort = new Map(wanted.flatMap((item) => (item.kind === 'port' ? [[item.port, item] as const] : [])));
  return ports
    .filter(({ master }) => master === bridge)
    .flatMap((port) => readPort(port, statics, byPort.get(String(port['ifname']))));
};

const readAddresses = (link: Json, device: string): HostItem[] =>
  ((link['addr_info'] ?? []) as Json[]).map(
    ({ local }): HostItem => ({ kind: 'address', address: String(local), device }),
  );

const readRoute = ({ dst, dev, prefsrc }: Json): HostItem => {
  const text = String(dst);
  return {
    kind: 'route',
    destination: text.includes('/') ? text : `${text}/32`,
    device: String(dev),
    ...(typeof prefsrc === 'string' ? { source: prefsrc } : {}),
  };
};

/** A port counts as set up only when every flag and its one static forwarding entry are there. */
const readPort = (
  port: Json,
  statics: ReadonlyMap<string, boolean>,
  want: Extract<HostItem, { kind: 'port' }> | undefined,
): HostItem[] => {
  if (want === undefined || !statics.has(`${want.port} ${want.mac}`)) return [];
  const flooding = ['flood', 'mcast_flood', 'bcast_flood'].map((name) => port[name]);
  if (port['learning'] === want.locked || flooding.some((on) => on === want.isolated)) return [];
  return [{ ...want, isolated: port['isolated'] === true, locked: port['locked'] === true }];
};

const readSysctls = async (wanted: readonly HostItem[]): Promise<HostItem[]> => {
  const items = wanted.filter((item) => item.kind === 'sysctl');
  return Promise.all(
    items.map(async (item) => {
      const value = await readFile(`/proc/sys/${item.key}`, 'utf8').catch(() => '');
      return { ...item, value: value.trim() };
    }),
  );
};
