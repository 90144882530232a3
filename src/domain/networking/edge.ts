/**
 * The EDGE implementation of the networking service (cloud spec 8.3): private and public addresses from the pools, in request
 * order, all or nothing; other kinds of resources are not its business. Pure: states in, grants and events out.
 */
import type { IpRange } from '../ipRange.ts';
import {
  type PrivateGrant,
  type PrivatePoolEvent,
  type PrivatePoolState,
  type PrivateReservation,
  type ReservePrivate,
  reservePrivate,
  reserveSpecificPrivate,
} from '../privatePool.ts';
import { applyPublicPool } from '../publicPool/state.ts';
import {
  branchOfPool,
  type ImpendPublic,
  impendPublic,
  type PublicPoolEvent,
  type PublicPoolState,
  restorePublic,
  type SystemGrant,
  type SystemGrants,
} from '../publicPool.ts';
import { isRefusal, type Refusal } from '../refusals.ts';
import type { ResourceGrant, ResourceRequest } from './resources.ts';

export type EdgePools = {
  readonly private: PrivatePoolState;
  readonly public: PublicPoolState;
  /** The zone's candidates, or why it has none. */
  readonly ranges: readonly IpRange[] | Refusal;
};

export type EdgeChoices = {
  readonly zone: string;
  /** Reservation under which the n-th private address of this request is held. */
  readonly reservation: (n: number) => string;
  readonly private: Pick<ReservePrivate, 'strategy' | 'seed'>;
  readonly public: Omit<ImpendPublic, 'instanceIds'>;
};

export type EdgePrepared = {
  readonly grants: readonly ResourceGrant[];
  readonly privateEvents: readonly PrivatePoolEvent[];
  readonly publicEvents: readonly PublicPoolEvent[];
  /** Instance -> reservation its private address is held under. */
  readonly reservations: ReadonlyMap<string, string>;
};

type Numbered = { readonly request: ResourceRequest; readonly n: number };

const of = (requests: readonly Numbered[], type: ResourceRequest['type'], isRestore: boolean): readonly Numbered[] =>
  requests.filter(({ request }) => request.type === type && (request.value !== undefined) === isRestore);

/**
 * What was asked for by name comes first, so that nothing else in the request takes it. An address that cannot be had, or that
 * this very request gave away already, is left out; the request goes on without it (cloud spec 4.6).
 */
const restorePrivate = (pools: EdgePools, wanted: readonly Numbered[], choices: EdgeChoices): PrivateReservation => {
  const grants: PrivateGrant[] = [];
  const events: PrivatePoolEvent[] = [];
  for (const { request, n } of wanted) {
    const { ownerId: instanceId, value: address = '' } = request;
    const isGiven = grants.some((grant) => grant.address === address || grant.instanceId === instanceId);
    if (isGiven || isRefusal(pools.ranges)) continue;
    const wish = { instanceId, reservation: choices.reservation(n), address };
    const restored = reserveSpecificPrivate(pools.private, { cluster: choices.zone, ranges: pools.ranges, ...wish });
    if (isRefusal(restored)) continue;
    grants.push(...restored.grants);
    events.push(...restored.events);
  }
  return { grants, events };
};

/** Any address, for those that have none by name. */
const preparePrivate = (
  pools: EdgePools,
  wanted: readonly Numbered[],
  restored: PrivateReservation,
  choices: EdgeChoices,
): PrivateReservation | Refusal => {
  const open = wanted.filter(
    ({ request }) => !restored.grants.some(({ instanceId }) => instanceId === request.ownerId),
  );
  if (open.length === 0) return restored;
  if (isRefusal(pools.ranges)) return pools.ranges;
  const requests = open.map(({ request, n }) => ({ instanceId: request.ownerId, reservation: choices.reservation(n) }));
  const fresh = reservePrivate(pools.private, {
    ...{ cluster: choices.zone, ranges: pools.ranges, requests, ...choices.private },
    except: restored.grants.map(({ address }) => address),
  });
  if (isRefusal(fresh)) return fresh;
  return { grants: [...restored.grants, ...fresh.grants], events: [...restored.events, ...fresh.events] };
};

/** Each decision sees what the ones before it left. */
const preparePublic = (
  state: PublicPoolState,
  requests: readonly Numbered[],
  choices: EdgeChoices,
): SystemGrants | Refusal => {
  if (!requests.some(({ request }) => request.type === 'public-ip')) return { grants: [], events: [] };
  const pool = branchOfPool(state);
  const grants: SystemGrant[] = [];
  const events: PublicPoolEvent[] = [];
  const take = (decided: SystemGrants): void => {
    for (const event of decided.events) applyPublicPool(pool, event, { time: 0, revision: 0, commandId: '' });
    grants.push(...decided.grants);
    events.push(...decided.events);
  };
  for (const { request } of of(requests, 'public-ip', true)) {
    const back = restorePublic(pool, { instanceId: request.ownerId, address: request.value ?? '' });
    if (!isRefusal(back)) take(back);
  }
  const instanceIds = of(requests, 'public-ip', false).map(({ request }) => request.ownerId);
  const impending = impendPublic(pool, { instanceIds, ...choices.public });
  if (isRefusal(impending)) return impending;
  take(impending);
  return { grants, events };
};

/** All or nothing, except for what was asked for by name. */
export const prepareEdge = (
  pools: EdgePools,
  requests: readonly ResourceRequest[],
  choices: EdgeChoices,
): EdgePrepared | Refusal => {
  const numbered = requests.map((request, n) => ({ request, n }));
  const restored = restorePrivate(pools, of(numbered, 'private-ip', true), choices);
  const privates = preparePrivate(pools, of(numbered, 'private-ip', false), restored, choices);
  if (isRefusal(privates)) return privates;
  const publics = preparePublic(pools.public, numbered, choices);
  if (isRefusal(publics)) return publics;
  return {
    grants: inRequestOrder(requests, privates.grants, publics.grants),
    privateEvents: privates.events,
    publicEvents: publics.events,
    reservations: new Map(privates.grants.map(({ instanceId, reservation }) => [instanceId, reservation])),
  };
};

type Given = { readonly instanceId: string; readonly address: string };

const inRequestOrder = (
  requests: readonly ResourceRequest[],
  privates: readonly Given[],
  publics: readonly Given[],
): readonly ResourceGrant[] => {
  const privateOf = new Map(privates.map(({ instanceId, address }) => [instanceId, address]));
  const publicOf = new Map(publics.map(({ instanceId, address }) => [instanceId, address]));
  return requests.flatMap(({ type, ownerId, value: wished }) => {
    const value =
      type === 'private-ip' ? privateOf.get(ownerId) : type === 'public-ip' ? publicOf.get(ownerId) : undefined;
    return value === undefined || (wished !== undefined && wished !== value) ? [] : [{ type, ownerId, value }];
  });
};
