/**
 * Networks of the past on disk, for questions about moments long before now: found by position, written down when one comes by
 * that is far from all others. One at a time, and at leisure; what comes by meanwhile is let go.
 */

import type { Network } from '../../projections/network/views.ts';
import { isFlawed } from './cacheFile.ts';
import type { NetworkFiles } from './networkFiles.ts';

export type NetworkBases = {
  /** The newest one not newer than `position` and newer than `after`; it is nobody else's. Never rejects. */
  readonly nearest: (position: number, after: number) => Promise<Network | undefined>;
  /** May write it down. It must never change again. */
  readonly offer: (network: Network) => void;
  readonly settled: () => Promise<void>;
};

export type NetworkBasesOptions = {
  readonly files: NetworkFiles;
  /** Positions that may not be thinned out. */
  readonly needed: () => readonly number[];
  readonly onFault: (fault: unknown) => void;
  /** Events between two of them, at least. */
  readonly spacing?: number;
};

export const createNetworkBases = ({ files, needed, onFault, spacing = 20_000 }: NetworkBasesOptions): NetworkBases => {
  let writing: Promise<void> | undefined;

  const isWorth = async (position: number): Promise<boolean> =>
    (await files.positions()).every((other) => Math.abs(other - position) >= spacing);

  const writeIfWorth = async (network: Network): Promise<void> => {
    if (!(await isWorth(network.position))) return;
    await files.write(network);
    await files.thinOut(needed());
  };

  const newest = async (position: number, after: number): Promise<Network | undefined> => {
    const candidates = (await files.positions()).filter((one) => one > after && one <= position);
    for (const one of candidates.reverse()) {
      const network = await files.read(one);
      if (!isFlawed(network)) return network;
    }
    return undefined;
  };

  return {
    nearest: (position, after) =>
      newest(position, after).catch((fault: unknown) => {
        onFault(fault);
        return undefined;
      }),
    offer: (network) => {
      writing ??= writeIfWorth(network)
        .catch(onFault)
        .finally(() => {
          writing = undefined;
        });
    },
    settled: async () => {
      await writing;
    },
  };
};
