/**
 * The public (elastic) addresses of the cloud: at most one holder, ownership by account, quota, and the state table of
 * cloud spec 5.2. The pool is defined by ranges; addresses without a record are unallocated. What a user's wish means for
 * several addresses and instances at once is in `publicFlows.ts`; nothing here knows what state an instance is in.
 */
import type { Aggregate } from './decider.ts';
import { applyPublicPool, initialPublicPool, type PublicPoolState } from './publicPool/state.ts';

/** `cluster` has applied a newer version, was deregistered, or an operator or the long limit said so. */
export type PublicClearCause = 'converged' | 'deregistered' | 'operator' | 'limit';

/**
 * NB these types and names are the storage format: version them with care. Owner `system` marks system-assigned addresses;
 * otherwise it is an account number.
 */
export type PublicPoolEvent =
  /** The whole pool, as ranges; what is outside and in use stays until it is given back. */
  | { readonly type: 'PublicPoolDefined'; readonly ranges: readonly string[] }
  /** An account owns it. */
  | { readonly type: 'PublicAddressAllocated'; readonly address: string; readonly owner: string }
  /** Chosen by the system for an instance that is not placed yet. */
  | { readonly type: 'PublicAddressImpending'; readonly address: string; readonly instanceId: string }
  /** The instance has it, and documents show it unless it is dirty. */
  | {
      readonly type: 'PublicAddressAssigned';
      readonly address: string;
      readonly owner: string;
      readonly instanceId: string;
      readonly instanceAddress: string;
      readonly cluster: string;
      readonly pending: boolean;
    }
  /** The address is dirty in `cluster` until PublicAddressCleared; with an empty `cluster` it is not: nobody was shown it. */
  | {
      readonly type: 'PublicAddressUnassigned';
      readonly address: string;
      readonly owner: string;
      readonly instanceId: string;
      readonly cluster: string;
      readonly pending: boolean;
    }
  /** Completes an assign or unassign whose message to the cluster was in flight (generic mode only). */
  | { readonly type: 'PublicAddressTransitionCompleted'; readonly address: string }
  /** Nobody owns it any more; it may still be dirty. */
  | { readonly type: 'PublicAddressReleased'; readonly address: string; readonly owner: string }
  /** The dirty mark of this cluster is gone. */
  | {
      readonly type: 'PublicAddressCleared';
      readonly address: string;
      readonly cluster: string;
      readonly cause: PublicClearCause;
      readonly reason?: string;
    };

export const publicPoolAggregate: Aggregate<PublicPoolState, PublicPoolEvent> = {
  category: 'publicPool',
  initial: initialPublicPool,
  apply: applyPublicPool,
};

/** What AWS or Eucalyptus calls each refusal of this pool and of the flows over it. */
export const awsNames: { readonly [refused: string]: string } = {
  'not-enough-resources': 'NotEnoughResources',
  'insufficient-address-capacity': 'InsufficientAddressCapacity',
  'address-limit-exceeded': 'AddressLimitExceeded',
  'address-not-found': 'InvalidAddress.NotFound',
  'address-in-use': 'InvalidAddress.InUse',
  'not-authorized': 'NotAuthorized',
  'instance-not-found': 'InvalidInstanceID.NotFound',
  'incorrect-instance-state': 'IncorrectInstanceState',
  'instance-holds-address': 'IllegalTransition',
  'illegal-transition': 'IllegalTransition',
};

export {
  type AllocatePublic,
  allocatePublic,
  definePublicPool,
  type PublicGrant,
  releasePublic,
} from './publicPool/allocate.ts';
export {
  type AssignPublic,
  assignPublic,
  completePublic,
  type UnassignPublic,
  unassignPublic,
} from './publicPool/assign.ts';
export type { PublicChoice } from './publicPool/choice.ts';
export { type ClearPublic, clearCluster, clearDirty, clearReported } from './publicPool/dirty.ts';
export {
  dirtyMarks,
  freePublicCount,
  isInPool,
  ownedCount,
  publicAddressOf,
  publicUseOf,
  recordOf,
  standingOf,
} from './publicPool/lookups.ts';
export {
  forgetOrphan,
  judgeOrphans,
  type OrphanCounts,
  type OrphanRules,
  type OrphanVerdicts,
  type ReportedAddress,
  reclaimOrphan,
} from './publicPool/orphans.ts';
export {
  branchOfPool,
  type DirtyMarks,
  type PublicPoolState,
  type PublicRecord,
  systemOwner,
} from './publicPool/state.ts';
export {
  type ImpendPublic,
  impendPublic,
  type RestorePublic,
  reserveForSystem,
  restorePublic,
  type SystemGrant,
  type SystemGrants,
  type SystemSource,
} from './publicPool/system.ts';
export {
  isAllocated,
  isAssigned,
  isReallyAssigned,
  type PublicAddressState,
  type PublicOperation,
  type PublicStanding,
  transition,
} from './publicPool/transitions.ts';
