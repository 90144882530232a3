/**
 * Documents in use against documents from scratch: the same log must give the same bytes, always. Both kinds of equality are
 * looked at, that of the digests and that of the bytes themselves, so that neither road can hide a fault of the other.
 */
import { createHash } from 'node:crypto';
import { type ClusterDocument, fullDocument, wantsDocument } from './documents.ts';
import type { Network } from './network/views.ts';

export type Verified = {
  readonly cluster: string;
  readonly version: number;
  readonly digest: string;
  /** Digest of the document from scratch; null when from scratch the cluster gets none. */
  readonly recomputed: string | null;
  /** SHA-256 of the bytes in use and of those from scratch, hex. */
  readonly hash: string;
  readonly recomputedHash: string | null;
  readonly same: boolean;
};

const hashOf = ({ pieces }: ClusterDocument): string => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
};

/** One cluster's document in use against the one that follows from the network. */
export const verifyDocument = (network: Network, used: ClusterDocument): Verified => {
  const fresh = fullDocument(network, used.cluster);
  const hash = hashOf(used);
  const recomputedHash = fresh === undefined ? null : hashOf(fresh);
  return {
    cluster: used.cluster,
    version: used.version,
    digest: used.digest,
    recomputed: fresh?.digest ?? null,
    hash,
    recomputedHash,
    same: fresh?.digest === used.digest && fresh.version === used.version && hash === recomputedHash,
  };
};

/** All clusters that get documents. Costs a full render for each. */
export const verifyDocuments = (
  network: Network,
  documentOf: (network: Network, cluster: string) => ClusterDocument | undefined,
): readonly Verified[] =>
  Object.keys(network.clusters)
    .filter((cluster) => wantsDocument(network, cluster))
    .sort()
    .flatMap((cluster) => {
      const used = documentOf(network, cluster);
      return used === undefined ? [] : [verifyDocument(network, used)];
    });
