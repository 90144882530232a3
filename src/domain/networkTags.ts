/**
 * The generic (legacy) implementation's resources: a network tag (VLAN) per security group and an index per instance in it
 * (cloud spec 8.4). Stream `networkTags-<cloud>`. Unused in EDGE.
 */
import type { Aggregate, Decision } from './decider.ts';
import { refuse } from './refusals.ts';

/** NB these types and names are the storage format: version them with care. */
export type NetworkTagsEvent =
  /** The group has this tag. */
  | { readonly type: 'NetworkTagReserved'; readonly groupId: string; readonly tag: number }
  /** The tag is free again. */
  | { readonly type: 'NetworkTagReleased'; readonly groupId: string; readonly tag: number }
  /** The instance has this index in the group's network. */
  | {
      readonly type: 'NetworkIndexReserved';
      readonly groupId: string;
      readonly tag: number;
      readonly index: number;
      readonly instanceId: string;
    }
  /** The index is free again. */
  | {
      readonly type: 'NetworkIndexReleased';
      readonly groupId: string;
      readonly tag: number;
      readonly index: number;
      readonly instanceId: string;
    };

type TaggedNetwork = { readonly tag: number; readonly indexes: Map<number, string> };

export type NetworkTagsState = { readonly networks: Map<string, TaggedNetwork>; readonly tags: Set<number> };

export const networkTagsAggregate: Aggregate<NetworkTagsState, NetworkTagsEvent> = {
  category: 'networkTags',
  initial: () => ({ networks: new Map(), tags: new Set() }),
  apply: (state, event) => {
    switch (event.type) {
      case 'NetworkTagReserved':
        state.networks.set(event.groupId, { tag: event.tag, indexes: new Map() });
        state.tags.add(event.tag);
        return;
      case 'NetworkTagReleased':
        state.networks.delete(event.groupId);
        state.tags.delete(event.tag);
        return;
      case 'NetworkIndexReserved':
        state.networks.get(event.groupId)?.indexes.set(event.index, event.instanceId);
        return;
      case 'NetworkIndexReleased':
        state.networks.get(event.groupId)?.indexes.delete(event.index);
        return;
    }
  },
};

/** Inclusive bounds from the `cloud.network.global_…_network_tag` and `…_index` properties. */
export type TagLimits = {
  readonly minTag: number;
  readonly maxTag: number;
  readonly minIndex: number;
  readonly maxIndex: number;
};

const firstFree = (low: number, high: number, isTaken: (n: number) => boolean): number | undefined => {
  for (let n = low; n <= high; n += 1) if (!isTaken(n)) return n;
  return undefined;
};

const indexOf = (network: TaggedNetwork, instanceId: string): number | undefined => {
  for (const [index, holder] of network.indexes) if (holder === instanceId) return index;
  return undefined;
};

/** A tag for the group if it has none, and one index per instance that has none: all or nothing. */
export const reserveIndexes = (
  state: NetworkTagsState,
  groupId: string,
  instanceIds: readonly string[],
  limits: TagLimits,
): Decision<NetworkTagsEvent> => {
  const network = state.networks.get(groupId);
  const tag = network?.tag ?? firstFree(limits.minTag, limits.maxTag, (n) => state.tags.has(n));
  if (tag === undefined) {
    return refuse('not-enough-network-tags', `All network tags ${limits.minTag}-${limits.maxTag} are in use.`);
  }
  const events: NetworkTagsEvent[] = network === undefined ? [{ type: 'NetworkTagReserved', groupId, tag }] : [];
  const taken = new Set(network?.indexes.keys());
  for (const instanceId of instanceIds) {
    if (network !== undefined && indexOf(network, instanceId) !== undefined) continue;
    const index = firstFree(limits.minIndex, limits.maxIndex, (n) => taken.has(n));
    if (index === undefined) {
      return refuse('not-enough-network-indexes', `Network of group ${groupId} has no free index left.`);
    }
    taken.add(index);
    events.push({ type: 'NetworkIndexReserved', groupId, tag, index, instanceId });
  }
  return events;
};

/** Gives back the instance's index; the group's tag goes with its last index. */
export const releaseIndex = (
  state: NetworkTagsState,
  groupId: string,
  instanceId: string,
): readonly NetworkTagsEvent[] => {
  const network = state.networks.get(groupId);
  const index = network === undefined ? undefined : indexOf(network, instanceId);
  if (network === undefined || index === undefined) return [];
  const { tag } = network;
  const released: NetworkTagsEvent = { type: 'NetworkIndexReleased', groupId, tag, index, instanceId };
  return network.indexes.size === 1 ? [released, { type: 'NetworkTagReleased', groupId, tag }] : [released];
};
