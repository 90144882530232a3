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

/** A whole subtree outside of a range of leaves; its hash stands in the proof. */
export type Outside = { readonly from: number; readonly to: number };

/** Largest power of two below `count`, where a tree of `count` > 1 leaves parts (RFC 6962, 2.1). */
const splitOf = (count: number): number => {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
};

/** The subtrees that, with the leaves from `from` up to but not including `to`, make up a tree of `size`; in order. */
export const outsideOf = (from: number, to: number, size: number): readonly Outside[] => {
  const found: Outside[] = [];
  const look = (low: number, high: number): void => {
    if (high <= from || low >= to) found.push({ from: low, to: high });
    else if (high - low > 1) {
      const middle = low + splitOf(high - low);
      look(low, middle);
      look(middle, high);
    }
  };
  if (size > 0) look(0, size);
  return found;
};

/** Roots of the tree and of its beginnings, from a range of leaves and the hashes of the subtrees outside of it. */
export type RangeProof = { readonly from: number; readonly size: number; readonly hashes: readonly Hash[] };

/** The frontier at `from` that a proof claims: the subtrees left of the range are exactly the frontier's. */
export const frontierBefore = ({ from, hashes }: RangeProof): Frontier => ({
  size: from,
  roots: hashes.slice(0, onesIn(from)),
});

const onesIn = (size: number): number => {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
};

/**
 * Root of the whole tree, from the frontier at the end of the range and the subtrees to its right. Undefined when the proof
 * has too few hashes or too many.
 */
export const rootBeyond = (proof: RangeProof, atEnd: Frontier): Hash | undefined => {
  const { from, size, hashes } = proof;
  const right = outsideOf(from, atEnd.size, size).filter((one) => one.from >= atEnd.size);
  const left = onesIn(from);
  if (hashes.length !== left + right.length) return undefined;
  const known = new Map(right.map((one, index) => [`${one.from} ${one.to}`, hashes[left + index]]));
  let low = 0;
  let remaining = atEnd.size;
  for (const root of atEnd.roots) {
    const width = 2 ** Math.floor(Math.log2(remaining));
    known.set(`${low} ${low + width}`, root);
    low += width;
    remaining -= width;
  }
  const hashOf = (start: number, end: number): Hash | undefined => {
    const found = known.get(`${start} ${end}`);
    if (found !== undefined || end - start <= 1) return found;
    const middle = start + splitOf(end - start);
    const [one, other] = [hashOf(start, middle), hashOf(middle, end)];
    return one === undefined || other === undefined ? undefined : nodeHash(one, other);
  };
  return size === 0 ? rootOf(atEnd) : hashOf(0, size);
};
