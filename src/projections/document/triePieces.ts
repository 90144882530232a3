/**
 * A trie's entries as pieces, moved along from the version before: what the two tries share is found by identity on the way
 * down and taken over, so that one change among 100,000 entries costs one leaf and the digests above it. Nothing is remembered
 * aside: the pieces of the version before are all the memory there is. Another version before changes what making costs,
 * never what is made.
 */
import { rootOf, type Trie } from '../trie.ts';
import { type Inner, type Leaf, labelOf, type Node } from '../trieNodes.ts';
import type { Wrapper } from './fragments.ts';
import { type Fragment, joined, spliced } from './leafBytes.ts';
import { alteredList, bytesPiece, listPiece, type Piece, partAt, textPiece } from './pieceTree.ts';

/** Something of the version before, and what was made of it. */
export type Made<T> = { readonly from: T; readonly piece: Piece };

/** `before`: what stood in its place. */
export type PieceOf<T> = (from: T, before?: Made<T>) => Piece;

/** Leaf -> piece, likewise. A leaf that was split stands before everything that was in it. */
type LeafPiece<V> = (leaf: Leaf<V>, before: Made<Leaf<V>> | undefined) => Piece;

const isLeaf = <V>(made: Made<Node<V>> | undefined): made is Made<Leaf<V>> => made?.from.kind === 'leaf';

const isInner = <V>(made: Made<Node<V>> | undefined): made is Made<Inner<V>> => made?.from.kind === 'inner';

const childAt = <V>({ from, piece }: Made<Inner<V>>, label: string): Made<Node<V>> | undefined => {
  const index = from.labels.indexOf(label);
  const child = from.children[index];
  const part = partAt(piece, index);
  return child === undefined || part === undefined ? undefined : { from: child, piece: part };
};

/** What stood where this node stands: nodes come to lie above it, or go from there, without touching it. */
const levelled = <V>(node: Inner<V>, before: Made<Node<V>> | undefined): Made<Node<V>> | undefined => {
  let made = before;
  while (isInner(made)) {
    const { prefix } = made.from;
    if (prefix.length >= node.prefix.length) return prefix.startsWith(node.prefix) ? made : undefined;
    if (!node.prefix.startsWith(prefix)) return undefined;
    made = childAt(made, labelOf(node.prefix, prefix.length));
  }
  return made;
};

/** What stood in the place of the child with this label. */
const childBefore = <V>(
  before: Made<Node<V>> | undefined,
  prefix: string,
  label: string,
): Made<Node<V>> | undefined => {
  if (!isInner(before)) return before;
  if (before.from.prefix.length === prefix.length) return childAt(before, label);
  return labelOf(before.from.prefix, prefix.length) === label ? before : undefined;
};

const nodePieces = <V>(leafPiece: LeafPiece<V>): PieceOf<Node<V>> => {
  const innerPiece = (node: Inner<V>, found: Made<Node<V>> | undefined): Piece => {
    const before = levelled(node, found);
    if (before?.from === node) return before.piece;
    const { prefix, labels, children } = node;
    if (isInner(before) && before.from.prefix === prefix && before.from.labels === labels) return altered(node, before);
    return listPiece(children.map((child, index) => piece(child, childBefore(before, prefix, labels.charAt(index)))));
  };
  /** The same children by name: most are the very same. */
  const altered = (node: Inner<V>, { from, piece: list }: Made<Inner<V>>): Piece => {
    if (list.kind !== 'list') throw new Error('expected the pieces of an inner node to be a list');
    const parts = list.parts.slice();
    for (let index = 0; index < parts.length; index += 1) {
      const [was, is] = [from.children[index] as Node<V>, node.children[index] as Node<V>];
      if (was !== is) parts[index] = piece(is, { from: was, piece: parts[index] as Piece });
    }
    return alteredList(list, parts);
  };
  const piece: PieceOf<Node<V>> = (node, before) => {
    if (before?.from === node) return before.piece;
    if (node.kind === 'inner') return innerPiece(node, before);
    return leafPiece(node, isLeaf(before) ? before : undefined);
  };
  return piece;
};

/** A piece known from elsewhere, if it is; `make` makes the very same. */
export type Recall = (from: object, kind: Piece['kind'], make: () => Piece) => Piece | undefined;

/** What `recall` knows is not made, as long as nothing came before. */
const recalled = <V>(kind: Piece['kind'], make: LeafPiece<V>, recall: Recall | undefined): LeafPiece<V> => {
  if (recall === undefined) return make;
  return (leaf, before) =>
    (before === undefined ? recall(leaf, kind, () => make(leaf, undefined)) : undefined) ?? make(leaf, before);
};

/** Leaves joined into one buffer: for many small entries. */
export const joinedPieces = <V>(fragment: Fragment<V>, recall?: Recall): PieceOf<Node<V>> => {
  const leafPiece: LeafPiece<V> = (leaf, before) => {
    const known = before?.piece.kind === 'bytes' ? before.piece : undefined;
    const made =
      before === undefined || known?.ends === undefined
        ? joined(leaf, fragment)
        : spliced(leaf, before.from, { bytes: known.bytes, ends: known.ends }, fragment);
    return bytesPiece(made.bytes, made.ends);
  };
  return nodePieces(recalled('bytes', leafPiece, recall));
};

/** Leaves as lists: for entries so large that a neighbour's change should not cost them. */
export const listedPieces = <V>(entry: PieceOf<V>, recall?: Recall): PieceOf<Node<V>> => {
  const leafPiece: LeafPiece<V> = ({ keys, values }, before) => {
    const parts: Piece[] = [];
    let at = 0;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string;
      const value = values[index] as V;
      const old = before?.from.keys ?? [];
      while (at < old.length && (old[at] as string) < key) at += 1;
      const known = old[at] === key ? partAt(before?.piece, at) : undefined;
      parts.push(entry(value, known && { from: before?.from.values[at] as V, piece: known }));
    }
    return listPiece(parts);
  };
  return nodePieces(recalled('list', leafPiece, recall));
};

/** The same object has the same piece. */
export const kept =
  <T>(make: PieceOf<T>): PieceOf<T> =>
  (from, before) =>
    before?.from === from ? before.piece : make(from, before);

/**
 * A trie's pieces inside their element, as parts to stand in a list between others: always three, of which the middle one is
 * nothing when there is nothing in the trie.
 */
export type Wrapped<V> = (trie: Trie<V>, before: Made<Trie<V>> | undefined) => readonly [Piece, Piece, Piece];

const nothing = textPiece('');

export const wrapped = <V>({ open, close, empty }: Wrapper, pieces: PieceOf<Node<V>>): Wrapped<V> => {
  const [opening, closing, both] = [textPiece(open), textPiece(close), textPiece(empty)];
  return (trie, before) => {
    const root = rootOf(trie);
    if (root.kind === 'leaf' && root.keys.length === 0) return [both, nothing, nothing];
    const known = before && before.piece !== nothing ? { from: rootOf(before.from), piece: before.piece } : undefined;
    return [opening, pieces(root, known), closing];
  };
};
