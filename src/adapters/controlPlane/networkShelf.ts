/**
 * Networks of the past at hand, ascending by position and thinned out evenly when there are too many: a cache that may be
 * emptied at any time. Kept networks share what they have in common, and must never change again.
 */
import type { Network } from '../../projections/network/views.ts';

export type NetworkShelf = {
  /** The newest one that is not newer than the position. */
  readonly nearest: (position: number) => Network | undefined;
  /** Whether one of this position would be kept. */
  readonly isWanted: (position: number) => boolean;
  readonly keep: (network: Network) => void;
  readonly positions: () => readonly number[];
  readonly clear: () => void;
};

/** Index of the last one not newer than the position, -1 when all are. */
const indexBefore = (kept: readonly Network[], position: number): number => {
  let low = 0;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((kept[middle] as Network).position <= position) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

const thinnedOut = (kept: readonly Network[], spacing: number): Network[] => {
  let last = Number.NEGATIVE_INFINITY;
  return kept.filter(({ position }) => {
    if (position - last < spacing) return false;
    last = position;
    return true;
  });
};

/** `keepEvery`: events between two of them, at least; twice as many whenever there are more than `maxKept`. */
export const createNetworkShelf = (keepEvery: number, maxKept: number): NetworkShelf => {
  let kept: Network[] = [];
  let spacing = keepEvery;
  const isWanted = (position: number): boolean => {
    const at = indexBefore(kept, position);
    const near = kept[at]?.position ?? 0;
    const next = kept[at + 1]?.position ?? Number.POSITIVE_INFINITY;
    return position - near >= spacing && next - position >= spacing / 2;
  };
  return {
    nearest: (position) => kept[indexBefore(kept, position)],
    isWanted,
    keep: (network) => {
      if (!isWanted(network.position)) return;
      kept.splice(indexBefore(kept, network.position) + 1, 0, network);
      if (kept.length <= maxKept) return;
      spacing *= 2;
      kept = thinnedOut(kept, spacing);
    },
    positions: () => kept.map(({ position }) => position),
    clear: () => {
      kept = [];
      spacing = keepEvery;
    },
  };
};
