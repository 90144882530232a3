/**
 * The version of a cluster's document: the newest position that may have touched any part of it, never the end of a batch.
 * It follows from the log alone. Whenever a byte changes it grows; it may also grow although no byte but its own changed.
 */
import { type Relevance, relevanceFor } from './documentInputs.ts';
import type { Network } from './network/views.ts';

/** A full document contains the whole cloud, so whatever touched any part touched all of them. */
export const fullVersion = (network: Network): number => {
  const known = versions.get(network);
  if (known?.position === network.position) return known.version;
  const { configuration, instances, groups, heads, clusters } = network.touched;
  let version = Math.max(configuration, instances, groups, heads, network.epochAt);
  for (const name in clusters) version = Math.max(version, clusters[name] ?? -1);
  versions.set(network, { position: network.position, version });
  return version;
};

/** Every cluster asks the same of the same network; one that is still being folded in place has another position each time. */
const versions = new WeakMap<Network, { readonly position: number; readonly version: number }>();

export const nearbyVersion = ({ touched, epochAt }: Network, cluster: string): number => {
  const { configuration, heads, clusters, nearby } = touched;
  return Math.max(configuration, heads, epochAt, clusters[cluster] ?? -1, nearby[cluster] ?? -1);
};

export const versionOf = (network: Network, cluster: string, relevance: Relevance): number =>
  relevance === 'full' ? fullVersion(network) : nearbyVersion(network, cluster);

/** By the relevance in force for the cluster. */
export const documentVersion = (network: Network, cluster: string): number =>
  versionOf(network, cluster, relevanceFor(network, cluster));
