/**
 * What the operations of public address scripts do, one function each. They answer with what the operation returned, or with
 * the error by the name AWS or Eucalyptus gives it.
 */
import { canonicalInstanceId } from '../../src/domain/identifiers.ts';
import {
  markRunning,
  markStopped,
  markTerminated,
  startInstance,
  stopInstance,
  terminateInstance,
} from '../../src/domain/instance.ts';
import {
  acceptAddress,
  associateAddress,
  disassociateAddress,
  leaveAddress,
  releaseAddress,
} from '../../src/domain/publicFlows.ts';
import {
  allocatePublic,
  awsNames,
  clearCluster,
  clearReported,
  definePublicPool,
  impendPublic,
  publicAddressOf,
  reserveForSystem,
  restorePublic,
} from '../../src/domain/publicPool.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';
import {
  foldInstance,
  foldPublic,
  idOf,
  makeInstance,
  nameInstance,
  recordFor,
  releasePrivateAddress,
  settingOf,
  takePrivateAddress,
  type World,
} from './publicAddressWorld.ts';
import { textMember } from './verdict.ts';

export type Step = { readonly [member: string]: unknown };
export type Outcome =
  | { readonly ok: true; readonly return: true; readonly address?: string; readonly ip?: string }
  | { readonly error: string };
export type Operation = (world: World, step: Step) => Outcome;

const done: Outcome = { ok: true, return: true };
const gave = (address: string): Outcome => ({ ...done, address, ip: address });
const failed = (refusal: Refusal): Outcome => ({ error: awsNames[refusal.refused] ?? refusal.refused });
const answer = (refused: Refusal | undefined): Outcome => (refused === undefined ? done : failed(refused));

const textOr = (step: Step, member: string, otherwise: string): string => {
  const value = step[member];
  return typeof value === 'string' ? value : otherwise;
};

const instanceOf = (world: World, step: Step): string => idOf(world, textMember(step, 'instance'));
const clusterOf = (step: Step): string => textOr(step, 'partition', textOr(step, 'zone', 'one'));
const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];

/** Administrators are marked as such, or are the account of that name. */
const callerOf = (step: Step) => {
  const account = textOr(step, 'account', 'A');
  const admin = step['admin'] === true || step['administrator'] === true || account === 'admin';
  return { account, admin };
};

const addressWish = (step: Step) => ({ address: textOr(step, 'ip', textOr(step, 'address', '')), ...callerOf(step) });

/** A system address for the run, or none of it happens; the whole run is then short of capacity. */
const impendFor = (world: World, instanceId: string): Outcome => {
  const given = impendPublic(world.publicPool, { ...settingOf(world).system, instanceIds: [instanceId] });
  if (isRefusal(given)) return { error: 'InsufficientInstanceCapacity' };
  foldPublic(world, given.events);
  return gave(given.grants[0]?.address ?? '');
};

const runInstance: Operation = (world, step) => {
  const addressing = step['addressing'] === 'private' ? 'private' : 'public';
  const instanceId = nameInstance(world, textMember(step, 'instance'));
  world.rootDevices.set(instanceId, textOr(step, 'rootDevice', 'instance-store'));
  const outcome = addressing === 'public' ? impendFor(world, instanceId) : done;
  if ('error' in outcome) return outcome;
  const { account } = callerOf(step);
  makeInstance(world, instanceId, { account, cluster: clusterOf(step), addressing, restored: false });
  return outcome;
};

const acceptInstance: Operation = (world, step) =>
  answer(foldPublic(world, acceptAddress(world.publicPool, instanceOf(world, step), settingOf(world))));

const runInstanceOnNode: Operation = (world, step) => {
  const instanceId = instanceOf(world, step);
  foldInstance(world, instanceId, markRunning(recordFor(world, instanceId), instanceId));
  return done;
};

const leave = (world: World, instanceId: string): void => {
  foldPublic(world, leaveAddress(world.publicPool, instanceId, settingOf(world)));
};

const stop: Operation = (world, step) => {
  const instanceId = instanceOf(world, step);
  const events = stopInstance(recordFor(world, instanceId), instanceId, 'requested');
  if (isRefusal(events)) return failed(events);
  leave(world, instanceId);
  foldInstance(world, instanceId, events);
  return done;
};

const terminate: Operation = (world, step) => {
  const instanceId = instanceOf(world, step);
  const events = terminateInstance(recordFor(world, instanceId), instanceId, 'requested');
  if (isRefusal(events)) return failed(events);
  leave(world, instanceId);
  foldInstance(world, instanceId, events);
  return done;
};

const start: Operation = (world, step) => {
  const instanceId = instanceOf(world, step);
  const record = recordFor(world, instanceId);
  const outcome = record.addressing === 'public' ? impendFor(world, instanceId) : done;
  if ('error' in outcome) return outcome;
  const address = takePrivateAddress(world, instanceId, record.cluster);
  foldInstance(world, instanceId, startInstance(record, instanceId, address));
  return outcome;
};

/** STOPPED when it was stopping or has a root volume of its own, TERMINATED otherwise; then the rest is cleaned up. */
const end = (world: World, instanceId: string, aborted: boolean): void => {
  const record = recordFor(world, instanceId);
  const keeps = record.state === 'STOPPING' || (record.state !== 'SHUTTING_DOWN' && hasVolume(world, instanceId));
  const events =
    keeps && !aborted
      ? markStopped(record, instanceId, 'reported')
      : markTerminated(record, instanceId, aborted ? 'aborted' : 'reported');
  leave(world, instanceId);
  foldInstance(world, instanceId, events);
  releasePrivateAddress(world, instanceId);
};

const hasVolume = (world: World, instanceId: string): boolean => world.rootDevices.get(instanceId) === 'ebs';

/** The cluster no longer has the instance: its report lists the addresses of the others only. */
const reportGone: Operation = (world, step) => {
  const instanceId = instanceOf(world, step);
  const { cluster } = recordFor(world, instanceId);
  end(world, instanceId, false);
  return report(world, cluster, addressesIn(world, cluster));
};

const failRun: Operation = (world, step) => {
  end(world, instanceOf(world, step), true);
  return done;
};

const addressesIn = (world: World, cluster: string): readonly string[] =>
  [...world.instances].flatMap(([instanceId, record]) => {
    const address = record.cluster === cluster ? publicAddressOf(world.publicPool, instanceId) : undefined;
    return address === undefined ? [] : [address];
  });

const report = (world: World, cluster: string, listed: readonly string[]): Outcome =>
  answer(foldPublic(world, clearReported(world.publicPool, { cluster, listed })));

/** Public addresses of the cluster's instances that are not being torn down, however the script lists them. */
const reportZone: Operation = (world, step) => {
  const instances = Array.isArray(step['instances']) ? step['instances'] : [];
  const shown = instances.flatMap((one: unknown) => {
    const { publicIp, state } = Object(one) as { publicIp?: unknown; state?: unknown };
    return state === 'Teardown' || typeof publicIp !== 'string' ? [] : [publicIp];
  });
  const listed = step['publicIps'] ?? step['activePublicIps'] ?? step['ips'];
  return report(world, clusterOf(step), [...textsOf(listed), ...shown]);
};

const restore: Operation = (world, step) => {
  const instanceId = nameInstance(world, textMember(step, 'instance'));
  const cluster = clusterOf(step);
  const { account } = callerOf(step);
  makeInstance(world, instanceId, { account, cluster, addressing: 'public', restored: true });
  const instanceAddress = recordFor(world, instanceId).privateAddress;
  const address = textOr(step, 'publicIp', textOr(step, 'ip', '0.0.0.0'));
  const restored = restorePublic(world.publicPool, { address, instanceId, instanceAddress, cluster, account });
  if (!isRefusal(restored)) foldPublic(world, restored.events);
  return done;
};

const allocate: Operation = (world, step) => {
  const { quota, reserved } = world.settings;
  const granted = allocatePublic(world.publicPool, {
    account: callerOf(step).account,
    strategy: 'fifo',
    systemReserved: reserved,
    commandId: String(world.commands),
    ...(quota === undefined ? {} : { quota }),
  });
  if (isRefusal(granted)) return failed(granted);
  return answer(foldPublic(world, granted.events)) === done ? gave(granted.address) : done;
};

const associate: Operation = (world, step) => {
  const instanceId = instanceOf(world, step);
  if (canonicalInstanceId(instanceId) === undefined) return { error: 'InvalidParameterValue' };
  const wish = { ...addressWish(step), instanceId };
  return answer(foldPublic(world, associateAddress(world.publicPool, wish, settingOf(world))));
};

const disassociate: Operation = (world, step) =>
  answer(foldPublic(world, disassociateAddress(world.publicPool, addressWish(step), settingOf(world))));

const release: Operation = (world, step) =>
  answer(foldPublic(world, releaseAddress(world.publicPool, addressWish(step), settingOf(world))));

export const setPublicIps: Operation = (world, step) =>
  answer(foldPublic(world, definePublicPool(world.publicPool, textsOf(step['value'] ?? step['publicIps']))));

const deregister: Operation = (world, step) =>
  answer(foldPublic(world, clearCluster(world.publicPool, { cluster: clusterOf(step), cause: 'deregistered' })));

const setProperty: Operation = (world, step) => {
  const value = String(step['value']);
  switch (textOr(step, 'name', textOr(step, 'property', '')).toLowerCase()) {
    case 'cloud.addresses.dodynamicpublicaddresses':
    case 'dodynamicpublicaddresses':
      world.settings.dynamic = value === 'true';
      break;
    case 'cloud.addresses.systemreservedpublicaddresses':
    case 'systemreservedpublicaddresses':
      world.settings.reserved = Number(value);
      break;
    default:
      return { error: `unknown property in ${JSON.stringify(step)}` };
  }
  const { dynamic, reserved } = world.settings;
  return answer(foldPublic(world, reserveForSystem(world.publicPool, { dynamic, reserved, strategy: 'fifo' })));
};

export const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['runInstance', runInstance],
  ['instanceAccepted', acceptInstance],
  ['instanceRunning', runInstanceOnNode],
  ['zoneReportInstanceRunning', runInstanceOnNode],
  ['instanceFailed', failRun],
  ['runFailed', failRun],
  ['runFails', failRun],
  ['instanceRejected', failRun],
  ['abort', failRun],
  ['stop', stop],
  ['start', start],
  ['terminate', terminate],
  ['reboot', () => done],
  ['zoneReportInstanceGone', reportGone],
  ['zoneReport', reportZone],
  ['report', reportZone],
  ['zoneReportPublicIps', reportZone],
  ['describeInstances', reportZone],
  ['restoreInstance', restore],
  ['zoneReportUnknownInstance', restore],
  ['allocateAddress', allocate],
  ['allocate', allocate],
  ['associate', associate],
  ['associateAddress', associate],
  ['disassociate', disassociate],
  ['disassociateAddress', disassociate],
  ['release', release],
  ['releaseAddress', release],
  ['setPublicIps', setPublicIps],
  ['setProperty', setProperty],
  ['deregisterCluster', deregister],
  ['deregister', deregister],
]);
