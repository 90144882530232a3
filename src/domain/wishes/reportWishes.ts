/**
 * What a cluster says about its instances (cloud spec 7.4): known ones follow the report, unknown ones are restored with the
 * resources they were reported with, and what a whole report leaves out is gone. In EDGE mode reported addresses never
 * overwrite decided ones.
 */
import { clusterAggregate } from '../cluster.ts';
import type { CommandOf, InstanceReport } from '../commands.ts';
import { deliveryAggregate } from '../deliveryLog.ts';
import { canonicalInstanceId } from '../identifiers.ts';
import {
  type InstanceEvent,
  type InstanceRecord,
  instanceAggregate,
  markRunning,
  markStopped,
  markTerminated,
  placeInstance,
} from '../instance.ts';
import { expireReported, privatePoolAggregate } from '../privatePool.ts';
import { clearReported, publicPoolAggregate } from '../publicPool.ts';
import { isRefusal, refuse } from '../refusals.ts';
import { acceptWith, endWish } from './instanceWishes.ts';
import { type Reported, restore } from './restoration.ts';
import { type Outcome, type Scene, settingsOf } from './scene.ts';

const present = (instances: readonly InstanceReport[], member: 'privateAddress' | 'publicAddress'): readonly string[] =>
  instances.flatMap((one) => (one.state === 'Teardown' ? [] : (one[member] ?? [])));

/**
 * The report as a whole, before its instances one by one: reservations that nobody uses run out, and public addresses that no
 * instance of the cluster has any more are no longer dirty there. Where our own controller says what its nodes have applied,
 * that word counts and a report clears nothing: it may be older than the change.
 */
export const reportWish = (command: CommandOf<'ReportInstances'>, scene: Scene): Outcome => {
  const { cluster, instances } = command;
  const { unit, surroundings } = scene;
  if (unit.read(clusterAggregate, cluster).state === 'unknown') {
    return refuse('cluster-not-found', `There is no cluster ${cluster}. Register it first.`, { value: cluster });
  }
  const timeoutMs = settingsOf(scene)['cloud.network.network_index_pending_timeout'] * 60_000;
  const active = present(instances, 'privateAddress');
  const privatePool = unit.read(privatePoolAggregate, surroundings.cloud);
  const expired = expireReported(privatePool, { cluster, active, at: unit.context.at, timeoutMs });
  unit.write(privatePoolAggregate, surroundings.cloud, expired);
  const isOurs = unit.read(deliveryAggregate, cluster).last?.controller === 'edgelog';
  if (!isOurs) {
    const publicPool = unit.read(publicPoolAggregate, surroundings.cloud);
    const listed = present(instances, 'publicAddress');
    unit.write(publicPoolAggregate, surroundings.cloud, clearReported(publicPool, { cluster, listed }));
  }
  return { cluster };
};

/**
 * What a cluster says of one instance: confirms it, moves it along its life, restores it when nobody knew it, or notes where
 * report and log differ.
 */
export const instanceReportWish = (command: CommandOf<'ReportInstance'>, scene: Scene): Outcome => {
  const { cluster, instance } = command;
  const instanceId = canonicalInstanceId(instance.instanceId);
  if (instanceId === undefined) {
    return refuse('invalid-instance-id', 'An instance id is "i-" and eight hex digits.', {
      member: 'instances.instanceId',
      value: instance.instanceId.slice(0, 80),
    });
  }
  const reported = { ...instance, instanceId, cluster };
  const record = scene.unit.read(instanceAggregate, instanceId);
  if (record.state === undefined) {
    return reported.state === 'Teardown' ? { instanceId } : restore(scene, reported, record);
  }
  // Only the cluster it runs in has a say.
  return record.cluster === cluster ? knownInstance(scene, reported, record) : { instanceId };
};

/** A report takes its time; it does not contradict what became so only a moment ago. */
const isSettled = (scene: Scene, { since }: InstanceRecord): boolean =>
  scene.unit.context.at - since >= settingsOf(scene)['cloud.vmstate.vm_state_settle_time'] * 1000;

const knownInstance = (scene: Scene, reported: Reported, record: InstanceRecord): Outcome => {
  const { instanceId } = reported;
  const isTornDown = reported.state === 'Teardown';
  switch (record.state) {
    case undefined:
    case 'STOPPED':
      return { instanceId };
    case 'TERMINATED':
    case 'BURIED':
      return record.lost && !isTornDown ? restore(scene, reported, record) : { instanceId };
    case 'STOPPING':
      return isTornDown ? endWish(scene, instanceId, markStopped, 'reported') : { instanceId };
    case 'SHUTTING_DOWN':
      return isTornDown ? endWish(scene, instanceId, markTerminated, 'reported') : { instanceId };
    case 'PENDING':
    case 'RUNNING':
      if (!isTornDown) return follow(scene, reported, record);
      return isSettled(scene, record) ? endWish(scene, instanceId, markTerminated, 'reported') : { instanceId };
  }
};

/** State and node follow. What else is reported: see `acceptWith`. */
const follow = (scene: Scene, reported: Reported, record: InstanceRecord): Outcome => {
  const { instanceId, node } = reported;
  const placed = node === undefined || node === '' ? [] : placeInstance(record, instanceId, node);
  if (isRefusal(placed)) return placed;
  const running = reported.state === 'Extant' ? markRunning(record, instanceId) : [];
  if (isRefusal(running)) return running;
  const events: readonly InstanceEvent[] = [...placed, ...running];
  return acceptWith(scene, { instanceId, record, events, reported });
};

/** What is on its way out and no longer reported has got there. */
export const missWish = (command: CommandOf<'MissInstance'>, scene: Scene): Outcome => {
  const { cluster, instanceId } = command;
  const record = scene.unit.read(instanceAggregate, instanceId);
  if (record.cluster !== cluster || !isSettled(scene, record)) return { instanceId };
  if (record.state === 'STOPPING') return endWish(scene, instanceId, markStopped, 'reported');
  if (record.state === 'SHUTTING_DOWN') return endWish(scene, instanceId, markTerminated, 'reported');
  return { instanceId };
};
