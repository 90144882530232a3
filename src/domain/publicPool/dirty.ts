/**
 * Dirty marks: an address that was unassigned stays out of the documents until the cluster it was in has moved on (cloud
 * spec 5.6). Marks are facts of the log; they never end by themselves, only by these decisions.
 */
import { formatIpv4, type Ipv4, parseIpv4 } from '../ipv4.ts';
import type { PublicClearCause, PublicPoolEvent } from '../publicPool.ts';
import { dirtyMarks } from './lookups.ts';
import type { PublicPoolState } from './state.ts';

export type ClearPublic = {
  readonly address: string;
  /** All clusters' marks when absent. */
  readonly cluster?: string;
  /** Only marks up to this revision of the pool's stream: a newer one has not been passed yet. */
  readonly upToRevision?: number;
  readonly cause: PublicClearCause;
  readonly reason?: string;
};

/** Nothing to clear is no event. */
export const clearDirty = (state: PublicPoolState, wish: ClearPublic): readonly PublicPoolEvent[] => {
  const { address, cluster, upToRevision, cause, reason } = wish;
  return [...dirtyMarks(state, address)]
    .filter(([name, revision]) => (cluster ?? name) === name && revision <= (upToRevision ?? revision))
    .map(([name]) => cleared(address, name, cause, reason));
};

const cleared = (address: string, cluster: string, cause: PublicClearCause, reason?: string): PublicPoolEvent => ({
  type: 'PublicAddressCleared',
  address,
  cluster,
  cause,
  ...(reason === undefined ? {} : { reason }),
});

/** Every mark of a cluster, because it is gone for good, or because an operator or the long limit says so. */
export const clearCluster = (
  state: PublicPoolState,
  wish: { readonly cluster: string; readonly cause: PublicClearCause; readonly reason?: string },
): readonly PublicPoolEvent[] =>
  marksIn(state, wish.cluster).map((address) => cleared(formatIpv4(address), wish.cluster, wish.cause, wish.reason));

/**
 * The marks of a cluster that reports its instances, unless the report still lists the address for an instance that is not
 * being torn down. `upToRevision` as in ClearPublic.
 */
export const clearReported = (
  state: PublicPoolState,
  wish: { readonly cluster: string; readonly listed: readonly string[]; readonly upToRevision?: number },
): readonly PublicPoolEvent[] => {
  const { cluster, upToRevision } = wish;
  const listed = new Set<Ipv4 | undefined>(wish.listed.map(parseIpv4));
  return marksIn(state, cluster)
    .filter((address) => !listed.has(address))
    .filter((address) => upToRevision === undefined || (state.dirty.get(address)?.get(cluster) ?? 0) <= upToRevision)
    .map((address) => cleared(formatIpv4(address), cluster, 'converged'));
};

const marksIn = (state: PublicPoolState, cluster: string): readonly Ipv4[] =>
  [...state.dirty.entries()].filter(([, marks]) => marks.has(cluster)).map(([address]) => address);
