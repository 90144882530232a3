/**
 * The little world in which public address scripts are played: both pools, the instances and the network they make, all
 * through their real decisions and folds, and as much bookkeeping as a cloud controller needs for it. Labels of instances in a
 * script become ids of the right form. Private addresses come from a range of their own and are free again at once.
 */

import type { Decision } from '../../src/domain/decider.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { canonicalInstanceId } from '../../src/domain/identifiers.ts';
import {
  createInstance,
  type InstanceEvent,
  type InstanceRecord,
  instanceAggregate,
} from '../../src/domain/instance.ts';
import { rangesOf } from '../../src/domain/ipRange.ts';
import {
  associatePrivate,
  freePrivate,
  type PrivatePoolEvent,
  privateHoldingOf,
  privatePoolAggregate,
  releasePrivate,
  reservePrivate,
} from '../../src/domain/privatePool.ts';
import type { FlowSetting, InstanceFacts } from '../../src/domain/publicFlows.ts';
import { type PublicPoolEvent, publicPoolAggregate } from '../../src/domain/publicPool.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';
import { documentInputs } from '../../src/projections/documentInputs.ts';
import { initialNetwork } from '../../src/projections/network/initial.ts';
import { advanceInPlace } from '../../src/projections/network/runner.ts';
import { recordedOf } from './recordedOf.ts';

export type World = {
  readonly publicPool: ReturnType<typeof publicPoolAggregate.initial>;
  readonly privatePool: ReturnType<typeof privatePoolAggregate.initial>;
  readonly instances: Map<string, InstanceRecord>;
  /** Label in the script -> id. */
  readonly ids: Map<string, string>;
  readonly rootDevices: Map<string, string>;
  readonly network: ReturnType<typeof initialNetwork>;
  readonly settings: { dynamic: boolean; reserved: number; quota: number | undefined };
  position: number;
  commands: number;
};

export const createWorld = (): World => ({
  publicPool: publicPoolAggregate.initial(),
  privatePool: privatePoolAggregate.initial(),
  instances: new Map(),
  ids: new Map(),
  rootDevices: new Map(),
  network: initialNetwork(),
  settings: { dynamic: true, reserved: 0, quota: undefined },
  position: 0,
  commands: 0,
});

const privateRanges = rangesOf(['10.200.0.1-10.200.255.254']);

const note = (world: World, event: DomainEvent) => {
  world.position += 1;
  const recorded = recordedOf(event, {
    position: world.position,
    revision: world.position,
    commandId: String(world.commands),
  });
  advanceInPlace(world.network, [recorded]);
  return recorded;
};

/** Folds what was decided; a refusal is handed on. */
export const foldPublic = (world: World, decision: Decision<PublicPoolEvent>): Refusal | undefined => {
  if (isRefusal(decision)) return decision;
  for (const event of decision) {
    publicPoolAggregate.apply(world.publicPool, event, { ...note(world, event), event });
  }
  return undefined;
};

const foldPrivate = (world: World, decision: Decision<PrivatePoolEvent>): void => {
  for (const event of expected(decision)) {
    privatePoolAggregate.apply(world.privatePool, event, { ...note(world, event), event });
  }
};

export const foldInstance = (world: World, instanceId: string, decision: Decision<InstanceEvent>): void => {
  const record = recordFor(world, instanceId);
  for (const event of expected(decision)) instanceAggregate.apply(record, event, { ...note(world, event), event });
};

const expected = <E>(decision: Decision<E>): readonly E[] => {
  if (isRefusal(decision)) throw new Error(`expected the script's bookkeeping to succeed, got: ${decision.detail}`);
  return decision;
};

export const recordFor = (world: World, instanceId: string): InstanceRecord => {
  const known = world.instances.get(instanceId) ?? instanceAggregate.initial();
  world.instances.set(instanceId, known);
  return known;
};

/** The id behind a label; a label nobody ran is taken for an id. */
export const idOf = (world: World, label: string): string => world.ids.get(label) ?? label;

export const nameInstance = (world: World, label: string): string => {
  const id = canonicalInstanceId(label) ?? `i-${(world.ids.size + 1).toString(16).padStart(8, '0')}`;
  world.ids.set(label, id);
  return id;
};

const factsOf = (world: World, instanceId: string): InstanceFacts | undefined => {
  const record = world.instances.get(instanceId);
  return record === undefined ? undefined : { ...record, instanceId };
};

export const settingOf = (world: World): FlowSetting => ({
  instanceOf: (instanceId) => factsOf(world, instanceId),
  system: { dynamic: world.settings.dynamic, reserved: world.settings.reserved, strategy: 'fifo' },
  pending: false,
});

/** Reserves and binds a private address; the answer is what the instance now has. */
export const takePrivateAddress = (world: World, instanceId: string, cluster: string) => {
  const requests = [{ instanceId, reservation: `${instanceId}/${world.position}` }];
  const reserved = reservePrivate(world.privatePool, { cluster, ranges: privateRanges, requests, strategy: 'fifo' });
  if (isRefusal(reserved)) throw new Error(reserved.detail);
  foldPrivate(world, reserved.events);
  const [grant] = reserved.grants;
  if (grant === undefined) throw new Error(`expected a private address for ${instanceId}, got none`);
  foldPrivate(world, associatePrivate(world.privatePool, { address: grant.address, instanceId }));
  return { privateAddress: grant.address, reservation: grant.reservation };
};

export const releasePrivateAddress = (world: World, instanceId: string): void => {
  const holding = privateHoldingOf(world.privatePool, instanceId);
  if (holding === undefined) return;
  const { address, reservation } = holding;
  foldPrivate(world, releasePrivate(world.privatePool, { address, owner: instanceId, reservation, cause: 'released' }));
  foldPrivate(world, freePrivate(world.privatePool, { address, reservation, cause: 'converged' }));
};

export type NewInstance = {
  readonly account: string;
  readonly cluster: string;
  readonly addressing: 'public' | 'private';
  readonly restored: boolean;
};

export const makeInstance = (world: World, instanceId: string, wish: NewInstance): void => {
  const address = takePrivateAddress(world, instanceId, wish.cluster);
  const created = { ...wish, ...address, instanceId, groups: [], macAddress: 'd0:0d:00:00:00:01' };
  foldInstance(world, instanceId, createInstance(recordFor(world, instanceId), created));
};

/** What the network document says of the instance; undefined when it is not in it. */
export const documented = (world: World, instanceId: string): { readonly publicAddress?: string } | undefined =>
  documentInputs(world.network).instances.find(({ id }) => id === instanceId);
