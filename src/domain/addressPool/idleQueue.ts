/**
 * Addresses that were used and came back, longest idle first. Nothing is taken out of the middle: whoever owns the queue
 * knows which entries still count, by their order number, and stale ones are passed over and dropped at the head. A `Set`
 * is not used: deleting at its head over and over makes each look at its head walk over what was deleted.
 */
import type { Ipv4 } from '../ipv4.ts';

/** `order` is unique per return of an address; an entry counts only while the owner's record has the same order. */
export type IdleEntry = { readonly address: Ipv4; readonly order: number };

/** `before` is read first and never changed: a queue may branch off another. */
export type IdleQueue = { entries: IdleEntry[]; head: number; readonly before?: IdleQueue };

export const emptyQueue = (): IdleQueue => ({ entries: [], head: 0 });

export const branchOfQueue = (before: IdleQueue): IdleQueue => ({ entries: [], head: 0, before });

const sparse = 1024;

/** Adds at the end; `live` is how many entries of the queue can still count, and keeps stale ones from piling up. */
export const enqueue = (
  queue: IdleQueue,
  entry: IdleEntry,
  counts: (entry: IdleEntry) => boolean,
  live: number,
): void => {
  queue.entries.push(entry);
  if (queue.entries.length - queue.head <= 2 * live + sparse) return;
  queue.entries = queue.entries.slice(queue.head).filter(counts);
  queue.head = 0;
};

/** Drops stale entries at the head: constant time per entry ever added. */
export const trimQueue = (queue: IdleQueue, counts: (entry: IdleEntry) => boolean): void => {
  for (
    let first = queue.entries[queue.head];
    first !== undefined && !counts(first);
    first = queue.entries[queue.head]
  ) {
    queue.head += 1;
  }
  if (queue.head <= sparse || queue.head * 2 <= queue.entries.length) return;
  queue.entries = queue.entries.slice(queue.head);
  queue.head = 0;
};

/** The addresses that count, longest idle first, drawn one by one. */
export function* idleAddresses(
  queue: IdleQueue,
  counts: (entry: IdleEntry) => boolean,
): Generator<Ipv4, void, undefined> {
  if (queue.before !== undefined) yield* idleAddresses(queue.before, counts);
  for (let at = queue.head; at < queue.entries.length; at += 1) {
    const entry = queue.entries[at];
    if (entry !== undefined && counts(entry)) yield entry.address;
  }
}
