/**
 * A document kept as tries instead of lists, so that a change costs what the change costs: parts that stay the same keep
 * their identity from one version to the next, and bytes, digests and deltas are found by identity. Parts are immutable:
 * the next version is made with `withEntry` and `withoutEntry`, or by drafting whatever holds them.
 */
import { type Trie, trieOf } from '../trie.ts';
import { canonicalDocument } from './canonical.ts';
import { clusterHeadXml, groupXml, headXml, instanceXml } from './fragments.ts';
import type { ClusterEntry, Dialect, DocumentStamp, GroupEntry, InstanceEntry, NetworkDocument } from './model.ts';
import { writtenClusterHead, writtenGroup, writtenHead, writtenInstance } from './written.ts';

/** A node and the ids of the instances it hosts (the trie's keys; its values do not matter). */
export type NodePart = { readonly name: string; readonly instances: Trie<unknown> };

/** `head` is the cluster's start tag and its content before the nodes, as XML. Keys of `nodes` are their names. */
export type ClusterPart = { readonly head: string; readonly nodes: Trie<NodePart> };

/**
 * `head` is the content of the configuration before its clusters, as XML. `I` and `G` are whatever stands for an instance
 * and for a group; keys are the ids. Exactly what is in the document is in the tries, nothing else.
 */
export type DocumentParts<I, G> = {
  readonly dialect: Dialect;
  readonly stamp: DocumentStamp;
  readonly head: string;
  readonly clusters: Trie<ClusterPart>;
  readonly instances: Trie<I>;
  readonly securityGroups: Trie<G>;
};

/** One entity -> its XML. Pure: the same view gives the same text for ever. */
export type Fragments<I, G> = {
  readonly instance: (view: I) => string;
  readonly securityGroup: (view: G) => string;
};

/** Entries must be canonical (`canonicalInstance`, `canonicalGroup`): here they are written as they are. */
export const entryFragments = (dialect: Dialect): Fragments<InstanceEntry, GroupEntry> => ({
  instance: (entry) => instanceXml(writtenInstance(entry), dialect),
  securityGroup: (entry) => groupXml(writtenGroup(entry, dialect)),
});

export const headOf = (configuration: Parameters<typeof writtenHead>[0], dialect: Dialect): string =>
  headXml(writtenHead(configuration, dialect));

export const clusterHeadOf = (cluster: Omit<ClusterEntry, 'nodes'>): string =>
  clusterHeadXml(writtenClusterHead(cluster));

/** A whole document as parts, from scratch. */
export const partsOf = (
  document: NetworkDocument,
  dialect: Dialect,
  stamp: DocumentStamp,
): DocumentParts<InstanceEntry, GroupEntry> => {
  const { configuration, instances, securityGroups } = canonicalDocument(document);
  return {
    dialect,
    stamp,
    head: headOf(configuration, dialect),
    clusters: trieOf(configuration.clusters.map((cluster) => [cluster.name, clusterPart(cluster)])),
    instances: trieOf(instances.map((entry) => [entry.id, entry])),
    securityGroups: trieOf(securityGroups.map((entry) => [entry.id, entry])),
  };
};

const clusterPart = (cluster: ClusterEntry): ClusterPart => ({
  head: clusterHeadOf(cluster),
  nodes: trieOf(
    cluster.nodes.map(({ name, instanceIds }) => [
      name,
      { name, instances: trieOf(instanceIds.map((id) => [id, true])) },
    ]),
  ),
});
