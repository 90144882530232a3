/**
 * A kept document as facts and texts for caches on disk: of every leaf the text our own controllers are sent, and length and
 * digest of the piece that stands for it. `recalledDocument.ts` makes a document of them again. Nothing here is ever the truth.
 */
import type { Dialect, GroupEntry, InstanceEntry } from './document/model.ts';
import type { NodePart } from './document/parts.ts';
import { type DocumentPieces, type DocumentWriter, PLACES } from './document/pieces.ts';
import { type Piece, partAt } from './document/pieceTree.ts';
import { leafText, nodeText } from './document/wholeText.ts';
import type { KeptDocument, KeptParts } from './keptDocument.ts';
import { leavesOf, type Shape, shapeOf } from './sleepingLeaf.ts';
import { entries, forEach, rootOf, type Trie } from './trie.ts';
import type { Leaf, Node } from './trieNodes.ts';

type Writer = DocumentWriter<InstanceEntry, GroupEntry>;

/** JSON. `texts`: of each text its length, and length and digest of the piece it stands for; -1 and '' where there is none. */
export type KeptFacts = {
  readonly dialect: Dialect;
  readonly contentDigest: string;
  readonly memberCounts: readonly (readonly [string, number])[];
  readonly namedBy: readonly string[];
  /** Cluster and node. */
  readonly placed: readonly string[];
  readonly instances: Shape;
  readonly groups: Shape;
  readonly groupIds: readonly string[];
  readonly texts: readonly (readonly [textLength: number, byteLength: number, digest: string])[];
};

/** A kept document with its pieces. */
export type Standing = { readonly kept: KeptDocument; readonly pieces: DocumentPieces };

/** Between cluster and node in a key of what is placed. */
export const SEPARATOR = '\u0001';

/** Pieces of the leaves below a node, in order. */
function* leafPieces(node: Node<unknown>, piece: Piece | undefined): Generator<Piece | undefined> {
  if (node.kind === 'leaf') yield piece;
  else
    for (let index = 0; index < node.children.length; index += 1) {
      yield* leafPieces(node.children[index] as Node<unknown>, partAt(piece, index));
    }
}

/** Of every node part that stands in the document. */
const nodePieces = ({ clusters }: KeptParts, content: Piece): ReadonlyMap<NodePart, Piece> => {
  const found = new Map<NodePart, Piece>();
  const note = <V>(trie: Trie<V>, top: Piece | undefined, see: (value: V, piece: Piece | undefined) => void): void => {
    const root = rootOf(trie);
    const leaves = leavesOf(root);
    for (const piece of leafPieces(root, top)) {
      const { value: leaf } = leaves.next() as { readonly value: Leaf<V> };
      leaf.values.forEach((value, index) => {
        see(value, partAt(piece, index));
      });
    }
  };
  note(clusters, partAt(content, PLACES.clusters), (cluster, piece) => {
    note(cluster.nodes, partAt(piece, PLACES.nodes), (part, own) => {
      if (own !== undefined) found.set(part, own);
    });
  });
  return found;
};

const keysOf = (trie: Trie<unknown>): readonly string[] => {
  const keys: string[] = [];
  forEach(trie, (key) => keys.push(key));
  return keys;
};

/** The text of a leaf or of a node's part, and the piece that stands for it in the document. */
export type KeptText = readonly [text: Buffer, piece: Piece | undefined];

function* leafTexts<V>(
  kind: 'i' | 'g',
  trie: Trie<V>,
  fragment: (value: V) => string,
  top: Piece | undefined,
): Generator<KeptText> {
  const root = rootOf(trie);
  const leaves = leavesOf(root);
  for (const piece of leafPieces(root, top)) {
    const { value: leaf } = leaves.next() as { readonly value: Leaf<V> };
    yield [Buffer.from(leafText(kind, leaf, fragment)), piece];
  }
}

/** One after the other: writing them down may pause in between. */
export function* keptTexts({ kept, pieces }: Standing, writer: Writer): Generator<KeptText> {
  const { parts, clusters } = kept;
  const ofNodes = nodePieces(parts, pieces.content);
  for (const [key, part] of entries(clusters.placed)) {
    yield [Buffer.from(nodeText(key.slice(0, key.indexOf(SEPARATOR)), part)), ofNodes.get(part)];
  }
  yield* leafTexts('i', parts.instances, writer.instance, partAt(pieces.content, PLACES.instances));
  yield* leafTexts('g', parts.securityGroups, writer.securityGroup, partAt(pieces.content, PLACES.securityGroups));
}

/** What is said of them when all of them are written; `texts` as `keptTexts` told them. */
export const keptFacts = (
  { kept, pieces }: Standing,
  texts: readonly (readonly [textLength: number, piece: Piece | undefined])[],
): KeptFacts => {
  return {
    dialect: kept.parts.dialect,
    contentDigest: pieces.contentDigest,
    memberCounts: [...entries(kept.memberCounts)],
    namedBy: keysOf(kept.namedBy),
    placed: keysOf(kept.clusters.placed),
    instances: shapeOf(rootOf(kept.parts.instances)),
    groups: shapeOf(rootOf(kept.parts.securityGroups)),
    groupIds: keysOf(kept.parts.securityGroups),
    texts: texts.map(([length, piece]) => [length, piece?.byteLength ?? -1, piece?.digest ?? '']),
  };
};
