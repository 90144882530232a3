/**
 * What the pool consists of, and giving addresses to accounts and taking them back: capacity, quota, ownership (cloud spec
 * 5.3, 5.4). Asking again for what one has is no event.
 */
import type { Decision } from '../decider.ts';
import { inRanges, rangesOf } from '../ipRange.ts';
import { formatIpv4 } from '../ipv4.ts';
import type { PublicPoolEvent } from '../publicPool.ts';
import { isRefusal, type Refusal, refuse } from '../refusals.ts';
import { chooseFree, type PublicChoice } from './choice.ts';
import { freePublicCount, isInPool, ownedCount, recordOf, standingOf } from './lookups.ts';
import { type PublicPoolState, systemOwner } from './state.ts';
import { transition } from './transitions.ts';

/**
 * The pool as the configuration lists it; texts that are no range have been refused there and count for nothing here. The
 * same list again is no event. What the system only kept in reserve leaves with its range; what somebody has stays.
 */
export const definePublicPool = (state: PublicPoolState, ranges: readonly string[]): readonly PublicPoolEvent[] => {
  const same = ranges.length === state.ranges.length && ranges.every((text, at) => text === state.ranges[at]);
  if (same) return [];
  const within = rangesOf(ranges);
  const leaving = [...state.reserve.entries()].flatMap(([address]) => (inRanges(within, address) ? [] : [address]));
  return [
    { type: 'PublicPoolDefined', ranges },
    ...leaving.map((address) => ({
      type: 'PublicAddressReleased' as const,
      address: formatIpv4(address),
      owner: systemOwner,
    })),
  ];
};

export type AllocatePublic = PublicChoice & {
  readonly account: string;
  /** Exactly this one. */
  readonly address?: string;
  /** Free addresses that users must leave (cloud.addresses.systemreservedpublicaddresses). */
  readonly systemReserved: number;
  /** How many addresses the account may own; no limit when absent. */
  readonly quota?: number;
  /** The command that asks, unique per wish: when it comes again it is answered with the address it got. */
  readonly commandId?: string;
};

export type PublicGrant = { readonly address: string; readonly events: readonly PublicPoolEvent[] };

/**
 * Refuses with `insufficient-address-capacity`, `address-limit-exceeded`, and for a specific address `address-not-found`
 * (not in the pool) and `address-in-use`.
 */
export const allocatePublic = (state: PublicPoolState, wish: AllocatePublic): PublicGrant | Refusal => {
  const { account, systemReserved, quota, commandId } = wish;
  const granted = commandId === undefined ? undefined : state.byCommand.get(commandId);
  if (granted !== undefined) return { address: formatIpv4(granted), events: [] };
  const known = wish.address === undefined ? undefined : specific(state, wish.address, account);
  if (known !== undefined) return known;
  const owned = ownedCount(state, account);
  if (quota !== undefined && owned >= quota) {
    return refuse('address-limit-exceeded', `Account ${account} owns ${owned} addresses; its quota is ${quota}.`);
  }
  const free = freePublicCount(state);
  if (free - systemReserved < 1) {
    return refuse(
      'insufficient-address-capacity',
      `No address can be allocated: ${free} are free and ${systemReserved} of them are kept for the system.`,
    );
  }
  const address = wish.address ?? chooseFree(state, 1, wish).map(formatIpv4)[0];
  if (address === undefined) throw new Error(`expected one of ${free} free public addresses, got none`);
  return { address, events: [{ type: 'PublicAddressAllocated', address, owner: account }] };
};

/** The answer when the address cannot be newly allocated: it is there already, or it cannot be. */
const specific = (state: PublicPoolState, address: string, account: string): PublicGrant | Refusal | undefined => {
  const record = recordOf(state, address);
  if (record?.owner === account) return { address, events: [] };
  if (record !== undefined)
    return refuse('address-in-use', `${address} is allocated to somebody else.`, { value: address });
  return isInPool(state, address) ? undefined : addressNotFound(address);
};

export const addressNotFound = (address: string): Refusal =>
  refuse('address-not-found', `${address} is not an address of the public pool.`, {
    member: 'address',
    value: address,
  });

/** Allocated or impending becomes free again; `illegal-transition` while it is assigned, no event when it is free. */
export const releasePublic = (state: PublicPoolState, address: string): Decision<PublicPoolEvent> => {
  const record = recordOf(state, address);
  if (record === undefined) return isInPool(state, address) ? [] : addressNotFound(address);
  const target = transition(standingOf(record), 'release');
  return isRefusal(target) ? target : [{ type: 'PublicAddressReleased', address, owner: record.owner }];
};
