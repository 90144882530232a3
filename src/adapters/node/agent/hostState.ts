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
    const present = await observe(tools, options, wanted);
    const wantedKeys = new Set(wanted.map(hostKey));
    const added = wanted.filter((item) => {
      const found = present.get(hostKey(item));
      return isAbsent(item, deviceExists)
        ? false
        : found === undefined || JSON.stringify(found) !== JSON.stringify(item);
    });
    const removed = [...present].filter(([key, item]) => !wantedKeys.has(key) && isOurs(item)).map(([, item]) => item);
    return { removed, added };
  },
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

const listed = async (tool: string, args: readonly string[]): Promise<Json[]> => {
  const result = await runTool(tool, ['-j', ...args]);
  if (result.code !== 0 || result.stdout.trim() === '') return [];
  return JSON.parse(result.stdout) as Json[];
};

const observe = async (
  tools: Tools,
  { bridge }: NodeOptions,
  wanted: readonly HostItem[],
): Promise<Map<string, HostItem>> => {
  const [links, addresses, routes, neighbours, proxies, ports, fdb, sysctls] = await Promise.all([
    listed(tools.ip, ['link', 'show', 'dev', bridge]),
    listed(tools.ip, ['-4', 'address', 'show', 'dev', bridge]),
    listed(tools.ip, ['-4', 'route', 'show', 'proto', protocolTag]),
    listed(tools.ip, ['-4', 'neigh', 'show', 'dev', bridge, 'nud', 'permanent']),
    listed(tools.ip, ['-4', 'neigh', 'show', 'proxy']),
    listed(tools.bridge, ['-d', 'link', 'show']),
    listed(tools.bridge, ['fdb', 'show', 'br', bridge]),
    readSysctls(wanted),
  ]);
  const statics = new Map(
    fdb.filter(({ state }) => state === 'static').map(({ ifname, mac }) => [`${ifname} ${mac}`, true]),
  );
  const items: HostItem[] = [
    ...links.map((link): HostItem => ({ kind: 'bridge', name: bridge, mac: String(link['address']) })),
    ...addresses.flatMap((link) => readAddresses(link, bridge)),
    ...routes.map(readRoute),
    ...neighbours.map(({ dst, lladdr }): HostItem => {
      return { kind: 'neighbour', address: String(dst), mac: String(lladdr), device: bridge };
    }),
    ...proxies
      .filter(({ protocol }) => protocol === protocolTag)
      .map(({ dst, dev }): HostItem => ({ kind: 'proxy', address: String(dst), device: String(dev) })),
    ...ports.filter(({ master }) => master === bridge).flatMap((port) => readPort(port, statics, wanted)),
    ...sysctls,
  ];
  return new Map(items.map((item) => [hostKey(item), item]));
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
const readPort = (port: Json, statics: ReadonlyMap<string, boolean>, wanted: readonly HostItem[]): HostItem[] => {
  const name = String(port['ifname']);
  const want = wanted.find((item) => item.kind === 'port' && item.port === name);
  if (want?.kind !== 'port' || !statics.has(`${name} ${want.mac}`)) return [];
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
