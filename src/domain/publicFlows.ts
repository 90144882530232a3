/**
 * What users and the lives of instances mean for public addresses, where one wish moves several of them (cloud spec 5.3,
 * 5.5). Every step is a decision of the pool, taken on a branch that shows what the steps before it left; out comes one list
 * of events. Reads instances through `instanceOf` and writes none: who has which address is the pool's knowledge alone.
 */
import type { Decision } from './decider.ts';
import {
  assign,
  begin,
  type FlowSetting,
  giveSystem,
  type InstanceFacts,
  inOrder,
  isUp,
  settle,
  take,
  withdraw,
} from './publicFlows/steps.ts';
import { addressNotFound } from './publicPool/allocate.ts';
import {
  isInPool,
  type PublicPoolEvent,
  type PublicPoolState,
  type PublicRecord,
  publicUseOf,
  recordOf,
  releasePublic,
  systemOwner,
} from './publicPool.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';

export { type FlowSetting, type InstanceFacts, qualifiesForSystemAddress } from './publicFlows/steps.ts';

/** `account` is the caller's; administrators act on all accounts'. */
export type AddressWish = { readonly address: string; readonly account: string; readonly admin: boolean };

const holderOf = (record: PublicRecord, setting: FlowSetting): InstanceFacts | undefined =>
  record.instanceId === '' ? undefined : setting.instanceOf(record.instanceId);

/** The record, if the caller may act on it: allocated, and his account's. System addresses are the administrators'. */
const recordFor = (state: PublicPoolState, { address, account, admin }: AddressWish): PublicRecord | Refusal => {
  const record = recordOf(state, address);
  if (record !== undefined && (admin || record.owner === account)) return record;
  if (record === undefined && !isInPool(state, address)) return addressNotFound(address);
  return refuse('not-authorized', `${address} is not allocated to account ${account}.`, { value: address });
};

const targetFor = (
  { account, admin }: AddressWish,
  instanceId: string,
  { instanceOf }: FlowSetting,
): InstanceFacts | Refusal => {
  const facts = instanceOf(instanceId);
  return facts?.state !== undefined && (admin || facts.account === account)
    ? facts
    : refuse('instance-not-found', `There is no instance ${instanceId}.`, { value: instanceId });
};

/**
 * AssociateAddress. Moves the address from whoever has it, takes the target's other address away, and gives the old instance
 * a system address if it qualifies. The target's own address again is no event. Refuses with `address-not-found`,
 * `not-authorized`, `instance-not-found`, and `incorrect-instance-state` for an instance that is not pending or running
 * (Eucalyptus 4.0 answered yes and undid it).
 */
export const associateAddress = (
  state: PublicPoolState,
  wish: AddressWish & { readonly instanceId: string },
  setting: FlowSetting,
): Decision<PublicPoolEvent> => {
  const { address, instanceId } = wish;
  const record = recordFor(state, wish);
  if (isRefusal(record)) return record;
  const target = targetFor(wish, instanceId, setting);
  if (isRefusal(target)) return target;
  if (record.state === 'assigned' && record.instanceId === instanceId) return [];
  if (!isUp(target)) return wrongState(target);
  if (record.owner === systemOwner) return systemOwned(address);
  const flow = begin(state, setting);
  const before = holderOf(record, setting);
  return inOrder(
    flow,
    () => withdraw(flow, address) ?? settle(flow, address),
    () => withdraw(flow, publicUseOf(flow.pool, instanceId)?.address),
    () => assign(flow, address, target),
    () => giveSystem(flow, record.state === 'assigned' ? before : undefined),
  );
};

const wrongState = ({ instanceId, state }: InstanceFacts): Refusal =>
  refuse('incorrect-instance-state', `Instance ${instanceId} is neither pending nor running.`, { value: state ?? '' });

const systemOwned = (address: string): Refusal =>
  refuse('not-authorized', `${address} belongs to the system and goes with its instance.`, { value: address });

/**
 * DisassociateAddress. The instance gets a system address if it qualifies. An address nobody has is left alone, with success
 * (Eucalyptus 4.0 failed).
 */
export const disassociateAddress = (
  state: PublicPoolState,
  wish: AddressWish,
  setting: FlowSetting,
): Decision<PublicPoolEvent> => {
  const record = recordFor(state, wish);
  if (isRefusal(record)) return record;
  if (record.state === 'allocated') return [];
  const flow = begin(state, setting);
  return inOrder(
    flow,
    () => withdraw(flow, wish.address),
    () => giveSystem(flow, holderOf(record, setting), wish.address),
  );
};

/**
 * ReleaseAddress. Taken from its instance first, which gets a system address if it qualifies. An address of the pool that is
 * free is left alone.
 */
export const releaseAddress = (
  state: PublicPoolState,
  wish: AddressWish,
  setting: FlowSetting,
): Decision<PublicPoolEvent> => {
  const { address } = wish;
  if (recordOf(state, address) === undefined && isInPool(state, address)) return [];
  const record = recordFor(state, wish);
  if (isRefusal(record)) return record;
  const flow = begin(state, setting);
  return inOrder(
    flow,
    () => withdraw(flow, address) ?? settle(flow, address),
    () => giveSystem(flow, record.state === 'allocated' ? undefined : holderOf(record, setting), address),
    () => (recordOf(flow.pool, address) === undefined ? undefined : take(flow, releasePublic(flow.pool, address))),
  );
};

/** A system address for an instance that qualifies and has none; none left is no refusal. */
export const giveSystemAddress = (
  state: PublicPoolState,
  instanceId: string,
  setting: FlowSetting,
): Decision<PublicPoolEvent> => {
  const flow = begin(state, setting);
  return inOrder(flow, () => giveSystem(flow, setting.instanceOf(instanceId)));
};

/** The cluster took the instance: its impending address becomes its own, or goes back when it is no longer up. */
export const acceptAddress = (
  state: PublicPoolState,
  instanceId: string,
  setting: FlowSetting,
): Decision<PublicPoolEvent> => {
  const use = publicUseOf(state, instanceId);
  if (use?.state !== 'impending') return [];
  const facts = setting.instanceOf(instanceId);
  const flow = begin(state, setting);
  return inOrder(flow, () => (isUp(facts) ? assign(flow, use.address, facts) : withdraw(flow, use.address)));
};

/** The instance stops, shuts down, or its run failed: whatever address it has is taken from it (cloud spec 5.5). */
export const leaveAddress = (
  state: PublicPoolState,
  instanceId: string,
  setting: FlowSetting,
): Decision<PublicPoolEvent> => {
  const flow = begin(state, setting);
  return inOrder(flow, () => withdraw(flow, publicUseOf(state, instanceId)?.address));
};

/** Which message was answered; an answer that names none is taken for one to what is in flight. */
export type AnsweredMessage = { readonly instanceId: string; readonly message: 'assign' | 'unassign' };

/**
 * The cluster has answered a message (generic mode). An assignment whose instance is gone or no longer up is undone; a system
 * address that was unassigned goes back to the pool (cloud spec 5.2). An answer to what is not in flight is no event.
 */
export const completeTransition = (
  state: PublicPoolState,
  address: string,
  setting: FlowSetting,
  answered?: AnsweredMessage,
): Decision<PublicPoolEvent> => {
  const record = recordOf(state, address);
  if (!record?.pending || record.state === 'impending') return [];
  const { instanceId } = record;
  const message = record.state === 'assigned' ? 'assign' : 'unassign';
  if (answered !== undefined && (answered.message !== message || answered.instanceId !== instanceId)) return [];
  const flow = begin(state, setting);
  const undone = message === 'assign' && !isUp(setting.instanceOf(instanceId));
  return inOrder(
    flow,
    () => settle(flow, address),
    () => (undone ? withdraw(flow, address) : undefined),
  );
};
