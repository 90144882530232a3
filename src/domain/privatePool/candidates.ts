/**
 * Which address a cluster is offered next (cloud spec 4.3). A pool belongs to one list of ranges and remembers how far the
 * list was ever touched, which freed addresses fall into it, and how full its blocks are, so that an offer costs the same
 * with no address held and with a million. All of it follows from the record of addresses: a pool is a cache, and is thrown
 * away when its cluster comes with other ranges.
 */
import { type AddressSpace, spaceOf } from '../addressPool/addressSpace.ts';
import {
  emptyQueue,
  enqueue,
  type IdleEntry,
  type IdleQueue,
  idleAddresses,
  trimQueue,
} from '../addressPool/idleQueue.ts';
import { type RandomSequence, shuffled } from '../addressPool/randomSequence.ts';
import type { IpRange } from '../ipRange.ts';
import type { Ipv4 } from '../ipv4.ts';

/** The part of the pool's record that candidates are found by. */
export type AddressRecord = {
  readonly held: ReadonlyMap<Ipv4, unknown>;
  readonly quarantined: ReadonlyMap<Ipv4, unknown>;
  /** Freed address -> order of being freed. */
  readonly idle: ReadonlyMap<Ipv4, number>;
};

/**
 * `fifo` offers what was never used, in listed order, then what is longest free. `first-free` offers the first free of the
 * list. `random` offers a random one of the first block of `partitionSize` candidates with room, of which it tries
 * `loadFactor` (0..1) at most.
 */
export type AllocationStrategy =
  | { readonly strategy: 'fifo' | 'first-free' }
  | {
      readonly strategy: 'random';
      readonly random: RandomSequence;
      readonly partitionSize: number;
      readonly loadFactor: number;
    };

/** How many addresses of the blocks counted so far are taken. Every address with an index below `low` is taken. */
type Blocks = { readonly size: number; readonly taken: Map<number, number>; low: number };

export type CandidatePool = {
  readonly ranges: readonly IpRange[];
  readonly space: AddressSpace;
  /** Every address with a lower index has been touched. Never goes back. */
  fresh: number;
  /** These two are kept only once a strategy has asked for them. */
  queue: IdleQueue | undefined;
  blocks: Blocks | undefined;
};

/** Held or quarantined: nobody else may have it. */
export const isTaken = (record: AddressRecord, address: Ipv4): boolean =>
  record.held.has(address) || record.quarantined.has(address);

const counts =
  (record: AddressRecord) =>
  ({ address, order }: IdleEntry): boolean =>
    record.idle.get(address) === order;

export const poolOf = (ranges: readonly IpRange[]): CandidatePool => ({
  ranges,
  space: spaceOf(ranges),
  fresh: 0,
  queue: undefined,
  blocks: undefined,
});

/** The same ranges in the same order, however they came. */
export const isPoolOf = (pool: CandidatePool, ranges: readonly IpRange[]): boolean =>
  pool.ranges === ranges ||
  (pool.ranges.length === ranges.length &&
    pool.ranges.every((range, at) => range.lower === ranges[at]?.lower && range.upper === ranges[at]?.upper));

/** `address` was free and is now held. */
export const noteTaken = (pool: CandidatePool, address: Ipv4): void => count(pool, address, 1);

/** An address was quarantined and is now free; `record` says so already. */
export const noteFreed = (pool: CandidatePool, record: AddressRecord, entry: IdleEntry): void => {
  count(pool, entry.address, -1);
  if (pool.queue !== undefined && pool.space.has(entry.address)) {
    enqueue(pool.queue, entry, counts(record), record.idle.size);
  }
};

/** A block that was never looked at is counted when it is. */
const count = ({ blocks, space }: CandidatePool, address: Ipv4, change: 1 | -1): void => {
  if (blocks === undefined) return;
  const index = space.drawnIndexOf(address);
  const block = blockOf(blocks, index);
  const taken = blocks.taken.get(block);
  if (taken !== undefined) blocks.taken.set(block, taken + change);
  if (change < 0 && index >= 0 && index < blocks.low) blocks.low = index;
};

/** Candidates in the order the strategy tries them, some of them taken; drawn one by one and no further than needed. */
export const candidatesOf = (
  pool: CandidatePool,
  record: AddressRecord,
  choice: AllocationStrategy,
): Generator<Ipv4, void, undefined> => {
  switch (choice.strategy) {
    case 'fifo':
      return longestIdle(pool, record);
    case 'first-free':
      return inOrder(pool, record);
    case 'random':
      return inBlocks(pool, record, choice);
  }
};

function* longestIdle(pool: CandidatePool, record: AddressRecord): Generator<Ipv4, void, undefined> {
  const touched = (address: Ipv4): boolean => isTaken(record, address) || record.idle.has(address);
  for (let index = pool.fresh; ; index += 1) {
    const address = pool.space.at(index);
    if (address === undefined) break;
    if (!touched(address)) yield address;
    else if (index === pool.fresh) pool.fresh += 1;
  }
  pool.queue ??= queueOf(pool.space, record);
  trimQueue(pool.queue, counts(record));
  yield* idleAddresses(pool.queue, counts(record));
}

const queueOf = (space: AddressSpace, record: AddressRecord): IdleQueue => {
  const queue = emptyQueue();
  for (const [address, order] of record.idle) if (space.has(address)) queue.entries.push({ address, order });
  return queue;
};

const listedBlock = 1000;

function* inOrder(pool: CandidatePool, record: AddressRecord): Generator<Ipv4, void, undefined> {
  const blocks = blocksOf(pool, listedBlock);
  const { space } = pool;
  for (let block = blockOf(blocks, blocks.low); space.at(block * blocks.size) !== undefined; block += 1) {
    if (blocks.taken.has(block) && isFull(pool, record, blocks, block)) continue;
    const end = (block + 1) * blocks.size;
    for (let index = Math.max(blocks.low, block * blocks.size); index < end; index += 1) {
      const address = space.at(index);
      if (address === undefined) break;
      if (!isTaken(record, address)) yield address;
      else if (index === blocks.low) blocks.low += 1;
    }
    takenIn(pool, record, blocks, block);
  }
}

const blockOf = ({ size }: Blocks, index: number): number => Math.floor(index / size);

function* inBlocks(
  pool: CandidatePool,
  record: AddressRecord,
  { random, partitionSize, loadFactor }: Extract<AllocationStrategy, { readonly strategy: 'random' }>,
): Generator<Ipv4, void, undefined> {
  const blocks = blocksOf(pool, partitionSize);
  for (let block = blockOf(blocks, blocks.low); pool.space.at(block * blocks.size) !== undefined; block += 1) {
    if (isFull(pool, record, blocks, block)) continue;
    const from = block * blocks.size;
    const length = lengthOf(pool, blocks, block);
    const tries = Math.max(1, Math.floor(length * loadFactor));
    const free = length - takenIn(pool, record, blocks, block);
    const crowded = tries >= length && free * 64 < length;
    if (crowded) yield* shuffledFree(pool, record, from, from + length, random);
    else yield* take(shuffled(from, from + length, random), tries, pool.space);
  }
}

/** The free ones of a shuffled block come in the order of their own shuffle: found faster when nearly all are taken. */
function* shuffledFree(
  { space }: CandidatePool,
  record: AddressRecord,
  from: number,
  to: number,
  random: RandomSequence,
): Generator<Ipv4, void, undefined> {
  const free: Ipv4[] = [];
  for (let index = from; index < to; index += 1) {
    const address = space.at(index);
    if (address !== undefined && !isTaken(record, address)) free.push(address);
  }
  for (const index of shuffled(0, free.length, random)) {
    const address = free[index];
    if (address !== undefined) yield address;
  }
}

function* take(indexes: Iterable<number>, count: number, space: AddressSpace): Generator<Ipv4, void, undefined> {
  let taken = 0;
  for (const index of indexes) {
    const address = space.at(index);
    if (address !== undefined) yield address;
    taken += 1;
    if (taken === count) return;
  }
}

const blocksOf = (pool: CandidatePool, size: number): Blocks => {
  if (pool.blocks?.size !== size) pool.blocks = { size, taken: new Map(), low: 0 };
  return pool.blocks;
};

/** Only the last block is shorter than the others. Draws the block. */
const lengthOf = ({ space }: CandidatePool, { size }: Blocks, block: number): number =>
  space.at((block + 1) * size - 1) === undefined ? space.size() - block * size : size;

const isFull = (pool: CandidatePool, record: AddressRecord, blocks: Blocks, block: number): boolean => {
  const full = takenIn(pool, record, blocks, block) === lengthOf(pool, blocks, block);
  if (full && block === blockOf(blocks, blocks.low)) blocks.low = (block + 1) * blocks.size;
  return full;
};

/** Counts the block the first time it is asked about, and draws it for that. */
const takenIn = (pool: CandidatePool, record: AddressRecord, blocks: Blocks, block: number): number => {
  const known = blocks.taken.get(block);
  if (known !== undefined) return known;
  let taken = 0;
  for (let index = block * blocks.size; index < (block + 1) * blocks.size; index += 1) {
    const address = pool.space.at(index);
    if (address === undefined) break;
    if (isTaken(record, address)) taken += 1;
  }
  blocks.taken.set(block, taken);
  return taken;
};
