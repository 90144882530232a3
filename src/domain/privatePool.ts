/**
 * The private addresses of the cloud: an address has at most one holder, a holder at most one address; released is not free.
 * One stream for the whole cloud, because the invariant is cloud-wide (cloud spec 4.1: clusters may share a subnet and then
 * share its pool). Free addresses have no record: candidates come lazily from the cluster's ranges, so a pool may be as
 * large as IPv4. Which range belongs to whom is the configuration's business, never this pool's.
 */

import { spaceOf } from './addressPool/addressSpace.ts';
import type { Aggregate } from './decider.ts';
import type { IpRange } from './ipRange.ts';
import { applyPrivatePool, initialPrivatePool, type PrivatePoolState } from './privatePool/state.ts';

export type PrivateReleaseCause = 'released' | 'aborted' | 'expired' | 'forced';

/** Everyone has passed the release, or an operator, the end of a cluster or the long limit said so. */
export type PrivateFreeCause = 'converged' | 'operator' | 'deregistered' | 'limit';

/** NB these types and names are the storage format: version them with care. `reservation` names one holding of one address. */
export type PrivatePoolEvent =
  /** Held for an instance that is not made yet. */
  | {
      readonly type: 'PrivateAddressReserved';
      readonly address: string;
      readonly cluster: string;
      readonly instanceId: string;
      readonly reservation: string;
    }
  /** The instance is made: the address is bound to it. */
  | {
      readonly type: 'PrivateAddressAssociated';
      readonly address: string;
      readonly cluster: string;
      readonly instanceId: string;
      readonly reservation: string;
    }
  /** Given back, but nodes may still route it: in quarantine. */
  | {
      readonly type: 'PrivateAddressReleased';
      readonly address: string;
      readonly cluster: string;
      readonly instanceId: string;
      readonly reservation: string;
      readonly cause: PrivateReleaseCause;
    }
  /** Every cluster that could mention the address has passed its release (or somebody said so): it may be handed out again. */
  | {
      readonly type: 'PrivateAddressFreed';
      readonly address: string;
      readonly reservation: string;
      readonly cause: PrivateFreeCause;
      readonly reason?: string;
    };

export const privatePoolAggregate: Aggregate<PrivatePoolState, PrivatePoolEvent> = {
  category: 'privatePool',
  initial: initialPrivatePool,
  apply: applyPrivatePool,
};

/** What Eucalyptus calls each refusal of this pool. */
export const awsNames: { readonly [refused: string]: string } = {
  'not-enough-resources': 'NotEnoughResources',
  'illegal-transition': 'IllegalTransition',
  'stale-reservation': 'IllegalTransition',
  'instance-holds-address': 'IllegalTransition',
  'address-not-in-pool': 'NotEnoughResources',
  'address-in-use': 'NotEnoughResources',
};

export type PrivateCounts = { readonly held: number; readonly quarantined: number; readonly free: number };

/** How the addresses of these ranges are used; `held + quarantined + free` is their number. Looks at every used address. */
export const privateCounts = (state: PrivatePoolState, ranges: readonly IpRange[]): PrivateCounts => {
  const space = spaceOf(ranges);
  const inside = (addresses: Iterable<number>): number => {
    let count = 0;
    for (const address of addresses) if (space.has(address)) count += 1;
    return count;
  };
  const held = inside(state.held.keys());
  const quarantined = inside(state.quarantined.keys());
  return { held, quarantined, free: space.size() - held - quarantined };
};

export {
  type AssociatePrivate,
  associatePrivate,
  type ExpirePrivate,
  type ExpireReported,
  expirePrivate,
  expireReported,
  type FreePrivate,
  freePrivate,
  type ReleasePrivate,
  releasePrivate,
  verifyPrivate,
} from './privatePool/holdings.ts';
export {
  type PrivateGrant,
  type PrivateRequest,
  type PrivateReservation,
  type ReservePrivate,
  type ReserveSpecificPrivate,
  reservePrivate,
  reserveSpecificPrivate,
} from './privatePool/reserve.ts';
export {
  type PrivateHolding,
  type PrivatePoolState,
  privateHolding,
  privateHoldingOf,
  type Quarantined,
  quarantinedHolding,
} from './privatePool/state.ts';
