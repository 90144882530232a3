/**
 * The steps that flows over public addresses are made of. A flow holds a branch of the pool, folds what each step decided onto
 * it and collects the events; the pool itself is never touched.
 */
import type { Decision } from '../decider.ts';
import type { InstanceState } from '../instanceStates.ts';
import { applyPublicPool } from '../publicPool/state.ts';
import {
  assignPublic,
  branchOfPool,
  completePublic,
  impendPublic,
  type PublicPoolEvent,
  type PublicPoolState,
  publicUseOf,
  recordOf,
  type SystemSource,
  unassignPublic,
} from '../publicPool.ts';
import { isRefusal, type Refusal } from '../refusals.ts';

export type InstanceFacts = {
  readonly instanceId: string;
  readonly account: string;
  /** Undefined when the record is gone. */
  readonly state: InstanceState | undefined;
  readonly cluster: string;
  readonly privateAddress: string;
  readonly addressing: 'public' | 'private';
};

export type FlowSetting = {
  readonly instanceOf: (instanceId: string) => InstanceFacts | undefined;
  readonly system: SystemSource;
  /** Assignments wait for a message to the cluster (generic mode); false in EDGE mode. */
  readonly pending: boolean;
};

/** The pool as the steps so far left it, and what they decided. */
export type Flow = {
  readonly pool: PublicPoolState;
  readonly events: PublicPoolEvent[];
  readonly setting: FlowSetting;
};

export const begin = (state: PublicPoolState, setting: FlowSetting): Flow => ({
  pool: branchOfPool(state),
  events: [],
  setting,
});

/** A refused step changes nothing. */
export const take = (flow: Flow, decision: Decision<PublicPoolEvent>): Refusal | undefined => {
  if (isRefusal(decision)) return decision;
  for (const event of decision) {
    applyPublicPool(flow.pool, event, { time: 0, revision: 0, commandId: '' });
    flow.events.push(event);
  }
  return undefined;
};

export const inOrder = (flow: Flow, ...steps: readonly (() => Refusal | undefined)[]): Decision<PublicPoolEvent> => {
  for (const step of steps) {
    const refused = step();
    if (refused !== undefined) return refused;
  }
  return flow.events;
};

/** From its instance, if it has one. Where messages are sent this one stays in flight: `settle` before going on with the address. */
export const withdraw = (flow: Flow, address: string | undefined): Refusal | undefined => {
  const record = address === undefined ? undefined : recordOf(flow.pool, address);
  if (address === undefined || record === undefined || record.state === 'allocated') return undefined;
  const { pending } = flow.setting;
  return settle(flow, address) ?? take(flow, unassignPublic(flow.pool, { address, pending }));
};

/** Clears the mark of a transition in flight; an impending address has its mark by nature. */
export const settle = (flow: Flow, address: string): Refusal | undefined => {
  const record = recordOf(flow.pool, address);
  return record?.pending && record.state !== 'impending' ? take(flow, completePublic(flow.pool, address)) : undefined;
};

export const assign = (flow: Flow, address: string, facts: InstanceFacts): Refusal | undefined => {
  const { instanceId, privateAddress: instanceAddress, cluster } = facts;
  return take(
    flow,
    assignPublic(flow.pool, { address, instanceId, instanceAddress, cluster, pending: flow.setting.pending }),
  );
};

/** PENDING or RUNNING: it may get an address. */
export const isUp = (facts: InstanceFacts | undefined): facts is InstanceFacts =>
  facts?.state === 'PENDING' || facts?.state === 'RUNNING';

/** Up, and not started with private addressing only. */
export const qualifiesForSystemAddress = (facts: InstanceFacts | undefined): facts is InstanceFacts =>
  isUp(facts) && facts.addressing === 'public';

/**
 * An instance without address gets one of the system's, if it qualifies and there is one; a lack of them is no refusal. Not
 * `taken`, the one that was just taken from it: or the same wish again would take it again.
 */
export const giveSystem = (flow: Flow, facts: InstanceFacts | undefined, taken?: string): Refusal | undefined => {
  if (!qualifiesForSystemAddress(facts) || publicUseOf(flow.pool, facts.instanceId) !== undefined) return undefined;
  const source = taken === undefined ? flow.setting.system : { ...flow.setting.system, except: taken };
  const given = impendPublic(flow.pool, { ...source, instanceIds: [facts.instanceId] });
  if (isRefusal(given)) return undefined;
  const [grant] = given.grants;
  return take(flow, given.events) ?? (grant === undefined ? undefined : assign(flow, grant.address, facts));
};
