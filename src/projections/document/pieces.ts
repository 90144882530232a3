/**
 * The document's bytes as a tree of shared pieces. After one change among 100,000 instances one leaf is rendered and hashed
 * and a handful of digests above it; the rest is taken over from the version before. Parts with the same content have the
 * same digest, however they came about.
 */
import { createHash } from 'node:crypto';
import {
  clusterEnd,
  clustersWrapper,
  frameOf,
  groupsWrapper,
  instanceIdsWrapper,
  instancesWrapper,
  nodeEnd,
  nodeHeadXml,
  nodesWrapper,
  prologXml,
  valueXml,
} from './fragments.ts';
import type { Dialect } from './model.ts';
import type { ClusterPart, DocumentParts, Fragments, NodePart } from './parts.ts';
import { buffersOf, listPiece, type Piece, partAt, textPiece } from './pieceTree.ts';
import {
  joinedPieces,
  kept,
  listedPieces,
  type Made,
  type PieceOf,
  type Recall,
  type Wrapped,
  wrapped,
} from './triePieces.ts';
import type { TextOf } from './wholeText.ts';

export { buffersOf, type Piece } from './pieceTree.ts';

/**
 * `digest` stands for all bytes, `contentDigest` for all but the root's attributes: a new version with the old content
 * changes only the former.
 */
export type DocumentPieces = {
  readonly byteLength: number;
  readonly digest: string;
  readonly contentDigest: string;
  readonly piece: Piece;
  /** All but the root's attributes. */
  readonly content: Piece;
};

export type DocumentWriter<I, G> = Fragments<I, G> & {
  readonly dialect: Dialect;
  /**
   * The pieces of these parts, those of what they share with `before` by identity. It may be any version this writer has
   * written: it changes what writing costs, never what is written. Faults on parts of another dialect.
   */
  readonly pieces: (parts: DocumentParts<I, G>, before?: DocumentParts<I, G>) => DocumentPieces;
  /** From now on these are the pieces of these parts, and `textOf` tells texts of what is in them until `forgetTexts`. */
  readonly adopt: (parts: DocumentParts<I, G>, pieces: DocumentPieces, textOf: TextOf) => void;
  readonly textOf: TextOf;
  readonly forgetTexts: () => void;
};

/** Remembers what was made of the last text. */
const lately = (make: (text: string) => Piece): ((text: string) => Piece) => {
  let last: { readonly text: string; readonly piece: Piece } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, piece: make(text) };
    return last.piece;
  };
};

/** Where the members of a document stand in the list of its content, and nodes in the list of a cluster. */
export const PLACES = { clusters: 2, instances: 6, securityGroups: 10, nodes: 2 } as const;

/** A member of something, and what was made of that member: the part at this place. */
const memberOf = <W, M extends keyof W>(made: Made<W> | undefined, member: M, index: number) => {
  const piece = partAt(made?.piece, index);
  return made === undefined || piece === undefined ? undefined : { from: made.from[member], piece };
};

const textKept: PieceOf<string> = kept((text) => textPiece(text));

/** Clusters and their nodes look the same in every dialect. */
const clusterPieces = (recall: Recall | undefined): Wrapped<ClusterPart> => {
  const ids = wrapped(instanceIdsWrapper, joinedPieces(valueXml));
  const endOfNode = textPiece(nodeEnd);
  const written: PieceOf<NodePart> = (part, before) => {
    const head = partAt(before?.piece, 0) ?? textPiece(nodeHeadXml(part.name));
    return listPiece([head, ...ids(part.instances, memberOf(before, 'instances', 2)), endOfNode]);
  };
  const node = kept<NodePart>(
    (part, before) =>
      (before === undefined ? recall?.(part, 'list', () => written(part)) : undefined) ?? written(part, before),
  );
  const nodes = wrapped(nodesWrapper, listedPieces(node));
  const endOfCluster = textPiece(clusterEnd);
  const cluster = kept<ClusterPart>((part, before) => {
    const head = textKept(part.head, memberOf(before, 'head', 0));
    return listPiece([head, ...nodes(part.nodes, memberOf(before, 'nodes', PLACES.nodes)), endOfCluster]);
  });
  return wrapped(clustersWrapper, listedPieces(cluster));
};

export const createDocumentWriter = <I, G extends object>(
  dialect: Dialect,
  fragments: Fragments<I, G>,
  recall?: Recall,
): DocumentWriter<I, G> => {
  const frame = frameOf(dialect);
  const clusters = clusterPieces(recall);
  const instances = wrapped(
    instancesWrapper,
    joinedPieces((_id, view: I) => fragments.instance(view), recall),
  );
  const groups = wrapped(
    groupsWrapper,
    listedPieces(
      kept((view: G) => textPiece(fragments.securityGroup(view))),
      recall,
    ),
  );
  const between = { configuration: textPiece(frame.afterConfiguration), instances: textPiece(frame.afterInstances) };
  const end = textPiece(frame.end);
  const head = lately(textPiece);
  const made = new WeakMap<DocumentParts<I, G>, DocumentPieces>();
  const make = (parts: DocumentParts<I, G>, before: DocumentParts<I, G> | undefined): DocumentPieces => {
    if (parts.dialect !== dialect) throw new Error(`expected parts of dialect ${dialect}, got ${parts.dialect}`);
    const known = before === undefined ? undefined : made.get(before);
    const old = before && known && { from: before, piece: known.content };
    const content = listPiece([
      head(parts.head),
      ...clusters(parts.clusters, memberOf(old, 'clusters', PLACES.clusters)),
      between.configuration,
      ...instances(parts.instances, memberOf(old, 'instances', PLACES.instances)),
      between.instances,
      ...groups(parts.securityGroups, memberOf(old, 'securityGroups', PLACES.securityGroups)),
      end,
    ]);
    const piece = listPiece([textPiece(prologXml(dialect, parts.stamp)), content]);
    return { byteLength: piece.byteLength, digest: piece.digest, contentDigest: content.digest, piece, content };
  };
  const pieces: DocumentWriter<I, G>['pieces'] = (parts, before) => {
    const known = made.get(parts);
    if (known !== undefined) return known;
    const fresh = make(parts, before);
    made.set(parts, fresh);
    return fresh;
  };
  let textOf: TextOf | undefined;
  return {
    dialect,
    ...fragments,
    pieces,
    adopt: (parts, known, texts) => {
      made.set(parts, known);
      textOf = texts;
    },
    textOf: (part) => textOf?.(part),
    forgetTexts: () => {
      textOf = undefined;
    },
  };
};

const hashes = new WeakMap<Piece, string>();

/** SHA-256 of the bytes themselves, hex: what anybody else can compute. Walks all bytes once per document. */
export const hashOf = ({ piece }: DocumentPieces): string => {
  const known = hashes.get(piece);
  if (known !== undefined) return known;
  const sha256 = createHash('sha256');
  for (const buffer of buffersOf(piece)) sha256.update(buffer);
  const digest = sha256.digest('hex');
  hashes.set(piece, digest);
  return digest;
};
