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
  noteDifference,
  placeInstance,
  startInstance,
  stopInstance,
  terminateInstance,
} from '../instance.ts';
import { isRefusal, refuse } from '../refusals.ts';
import { type Allocation, tokenOf } from './allocation.ts';
import { runPoint } from './lifecycle.ts';
import { prepareNetwork } from './networking.ts';
import { activeNetwork, type Outcome, type Scene } from './scene.ts';

/** Users act on their own account's instances; administrators on all. */
const recordFor = (scene: Scene, instanceId: string): InstanceRecord => scene.unit.read(instanceAggregate, instanceId);

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
  if (isRefusal(events)) return events;
  const refused = runPoint('runAccepted', allocationFor(scene, instanceId, record));
  if (refused !== undefined) return refused;
  return write(scene, instanceId, [...events, ...noteDifference(record, instanceId, command)]);
};

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
  endWish(scene, command.instanceId, stopInstance, 'requested');

export const stoppedWish = (command: CommandOf<'MarkStopped'>, scene: Scene): Outcome =>
  endWish(scene, command.instanceId, markStopped, 'reported');

export const terminateWish = (command: CommandOf<'TerminateInstance'>, scene: Scene): Outcome =>
  endWish(scene, command.instanceId, terminateInstance, 'requested');

export const terminatedWish = (command: CommandOf<'MarkTerminated'>, scene: Scene): Outcome =>
  endWish(scene, command.instanceId, markTerminated, 'reported');

/** A run that never got to a node gives everything back at once (cloud spec 4.6). */
export const abortWish = (command: CommandOf<'AbortRun'>, scene: Scene): Outcome => {
  const { instanceId } = command;
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
