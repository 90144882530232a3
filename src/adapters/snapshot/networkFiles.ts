/**
 * Networks of some moments on disk, for whoever would have to fold long to get there. A cache: every file may be deleted at
 * any time, and one that does not fit program and log is left aside. Their number and their bytes are bounded; of those that
 * are there the ones are kept that leave no wide gap.
 */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredEvent } from '../../domain/eventStore.ts';
import { networkFrom, networkLines } from '../../projections/network/networkLines.ts';
import type { Network } from '../../projections/network/views.ts';
import { type CacheFlaw, isFlawed, readCacheFile, writeCacheFile } from './cacheFile.ts';

/** Which event stands at a position of the log, to tell whether a file is about this log. */
export type EventAt = (position: number) => Promise<Pick<StoredEvent, 'id'> | undefined>;

export type NetworkFilesOptions = {
  readonly folder: string;
  /** Of the program: networks made by another one mean nothing. */
  readonly code: string;
  readonly eventAt: EventAt;
  readonly maxFiles?: number;
  readonly maxBytes?: number;
};

export type NetworkFiles = {
  readonly write: (network: Network) => Promise<void>;
  readonly read: (position: number) => Promise<Network | CacheFlaw>;
  /** Positions of the files, ascending. */
  readonly positions: () => Promise<readonly number[]>;
  /** Takes away what is too much, but none of these. */
  readonly thinOut: (needed: readonly number[]) => Promise<void>;
};

const NAME = /^network-(\d+)\.cache$/;

function* bytesOf(network: Network): Generator<Uint8Array> {
  let isFirst = true;
  for (const line of networkLines(network)) {
    yield Buffer.from(isFirst ? line : `\n${line}`);
    isFirst = false;
  }
}

/** Index of the one whose absence leaves the smallest gap; never the first or the last, nor one that is needed. */
const leastMissed = (positions: readonly number[], needed: readonly number[]): number | undefined => {
  let least: { readonly at: number; readonly gap: number } | undefined;
  for (let at = 0; at < positions.length - 1; at += 1) {
    if (needed.includes(positions[at] as number)) continue;
    const gap = (positions[at + 1] as number) - (positions[at - 1] ?? 0);
    if (least === undefined || gap < least.gap) least = { at, gap };
  }
  return least?.at;
};

export const createNetworkFiles = (options: NetworkFilesOptions): NetworkFiles => {
  const { folder, code, eventAt, maxFiles = 32, maxBytes = 512 * 2 ** 20 } = options;
  const fileOf = (position: number): string => join(folder, `network-${position}.cache`);

  const positions = async (): Promise<readonly number[]> => {
    const names = await readdir(folder).catch(() => []);
    return names
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  };

  const read: NetworkFiles['read'] = async (position) => {
    const file = await readCacheFile(fileOf(position));
    if (file === undefined) return { flaw: 'there is none' };
    if (isFlawed(file)) return file;
    const { facts, body } = file;
    if (facts['code'] !== code) return { flaw: 'another program made it' };
    const event = await eventAt(position);
    if (event === undefined || event.id !== facts['id'])
      return { flaw: 'it is of another log, or newer than this one' };
    const network = networkFrom(body);
    return network.position === position ? network : { flaw: `it is of position ${network.position}` };
  };

  return {
    write: async (network) => {
      const { position, epoch } = network;
      const event = await eventAt(position);
      if (event === undefined) throw new Error(`expected an event at position ${position}, found none`);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeCacheFile(fileOf(position), bytesOf(network), { code, position, epoch, id: event.id });
    },
    read,
    positions,
    thinOut: async (needed) => {
      const left = [...(await positions())];
      const sizes = new Map<number, number>();
      for (const one of left)
        sizes.set(
          one,
          await stat(fileOf(one)).then(
            ({ size }) => size,
            () => 0,
          ),
        );
      const bytes = (): number => left.reduce((sum, one) => sum + (sizes.get(one) ?? 0), 0);
      while (left.length > maxFiles || bytes() > maxBytes) {
        const at = leastMissed(left, needed);
        if (at === undefined) return;
        for (const gone of left.splice(at, 1)) await rm(fileOf(gone), { force: true });
      }
    },
  };
};
