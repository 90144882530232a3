/**
 * What flows over public addresses see and may choose from, as of a unit of work: the instances, where system addresses come
 * from, and whether the cluster is told by messages.
 */
import { type InstanceRecord, instanceAggregate } from '../instance.ts';
import { addressDispatch } from '../networking/dispatcher.ts';
import type { EffectiveProperties } from '../properties.ts';
import type { FlowSetting, InstanceFacts } from '../publicFlows.ts';
import type { SystemSource } from '../publicPool.ts';
import { activeNetwork, type Scene, settingsOf } from './scene.ts';

/** Where system addresses come from; `seed` is the same for the same wish. */
export const choicesOf = (settings: EffectiveProperties, seed: number): SystemSource => ({
  dynamic: settings['cloud.addresses.dodynamicpublicaddresses'],
  reserved: settings['cloud.addresses.systemreservedpublicaddresses'],
  strategy: settings['edgelog.addresses.allocator'] === 'random' ? 'random' : 'fifo',
  seed,
});

export const publicChoices = (scene: Scene, seed: number): SystemSource => choicesOf(settingsOf(scene), seed);

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

/** `changing`: instances as this very unit is about to leave them, which it does not show yet. */
export const flowSetting = (scene: Scene, changing: ReadonlyMap<string, InstanceRecord> = new Map()): FlowSetting => ({
  instanceOf: (instanceId) =>
    factsOf(instanceId, changing.get(instanceId) ?? scene.unit.read(instanceAggregate, instanceId)),
  system: publicChoices(scene, scene.surroundings.seedNumber(scene.unit.context.commandId)),
  pending: addressDispatch(activeNetwork(scene)).awaitsAnswer,
});
