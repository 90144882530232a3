/**
 * Questions to the public pool, addresses as text. A text that is no address is one nobody has. Changes nothing.
 */
import { formatIpv4, parseIpv4 } from '../ipv4.ts';
import type { DirtyMarks, PublicPoolState, PublicRecord } from './state.ts';
import type { PublicStanding } from './transitions.ts';

export const recordOf = (state: PublicPoolState, address: string): PublicRecord | undefined => {
  const number = parseIpv4(address);
  return number === undefined ? undefined : state.records.get(number);
};

/** The address an instance has, impending or assigned, as text. */
export const publicAddressOf = (state: PublicPoolState, instanceId: string): string | undefined => {
  const address = state.byInstance.get(instanceId);
  return address === undefined ? undefined : formatIpv4(address);
};

/** The same with its record. */
export const publicUseOf = (
  state: PublicPoolState,
  instanceId: string,
): (PublicRecord & { readonly address: string }) | undefined => {
  const address = state.byInstance.get(instanceId);
  const record = address === undefined ? undefined : state.records.get(address);
  return address === undefined || record === undefined ? undefined : { ...record, address: formatIpv4(address) };
};

export const standingOf = (record: PublicRecord | undefined): PublicStanding =>
  record ?? { state: 'unallocated', pending: false };

/** Clusters whose nodes may still answer for the address. */
export const dirtyMarks = (state: PublicPoolState, address: string): DirtyMarks => {
  const number = parseIpv4(address);
  return (number === undefined ? undefined : state.dirty.get(number)) ?? new Map();
};

/** Known to the cloud: inside the ranges, or still in use. */
export const isInPool = (state: PublicPoolState, address: string): boolean => {
  const number = parseIpv4(address);
  return number !== undefined && (state.space.has(number) || state.records.has(number));
};

/** Unallocated addresses inside the ranges, dirty ones included. */
export const freePublicCount = (state: PublicPoolState): number => state.space.size() - state.used;

export const ownedCount = (state: PublicPoolState, owner: string): number => state.owned.get(owner) ?? 0;
