/**
 * What may happen to an address once somebody has it: association, release, the end of its quarantine, expiry (cloud spec
 * 4.2, 4.5, 4.6). A release names its reservation, so that a late one never takes an address from its next holder. Each
 * decision says nothing when what is wished is already so.
 */
import type { Decision } from '../decider.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../ipv4.ts';
import type { PrivateFreeCause, PrivatePoolEvent, PrivateReleaseCause } from '../privatePool.ts';
import { type Refusal, refuse } from '../refusals.ts';
import {
  type PrivateHolding,
  type PrivatePoolState,
  privateHolding,
  privateHoldingOf,
  quarantinedHolding,
} from './state.ts';

export type AssociatePrivate = {
  readonly address: string;
  readonly instanceId: string;
  /** Where the instance is; the cluster it was reserved for when absent. */
  readonly cluster?: string;
  /** The reservation the instance was given. */
  readonly reservation?: string;
};

/**
 * PENDING becomes EXTANT. Once more for the same instance is no event, for another one `illegal-transition`. An address
 * nobody has is silently left alone (cloud spec 4.2), unless the wish names a reservation: then it is `stale-reservation`,
 * because the instance would go on without an address of its own.
 */
export const associatePrivate = (state: PrivatePoolState, wish: AssociatePrivate): Decision<PrivatePoolEvent> => {
  const { address, instanceId } = wish;
  const holding = privateHolding(state, address);
  if (wish.reservation !== undefined && holding?.reservation !== wish.reservation) {
    return refuse('stale-reservation', `${address} is no longer reserved as ${wish.reservation}.`, { value: address });
  }
  if (holding === undefined) return [];
  if (holding.instanceId !== instanceId && (holding.state === 'extant' || holding.instanceId !== '')) {
    return refuse('illegal-transition', `${address} belongs to ${holding.instanceId}, not to ${instanceId}.`, {
      value: address,
    });
  }
  if (holding.state === 'extant') return [];
  const other = privateHoldingOf(state, instanceId);
  if (other !== undefined && other.address !== address) return holdsAnother(instanceId, other.address);
  const { reservation } = holding;
  const cluster = wish.cluster ?? holding.cluster;
  return [{ type: 'PrivateAddressAssociated', address, cluster, instanceId, reservation }];
};

const holdsAnother = (instanceId: string, address: string): Refusal =>
  refuse('instance-holds-address', `Instance ${instanceId} holds ${address} already.`, { value: address });

export type ReleasePrivate = {
  readonly address: string;
  /** The instance that gives it back; null speaks for whoever has it. */
  readonly owner: string | null;
  readonly reservation?: string;
  readonly cause: PrivateReleaseCause;
};

/**
 * Into quarantine. Another owner, another reservation or nobody holding it: no event. While PENDING the intended owner may
 * release it, and anybody if none was named (cloud spec 4.6; Eucalyptus 4.0 let nobody and leaked it).
 */
export const releasePrivate = (state: PrivatePoolState, wish: ReleasePrivate): readonly PrivatePoolEvent[] => {
  const { address, owner, reservation, cause } = wish;
  const holding = privateHolding(state, address);
  if (holding === undefined) return [];
  if (reservation !== undefined && holding.reservation !== reservation) return [];
  if (owner !== null && holding.instanceId !== '' && holding.instanceId !== owner) return [];
  return [released(address, holding, cause)];
};

const released = (address: string, holding: PrivateHolding, cause: PrivateReleaseCause): PrivatePoolEvent => {
  const { cluster, instanceId, reservation } = holding;
  return { type: 'PrivateAddressReleased', address, cluster, instanceId, reservation, cause };
};

export type FreePrivate = {
  readonly address: string;
  /** The quarantined holding that was passed by everyone; only an operator may leave it out. */
  readonly reservation?: string;
  readonly cause: PrivateFreeCause;
  readonly reason?: string;
};

/**
 * Ends a quarantine. Only the named reservation's: the quarantine of a later holder, or a holder, is left alone. Without a
 * name it means whoever was last, and is refused as `address-in-use` while somebody has the address.
 */
export const freePrivate = (state: PrivatePoolState, wish: FreePrivate): Decision<PrivatePoolEvent> => {
  const { address, cause, reason } = wish;
  const quarantined = quarantinedHolding(state, address);
  if (quarantined === undefined) {
    const holding = privateHolding(state, address);
    if (holding === undefined || wish.reservation !== undefined) return [];
    return refuse('address-in-use', `${address} is held by ${nameOf(holding)}; release it first.`, { value: address });
  }
  const { reservation } = quarantined;
  if (wish.reservation !== undefined && wish.reservation !== reservation) return [];
  return [{ type: 'PrivateAddressFreed', address, reservation, cause, ...(reason === undefined ? {} : { reason }) }];
};

const nameOf = (holding: PrivateHolding): string => holding.instanceId || `reservation ${holding.reservation}`;

/** True when the instance exists with this address; a PENDING address verifies for nobody (cloud spec 4.3). */
export const verifyPrivate = (state: PrivatePoolState, address: string, owner: string | null): boolean => {
  const holding = privateHolding(state, address);
  return owner !== null && holding?.state === 'extant' && holding.instanceId === owner;
};

export type ExpirePrivate = {
  readonly address: string;
  readonly reservation: string;
  /** Now, and how long an address of this cluster may stay PENDING, ms. */
  readonly at: number;
  readonly timeoutMs: number;
};

/** Takes back a reservation that is PENDING for longer than the time-out (not exactly as long). */
export const expirePrivate = (state: PrivatePoolState, wish: ExpirePrivate): readonly PrivatePoolEvent[] => {
  const holding = privateHolding(state, wish.address);
  if (holding?.reservation !== wish.reservation || !isOverdue(holding, wish)) return [];
  return [released(wish.address, holding, 'expired')];
};

const isOverdue = (holding: PrivateHolding, { at, timeoutMs }: Pick<ExpirePrivate, 'at' | 'timeoutMs'>): boolean =>
  holding.state === 'pending' && at - holding.since > timeoutMs;

export type ExpireReported = {
  readonly cluster: string;
  /** Private addresses that the cluster reports as being in use. */
  readonly active: readonly string[];
  readonly at: number;
  readonly timeoutMs: number;
};

/** The same for all of a cluster's PENDING addresses that its report does not name (cloud spec 4.5). */
export const expireReported = (state: PrivatePoolState, wish: ExpireReported): readonly PrivatePoolEvent[] => {
  const active = new Set<Ipv4 | undefined>(wish.active.map(parseIpv4));
  const events: PrivatePoolEvent[] = [];
  for (const address of state.pendingIn.get(wish.cluster) ?? []) {
    const holding = state.held.get(address);
    if (holding === undefined || active.has(address) || !isOverdue(holding, wish)) continue;
    events.push(released(formatIpv4(address), holding, 'expired'));
  }
  return events;
};
