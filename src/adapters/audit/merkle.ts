/**
 * The Merkle tree of RFC 6962 over the log: its root at any size, grown one leaf at a time from a frontier of at most one hash
 * per bit of the size, and the proof that a range of leaves stands in a tree of a certain root. It knows nothing of events.
 */
import { createHash } from 'node:crypto';

export type Hash = Buffer;

export const HASH_BYTES = 32;

/** Leaves and inner nodes are hashed under different first bytes, so that neither can be passed off as the other. */
export const leafHash = (bytes: string | Uint8Array): Hash =>
  createHash('sha256')
    .update(Buffer.from([0]))
    .update(bytes)
    .digest();

export const nodeHash = (left: Uint8Array, right: Uint8Array): Hash =>
  createHash('sha256')
    .update(Buffer.from([1]))
    .update(left)
    .update(right)
    .digest();

/** Roots of the perfect subtrees the leaves so far fall into, largest first: one per set bit of `size`. */
export type Frontier = { readonly size: number; readonly roots: readonly Hash[] };

export const emptyFrontier: Frontier = { size: 0, roots: [] };

/** A tree of no leaves has the hash of nothing (RFC 6962, 2.1). */
export const rootOf = ({ roots }: Frontier): Hash => {
  let root: Hash | undefined;
  for (let at = roots.length - 1; at >= 0; at -= 1) {
    const left = roots[at];
    if (left !== undefined) root = root === undefined ? left : nodeHash(left, root);
  }
  return root ?? createHash('sha256').digest();
};

/** Puts one more leaf at the end: as many inner hashes as the size has ones at its end. */
export const grow = ({ size, roots }: Frontier, leaf: Hash): Frontier => {
  const next = [...roots];
  let carried = leaf;
  for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    const left = next.pop();
    if (left === undefined) throw new Error(`A frontier of ${size} leaves has too few roots: ${roots.length}`);
    carried = nodeHash(left, carried);
  }
  next.push(carried);
  return { size: size + 1, roots: next };
};
