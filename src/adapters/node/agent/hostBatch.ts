/**
 * Host items -> lines for `ip -batch`, `bridge -batch` and the kernel's switches. Every added item is idempotent (`replace`,
 * `set`), so a batch that broke off can be repeated line by line. Names and addresses come from the plan, which let in only
 * what is well-formed.
 */
import { existsSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { HostItem } from '../../../projections/plan/model.ts';

export const protocolTag = '201';

export type HostBatch = {
  readonly ip: readonly string[];
  readonly bridge: readonly string[];
  readonly sysctl: readonly { readonly key: string; readonly value: string }[];
};

export const emptyBatch: HostBatch = { ip: [], bridge: [], sysctl: [] };

const flag = (on: boolean): string => (on ? 'on' : 'off');

/** What makes an item true. `exists` says whether a device is there: an instance's port comes and goes with the machine behind it. */
/** A switch of a port that is not there yet, or of a part of the kernel that is not loaded. */
export const isAbsent = (item: HostItem, exists: (device: string) => boolean): boolean =>
  (item.kind === 'port' && !exists(item.port)) ||
  (item.kind === 'sysctl' && item.port !== undefined && !exists(item.port)) ||
  (item.kind === 'sysctl' && item.ifThere === true && !existsSync(`/proc/sys/${item.key}`));

export const addItem = (item: HostItem, exists: (device: string) => boolean): HostBatch => {
  switch (item.kind) {
    case 'bridge':
      return {
        ...emptyBatch,
        ip: [
          ...(exists(item.name) ? [] : [`link add name ${item.name} type bridge`]),
          `link set dev ${item.name} address ${item.mac} up`,
        ],
      };
    case 'address':
      return { ...emptyBatch, ip: [`address replace ${item.address}/32 dev ${item.device}`] };
    case 'sysctl':
      return isAbsent(item, exists) ? emptyBatch : { ...emptyBatch, sysctl: [{ key: item.key, value: item.value }] };
    case 'route':
      return {
        ...emptyBatch,
        ip: [
          `route replace ${item.destination} dev ${item.device} proto ${protocolTag}${item.source === undefined ? '' : ` src ${item.source}`}`,
        ],
      };
    case 'neighbour':
      return {
        ...emptyBatch,
        ip: [
          `neigh replace ${item.address} lladdr ${item.mac} dev ${item.device} nud permanent protocol ${protocolTag}`,
        ],
      };
    case 'proxy':
      return { ...emptyBatch, ip: [`neigh replace proxy ${item.address} dev ${item.device} protocol ${protocolTag}`] };
    case 'port':
      return exists(item.port) ? addPort(item) : emptyBatch;
  }
};

/** Isolated: nothing floods to it. Locked: what it sends teaches the bridge nothing. */
const portFlags = ({ isolated, locked }: { readonly isolated: boolean; readonly locked: boolean }): string => {
  const flooding = flag(!isolated);
  const flood = `flood ${flooding} mcast_flood ${flooding} bcast_flood ${flooding}`;
  return `isolated ${flag(isolated)} locked ${flag(locked)} learning ${flag(!locked)} ${flood}`;
};

/** Known only where /sys shows this namespace; anywhere else the port is put on the bridge once more, which is harmless. */
const isOn = (port: string, bridge: string): boolean => {
  try {
    return basename(readlinkSync(`/sys/class/net/${port}/master`)) === bridge;
  } catch {
    return false;
  }
};

const addPort = (item: Extract<HostItem, { kind: 'port' }>): HostBatch => ({
  ...emptyBatch,
  ip: isOn(item.port, item.bridge) ? [] : [`link set dev ${item.port} master ${item.bridge} up`],
  bridge: [`link set dev ${item.port} ${portFlags(item)}`, `fdb replace ${item.mac} dev ${item.port} master static`],
});

/** What takes an item away; ports and switches need nothing. */
export const removeItem = (item: HostItem, exists: (device: string) => boolean): HostBatch => {
  switch (item.kind) {
    case 'address':
      return { ...emptyBatch, ip: [`address del ${item.address}/32 dev ${item.device}`] };
    case 'route':
      return { ...emptyBatch, ip: [`route del ${item.destination} dev ${item.device} proto ${protocolTag}`] };
    case 'neighbour':
      return { ...emptyBatch, ip: [`neigh del ${item.address} dev ${item.device}`] };
    case 'proxy':
      return { ...emptyBatch, ip: [`neigh del proxy ${item.address} dev ${item.device}`] };
    case 'port':
      return exists(item.port)
        ? { ...emptyBatch, bridge: [`fdb del ${item.mac} dev ${item.port} master static`] }
        : emptyBatch;
    case 'bridge':
    case 'sysctl':
      return emptyBatch;
  }
};

export const joinBatches = (batches: readonly HostBatch[]): HostBatch => ({
  ip: batches.flatMap(({ ip }) => ip),
  bridge: batches.flatMap(({ bridge }) => bridge),
  sysctl: batches.flatMap(({ sysctl }) => sysctl),
});
