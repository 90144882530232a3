/**
 * How full the address pools are: the public one, and of every cluster the one its instances' private addresses come from.
 * Counted from the network when somebody asks; looks at every address in use, never at those that are free.
 */
import { type IpRange, inMergedRanges, mergeRanges, rangeSize, rangesOf } from '../domain/ipRange.ts';
import { type Ipv4, parseIpv4 } from '../domain/ipv4.ts';
import { resolvedIn } from './documentInputs.ts';
import type { Network } from './network/views.ts';
import { forEach } from './trie.ts';

/** `size` = `free` + `allocated` + `assigned`. */
export type PublicPoolUse = {
  readonly size: number;
  /** Nobody's; the next allocation takes one of these. */
  readonly free: number;
  /** Somebody's, at no instance. */
  readonly allocated: number;
  /** At an instance, or on the way to one. */
  readonly assigned: number;
  /** Of any state: a cluster may still answer for the former holder. */
  readonly dirty: number;
  /** Still in use although no range of the configuration holds them any more. */
  readonly outside: number;
};

/** `size` = `free` + `held` + `quarantined`. Of clusters that share their addresses each counts all of them. */
export type PrivatePoolUse = {
  readonly cluster: string;
  readonly size: number;
  readonly free: number;
  readonly held: number;
  /** Released, but not every cluster has passed the release: nobody gets them yet. */
  readonly quarantined: number;
  /** Held for this cluster although its ranges do not hold them any more. */
  readonly outside: number;
  /** Clusters whose ranges overlap with these. */
  readonly sharedWith: readonly string[];
};

export type AddressPools = { readonly public: PublicPoolUse; readonly private: readonly PrivatePoolUse[] };

const sizeOf = (merged: readonly IpRange[]): number => merged.reduce((count, range) => count + rangeSize(range), 0);

const publicUse = (network: Network): PublicPoolUse => {
  const merged = mergeRanges(rangesOf(network.publicRanges));
  const count = { allocated: 0, assigned: 0, dirty: 0, outside: 0 };
  forEach(network.publicAddresses, (address, { state, dirty }) => {
    const isInside = inMergedRanges(merged, parseIpv4(address) ?? -1);
    const isFree = state === 'unallocated';
    if (Object.keys(dirty).length > 0) count.dirty += 1;
    if (!isInside) count.outside += isFree ? 0 : 1;
    else if (!isFree) count[state === 'allocated' ? 'allocated' : 'assigned'] += 1;
  });
  const size = sizeOf(merged);
  return { size, free: size - count.allocated - count.assigned, ...count };
};

type Pool = { readonly cluster: string; readonly merged: readonly IpRange[] };

/** Ascending, so that a range is counted by two searches; `strays`: by cluster, held beyond its own ranges. */
type Used = { readonly held: Uint32Array; readonly quarantined: Uint32Array; readonly strays: Map<string, number> };

const usedIn = (network: Network, pools: readonly Pool[]): Used => {
  const own = new Map(pools.map(({ cluster, merged }) => [cluster, merged]));
  const held: Ipv4[] = [];
  const quarantined: Ipv4[] = [];
  const strays = new Map<string, number>();
  forEach(network.privateAddresses, (address, { cluster, state }) => {
    const number = parseIpv4(address);
    if (number === undefined) return;
    if (state === 'quarantined') quarantined.push(number);
    else {
      held.push(number);
      if (!inMergedRanges(own.get(cluster) ?? [], number)) strays.set(cluster, (strays.get(cluster) ?? 0) + 1);
    }
  });
  return { held: Uint32Array.from(held).sort(), quarantined: Uint32Array.from(quarantined).sort(), strays };
};

/** How many of the ascending numbers are below `end`. */
const below = (numbers: Uint32Array, end: number): number => {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? end) < end) low = middle + 1;
    else high = middle;
  }
  return low;
};

const countIn = (numbers: Uint32Array, merged: readonly IpRange[]): number =>
  merged.reduce((count, { lower, upper }) => count + below(numbers, upper + 1) - below(numbers, lower), 0);

const overlap = (a: readonly IpRange[], b: readonly IpRange[]): boolean =>
  a.some((range) => inMergedRanges(b, range.lower)) || b.some((range) => inMergedRanges(a, range.lower));

const privateUse = (pool: Pool, pools: readonly Pool[], used: Used): PrivatePoolUse => {
  const size = sizeOf(pool.merged);
  const held = countIn(used.held, pool.merged);
  const quarantined = countIn(used.quarantined, pool.merged);
  const sharing = pools.filter((other) => other !== pool && overlap(pool.merged, other.merged));
  return {
    cluster: pool.cluster,
    size,
    free: size - held - quarantined,
    held,
    quarantined,
    outside: used.strays.get(pool.cluster) ?? 0,
    sharedWith: sharing.map(({ cluster }) => cluster),
  };
};

/** Private pools in the order of the clusters' names; clusters for which the configuration has no subnet have no pool. */
export const addressPools = (network: Network): AddressPools => {
  const pools = resolvedIn(network)
    .clusters.map(({ name, privateIps }): Pool => ({ cluster: name, merged: mergeRanges(rangesOf(privateIps)) }))
    .sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
  const used = usedIn(network, pools);
  return { public: publicUse(network), private: pools.map((pool) => privateUse(pool, pools, used)) };
};
