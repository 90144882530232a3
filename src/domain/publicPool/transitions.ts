/**
 * The state table of a public address (cloud spec 5.2) and nothing else. `pending` says that the message for the last
 * transition is in flight; in EDGE mode nothing is sent and a transition completes at once.
 */
import { type Refusal, refuse } from '../refusals.ts';

export type PublicAddressState = 'unallocated' | 'allocated' | 'impending' | 'assigned';
export type PublicOperation = 'allocate' | 'pendingAssignment' | 'assign' | 'unassign' | 'release' | 'clearPending';
export type PublicStanding = { readonly state: PublicAddressState; readonly pending: boolean };

const standing = (state: PublicAddressState, pending: boolean): PublicStanding => ({ state, pending });

/** Undefined where the table has no row. */
const next = ({ state, pending }: PublicStanding, operation: PublicOperation): PublicStanding | undefined => {
  switch (operation) {
    case 'allocate':
      return state === 'unallocated' && !pending ? standing('allocated', false) : undefined;
    case 'pendingAssignment':
      return state === 'unallocated' && !pending ? standing('impending', true) : undefined;
    case 'assign':
      return (state === 'allocated' && !pending) || (state === 'impending' && pending)
        ? standing('assigned', true)
        : undefined;
    case 'unassign':
      return (state === 'assigned' && !pending) || state === 'impending' ? standing('allocated', true) : undefined;
    case 'release':
      return (state === 'allocated' && !pending) || state === 'impending' ? standing('unallocated', false) : undefined;
    case 'clearPending':
      return pending ? standing(state, false) : undefined;
  }
};

/** Where the operation leads, or `illegal-transition`. */
export const transition = (from: PublicStanding, operation: PublicOperation): PublicStanding | Refusal =>
  next(from, operation) ??
  refuse(
    'illegal-transition',
    `An address that is ${from.state}${from.pending ? ' with a transition in flight' : ''} cannot ${wording[operation]}.`,
    { value: from.state },
  );

const wording: { readonly [O in PublicOperation]: string } = {
  allocate: 'be allocated',
  pendingAssignment: 'be prepared for an instance',
  assign: 'be assigned',
  unassign: 'be unassigned',
  release: 'be released',
  clearPending: 'complete a transition',
};

export const isAllocated = (state: PublicAddressState): boolean => state !== 'unallocated';

/** Impending counts. */
export const isAssigned = (state: PublicAddressState): boolean => state === 'impending' || state === 'assigned';

export const isReallyAssigned = (state: PublicAddressState): boolean => state === 'assigned';
