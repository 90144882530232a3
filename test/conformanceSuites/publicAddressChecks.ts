/**
 * What the checks of public address scripts look at. Each answers with the members it knows of; the script compares those it
 * names, and a name that is missing here is a failure.
 */
import { formatIpv4 } from '../../src/domain/ipv4.ts';
import { privateHoldingOf } from '../../src/domain/privatePool.ts';
import { dirtyMarks, freePublicCount, isInPool, publicUseOf, recordOf } from '../../src/domain/publicPool.ts';
import type { Step } from './publicAddressSteps.ts';
import { documented, idOf, recordFor, type World } from './publicAddressWorld.ts';
import { textMember } from './verdict.ts';

/** Member of the check -> what is so. */
export type Facts = { readonly [member: string]: unknown };
export type Check = (world: World, step: Step) => Facts;

const labelOf = (world: World, instanceId: string): string =>
  [...world.ids].find(([, id]) => id === instanceId)?.[0] ?? instanceId;

const address: Check = (world, step) => {
  const ip = textMember(step, 'ip');
  const record = recordOf(world.publicPool, ip);
  const instance = record === undefined || record.instanceId === '' ? null : labelOf(world, record.instanceId);
  return {
    ip,
    state: record?.state ?? (isInPool(world.publicPool, ip) ? 'unallocated' : null),
    owner: record?.owner ?? 'nobody',
    pending: record?.pending ?? false,
    instance,
    dirty: dirtyMarks(world.publicPool, ip).size > 0,
    inPool: isInPool(world.publicPool, ip),
  };
};

/** The instance shows an address once it is assigned, not while it is impending. */
const instance: Check = (world, step) => {
  const label = textMember(step, 'instance');
  const instanceId = idOf(world, label);
  const record = recordFor(world, instanceId);
  const use = publicUseOf(world.publicPool, instanceId);
  const shown = use?.state === 'assigned' ? use.address : '0.0.0.0';
  return {
    instance: label,
    state: record.state ?? null,
    account: record.account,
    publicIp: shown,
    publicIpNot: shown,
    hasPrivateReservation: privateHoldingOf(world.privatePool, instanceId) !== undefined,
  };
};

const document: Check = (world, step) => {
  const label = textMember(step, 'instance');
  const shown = documented(world, idOf(world, label))?.publicAddress ?? null;
  return { instance: label, publicIp: shown, publicIpNot: shown };
};

const dirtyAddresses = (world: World): readonly string[] =>
  [...world.publicPool.dirty.entries()].map(([number]) => formatIpv4(number)).sort();

const dirty: Check = (world) => {
  const ips = dirtyAddresses(world);
  return { ips, count: ips.length };
};

const freeAddresses = (world: World): readonly string[] =>
  knownAddresses(world).filter((ip) => !recordOf(world.publicPool, ip));

const free: Check = (world) => ({ count: freePublicCount(world.publicPool), ips: freeAddresses(world).toSorted() });

/** Free and used ones. Scripts' pools are small enough to list. */
const knownAddresses = (world: World): readonly string[] => {
  const { space, records } = world.publicPool;
  const numbers = new Set<number>();
  for (let index = 0, at = space.at(0); at !== undefined; index += 1, at = space.at(index)) numbers.add(at);
  for (const [number] of records.entries()) numbers.add(number);
  return [...numbers].map(formatIpv4);
};

const pool: Check = (world, step) => {
  const ips = knownAddresses(world).toSorted();
  const ip = typeof step['ip'] === 'string' ? step['ip'] : '';
  const known = isInPool(world.publicPool, ip);
  return { ip, ips, addresses: ips, count: ips.length, contains: ips, containsNot: ips, present: known, known };
};

export const checks: ReadonlyMap<string, Check> = new Map([
  ['address', address],
  ['instance', instance],
  ['document', document],
  ['dirty', dirty],
  ['free', free],
  ['pool', pool],
]);
