/**
 * Which document each cluster should have now, and its version: the newest position that touched any part of it. The full
 * render is the definition; the incremental one must give the same bytes.
 */
import { createHash } from 'node:crypto';
import { buildDocument } from './document/build.ts';
import type { Dialect } from './document/model.ts';
import { renderBytes } from './document/render.ts';
import { stampOf } from './document/stamp.ts';
import { documentInputs, settingsIn } from './documentInputs.ts';
import type { Network } from './network/views.ts';

export type ClusterDocument = {
  readonly cluster: string;
  readonly epoch: number;
  /** Position the document reflects. */
  readonly version: number;
  /** The root's 8 hex digits. */
  readonly stamp: string;
  readonly digest: string;
  readonly dialect: Dialect;
  readonly byteLength: number;
  readonly pieces: readonly Uint8Array[];
};

/** Only enabled clusters get documents. */
export const wantsDocument = (network: Network, cluster: string): boolean =>
  network.clusters[cluster]?.state === 'enabled';

/** Every document contains the whole cloud, so whatever touched any part touched all of them. */
export const documentVersion = (network: Network): number => {
  const { configuration, instances, groups, clusters } = network.touched;
  return Math.max(configuration, instances, groups, network.epochAt, ...Object.values(clusters));
};

/** From scratch. Undefined when the cluster gets none. */
export const fullDocument = (network: Network, cluster: string): ClusterDocument | undefined => {
  if (!wantsDocument(network, cluster)) return undefined;
  const dialect = settingsIn(network)['edgelog.document.dialect'];
  const { epoch } = network;
  const version = documentVersion(network);
  const stamp = stampOf(epoch, version);
  const pieces = renderBytes(buildDocument(documentInputs(network), dialect), dialect, stamp);
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return {
    cluster,
    epoch,
    version,
    stamp: stamp.version,
    digest: hash.digest('hex'),
    dialect,
    byteLength: pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
    pieces,
  };
};
