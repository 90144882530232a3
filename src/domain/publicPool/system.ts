/**
 * System addresses: for instances that are starting or lost theirs, from the whole pool with the dynamic manager, from a
 * reserve with the static one (cloud spec 5.4); and the address of an instance that comes back (cloud spec 5.5, 8.3).
 */
import { formatIpv4, type Ipv4 } from '../ipv4.ts';
import type { PublicPoolEvent } from '../publicPool.ts';
import { isRefusal, type Refusal, refuse } from '../refusals.ts';
import { addressNotFound } from './allocate.ts';
import { chooseFree, type PublicChoice } from './choice.ts';
import { isInPool, ownedCount, publicUseOf, recordOf, standingOf } from './lookups.ts';
import { type PublicPoolState, systemOwner } from './state.ts';
import { transition } from './transitions.ts';

/** Where system addresses come from; `reserved` is how many the static manager may own, in use or not. */
export type SystemSource = PublicChoice & { readonly dynamic: boolean; readonly reserved: number };

export type ImpendPublic = SystemSource & { readonly instanceIds: readonly string[] };

export type SystemGrant = { readonly instanceId: string; readonly address: string };
export type SystemGrants = { readonly grants: readonly SystemGrant[]; readonly events: readonly PublicPoolEvent[] };

/**
 * An address for each instance, in the order asked: the one it has, or a new one, impending. All or none:
 * `not-enough-resources`.
 */
export const impendPublic = (state: PublicPoolState, wish: ImpendPublic): SystemGrants | Refusal => {
  const found = new Map<string, string>();
  for (const instanceId of wish.instanceIds) {
    const use = publicUseOf(state, instanceId);
    if (use !== undefined) found.set(instanceId, use.address);
  }
  const wanting = [...new Set(wish.instanceIds)].filter((instanceId) => !found.has(instanceId));
  const free = systemAddresses(state, wanting.length, wish);
  if (free.length < wanting.length) return exhausted(free.length, wanting.length);
  const events = wanting.flatMap((instanceId, at) => {
    const address = formatIpv4(free[at] ?? -1);
    found.set(instanceId, address);
    return impend(state, address, instanceId);
  });
  const grants = wish.instanceIds.map((instanceId) => ({ instanceId, address: found.get(instanceId) ?? '' }));
  return { grants, events };
};

const exhausted = (left: number, wanted: number): Refusal =>
  refuse('not-enough-resources', `Insufficient addresses: ${left} public addresses left for ${wanted} instances.`);

/** Up to `count` addresses that may become the system's for an instance. */
const systemAddresses = (state: PublicPoolState, count: number, source: SystemSource): readonly Ipv4[] => {
  if (source.dynamic) return chooseFree(state, count, source);
  const reserve = [...state.reserve.entries()].map(([address]) => address);
  const kept = reserve.filter((address) => formatIpv4(address) !== source.except).slice(0, count);
  const room = Math.max(0, source.reserved - ownedCount(state, systemOwner));
  const missing = Math.min(room, count - kept.length);
  return missing === 0 ? kept : [...kept, ...chooseFree(state, missing, source)];
};

/** One that was kept in the reserve leaves it first. */
const impend = (state: PublicPoolState, address: string, instanceId: string): readonly PublicPoolEvent[] => {
  const impending: PublicPoolEvent = { type: 'PublicAddressImpending', address, instanceId };
  const kept = recordOf(state, address) !== undefined;
  return kept ? [{ type: 'PublicAddressReleased', address, owner: systemOwner }, impending] : [impending];
};

/** What is known of an instance that a cluster reports; without it the instance is yet to be placed. */
type ReportedUse = { readonly instanceAddress: string; readonly cluster: string; readonly account: string };
export type RestorePublic = SystemGrant & (ReportedUse | { readonly [M in keyof ReportedUse]?: never });

/**
 * The address an instance had. Its own is kept, a free one becomes the system's for it, and one of its account's that nobody
 * uses is assigned to it; anything else is refused and the instance goes on without. A reported instance has it assigned, one
 * that is yet to be placed impending.
 */
export const restorePublic = (state: PublicPoolState, wish: RestorePublic): SystemGrants | Refusal => {
  const { address, instanceId } = wish;
  const events = isReported(wish) ? restoreReported(state, wish) : restoreComing(state, wish);
  return isRefusal(events) ? events : { grants: [{ instanceId, address }], events };
};

const isReported = (wish: RestorePublic): wish is SystemGrant & ReportedUse => wish.cluster !== undefined;

const restoreComing = (state: PublicPoolState, { address, instanceId }: SystemGrant) => {
  const use = publicUseOf(state, instanceId);
  if (use?.address === address) return [];
  if (use !== undefined) return holdsAnother(instanceId, use.address);
  if (recordOf(state, address) !== undefined) return inUse(address);
  return isInPool(state, address) ? impend(state, address, instanceId) : addressNotFound(address);
};

const restoreReported = (state: PublicPoolState, { account, ...use }: SystemGrant & ReportedUse) => {
  const { address, instanceId } = use;
  const record = recordOf(state, address);
  const holder = publicUseOf(state, instanceId);
  if (record?.state === 'assigned' && holder?.address === address) return [];
  const assigned: PublicPoolEvent = {
    type: 'PublicAddressAssigned',
    ...use,
    owner: record?.owner ?? systemOwner,
    pending: false,
  };
  if (holder?.address === address || (record?.state === 'allocated' && record.owner === account)) {
    if (holder !== undefined && holder.address !== address) return holdsAnother(instanceId, holder.address);
    const target = transition(standingOf(record), 'assign');
    return isRefusal(target) ? target : [assigned];
  }
  const coming = restoreComing(state, use);
  return isRefusal(coming) ? coming : [...coming, assigned];
};

const inUse = (address: string): Refusal =>
  refuse('address-in-use', `${address} is allocated to somebody else.`, { value: address });

export const holdsAnother = (instanceId: string, address: string): Refusal =>
  refuse('instance-holds-address', `Instance ${instanceId} has the address ${address}.`, { value: address });

/**
 * Brings the static reserve to its size: the system owns `reserved` addresses, in use or not, and none beyond that idle.
 * With the dynamic manager the reserve is given back (cloud spec 5.4).
 */
export const reserveForSystem = (
  state: PublicPoolState,
  wish: PublicChoice & { readonly dynamic: boolean; readonly reserved: number },
): readonly PublicPoolEvent[] => {
  const idle = [...state.reserve.entries()].map(([address]) => address);
  const target = wish.dynamic ? 0 : wish.reserved;
  const inUse = ownedCount(state, systemOwner) - idle.length;
  const keep = idle.slice(0, Math.max(0, target - inUse));
  const missing = Math.max(0, target - inUse - keep.length);
  const surplus = idle.filter((address) => !keep.includes(address)).map(formatIpv4);
  const added = chooseFree(state, missing, wish).map(formatIpv4);
  return [
    ...surplus.map((address) => ({ type: 'PublicAddressReleased' as const, address, owner: systemOwner })),
    ...added.map((address) => ({ type: 'PublicAddressAllocated' as const, address, owner: systemOwner })),
  ];
};
