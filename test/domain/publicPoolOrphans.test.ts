/** Reports of public addresses against the pool, in the modes that have them (cloud spec 5.7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  forgetOrphan,
  judgeOrphans,
  type OrphanCounts,
  type OrphanRules,
  type PublicPoolEvent,
  type PublicPoolState,
  publicPoolAggregate,
  type ReportedAddress,
  reclaimOrphan,
} from '../../src/domain/publicPool.ts';
import { foldInto } from './poolFixtures.ts';

const address = '192.0.2.1';
const allocated: PublicPoolEvent = { type: 'PublicAddressAllocated', address, owner: 'A' };
const impending: PublicPoolEvent = { type: 'PublicAddressImpending', address, instanceId: 'i-1' };
const place = { address, instanceId: 'i-1', cluster: 'one', pending: false };
const assigned: PublicPoolEvent = { type: 'PublicAddressAssigned', ...place, instanceAddress: '10.0.0.5', owner: 'A' };
const unassigned: PublicPoolEvent = { type: 'PublicAddressUnassigned', ...place, owner: 'A' };
const released: PublicPoolEvent = { type: 'PublicAddressReleased', address, owner: 'A' };

const given = (...events: readonly PublicPoolEvent[]): PublicPoolState =>
  foldInto(publicPoolAggregate, publicPoolAggregate.initial(), [
    { type: 'PublicPoolDefined', ranges: [address] },
    ...events,
  ]);
const rules: OrphanRules = { maxReports: 2, graceMs: 1000, at: 500, runningAt: () => undefined };
const shows = (instanceAddress: string): ReportedAddress => ({ address, instanceAddress });

const after = (state: PublicPoolState, reports: readonly ReportedAddress[], change: Partial<OrphanRules> = {}) => {
  let counts: OrphanCounts = new Map();
  const verdicts = reports.map((report) => {
    const verdict = judgeOrphans(state, counts, [report], { ...rules, ...change });
    counts = verdict.counts;
    return verdict;
  });
  return {
    counts,
    reclaim: verdicts.map(({ reclaim }) => reclaim.length),
    adopt: verdicts.flatMap(({ adopt }) => adopt),
  };
};

test('a difference that lasts is settled after more reports than allowed, and counted anew', () => {
  const { counts, reclaim } = after(given(allocated, assigned), [
    shows('0.0.0.0'),
    shows('0.0.0.0'),
    shows('0.0.0.0'),
    shows('0.0.0.0'),
  ]);
  assert.deepEqual(reclaim, [0, 0, 1, 0]);
  assert.deepEqual([...counts], [[`${address} 0.0.0.0`, 1]]);
});

test('agreement clears the count', () => {
  const other = judgeOrphans(given(allocated), new Map(), [shows('10.0.0.5')], rules).counts;
  assert.deepEqual([...other.values()], [1]);
  assert.deepEqual([...judgeOrphans(given(allocated, assigned), other, [shows('10.0.0.5')], rules).counts], []);
  assert.deepEqual([...judgeOrphans(given(), new Map(), [shows('0.0.0.0')], rules).counts], []);
});

test('a running instance adopts an address unchanged for longer than the grace', () => {
  const claim = { runningAt: (at: string) => (at === '10.0.0.5' ? 'i-1' : undefined), at: 1001 };
  for (const state of [given(), given(allocated), given(allocated, assigned, unassigned, released)]) {
    assert.deepEqual(after(state, [shows('10.0.0.5')], claim).adopt, [{ address, instanceId: 'i-1' }]);
  }
  assert.deepEqual(after(given(allocated), [shows('10.0.0.5')], { ...claim, at: 1000 }).adopt, []);
  assert.deepEqual(after(given(allocated), [shows('10.0.0.6')], claim).adopt, []);
  assert.deepEqual(
    after(given(allocated, { ...assigned, instanceId: 'i-2', instanceAddress: '10.0.0.7' }), [shows('10.0.0.5')], claim)
      .adopt,
    [],
  );
});

test('allocating starts the counting anew', () => {
  const { counts } = after(given(allocated, assigned), [shows('0.0.0.0')]);
  assert.equal(forgetOrphan(counts, address).size, 0);
  assert.equal(forgetOrphan(counts, '192.0.2.2').size, 1);
});

test('reclaiming clears the mark, unassigns, and returns a system address', () => {
  assert.deepEqual(reclaimOrphan(given(allocated, assigned), address), [unassigned]);
  assert.deepEqual(reclaimOrphan(given(allocated, { ...assigned, pending: true }), address), [
    { type: 'PublicAddressTransitionCompleted', address },
    unassigned,
  ]);
  assert.deepEqual(reclaimOrphan(given(impending), address), [
    { ...unassigned, owner: 'system', cluster: '' },
    { ...released, owner: 'system' },
  ]);
  assert.deepEqual(reclaimOrphan(given(allocated), address), []);
  assert.deepEqual(reclaimOrphan(given(), address), []);
});
