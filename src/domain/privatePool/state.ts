/**
 * What is known of the private addresses in use, and how events change it. Constant time per event however many addresses
 * are held; an address that was never touched has no entry anywhere. Candidate pools are a cache over the rest: dropping
 * them changes nothing but time, and replay does not build them.
 */
import { formatIpv4, type Ipv4, parseIpv4 } from '../ipv4.ts';
import type { PrivatePoolEvent } from '../privatePool.ts';
import type { Recorded } from '../recorded.ts';
import { type CandidatePool, isTaken, noteFreed, noteTaken } from './candidates.ts';

/** PENDING from reservation until the instance exists, EXTANT from then until release (cloud spec 4.2). */
export type PrivateHolding = {
  readonly state: 'pending' | 'extant';
  readonly cluster: string;
  /** The instance it is meant for or belongs to; empty when nobody was named. */
  readonly instanceId: string;
  readonly reservation: string;
  /** Time of the event that set the state, ms. */
  readonly since: number;
};

/** Released, but some node may still route it. */
export type Quarantined = Pick<PrivateHolding, 'cluster' | 'instanceId' | 'reservation' | 'since'>;

export type PrivatePoolState = {
  readonly held: Map<Ipv4, PrivateHolding>;
  readonly quarantined: Map<Ipv4, Quarantined>;
  /** Used before and free now -> order of being freed. The map's own order is the same. */
  readonly idle: Map<Ipv4, number>;
  freedCount: number;
  readonly byInstance: Map<string, Ipv4>;
  /** Cluster -> its PENDING addresses. */
  readonly pendingIn: Map<string, Set<Ipv4>>;
  /** Cluster -> its candidates, as of the ranges it last asked with. A cache. */
  readonly pools: Map<string, CandidatePool>;
};

export const initialPrivatePool = (): PrivatePoolState => ({
  held: new Map(),
  quarantined: new Map(),
  idle: new Map(),
  freedCount: 0,
  byInstance: new Map(),
  pendingIn: new Map(),
  pools: new Map(),
});

/** Faults on a text that no decision could have written. */
const addressOf = (text: string): Ipv4 => {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(`expected an IPv4 address in an event of the private pool, got "${text}"`);
  return address;
};

export const applyPrivatePool = (
  state: PrivatePoolState,
  event: PrivatePoolEvent,
  recorded: Pick<Recorded<PrivatePoolEvent>, 'time'>,
): void => {
  const address = addressOf(event.address);
  switch (event.type) {
    case 'PrivateAddressReserved':
      hold(state, address, { ...holdingOfEvent(event), state: 'pending', since: recorded.time });
      return;
    case 'PrivateAddressAssociated':
      hold(state, address, { ...holdingOfEvent(event), state: 'extant', since: recorded.time });
      return;
    case 'PrivateAddressReleased':
      drop(state, address);
      state.quarantined.set(address, { ...holdingOfEvent(event), since: recorded.time });
      return;
    case 'PrivateAddressFreed':
      free(state, address, event.reservation);
      return;
  }
};

const holdingOfEvent = ({ cluster, instanceId, reservation }: Quarantined | HoldingEvent) => ({
  cluster,
  instanceId,
  reservation,
});
type HoldingEvent = Exclude<PrivatePoolEvent, { readonly type: 'PrivateAddressFreed' }>;

const hold = (state: PrivatePoolState, address: Ipv4, holding: PrivateHolding): void => {
  if (!isTaken(state, address)) for (const pool of state.pools.values()) noteTaken(pool, address);
  drop(state, address);
  state.quarantined.delete(address);
  state.idle.delete(address);
  state.held.set(address, holding);
  if (holding.instanceId !== '') state.byInstance.set(holding.instanceId, address);
  if (holding.state === 'pending') pendingOf(state, holding.cluster).add(address);
};

const drop = (state: PrivatePoolState, address: Ipv4): void => {
  const holding = state.held.get(address);
  if (holding === undefined) return;
  state.held.delete(address);
  if (state.byInstance.get(holding.instanceId) === address) state.byInstance.delete(holding.instanceId);
  if (holding.state === 'pending') pendingOf(state, holding.cluster).delete(address);
};

const free = (state: PrivatePoolState, address: Ipv4, reservation: string): void => {
  if (state.quarantined.get(address)?.reservation !== reservation) return;
  state.quarantined.delete(address);
  state.freedCount += 1;
  state.idle.set(address, state.freedCount);
  for (const pool of state.pools.values()) noteFreed(pool, state, { address, order: state.freedCount });
};

const pendingOf = (state: PrivatePoolState, cluster: string): Set<Ipv4> => {
  const known = state.pendingIn.get(cluster);
  if (known !== undefined) return known;
  const made = new Set<Ipv4>();
  state.pendingIn.set(cluster, made);
  return made;
};

/** The holding of an address as text, undefined when nobody has it (quarantined counts as nobody) or it is no address. */
export const privateHolding = (state: PrivatePoolState, address: string): PrivateHolding | undefined => {
  const number = parseIpv4(address);
  return number === undefined ? undefined : state.held.get(number);
};

export const quarantinedHolding = (state: PrivatePoolState, address: string): Quarantined | undefined => {
  const number = parseIpv4(address);
  return number === undefined ? undefined : state.quarantined.get(number);
};

/** The address an instance holds, as text, with its holding. */
export const privateHoldingOf = (
  state: PrivatePoolState,
  instanceId: string,
): (PrivateHolding & { readonly address: string }) | undefined => {
  const address = state.byInstance.get(instanceId);
  const holding = address === undefined ? undefined : state.held.get(address);
  return address === undefined || holding === undefined ? undefined : { ...holding, address: formatIpv4(address) };
};
