/**
 * Which document each cluster should have now. Here it is made from scratch, which is the definition; `documentKeeper.ts`
 * makes the same one at the cost of what changed and must give the same bytes and the same digest.
 */
import { activeNetworkIn } from './activeNetwork.ts';
import { buildDocument } from './document/build.ts';
import type { Dialect, NetworkDocument } from './document/model.ts';
import { entryFragments, partsOf } from './document/parts.ts';
import { buffersOf, createDocumentWriter, type DocumentPieces } from './document/pieces.ts';
import { renderBytes } from './document/render.ts';
import { stampOf } from './document/stamp.ts';
import { documentInputs, type Relevance, relevanceFor, settingsIn } from './documentInputs.ts';
import { documentVersion } from './documentVersion.ts';
import type { KeptParts } from './keptDocument.ts';
import { localDocument } from './localDocument.ts';
import type { Network } from './network/views.ts';
import { peek } from './trie.ts';

export { documentVersion } from './documentVersion.ts';

export type ClusterDocument = {
  readonly cluster: string;
  readonly epoch: number;
  /** Position the document reflects. */
  readonly version: number;
  /** The root's 8 hex digits. */
  readonly stamp: string;
  /** Of the document's parts, see `document/pieces.ts`: equal for equal bytes, however they came about. */
  readonly digest: string;
  readonly dialect: Dialect;
  readonly relevance: Relevance;
  readonly byteLength: number;
  /** The bytes in order. Listed when first asked for. */
  readonly pieces: readonly Uint8Array[];
  /** What the bytes are made of, to tell a receiver only what changed. */
  readonly parts: KeptParts;
};

/** Only enabled clusters get documents; while EDGE is not in force, none that runs in another mode (cloud spec 3.1, 8.2). */
export const wantsDocument = (network: Network, cluster: string): boolean => {
  const view = network.clusters[cluster];
  if (view?.state !== 'enabled') return false;
  return view.mode === undefined || view.mode === 'EDGE' || activeNetworkIn(network) === 'EDGE';
};

/** What a document says of itself, whoever made its bytes. */
export const documentFacts = (network: Network, cluster: string) => {
  const version = documentVersion(network, cluster);
  const stamp = stampOf(network.epoch, version);
  const relevance = relevanceFor(network, cluster);
  const dialect = settingsIn(network)['edgelog.document.dialect'];
  return { cluster, epoch: network.epoch, version, stamp, relevance, dialect };
};

type Facts = ReturnType<typeof documentFacts>;

const listed = new WeakMap<DocumentPieces['piece'], readonly Buffer[]>();

/** The same list for every cluster with the same document. */
const bytesOf = ({ piece }: DocumentPieces): readonly Buffer[] => {
  const known = listed.get(piece);
  if (known !== undefined) return known;
  const made = buffersOf(piece);
  listed.set(piece, made);
  return made;
};

export const writtenDocument = (facts: Facts, parts: KeptParts, written: DocumentPieces): ClusterDocument => ({
  ...facts,
  stamp: facts.stamp.version,
  digest: written.digest,
  byteLength: written.byteLength,
  get pieces() {
    return bytesOf(written);
  },
  parts,
});

const contentOf = (network: Network, { cluster, dialect, relevance }: Facts): NetworkDocument => {
  const whole = buildDocument(documentInputs(network), dialect);
  if (relevance === 'full') return whole;
  return localDocument(whole, cluster, (id) => peek(network.instances, id)?.cluster === cluster);
};

/** From scratch, by the plain render, its digest by a writer that remembers nothing. Undefined when the cluster gets none. */
export const fullDocument = (network: Network, cluster: string): ClusterDocument | undefined => {
  if (!wantsDocument(network, cluster)) return undefined;
  const facts = documentFacts(network, cluster);
  const { dialect, stamp } = facts;
  const content = contentOf(network, facts);
  const pieces = renderBytes(content, dialect, stamp);
  const parts = partsOf(content, dialect, stamp);
  const { digest } = createDocumentWriter(dialect, entryFragments(dialect)).pieces(parts);
  const byteLength = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  return { ...facts, stamp: stamp.version, digest, byteLength, pieces, parts };
};
