/**
 * One instance's life, as far as the network is concerned (cloud spec 7). Its public address is not recorded here: the
 * public pool is the one place that knows it.
 */
import type { Aggregate, Decision } from './decider.ts';
import { type InstanceState, isLive, stateFacts } from './instanceStates.ts';
import { type Refusal, refuse } from './refusals.ts';

/** Why a step happened: wished by a user, reported by the cluster, or a time-out that ran off. */
export type LifecycleCause = 'requested' | 'reported' | 'timeout' | 'aborted';

/** NB these types and names are the storage format: version them with care. */
export type InstanceEvent =
  /** It exists, PENDING, with its addresses and groups; it is in documents from here on. */
  | {
      readonly type: 'InstanceCreated';
      readonly instanceId: string;
      readonly account: string;
      readonly cluster: string;
      readonly groups: readonly string[];
      readonly macAddress: string;
      /** `0.0.0.0` when it has none yet (restored from a report without address). */
      readonly privateAddress: string;
      readonly reservation: string;
      readonly addressing: 'public' | 'private';
      /** True when a cluster reported it and the cloud had not known it. */
      readonly restored: boolean;
    }
  /** It runs, or is to run, on this node. */
  | { readonly type: 'InstancePlaced'; readonly instanceId: string; readonly node: string }
  /** RUNNING. */
  | { readonly type: 'InstanceRunning'; readonly instanceId: string }
  /** STOPPING: it keeps its place in documents until it has stopped. */
  | { readonly type: 'InstanceStopping'; readonly instanceId: string; readonly cause: LifecycleCause }
  /** STOPPED: out of documents, its private address given back. */
  | { readonly type: 'InstanceStopped'; readonly instanceId: string; readonly cause: LifecycleCause }
  /** Started again after STOPPED: PENDING with a new private address, not yet placed. */
  | {
      readonly type: 'InstanceStarted';
      readonly instanceId: string;
      readonly privateAddress: string;
      readonly reservation: string;
    }
  /** SHUTTING_DOWN, on the way to its end. */
  | { readonly type: 'InstanceShuttingDown'; readonly instanceId: string; readonly cause: LifecycleCause }
  /** TERMINATED: out of documents, everything given back. */
  | { readonly type: 'InstanceTerminated'; readonly instanceId: string; readonly cause: LifecycleCause }
  /** BURIED: only its record is left. */
  | { readonly type: 'InstanceBuried'; readonly instanceId: string }
  /** The record may be forgotten. */
  | { readonly type: 'InstanceForgotten'; readonly instanceId: string }
  /** Where networking is the cluster's business (generic mode) it says what addresses the instance has. */
  | {
      readonly type: 'InstanceAddressLearned';
      readonly instanceId: string;
      readonly macAddress: string;
      readonly privateAddress: string;
    }
  /** What the cluster says differs from what was decided; nothing is overwritten (cloud spec 7.3). */
  | {
      readonly type: 'InstanceReportDiffered';
      readonly instanceId: string;
      readonly member: 'privateAddress' | 'macAddress';
      readonly expected: string;
      readonly reported: string;
    };

/** `state` is undefined before creation and after the record was forgotten. */
export type InstanceRecord = {
  state: InstanceState | undefined;
  account: string;
  cluster: string;
  groups: readonly string[];
  macAddress: string;
  privateAddress: string;
  reservation: string;
  addressing: 'public' | 'private';
  node: string | undefined;
  /** Last differing report, so that the same one is not recorded twice: `member=value`. */
  differed: string;
  /** Time of the event that set the state, ms. */
  since: number;
  /** It was up and ended only because its cluster had not reported it for too long: a report brings it back. */
  lost: boolean;
};

export const instanceAggregate: Aggregate<InstanceRecord, InstanceEvent> = {
  category: 'instance',
  initial: () => ({
    state: undefined,
    account: '',
    cluster: '',
    groups: [],
    macAddress: '',
    privateAddress: '0.0.0.0',
    reservation: '',
    addressing: 'private',
    node: undefined,
    differed: '',
    since: 0,
    lost: false,
  }),
  apply: (state, event, recorded) => {
    if (entersState(event)) state.since = recorded.time;
    switch (event.type) {
      case 'InstanceCreated':
        state.state = 'PENDING';
        state.differed = '';
        state.lost = false;
        state.account = event.account;
        state.cluster = event.cluster;
        state.groups = event.groups;
        state.macAddress = event.macAddress;
        state.privateAddress = event.privateAddress;
        state.reservation = event.reservation;
        state.addressing = event.addressing;
        state.node = undefined;
        return;
      case 'InstancePlaced':
        state.node = event.node;
        return;
      case 'InstanceRunning':
        state.state = 'RUNNING';
        return;
      case 'InstanceStopping':
        state.state = 'STOPPING';
        return;
      case 'InstanceStopped':
        state.state = 'STOPPED';
        state.node = undefined;
        return;
      case 'InstanceStarted':
        state.state = 'PENDING';
        state.privateAddress = event.privateAddress;
        state.reservation = event.reservation;
        state.node = undefined;
        return;
      case 'InstanceShuttingDown':
        state.state = 'SHUTTING_DOWN';
        return;
      case 'InstanceTerminated':
        state.lost = event.cause === 'timeout' && (state.state === 'PENDING' || state.state === 'RUNNING');
        state.state = 'TERMINATED';
        state.node = undefined;
        return;
      case 'InstanceBuried':
        state.state = 'BURIED';
        return;
      case 'InstanceForgotten':
        state.state = undefined;
        return;
      case 'InstanceAddressLearned':
        state.macAddress = event.macAddress;
        state.privateAddress = event.privateAddress;
        return;
      case 'InstanceReportDiffered':
        state.differed = `${event.member}=${event.reported}`;
        return;
    }
  },
};

const entersState = ({ type }: InstanceEvent): boolean =>
  type !== 'InstancePlaced' && type !== 'InstanceAddressLearned' && type !== 'InstanceReportDiffered';

const unknown = (instanceId: string): Refusal => refuse('instance-not-found', `There is no instance ${instanceId}.`);

const wrongState = (instanceId: string, state: InstanceState, wish: string): Refusal =>
  refuse(
    'incorrect-instance-state',
    `Instance ${instanceId} is ${stateFacts[state].displayName} and cannot ${wish} from there.`,
    { value: state },
  );

export type CreateInstance = Omit<Extract<InstanceEvent, { readonly type: 'InstanceCreated' }>, 'type'>;

/** The same instance created again is no event; another one under the same id is refused. A lost one may be restored. */
export const createInstance = (state: InstanceRecord, wish: CreateInstance): Decision<InstanceEvent> => {
  const isBack = wish.restored && state.lost && state.account === wish.account;
  if (state.state === undefined || isBack) return [{ type: 'InstanceCreated', ...wish }];
  const same = state.account === wish.account && state.cluster === wish.cluster;
  return same ? [] : refuse('instance-exists', `Instance ${wish.instanceId} exists already in ${state.cluster}.`);
};

export const placeInstance = (state: InstanceRecord, instanceId: string, node: string): Decision<InstanceEvent> => {
  if (state.state === undefined) return unknown(instanceId);
  if (state.node === node) return [];
  if (!isLive(state.state)) return wrongState(instanceId, state.state, 'be placed on a node');
  return [{ type: 'InstancePlaced', instanceId, node }];
};

export const markRunning = (state: InstanceRecord, instanceId: string): Decision<InstanceEvent> => {
  if (state.state === undefined) return unknown(instanceId);
  if (state.state === 'RUNNING') return [];
  return state.state === 'PENDING'
    ? [{ type: 'InstanceRunning', instanceId }]
    : wrongState(instanceId, state.state, 'become running');
};

/** Nothing to do for an instance that stops or has stopped; refused for one that is ending or over. */
export const stopInstance = (
  state: InstanceRecord,
  instanceId: string,
  cause: LifecycleCause,
): Decision<InstanceEvent> => {
  switch (state.state) {
    case undefined:
      return unknown(instanceId);
    case 'PENDING':
    case 'RUNNING':
      return [{ type: 'InstanceStopping', instanceId, cause }];
    case 'STOPPING':
    case 'STOPPED':
      return [];
    case 'SHUTTING_DOWN':
    case 'TERMINATED':
    case 'BURIED':
      return wrongState(instanceId, state.state, 'be stopped');
  }
};

/** STOPPING ends in STOPPED; a running instance that its cluster no longer has passes through both (cloud spec 7.4). */
export const markStopped = (
  state: InstanceRecord,
  instanceId: string,
  cause: LifecycleCause,
): Decision<InstanceEvent> => {
  switch (state.state) {
    case undefined:
      return unknown(instanceId);
    case 'PENDING':
    case 'RUNNING':
    case 'STOPPING':
      return [{ type: 'InstanceStopped', instanceId, cause }];
    case 'STOPPED':
      return [];
    case 'SHUTTING_DOWN':
    case 'TERMINATED':
    case 'BURIED':
      return wrongState(instanceId, state.state, 'be stopped');
  }
};

export const startInstance = (
  state: InstanceRecord,
  instanceId: string,
  address: { readonly privateAddress: string; readonly reservation: string },
): Decision<InstanceEvent> => {
  if (state.state === undefined) return unknown(instanceId);
  if (state.state === 'PENDING' || state.state === 'RUNNING') return [];
  return state.state === 'STOPPED'
    ? [{ type: 'InstanceStarted', instanceId, ...address }]
    : wrongState(instanceId, state.state, 'be started');
};

/** A stopped instance has nothing to shut down and is terminated at once. */
export const terminateInstance = (
  state: InstanceRecord,
  instanceId: string,
  cause: LifecycleCause,
): Decision<InstanceEvent> => {
  switch (state.state) {
    case undefined:
      return unknown(instanceId);
    case 'PENDING':
    case 'RUNNING':
    case 'STOPPING':
      return [{ type: 'InstanceShuttingDown', instanceId, cause }];
    case 'STOPPED':
      return [{ type: 'InstanceTerminated', instanceId, cause }];
    case 'SHUTTING_DOWN':
    case 'TERMINATED':
    case 'BURIED':
      return [];
  }
};

export const markTerminated = (
  state: InstanceRecord,
  instanceId: string,
  cause: LifecycleCause,
): Decision<InstanceEvent> => {
  if (state.state === undefined) return unknown(instanceId);
  if (state.state === 'TERMINATED' || state.state === 'BURIED') return [];
  return [{ type: 'InstanceTerminated', instanceId, cause }];
};

export const buryInstance = (state: InstanceRecord, instanceId: string): Decision<InstanceEvent> =>
  state.state === 'TERMINATED' ? [{ type: 'InstanceBuried', instanceId }] : [];

export const forgetInstance = (state: InstanceRecord, instanceId: string): Decision<InstanceEvent> =>
  state.state === 'BURIED' ? [{ type: 'InstanceForgotten', instanceId }] : [];
