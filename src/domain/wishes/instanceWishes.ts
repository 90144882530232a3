/**
 * Wishes about instances: each step of a life is decided by the instance's own aggregate, and the networking hung on the
 * interception points goes with it in the same unit (cloud spec 7.3 to 7.5).
 */
import type { CommandOf } from '../commands.ts';
import type { Decision } from '../decider.ts';
import {
  buryInstance,
  forgetInstance,
  type InstanceEvent,
  type InstanceRecord,
  instanceAggregate,
  type LifecycleCause,
  markRunning,
  markStopped,
  markTerminated,
  placeInstance,
  startInstance,
  stopInstance,
  terminateInstance,
} from '../instance.ts';
import { learnAddresses, noteDifference, type ReportedAddresses } from '../instanceReports.ts';
import { isRefusal, type Refusal, refuse } from '../refusals.ts';
import { type Allocation, tokenOf } from './allocation.ts';
import { runPoint } from './lifecycle.ts';
import { prepareNetwork } from './networking.ts';
import { activeNetwork, type Outcome, type Scene } from './scene.ts';

type UserWish = { readonly instanceId: string; readonly account?: string };

/** For an account others' instances do not exist. */
const foreign = (scene: Scene, { instanceId, account }: UserWish): Refusal | undefined => {
  const record = recordFor(scene, instanceId);
  const isForeign = account !== undefined && record.state !== undefined && record.account !== account;
  return isForeign
    ? refuse('instance-not-found', `There is no instance ${instanceId}.`, { value: instanceId })
    : undefined;
};

const recordFor = (scene: Scene, instanceId: string): InstanceRecord => scene.unit.read(instanceAggregate, instanceId);

/** What the instance had when it was created, to be allocated once more or given back. */
export const allocationFor = (
  scene: Scene,
  instanceId: string,
  record: InstanceRecord,
  cause: Allocation['cause'] = 'released',
): Allocation => ({
  scene,
  network: activeNetwork(scene),
  account: record.account,
  cluster: record.cluster,
  addressing: record.addressing,
  groupsWished: record.groups,
  cause,
  tokens: [tokenOf(instanceId, record, record.reservation)],
  groups: [],
  requests: [],
  grants: [],
});

const write = (scene: Scene, instanceId: string, events: readonly InstanceEvent[]): Outcome => {
  scene.unit.write(instanceAggregate, instanceId, events);
  return { instanceId };
};

export const placeWish = (command: CommandOf<'PlaceInstance'>, scene: Scene): Outcome => {
  const { instanceId, node } = command;
  const record = recordFor(scene, instanceId);
  const events = placeInstance(record, instanceId, node);
  return isRefusal(events) ? events : acceptWith(scene, { instanceId, record, events, reported: command });
};

type Accepted = {
  readonly instanceId: string;
  readonly record: InstanceRecord;
  readonly events: readonly InstanceEvent[];
  readonly reported: ReportedAddresses;
};

/**
 * What follows when a cluster has the instance. In EDGE mode a differing address or MAC is noted and changes nothing (cloud
 * spec 7.3); in generic mode addresses are the cluster's business and taken as said.
 */
export const acceptWith = (scene: Scene, { instanceId, record, events, reported }: Accepted): Outcome => {
  const allocation = allocationFor(scene, instanceId, record);
  const isEdge = allocation.network === 'EDGE';
  const said = isEdge ? noteDifference(record, instanceId, reported) : learnAddresses(record, instanceId, reported);
  const isNews = events.some(({ type }) => type === 'InstancePlaced') || (!isEdge && said.length > 0);
  const known = { ...record };
  for (const event of said) if (event.type === 'InstanceAddressLearned') Object.assign(known, addressesIn(event));
  const tokens = [tokenOf(instanceId, known, record.reservation)];
  const refused = isNews ? runPoint('runAccepted', { ...allocation, tokens }) : undefined;
  return refused ?? write(scene, instanceId, [...events, ...said]);
};

const addressesIn = ({ macAddress, privateAddress }: Extract<InstanceEvent, { type: 'InstanceAddressLearned' }>) => ({
  macAddress,
  privateAddress,
});

export const runningWish = (command: CommandOf<'MarkRunning'>, scene: Scene): Outcome => {
  const events = markRunning(recordFor(scene, command.instanceId), command.instanceId);
  return isRefusal(events) ? events : write(scene, command.instanceId, events);
};

/** The clean-up that goes with the state an event leads to. */
const pointOf = (event: InstanceEvent) => {
  switch (event.type) {
    case 'InstanceStopping':
    case 'InstanceShuttingDown':
      return 'cleanUpEntering';
    case 'InstanceStopped':
      return 'cleanUpStopped';
    case 'InstanceTerminated':
      return 'cleanUpTerminated';
    case 'InstanceCreated':
    case 'InstancePlaced':
    case 'InstanceRunning':
    case 'InstanceStarted':
    case 'InstanceBuried':
    case 'InstanceForgotten':
    case 'InstanceAddressLearned':
    case 'InstanceReportDiffered':
      return undefined;
  }
};

type Ending = (record: InstanceRecord, instanceId: string, cause: LifecycleCause) => Decision<InstanceEvent>;

/** Decides a step towards the end of a life and cleans up with it. */
export const endWish = (scene: Scene, instanceId: string, ending: Ending, cause: LifecycleCause): Outcome => {
  const record = recordFor(scene, instanceId);
  const events = ending(record, instanceId, cause);
  if (isRefusal(events)) return events;
  for (const event of events) {
    const point = pointOf(event);
    if (point === undefined) continue;
    const released = cause === 'aborted' ? 'aborted' : 'released';
    const refused = runPoint(point, allocationFor(scene, instanceId, record, released));
    if (refused !== undefined) return refused;
  }
  return write(scene, instanceId, events);
};

export const stopWish = (command: CommandOf<'StopInstance'>, scene: Scene): Outcome =>
  foreign(scene, command) ?? endWish(scene, command.instanceId, stopInstance, 'requested');

export const stoppedWish = (command: CommandOf<'MarkStopped'>, scene: Scene): Outcome =>
  endWish(scene, command.instanceId, markStopped, 'reported');

export const terminateWish = (command: CommandOf<'TerminateInstance'>, scene: Scene): Outcome =>
  foreign(scene, command) ?? endWish(scene, command.instanceId, terminateInstance, 'requested');

export const terminatedWish = (command: CommandOf<'MarkTerminated'>, scene: Scene): Outcome =>
  endWish(scene, command.instanceId, markTerminated, 'reported');

/**
 * A run that came to nothing gives everything back at once (cloud spec 4.6). Back is not free: the instance has been in the
 * documents since it was made, and nodes put its address into the sets of its groups wherever they are, so the address rests
 * in quarantine like any other until no node can know it by its old name. Where no document was wanted that is at once.
 */
export const abortWish = (command: CommandOf<'AbortRun'>, scene: Scene): Outcome => {
  const { instanceId } = command;
  const refused = foreign(scene, command);
  if (refused !== undefined) return refused;
  const record = recordFor(scene, instanceId);
  const begun = record.state === 'RUNNING' || record.state === 'STOPPING' || record.state === 'STOPPED';
  if (begun) {
    return refuse('incorrect-instance-state', `Instance ${instanceId} is past its run; terminate it instead.`, {
      value: record.state ?? '',
    });
  }
  return endWish(scene, instanceId, markTerminated, 'aborted');
};

/** A stopped instance gets a new private address and, if it has public addressing, a new system address. */
export const startWish = (command: CommandOf<'StartInstance'>, scene: Scene): Outcome => {
  const { instanceId, node } = command;
  const isForeign = foreign(scene, command);
  if (isForeign !== undefined) return isForeign;
  const record = recordFor(scene, instanceId);
  if (record.state !== 'STOPPED') {
    const events = startInstance(record, instanceId, record);
    return isRefusal(events) ? events : write(scene, instanceId, events);
  }
  const allocation: Allocation = {
    ...allocationFor(scene, instanceId, record),
    tokens: [tokenOf(instanceId, record, `${scene.unit.context.commandId}/0`)],
  };
  const refused = prepareNetwork(allocation, node) ?? runPoint('startVmInstance', allocation);
  if (refused !== undefined) return refused;
  const [token] = allocation.tokens;
  const { privateAddress, reservation } = token ?? record;
  const events = startInstance(record, instanceId, { privateAddress, reservation });
  if (isRefusal(events)) return events;
  const placed: readonly InstanceEvent[] = node === undefined ? [] : [{ type: 'InstancePlaced', instanceId, node }];
  write(scene, instanceId, [...events, ...placed]);
  return { instanceId, privateAddress };
};

/** A time-out ran off: what follows depends on the state it is in by now (cloud spec 7.4). */
export const expireWish = (command: CommandOf<'ExpireInstance'>, scene: Scene): Outcome => {
  const { instanceId } = command;
  const record = recordFor(scene, instanceId);
  switch (record.state) {
    case undefined:
      return { instanceId };
    case 'PENDING':
    case 'RUNNING':
    case 'SHUTTING_DOWN':
      return endWish(scene, instanceId, markTerminated, 'timeout');
    case 'STOPPING':
      return endWish(scene, instanceId, markStopped, 'timeout');
    case 'STOPPED':
      return { instanceId };
    case 'TERMINATED':
      return endWish(scene, instanceId, buryInstance, 'timeout');
    case 'BURIED':
      return endWish(scene, instanceId, forgetInstance, 'timeout');
  }
};
