/**
 * Between an address and its instance: assigning, unassigning, completing either when its message has arrived (cloud spec
 * 5.2). In EDGE mode nothing is sent: `pending` false means transition and completion at once. A system address that is
 * unassigned goes back to the pool with it.
 */
import type { Decision } from '../decider.ts';
import type { PublicPoolEvent } from '../publicPool.ts';
import { isRefusal, refuse } from '../refusals.ts';
import { addressNotFound } from './allocate.ts';
import { isInPool, publicAddressOf, recordOf, standingOf } from './lookups.ts';
import { type PublicPoolState, type PublicRecord, systemOwner } from './state.ts';
import { holdsAnother } from './system.ts';
import { transition } from './transitions.ts';

export type AssignPublic = {
  readonly address: string;
  readonly instanceId: string;
  readonly instanceAddress: string;
  readonly cluster: string;
  /** True while a message to the cluster is in flight (not in EDGE mode). */
  readonly pending: boolean;
};

/**
 * From allocated, or from impending for this instance. No event when it is assigned to the instance already; an instance
 * with another address is `instance-holds-address`: unassign that first.
 */
export const assignPublic = (state: PublicPoolState, wish: AssignPublic): Decision<PublicPoolEvent> => {
  const { address, instanceId } = wish;
  const record = recordOf(state, address);
  if (record === undefined && !isInPool(state, address)) return addressNotFound(address);
  if (record?.state === 'assigned' && record.instanceId === instanceId) return [];
  const target = transition(standingOf(record), 'assign');
  if (isRefusal(target)) return target;
  const other = publicAddressOf(state, instanceId);
  if (other !== undefined && other !== address) return holdsAnother(instanceId, other);
  if (record?.state === 'impending' && record.instanceId !== instanceId) {
    return refuse('illegal-transition', `${address} is prepared for ${record.instanceId}.`, { value: address });
  }
  return [{ type: 'PublicAddressAssigned', ...wish, owner: record?.owner ?? systemOwner }];
};

export type UnassignPublic = {
  readonly address: string;
  /** Only if it is this instance's; anybody's when absent. */
  readonly instanceId?: string;
  readonly pending: boolean;
};

/**
 * Back to allocated; a system address goes on to the pool unless a message is in flight. Dirty from now on in the cluster it
 * was really assigned in. An address that the named instance does not have is left alone.
 */
export const unassignPublic = (state: PublicPoolState, wish: UnassignPublic): Decision<PublicPoolEvent> => {
  const { address, instanceId, pending } = wish;
  const record = recordOf(state, address);
  if (record === undefined && !isInPool(state, address)) return addressNotFound(address);
  if (instanceId !== undefined && publicAddressOf(state, instanceId) !== address) return [];
  const target = transition(standingOf(record), 'unassign');
  if (isRefusal(target) || record === undefined) return isRefusal(target) ? target : [];
  return [unassignment(address, record, pending), ...(pending ? [] : backToPool(address, record))];
};

/**
 * `cluster` empty: no dirty mark. An impending address was never shown to anybody; and where messages are sent, they and
 * not the document tell the cluster.
 */
const unassignment = (address: string, record: PublicRecord, pending: boolean): PublicPoolEvent => ({
  type: 'PublicAddressUnassigned',
  address,
  owner: record.owner,
  instanceId: record.instanceId,
  cluster: pending ? '' : record.cluster,
  pending,
});

const backToPool = (address: string, { owner }: PublicRecord): readonly PublicPoolEvent[] =>
  owner === systemOwner ? [{ type: 'PublicAddressReleased', address, owner }] : [];

/** The message has arrived. After an unassignment a system address goes back to the pool. */
export const completePublic = (state: PublicPoolState, address: string): Decision<PublicPoolEvent> => {
  const record = recordOf(state, address);
  if (record === undefined && !isInPool(state, address)) return addressNotFound(address);
  const target = transition(standingOf(record), 'clearPending');
  if (isRefusal(target) || record === undefined) return isRefusal(target) ? target : [];
  const completed: PublicPoolEvent = { type: 'PublicAddressTransitionCompleted', address };
  return record.state === 'allocated' ? [completed, ...backToPool(address, record)] : [completed];
};
