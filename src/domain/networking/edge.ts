/**
 * The EDGE implementation of the networking service (cloud spec 8.3): private and public addresses from the pools, in request
 * order, all or nothing; other kinds of resources are not its business. Pure: states in, grants and events out.
 */
import type { IpRange } from '../ipRange.ts';
import {
  type PrivatePoolEvent,
  type PrivatePoolState,
  type ReservePrivate,
  reservePrivate,
  reserveSpecificPrivate,
} from '../privatePool.ts';
import {
  type ImpendPublic,
  impendPublic,
  type PublicPoolEvent,
  type PublicPoolState,
  restorePublic,
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

const preparePrivate = (pools: EdgePools, wanted: readonly Numbered[], choices: EdgeChoices) => {
  if (wanted.length === 0) return { grants: [], events: [] };
  if (isRefusal(pools.ranges)) return pools.ranges;
  const requests = wanted.map(({ request, n }) => ({
    instanceId: request.ownerId,
    reservation: choices.reservation(n),
  }));
  const { zone: cluster } = choices;
  return reservePrivate(pools.private, { cluster, ranges: pools.ranges, requests, ...choices.private });
};

/** A restored address that cannot be had is left out; the request goes on without it (cloud spec 4.6). */
const restorePrivate = (pools: EdgePools, wanted: readonly Numbered[], choices: EdgeChoices) =>
  wanted.flatMap(({ request, n }) => {
    if (isRefusal(pools.ranges) || request.value === undefined) return [];
    const wish = { instanceId: request.ownerId, reservation: choices.reservation(n), address: request.value };
    const restored = reserveSpecificPrivate(pools.private, { cluster: choices.zone, ranges: pools.ranges, ...wish });
    return isRefusal(restored) ? [] : [restored];
  });

const of = (requests: readonly Numbered[], type: ResourceRequest['type'], isRestore: boolean): readonly Numbered[] =>
  requests.filter(({ request }) => request.type === type && (request.value !== undefined) === isRestore);

export const prepareEdge = (
  pools: EdgePools,
  requests: readonly ResourceRequest[],
  choices: EdgeChoices,
): EdgePrepared | Refusal => {
  const numbered = requests.map((request, n) => ({ request, n }));
  const fresh = preparePrivate(pools, of(numbered, 'private-ip', false), choices);
  if (isRefusal(fresh)) return fresh;
  const instanceIds = of(numbered, 'public-ip', false).map(({ request }) => request.ownerId);
  const impending = impendPublic(pools.public, { instanceIds, ...choices.public });
  if (isRefusal(impending)) return impending;
  const restored = restorePrivate(pools, of(numbered, 'private-ip', true), choices);
  const restoredPublic = of(numbered, 'public-ip', true).flatMap(({ request }) => {
    const back = restorePublic(pools.public, { instanceId: request.ownerId, address: request.value ?? '' });
    return isRefusal(back) ? [] : [back];
  });
  const privates = [fresh, ...restored];
  const publics = [impending, ...restoredPublic];
  return {
    grants: inRequestOrder(
      requests,
      privates.flatMap(({ grants }) => grants),
      publics.flatMap(({ grants }) => grants),
    ),
    privateEvents: privates.flatMap(({ events }) => events),
    publicEvents: publics.flatMap(({ events }) => events),
    reservations: new Map(
      privates.flatMap(({ grants }) => grants.map((one) => [one.instanceId, one.reservation] as const)),
    ),
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
  return requests.flatMap(({ type, ownerId }) => {
    const value =
      type === 'private-ip' ? privateOf.get(ownerId) : type === 'public-ip' ? publicOf.get(ownerId) : undefined;
    return value === undefined ? [] : [{ type, ownerId, value }];
  });
};
