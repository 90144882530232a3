/** Longest idle first; entries that no longer count are passed over, and do not pile up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  branchOfQueue,
  emptyQueue,
  enqueue,
  type IdleEntry,
  idleAddresses,
  trimQueue,
} from '../../../src/domain/addressPool/idleQueue.ts';

const orders = new Map<number, number>();
const counts = ({ address, order }: IdleEntry): boolean => orders.get(address) === order;

test('addresses come and go a hundred thousand times, and the queue stays as small as what is idle', () => {
  orders.clear();
  const queue = emptyQueue();
  for (let order = 0; order < 100_000; order += 1) {
    const address = order % 50;
    orders.set(address, order);
    enqueue(queue, { address, order }, counts, orders.size);
    trimQueue(queue, counts);
    assert.ok(queue.entries.length < 3000);
  }
  assert.deepEqual(
    [...idleAddresses(queue, counts)],
    Array.from({ length: 50 }, (_, n) => n),
  );
});

test('stale entries behind one that stays do not pile up either', () => {
  orders.clear();
  const queue = emptyQueue();
  orders.set(1000, -1);
  enqueue(queue, { address: 1000, order: -1 }, counts, 1);
  for (let order = 0; order < 10_000; order += 1) {
    orders.set(1, order);
    enqueue(queue, { address: 1, order }, counts, orders.size);
    assert.ok(queue.entries.length < 3000);
  }
  assert.deepEqual([...idleAddresses(queue, counts)], [1000, 1]);
});

test('a branch goes on after its base and leaves it alone', () => {
  orders.clear();
  const base = emptyQueue();
  for (const [address, order] of [
    [7, 1],
    [8, 2],
    [9, 3],
  ] as const) {
    orders.set(address, order);
    enqueue(base, { address, order }, counts, 3);
  }
  const branch = branchOfQueue(base);
  orders.set(7, 4);
  enqueue(branch, { address: 7, order: 4 }, counts, 3);
  trimQueue(branch, counts);
  assert.deepEqual([...idleAddresses(branch, counts)], [8, 9, 7]);
  assert.equal(base.entries.length, 3);
});
