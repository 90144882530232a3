/**
 * The document's bytes as a tree of shared pieces: leaves are buffers, every piece knows its length and a digest, and a
 * piece lives as long as the part it was made of. After one change among 100,000 instances one leaf is rendered and hashed
 * and a handful of digests above it; the rest is taken over by identity. Pieces are never joined here, and their digests
 * never depend on how they came about: parts with the same content have the same digest.
 */
import { createHash, hash } from 'node:crypto';
import { rootOf, type Trie } from '../trie.ts';
import type { Inner, Leaf, Node } from '../trieNodes.ts';
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
  type Wrapper,
} from './fragments.ts';
import { type Fragment, type Joined, joined, spliced } from './leafBytes.ts';
import type { Dialect } from './model.ts';
import type { ClusterPart, DocumentParts, Fragments, NodePart } from './parts.ts';

/** `digest` is hex: SHA-256 of the bytes, or of the digests below (which no text can be mistaken for). */
export type Piece = { readonly byteLength: number; readonly digest: string } & (
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'list'; readonly parts: readonly Piece[] }
);

/**
 * `digest` stands for all bytes, `contentDigest` for all but the root's attributes: a new version with the old content
 * changes only the former.
 */
export type DocumentPieces = {
  readonly byteLength: number;
  readonly digest: string;
  readonly contentDigest: string;
  readonly piece: Piece;
};

export type DocumentWriter<I, G> = Fragments<I, G> & {
  readonly dialect: Dialect;
  /**
   * The pieces of these parts; those of parts seen before are the same objects. `before` may be any other version: it changes
   * what writing costs, never what is written. Faults on parts of another dialect.
   */
  readonly pieces: (parts: DocumentParts<I, G>, before?: DocumentParts<I, G>) => DocumentPieces;
};

const bytesPiece = (bytes: Buffer): Piece => ({
  ...{ kind: 'bytes', bytes, byteLength: bytes.length },
  digest: hash('sha256', bytes),
});

const textPiece = (text: string): Piece => bytesPiece(Buffer.from(text));

const listPiece = (parts: readonly Piece[]): Piece => {
  let byteLength = 0;
  let digests = '\u0001';
  for (const part of parts) {
    byteLength += part.byteLength;
    digests += part.digest;
  }
  return { kind: 'list', parts, byteLength, digest: hash('sha256', digests) };
};

/** Remembers what was made of an object for as long as the object lives. The object must not change any more. */
const remembered = <O extends object>(make: (from: O) => Piece): ((from: O) => Piece) => {
  const made = new WeakMap<O, Piece>();
  return (from) => {
    const known = made.get(from);
    if (known !== undefined) return known;
    const piece = make(from);
    made.set(from, piece);
    return piece;
  };
};

/** Remembers what was made of the last text. */
const lately = (make: (text: string) => Piece): ((text: string) => Piece) => {
  let last: { readonly text: string; readonly piece: Piece } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, piece: make(text) };
    return last.piece;
  };
};

/** `before`: what stood in the node's place in another version, if known; what they share need not be written again. */
type NodePieces<V> = (node: Node<V>, before?: Node<V>) => Piece;

/** What stood in the place of a child: where a node was split or joined, a leaf stands for all that is in it. */
const childBefore = <V>(
  before: Node<V> | undefined,
  { prefix, labels }: Inner<V>,
  index: number,
): Node<V> | undefined => {
  if (before?.kind !== 'inner') return before;
  return before.prefix === prefix ? before.children[before.labels.indexOf(labels.charAt(index))] : undefined;
};

/** Leaves joined into one buffer: for many small entries. */
const joinedPieces = <V>(fragment: Fragment<V>): NodePieces<V> => {
  const pieces = new WeakMap<Node<V>, Piece>();
  const leaves = new WeakMap<Leaf<V>, Joined>();

  const leafPiece = (leaf: Leaf<V>, before: Node<V> | undefined): Piece => {
    const known = before?.kind === 'leaf' ? leaves.get(before) : undefined;
    const made = before?.kind === 'leaf' && known ? spliced(leaf, before, known, fragment) : joined(leaf, fragment);
    leaves.set(leaf, made);
    return bytesPiece(made.bytes);
  };

  const piece: NodePieces<V> = (node, before) => {
    const known = pieces.get(node);
    if (known !== undefined) return known;
    const made =
      node.kind === 'leaf'
        ? leafPiece(node, before)
        : listPiece(node.children.map((child, index) => piece(child, childBefore(before, node, index))));
    pieces.set(node, made);
    return made;
  };
  return piece;
};

/** Leaves as lists: for entries so large that a neighbour's change should not cost them. */
const listedPieces = <V>(entry: (value: V) => Piece): NodePieces<V> => {
  const piece: NodePieces<V> = remembered((node) =>
    listPiece(node.kind === 'inner' ? node.children.map((child) => piece(child)) : node.values.map(entry)),
  );
  return piece;
};

/** A trie's pieces inside their element. */
const wrapped = <V>(
  { open, close, empty }: Wrapper,
  pieces: NodePieces<V>,
): ((trie: Trie<V>, before?: Trie<V>) => Piece) => {
  const opening = textPiece(open);
  const closing = textPiece(close);
  const nothing = textPiece(empty);
  return (trie, before) => {
    const root = rootOf(trie);
    const isEmpty = root.kind === 'leaf' && root.keys.length === 0;
    return isEmpty ? nothing : listPiece([opening, pieces(root, before && rootOf(before)), closing]);
  };
};

/** Clusters and their nodes look the same in every dialect. */
const clusterPieces = (): ((clusters: Trie<ClusterPart>) => Piece) => {
  const ids = wrapped(instanceIdsWrapper, joinedPieces(valueXml));
  const endOfNode = textPiece(nodeEnd);
  const node = remembered(({ name, instances }: NodePart) =>
    listPiece([textPiece(nodeHeadXml(name)), ids(instances), endOfNode]),
  );
  const nodes = wrapped(nodesWrapper, listedPieces(node));
  const endOfCluster = textPiece(clusterEnd);
  const cluster = remembered((part: ClusterPart) => listPiece([textPiece(part.head), nodes(part.nodes), endOfCluster]));
  return wrapped(clustersWrapper, listedPieces(cluster));
};

/** Views of groups are objects: their pieces are kept one by one. */
export const createDocumentWriter = <I, G extends object>(
  dialect: Dialect,
  fragments: Fragments<I, G>,
): DocumentWriter<I, G> => {
  const frame = frameOf(dialect);
  const clusters = clusterPieces();
  const instances = wrapped(
    instancesWrapper,
    joinedPieces((_id, view: I) => fragments.instance(view)),
  );
  const groups = wrapped(
    groupsWrapper,
    listedPieces(remembered((view: G) => textPiece(fragments.securityGroup(view)))),
  );
  const between = { configuration: textPiece(frame.afterConfiguration), instances: textPiece(frame.afterInstances) };
  const end = textPiece(frame.end);
  const head = lately(textPiece);
  const made = new WeakMap<DocumentParts<I, G>, DocumentPieces>();
  const make = (parts: DocumentParts<I, G>, before: DocumentParts<I, G> | undefined): DocumentPieces => {
    if (parts.dialect !== dialect) throw new Error(`expected parts of dialect ${dialect}, got ${parts.dialect}`);
    const content = listPiece([
      head(parts.head),
      clusters(parts.clusters),
      between.configuration,
      instances(parts.instances, before?.instances),
      between.instances,
      groups(parts.securityGroups),
      end,
    ]);
    const piece = listPiece([textPiece(prologXml(dialect, parts.stamp)), content]);
    return { byteLength: piece.byteLength, digest: piece.digest, contentDigest: content.digest, piece };
  };
  const pieces: DocumentWriter<I, G>['pieces'] = (parts, before) => {
    const known = made.get(parts);
    if (known !== undefined) return known;
    const fresh = make(parts, before);
    made.set(parts, fresh);
    return fresh;
  };
  return { dialect, ...fragments, pieces };
};

/** The buffers in order, shared with the pieces: to be read only. Costs a step per piece. */
export const buffersOf = (piece: Piece, into: Buffer[] = []): Buffer[] => {
  if (piece.kind === 'list') for (const part of piece.parts) buffersOf(part, into);
  else if (piece.byteLength > 0) into.push(piece.bytes);
  return into;
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
