/**
 * Reserving addresses: any ones for a run of n instances, all or none, or a specific one for an instance that comes back
 * (cloud spec 4.3, 4.6). An instance that holds an address is answered with that one, whatever the reason it asks again.
 */
import { type RandomSequence, randomSequence } from '../addressPool/randomSequence.ts';
import { type IpRange, inRanges } from '../ipRange.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../ipv4.ts';
import type { PrivatePoolEvent } from '../privatePool.ts';
import { isRefusal, type Refusal, refuse } from '../refusals.ts';
import { type AllocationStrategy, candidatesOf, isPoolOf, isTaken, poolOf } from './candidates.ts';
import { type PrivatePoolState, privateHoldingOf } from './state.ts';

/** `instanceId` may be empty when nobody is named yet; such a request is never recognised when it comes again. */
export type PrivateRequest = { readonly instanceId: string; readonly reservation: string };

export type ReservePrivate = {
  readonly cluster: string;
  /** The cluster's candidates in listed order. */
  readonly ranges: readonly IpRange[];
  readonly requests: readonly PrivateRequest[];
  readonly strategy: AllocationStrategy['strategy'];
  /** For `random` only: any number, the same for the same wish. */
  readonly seed?: number;
  /** Eucalyptus' ramdomAllocatorPartitionSize and -LoadFactor; 1000 and 1.0. */
  readonly partitionSize?: number;
  readonly loadFactor?: number;
  /** Not these: the same request gives them away by name. */
  readonly except?: readonly string[];
};

export type PrivateGrant = PrivateRequest & { readonly address: string };

/** `grants` answers the requests in their order and names the reservation each address is really held under. */
export type PrivateReservation = {
  readonly grants: readonly PrivateGrant[];
  readonly events: readonly PrivatePoolEvent[];
};

const defaultPartitionSize = 1000;

/** One address per request, or `not-enough-resources`; `instance-holds-address` when the instance has one in another cluster. */
export const reservePrivate = (state: PrivatePoolState, wish: ReservePrivate): PrivateReservation | Refusal => {
  const known = new Map<string, PrivateGrant>();
  const wanting: PrivateRequest[] = [];
  for (const request of wish.requests) {
    const own = ownGrant(state, wish.cluster, request.instanceId);
    if (isRefusal(own)) return own;
    if (own !== undefined) known.set(request.instanceId, own);
    else if (request.instanceId === '' || !wanting.some(({ instanceId }) => instanceId === request.instanceId)) {
      wanting.push(request);
    }
  }
  const addresses = wanting.length === 0 ? [] : pick(state, wish, wanting.length);
  if (isRefusal(addresses)) return addresses;
  return answer(wish, known, wanting, addresses);
};

/** What the instance holds already, undefined when nothing. */
const ownGrant = (state: PrivatePoolState, cluster: string, instanceId: string): PrivateGrant | Refusal | undefined => {
  const holding = instanceId === '' ? undefined : privateHoldingOf(state, instanceId);
  if (holding === undefined) return undefined;
  const { address, reservation } = holding;
  if (holding.cluster === cluster) return { instanceId, reservation, address };
  return refuse('instance-holds-address', `Instance ${instanceId} holds ${address} in cluster ${holding.cluster}.`, {
    value: address,
  });
};

/** `count` different free addresses in the strategy's order. */
const pick = (state: PrivatePoolState, wish: ReservePrivate, count: number): readonly Ipv4[] | Refusal => {
  const pool = candidatePool(state, wish.cluster, wish.ranges);
  const choice = choiceOf(wish);
  const except = new Set<Ipv4 | undefined>((wish.except ?? []).map(parseIpv4));
  const picked = new Set<Ipv4>();
  for (;;) {
    const before = picked.size;
    for (const address of candidatesOf(pool, state, choice)) {
      if (!isTaken(state, address) && !except.has(address)) picked.add(address);
      if (picked.size === count) return [...picked];
    }
    // A load factor below one leaves candidates untried: another shuffle may find them, unless this one found none.
    if (picked.size === before || choice.strategy !== 'random') return exhausted(wish, count, picked.size);
  }
};

const exhausted = ({ cluster }: ReservePrivate, wanted: number, found: number): Refusal =>
  refuse(
    'not-enough-resources',
    `Insufficient addresses: cluster ${cluster} has ${found} free private addresses left for ${wanted} wanted.`,
    { value: cluster },
  );

const candidatePool = (state: PrivatePoolState, cluster: string, ranges: readonly IpRange[]) => {
  const known = state.pools.get(cluster);
  if (known !== undefined && isPoolOf(known, ranges)) return known;
  const made = poolOf(ranges);
  state.pools.set(cluster, made);
  return made;
};

const choiceOf = ({ strategy, seed, partitionSize, loadFactor }: ReservePrivate): AllocationStrategy => {
  if (strategy !== 'random') return { strategy };
  const random: RandomSequence = randomSequence(seed ?? 0);
  return { strategy, random, partitionSize: partitionSize ?? defaultPartitionSize, loadFactor: loadFactor ?? 1 };
};

const answer = (
  { cluster, requests }: ReservePrivate,
  known: ReadonlyMap<string, PrivateGrant>,
  wanting: readonly PrivateRequest[],
  addresses: readonly Ipv4[],
): PrivateReservation => {
  const made = wanting.map((request, at) => ({ ...request, address: formatIpv4(addresses[at] ?? -1) }));
  const named = new Map(made.map((grant) => [grant.instanceId, grant]));
  const unnamed = made.filter(({ instanceId }) => instanceId === '').values();
  const grantFor = ({ instanceId }: PrivateRequest): PrivateGrant | undefined =>
    instanceId === '' ? unnamed.next().value : (known.get(instanceId) ?? named.get(instanceId));
  return {
    grants: requests.flatMap((request) => grantFor(request) ?? []),
    events: made.map((grant) => ({ type: 'PrivateAddressReserved', cluster, ...grant })),
  };
};

export type ReserveSpecificPrivate = Pick<ReservePrivate, 'cluster' | 'ranges'> &
  PrivateRequest & { readonly address: string };

/**
 * Exactly this address, for an instance that a cluster reports and the cloud does not know, or no longer (cloud spec 4.6).
 * It must be among the cluster's candidates (`address-not-in-pool`) and nobody else's (`address-in-use`); what the instance
 * itself held last may be taken out of quarantine again.
 */
export const reserveSpecificPrivate = (
  state: PrivatePoolState,
  wish: ReserveSpecificPrivate,
): PrivateReservation | Refusal => {
  const { cluster, ranges, instanceId, reservation, address } = wish;
  const own = ownGrant(state, cluster, instanceId);
  if (isRefusal(own)) return own;
  if (own?.address === address) return { grants: [own], events: [] };
  const number = parseIpv4(address);
  if (number === undefined || !inRanges(ranges, number)) {
    return refuse('address-not-in-pool', `${address} is not among the private addresses of cluster ${cluster}.`, {
      value: address,
    });
  }
  if (own !== undefined) {
    return refuse('instance-holds-address', `Instance ${instanceId} holds ${own.address}.`, { value: own.address });
  }
  const holder = state.held.get(number) ?? state.quarantined.get(number);
  if (holder !== undefined && (state.held.has(number) || holder.instanceId !== instanceId || instanceId === '')) {
    return refuse(
      'address-in-use',
      `${address} is, or was until just now, held by ${holder.instanceId || 'somebody'}.`,
      {
        value: address,
      },
    );
  }
  const grant: PrivateGrant = { instanceId, reservation, address };
  return { grants: [grant], events: [{ type: 'PrivateAddressReserved', cluster, ...grant }] };
};
