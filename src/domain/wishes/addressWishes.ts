/** Wishes about addresses: the public pool decides, seeing the instances concerned; freeing and expiring touch either pool. */
import type { CommandOf } from '../commands.ts';
import type { Decision } from '../decider.ts';
import {
  expirePrivate,
  freePrivate,
  privateHolding,
  privatePoolAggregate,
  quarantinedHolding,
} from '../privatePool.ts';
import {
  associateAddress,
  completeTransition,
  disassociateAddress,
  leaveAddress,
  releaseAddress,
} from '../publicFlows.ts';
import { allocatePublic, clearDirty, type PublicPoolEvent, publicPoolAggregate, publicUseOf } from '../publicPool.ts';
import { isRefusal } from '../refusals.ts';
import { flowSetting, publicChoices } from './publicSetting.ts';
import { type Outcome, type Scene, settingsOf } from './scene.ts';

const writePublic = (scene: Scene, address: string, events: Decision<PublicPoolEvent>): Outcome => {
  if (isRefusal(events)) return events;
  scene.unit.write(publicPoolAggregate, scene.surroundings.cloud, events);
  return { address };
};

const poolOf = ({ unit, surroundings }: Scene) => unit.read(publicPoolAggregate, surroundings.cloud);

/**
 * Gives the account an address of the public pool: the one it names, or one by the allocator that is set. Refused when the
 * quota is used up or none is free.
 */
export const allocateWish = (command: CommandOf<'AllocateAddress'>, scene: Scene): Outcome => {
  const settings = settingsOf(scene);
  const { context } = scene.unit;
  const {
    dynamic: _dynamic,
    reserved: systemReserved,
    ...choice
  } = publicChoices(scene, scene.surroundings.seedNumber(context.commandId));
  const quota = settings['edgelog.addresses.max_per_account'];
  const granted = allocatePublic(poolOf(scene), {
    account: command.account,
    ...(command.address === undefined ? {} : { address: command.address }),
    ...choice,
    systemReserved,
    ...(quota === 0 ? {} : { quota }),
    commandId: context.commandId,
  });
  return isRefusal(granted) ? granted : writePublic(scene, granted.address, granted.events);
};

const callerOf = (scene: Scene, { account, address }: { readonly account: string; readonly address: string }) => ({
  account,
  address,
  admin: scene.unit.context.admin,
});

export const releaseWish = (command: CommandOf<'ReleaseAddress'>, scene: Scene): Outcome =>
  writePublic(scene, command.address, releaseAddress(poolOf(scene), callerOf(scene, command), flowSetting(scene)));

export const associateWish = (command: CommandOf<'AssociateAddress'>, scene: Scene): Outcome => {
  const { instanceId, address } = command;
  const wish = { ...callerOf(scene, command), instanceId };
  return writePublic(scene, address, associateAddress(poolOf(scene), wish, flowSetting(scene)));
};

export const disassociateWish = (command: CommandOf<'DisassociateAddress'>, scene: Scene): Outcome =>
  writePublic(scene, command.address, disassociateAddress(poolOf(scene), callerOf(scene, command), flowSetting(scene)));

/** The answer to an address message came from the cluster (generic mode). */
export const completeWish = (command: CommandOf<'CompleteAddress'>, scene: Scene): Outcome => {
  const { address, answered } = command;
  return writePublic(scene, address, completeTransition(poolOf(scene), address, flowSetting(scene), answered));
};

/** An impending address whose instance was never placed goes back to the pool (cloud spec 5.9). */
export const expireImpendingWish = (command: CommandOf<'ExpireImpending'>, scene: Scene): Outcome => {
  const { address, instanceId } = command;
  const pool = poolOf(scene);
  const use = publicUseOf(pool, instanceId);
  const timeoutMs = settingsOf(scene)['cloud.network.address_pending_timeout'] * 60_000;
  const isOverdue = use?.state === 'impending' && scene.unit.context.at - use.since > timeoutMs;
  if (!isOverdue || use.address !== address) return { address };
  return writePublic(scene, address, leaveAddress(pool, instanceId, flowSetting(scene)));
};

/** Quarantine belongs to private addresses, dirty marks to public ones; the address says which it is. */
export const freeWish = (command: CommandOf<'FreeAddress'>, scene: Scene): Outcome => {
  const { unit, surroundings } = scene;
  const { address, cluster, reservation, upToRevision, cause, reason } = command;
  const pool = unit.read(privatePoolAggregate, surroundings.cloud);
  const isPrivate = quarantinedHolding(pool, address) !== undefined || privateHolding(pool, address) !== undefined;
  if (isPrivate) {
    const events = freePrivate(pool, { address, ...(reservation === undefined ? {} : { reservation }), cause, reason });
    if (isRefusal(events)) return events;
    unit.write(privatePoolAggregate, surroundings.cloud, events);
    return { address, freed: events.length > 0 };
  }
  const cleared = clearDirty(poolOf(scene), {
    address,
    ...(cluster === undefined ? {} : { cluster }),
    ...(upToRevision === undefined ? {} : { upToRevision }),
    cause,
    reason,
  });
  unit.write(publicPoolAggregate, surroundings.cloud, cleared);
  return { address, freed: cleared.length > 0 };
};

/**
 * Takes back a private address whose instance never came, when the pending time-out (a property, minutes) has passed.
 */
export const expireReservationWish = (command: CommandOf<'ExpireReservation'>, scene: Scene): Outcome => {
  const { unit, surroundings } = scene;
  const { address, reservation } = command;
  const timeoutMs = settingsOf(scene)['cloud.network.network_index_pending_timeout'] * 60_000;
  const pool = unit.read(privatePoolAggregate, surroundings.cloud);
  unit.write(
    privatePoolAggregate,
    surroundings.cloud,
    expirePrivate(pool, { address, reservation, at: unit.context.at, timeoutMs }),
  );
  return { address };
};
