/**
 * What a cluster says about one of its instances (cloud spec 7.4): known ones follow the report, unknown ones are restored
 * with the resources they were reported with. Reported addresses never overwrite decided ones.
 */
import type { CommandOf, InstanceReport } from '../commands.ts';
import { canonicalInstanceId } from '../identifiers.ts';
import {
  createInstance,
  type InstanceEvent,
  type InstanceRecord,
  instanceAggregate,
  markRunning,
  markStopped,
  markTerminated,
  noteDifference,
  placeInstance,
} from '../instance.ts';
import { isMacAddress } from '../mac.ts';
import { publicPoolAggregate, restorePublic } from '../publicPool.ts';
import { isRefusal, type Refusal, refuse } from '../refusals.ts';
import { type Allocation, tokenOf } from './allocation.ts';
import { allocationFor, endWish } from './instanceWishes.ts';
import { runPoint } from './lifecycle.ts';
import { takeResources } from './networking.ts';
import { activeNetwork, type Outcome, type Scene } from './scene.ts';

type Reported = InstanceReport & { readonly cluster: string };

/** A batch is split before it comes here; an empty report says nothing about any instance. */
export const reportWish = (command: CommandOf<'ReportInstances'>, scene: Scene): Outcome => {
  const [report] = command.instances;
  if (report === undefined) return {};
  const instanceId = canonicalInstanceId(report.instanceId);
  if (instanceId === undefined) {
    return refuse('invalid-instance-id', 'An instance id is "i-" and eight hex digits.', {
      member: 'instances[0].instanceId',
      value: report.instanceId.slice(0, 80),
    });
  }
  const reported = { ...report, instanceId, cluster: command.cluster };
  const record = scene.unit.read(instanceAggregate, instanceId);
  return record.state === undefined ? unknownInstance(scene, reported, record) : knownInstance(scene, reported, record);
};

const unknownInstance = (scene: Scene, reported: Reported, record: InstanceRecord): Outcome =>
  reported.state === 'Teardown' ? { instanceId: reported.instanceId } : restore(scene, reported, record);

const knownInstance = (scene: Scene, reported: Reported, record: InstanceRecord): Outcome => {
  const { instanceId } = reported;
  switch (record.state) {
    case undefined:
    case 'STOPPED':
    case 'TERMINATED':
    case 'BURIED':
      return { instanceId };
    case 'STOPPING':
      return reported.state === 'Teardown' ? endWish(scene, instanceId, markStopped, 'reported') : { instanceId };
    case 'SHUTTING_DOWN':
      return reported.state === 'Teardown' ? endWish(scene, instanceId, markTerminated, 'reported') : { instanceId };
    case 'PENDING':
    case 'RUNNING':
      return reported.state === 'Teardown'
        ? endWish(scene, instanceId, markTerminated, 'reported')
        : follow(scene, reported, record);
  }
};

/** State and node follow; a differing address or MAC is noted and raises no change. */
const follow = (scene: Scene, reported: Reported, record: InstanceRecord): Outcome => {
  const { instanceId, node } = reported;
  const events: InstanceEvent[] = [];
  if (node !== undefined && node !== '') {
    const placed = placeInstance(record, instanceId, node);
    if (isRefusal(placed)) return placed;
    const refused = placed.length === 0 ? undefined : runPoint('runAccepted', allocationFor(scene, instanceId, record));
    if (refused !== undefined) return refused;
    events.push(...placed);
  }
  if (reported.state === 'Extant') {
    const running = markRunning(record, instanceId);
    if (isRefusal(running)) return running;
    events.push(...running);
  }
  events.push(...noteDifference(record, instanceId, reported));
  scene.unit.write(instanceAggregate, instanceId, events);
  return { instanceId };
};

const restore = (scene: Scene, reported: Reported, record: InstanceRecord): Outcome => {
  const { instanceId, account, cluster } = reported;
  if (account === undefined) {
    const member = 'instances[0].account';
    return refuse(
      'invalid-parameter-value',
      `${instanceId} is unknown here; to restore it the report must name its account.`,
      { member },
    );
  }
  const { privateAddress: address } = reported;
  const hasAddress = address !== undefined && address !== '' && address !== '0.0.0.0';
  const token = tokenOf(instanceId, record, `${scene.unit.context.commandId}/0`, hasAddress ? address : undefined);
  const allocation: Allocation = {
    ...allocationFor(scene, instanceId, record),
    network: activeNetwork(scene),
    account,
    cluster,
    groupsWished: reported.groups ?? [],
    tokens: [token],
  };
  const refused =
    runPoint('verifyAllocation', allocation) ??
    (hasAddress ? (runPoint('prepareRestore', allocation) ?? takeResources(allocation)) : undefined) ??
    runPoint('restoreInstanceResources', allocation) ??
    record_(scene, allocation, reported, record) ??
    restorePublicAddress(scene, reported, token.privateAddress);
  return refused ?? { instanceId, restored: true };
};

const record_ = (
  scene: Scene,
  { account, cluster, groups, tokens }: Allocation,
  reported: Reported,
  record: InstanceRecord,
): Refusal | undefined => {
  const { instanceId, node, macAddress = '' } = reported;
  const { privateAddress, reservation } = tokens[0] ?? { privateAddress: '0.0.0.0', reservation: '' };
  const addressing = reported.publicAddress === undefined ? 'private' : 'public';
  const events = createInstance(record, {
    instanceId,
    account,
    cluster,
    groups: groups.map(({ groupId }) => groupId),
    macAddress: isMacAddress(macAddress) ? macAddress.toLowerCase() : '',
    privateAddress,
    reservation,
    addressing,
    restored: true,
  });
  if (isRefusal(events)) return events;
  const placed: readonly InstanceEvent[] = node ? [{ type: 'InstancePlaced', instanceId, node }] : [];
  const running: readonly InstanceEvent[] =
    reported.state === 'Extant' ? [{ type: 'InstanceRunning', instanceId }] : [];
  scene.unit.write(instanceAggregate, instanceId, [...events, ...placed, ...running]);
  return undefined;
};

/** Last row of cloud spec 5.5: free -> taken as a system address, the account's own -> assigned, else left alone. */
const restorePublicAddress = (scene: Scene, reported: Reported, instanceAddress: string): Refusal | undefined => {
  const { publicAddress: address, instanceId, cluster, account = '' } = reported;
  if (address === undefined || address === '' || address === '0.0.0.0') return undefined;
  const { cloud } = scene.surroundings;
  const restored = restorePublic(scene.unit.read(publicPoolAggregate, cloud), {
    address,
    instanceId,
    instanceAddress,
    cluster,
    account,
  });
  if (!isRefusal(restored)) scene.unit.write(publicPoolAggregate, cloud, restored.events);
  return undefined;
};
