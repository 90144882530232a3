/**
 * How full the address pools are, counted from what was loaded for the picture. `dirty` addresses were released, but not
 * every cluster has passed the release: nobody gets them yet.
 */
import { populate } from '../../../domain/configuration/populate.ts';
import { countAddresses, type IpRange, inMergedRanges, mergeRanges, rangesOf } from '../../../domain/ipRange.ts';
import { parseIpv4 } from '../../../domain/ipv4.ts';
import type { Network } from './state.ts';

export type PoolUse = {
  readonly name: string;
  readonly size: number;
  readonly free: number;
  /** Held by an instance, or at one. */
  readonly used: number;
  /** Public pool only: somebody's, at no instance. */
  readonly allocated: number;
  readonly dirty: number;
  /** In use although no range of the configuration holds them any more. */
  readonly outside: number;
};

const isIn = (merged: readonly IpRange[], address: string): boolean => inMergedRanges(merged, parseIpv4(address) ?? -1);

const use = (name: string, merged: readonly IpRange[], counts: Omit<PoolUse, 'name' | 'size' | 'free'>): PoolUse => {
  const size = countAddresses(merged);
  const free = Math.max(0, size - counts.used - counts.allocated - counts.dirty);
  return { name, size, free, ...counts };
};

const publicUse = ({ configuration, publicAddresses }: Network): PoolUse => {
  const merged = mergeRanges(rangesOf(configuration?.PublicIps ?? []));
  const counts = { used: 0, allocated: 0, dirty: 0, outside: 0 };
  for (const { address, state, dirtyIn } of publicAddresses) {
    const isDirty = Object.keys(dirtyIn).length > 0;
    if (state === 'unallocated' && !isDirty) continue;
    if (!isIn(merged, address)) counts.outside += 1;
    else if (state === 'unallocated') counts.dirty += 1;
    else if (state === 'allocated') counts.allocated += 1;
    else counts.used += 1;
  }
  return use('Public', merged, counts);
};

const privateUse = (network: Network, cluster: string, merged: readonly IpRange[]): PoolUse => {
  const counts = { used: 0, allocated: 0, dirty: 0, outside: 0 };
  for (const { address, cluster: holder, state } of network.privateAddresses) {
    if (isIn(merged, address)) counts[state === 'quarantined' ? 'dirty' : 'used'] += 1;
    else if (holder === cluster) counts.outside += 1;
  }
  return use(cluster, merged, counts);
};

/** The public pool, then that of every cluster which the configuration gives a network. */
export const poolsOf = (network: Network): readonly PoolUse[] => {
  const { configuration } = network;
  if (configuration === undefined) return [];
  const registered = network.clusters.map(({ name }) => name);
  const clusters = populate(configuration, registered).Clusters.filter(({ Subnet }) => Subnet !== undefined);
  const pools = clusters.map(({ Name, PrivateIps }) =>
    privateUse(network, Name, mergeRanges(rangesOf(PrivateIps ?? []))),
  );
  return [publicUse(network), ...pools.toSorted((a, b) => (a.name < b.name ? -1 : 1))];
};
