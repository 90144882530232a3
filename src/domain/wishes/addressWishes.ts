/** Wishes about addresses: the public pool decides, seeing the instances concerned; freeing and expiring touch either pool. */
import type { CommandOf } from '../commands.ts';
import type { Decision } from '../decider.ts';
import { type InstanceRecord, instanceAggregate } from '../instance.ts';
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
  type FlowSetting,
  type InstanceFacts,
  releaseAddress,
} from '../publicFlows.ts';
import { allocatePublic, clearDirty, type PublicPoolEvent, publicPoolAggregate } from '../publicPool.ts';
import { isRefusal } from '../refusals.ts';
import { activeNetwork, publicChoices } from './networking.ts';
import { type Outcome, type Scene, settingsOf } from './scene.ts';

const factsOf = (instanceId: string, record: InstanceRecord): InstanceFacts | undefined =>
  record.state === undefined
    ? undefined
    : {
        instanceId,
        account: record.account,
        state: record.state,
        cluster: record.cluster,
        privateAddress: record.privateAddress,
        addressing: record.addressing,
      };

/** What the flows need to see and choose, as of this unit. */
const flowSetting = (scene: Scene): FlowSetting => ({
  instanceOf: (instanceId) => factsOf(instanceId, scene.unit.read(instanceAggregate, instanceId)),
  system: publicChoices(scene, scene.surroundings.seedNumber(scene.unit.context.commandId)),
  pending: activeNetwork(scene) === 'generic',
});

const writePublic = (scene: Scene, address: string, events: Decision<PublicPoolEvent>): Outcome => {
  if (isRefusal(events)) return events;
  scene.unit.write(publicPoolAggregate, scene.surroundings.cloud, events);
  return { address };
};

const poolOf = ({ unit, surroundings }: Scene) => unit.read(publicPoolAggregate, surroundings.cloud);

export const allocateWish = (command: CommandOf<'AllocateAddress'>, scene: Scene): Outcome => {
  const settings = settingsOf(scene);
  const { context } = scene.unit;
  const choices = publicChoices(scene, scene.surroundings.seedNumber(context.commandId));
  const granted = allocatePublic(poolOf(scene), {
    account: command.account,
    ...(command.address === undefined ? {} : { address: command.address }),
    strategy: choices.strategy,
    seed: choices.seed,
    systemReserved: settings['cloud.addresses.systemreservedpublicaddresses'],
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
export const completeWish = (command: CommandOf<'CompleteAddress'>, scene: Scene): Outcome =>
  writePublic(scene, command.address, completeTransition(poolOf(scene), command.address, flowSetting(scene)));

/** Quarantine belongs to private addresses, dirty marks to public ones; the address says which it is. */
export const freeWish = (command: CommandOf<'FreeAddress'>, scene: Scene): Outcome => {
  const { unit, surroundings } = scene;
  const { address, cluster, reservation, cause, reason } = command;
  const pool = unit.read(privatePoolAggregate, surroundings.cloud);
  const isPrivate = quarantinedHolding(pool, address) !== undefined || privateHolding(pool, address) !== undefined;
  if (isPrivate) {
    const events = freePrivate(pool, { address, ...(reservation === undefined ? {} : { reservation }), cause, reason });
    if (isRefusal(events)) return events;
    unit.write(privatePoolAggregate, surroundings.cloud, events);
    return { address, freed: events.length > 0 };
  }
  const cleared = clearDirty(poolOf(scene), { address, ...(cluster === undefined ? {} : { cluster }), cause, reason });
  unit.write(publicPoolAggregate, surroundings.cloud, cleared);
  return { address, freed: cleared.length > 0 };
};

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
