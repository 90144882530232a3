/**
 * The dispatching networking service: passes a prepared allocation to the implementation in force (EDGE or generic) and writes
 * what it decided. Which one is in force is in `scene.ts`.
 */
import { privatePoolRanges } from '../configuration/resolve.ts';
import { addressDispatch } from '../networking/dispatcher.ts';
import { prepareEdge } from '../networking/edge.ts';
import { networkTagsAggregate, reserveIndexes } from '../networkTags.ts';
import { privatePoolAggregate } from '../privatePool.ts';
import { type PublicPoolEvent, publicPoolAggregate } from '../publicPool.ts';
import { isRefusal, type Refusal } from '../refusals.ts';
import type { Allocation } from './allocation.ts';
import { runPoint } from './lifecycle.ts';
import { publicChoices } from './publicSetting.ts';
import { resolvedOf, settingsOf } from './scene.ts';

/**
 * Collects what the allocation needs and has it prepared. With a node the instances are placed at once, so their impending
 * addresses are assigned in the same unit.
 */
export const prepareNetwork = (allocation: Allocation, node?: string): Refusal | undefined => {
  const refused = runPoint('prepareNetworkAllocation', allocation);
  return refused ?? takeResources(allocation, node);
};

export const takeResources = (allocation: Allocation, node?: string): Refusal | undefined => {
  const isEdge = allocation.network === 'EDGE';
  // Where the cluster gives private addresses nobody can be told one yet: impending addresses wait until it has said which.
  return takeAddresses(allocation, isEdge ? node : undefined) ?? (isEdge ? undefined : takeIndexes(allocation));
};

const takeAddresses = (allocation: Allocation, node: string | undefined): Refusal | undefined => {
  const { scene, cluster, requests, tokens } = allocation;
  const { unit, surroundings } = scene;
  const settings = settingsOf(scene);
  const seed = surroundings.seedNumber(unit.context.commandId);
  const pools = {
    private: unit.read(privatePoolAggregate, surroundings.cloud),
    public: unit.read(publicPoolAggregate, surroundings.cloud),
    ranges: privatePoolRanges(resolvedOf(scene), cluster),
  };
  const prepared = prepareEdge(pools, requests, {
    zone: cluster,
    reservation: (n) => `${unit.context.commandId}/${n}`,
    private: { strategy: settings['edgelog.addresses.allocator'], seed },
    public: publicChoices(scene, seed),
  });
  if (isRefusal(prepared)) return prepared;
  unit.write(privatePoolAggregate, surroundings.cloud, prepared.privateEvents);
  const granted = new Map<string, string>();
  for (const { type, ownerId, value } of prepared.grants) {
    if (type === 'private-ip' && !granted.has(ownerId)) granted.set(ownerId, value);
  }
  const fresh = new Set(prepared.privateEvents.map(({ address }) => address));
  for (const token of tokens) {
    token.privateAddress = granted.get(token.instanceId) ?? '0.0.0.0';
    token.reservation = prepared.reservations.get(token.instanceId) ?? token.reservation;
    token.freshlyReserved = fresh.has(token.privateAddress);
  }
  const assigned = node === undefined ? [] : assignedAtOnce(allocation, prepared.publicEvents);
  unit.write(publicPoolAggregate, surroundings.cloud, [...prepared.publicEvents, ...assigned]);
  allocation.grants = prepared.grants;
  return undefined;
};

const assignedAtOnce = ({ cluster, tokens, network }: Allocation, events: readonly PublicPoolEvent[]) =>
  events.flatMap((event): readonly PublicPoolEvent[] => {
    if (event.type !== 'PublicAddressImpending') return [];
    const token = tokens.find(({ instanceId }) => instanceId === event.instanceId);
    const { address, instanceId } = event;
    const instanceAddress = token?.privateAddress ?? '0.0.0.0';
    const pending = addressDispatch(network).awaitsAnswer;
    return [{ type: 'PublicAddressAssigned', address, owner: 'system', instanceId, instanceAddress, cluster, pending }];
  });

const takeIndexes = (allocation: Allocation): Refusal | undefined => {
  const { scene, groups, groupsWished, tokens } = allocation;
  const settings = settingsOf(scene);
  // An instance that is started again is in its groups already.
  const groupId = groups[0]?.groupId ?? groupsWished[0];
  if (groupId === undefined) return undefined;
  const { cloud } = scene.surroundings;
  const instanceIds = tokens.map(({ instanceId }) => instanceId);
  const events = reserveIndexes(scene.unit.read(networkTagsAggregate, cloud), groupId, instanceIds, {
    minTag: settings['cloud.network.global_min_network_tag'],
    maxTag: settings['cloud.network.global_max_network_tag'],
    minIndex: settings['cloud.network.global_min_network_index'],
    maxIndex: settings['cloud.network.global_max_network_index'],
  });
  if (isRefusal(events)) return events;
  scene.unit.write(networkTagsAggregate, cloud, events);
  return undefined;
};
