/** Given events, when decided, then events or a refusal: the public pool (cloud spec 5.2 to 5.7). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type AllocatePublic,
  allocatePublic,
  assignPublic,
  clearCluster,
  clearDirty,
  clearReported,
  completePublic,
  definePublicPool,
  dirtyMarks,
  freePublicCount,
  type ImpendPublic,
  impendPublic,
  isInPool,
  ownedCount,
  type PublicPoolEvent,
  type PublicPoolState,
  publicAddressOf,
  publicPoolAggregate,
  publicUseOf,
  recordOf,
  releasePublic,
  reserveForSystem,
  restorePublic,
  unassignPublic,
} from '../../src/domain/publicPool.ts';
import { decided, foldInto, type Moment, refusedAs } from './poolFixtures.ts';

const address = '192.0.2.1';
const ranges = ['192.0.2.1-192.0.2.3'];
const defined: PublicPoolEvent = { type: 'PublicPoolDefined', ranges };
const allocated: PublicPoolEvent = { type: 'PublicAddressAllocated', address, owner: 'A' };
const impending: PublicPoolEvent = { type: 'PublicAddressImpending', address, instanceId: 'i-1' };
const use = { address, instanceId: 'i-1', cluster: 'one', pending: false };
const place = { ...use, instanceAddress: '10.0.0.5' };
const assigned: PublicPoolEvent = { type: 'PublicAddressAssigned', ...place, owner: 'A' };
const systemAssigned: PublicPoolEvent = { ...assigned, owner: 'system' };
const unassigned: PublicPoolEvent = { type: 'PublicAddressUnassigned', ...use, owner: 'A' };
const systemUnassigned: PublicPoolEvent = { ...unassigned, owner: 'system' };
const completed: PublicPoolEvent = { type: 'PublicAddressTransitionCompleted', address };
const released: PublicPoolEvent = { type: 'PublicAddressReleased', address, owner: 'A' };
const systemReleased: PublicPoolEvent = { ...released, owner: 'system' };
const cleared: PublicPoolEvent = { type: 'PublicAddressCleared', address, cluster: 'one', cause: 'converged' };

const given = (events: readonly PublicPoolEvent[] = [], moment: Moment = {}): PublicPoolState =>
  foldInto(publicPoolAggregate, publicPoolAggregate.initial(), [defined, ...events], moment);
const then = (state: PublicPoolState, events: readonly PublicPoolEvent[], from = 100): PublicPoolState =>
  foldInto(publicPoolAggregate, state, events, { from });

const allocate = (state: PublicPoolState, change: Partial<AllocatePublic> = {}) =>
  allocatePublic(state, { account: 'A', strategy: 'fifo', systemReserved: 0, ...change });
const dynamic = { dynamic: true, reserved: 0, strategy: 'fifo' } as const;
const impend = (state: PublicPoolState, instanceIds: readonly string[], change: Partial<ImpendPublic> = {}) =>
  impendPublic(state, { ...dynamic, instanceIds, ...change });
const taken = (...last: readonly number[]): readonly PublicPoolEvent[] =>
  last.map((n) => ({ type: 'PublicAddressAllocated', address: `192.0.2.${n}`, owner: 'B' }));

describe('the pool itself', () => {
  test('is what the configuration lists; the same list again is no event', () => {
    const empty = publicPoolAggregate.initial();
    assert.deepEqual(definePublicPool(empty, ranges), [defined]);
    assert.deepEqual(definePublicPool(empty, []), []);
    assert.deepEqual(definePublicPool(given(), [...ranges]), []);
    assert.equal(freePublicCount(given()), 3);
  });

  test('grows', () => {
    const state = then(given(taken(1, 2, 3)), [{ type: 'PublicPoolDefined', ranges: [...ranges, '192.0.2.9'] }]);
    assert.equal(freePublicCount(state), 1);
    assert.equal(decided(allocate(state)).address, '192.0.2.9');
  });

  test('shrinks: a free address is gone at once, a used one upon release', () => {
    const state = then(given([allocated]), [{ type: 'PublicPoolDefined', ranges: ['192.0.2.3'] }]);
    assert.deepEqual([isInPool(state, '192.0.2.2'), isInPool(state, address)], [false, true]);
    assert.equal(freePublicCount(state), 1);
    then(state, decided(releasePublic(state, address)));
    assert.deepEqual([isInPool(state, address), freePublicCount(state)], [false, 1]);
  });

  test('an address that comes back is there again, and dirty if it was', () => {
    const narrow: PublicPoolEvent = { type: 'PublicPoolDefined', ranges: [] };
    const state = then(given([allocated, assigned, unassigned, released]), [narrow, defined]);
    assert.deepEqual([...dirtyMarks(state, address).keys()], ['one']);
    const all = decided(impend(state, ['a', 'b', 'c'])).grants.map((grant) => grant.address);
    assert.deepEqual(all, ['192.0.2.2', '192.0.2.3', address]);
  });
});

describe('allocating', () => {
  test('the next free one to the account', () => {
    assert.deepEqual(decided(allocate(given())), { address, events: [allocated] });
    assert.deepEqual(decided(allocate(given(taken(1)))).address, '192.0.2.2');
  });

  test('the same command again is answered with the same address', () => {
    const state = given([allocated], { commandId: 'c-1' });
    assert.deepEqual(decided(allocate(state, { commandId: 'c-1' })), { address, events: [] });
    assert.equal(decided(allocate(state, { commandId: 'c-2' })).events.length, 1);
    then(state, [assigned]);
    assert.deepEqual(decided(allocate(state, { commandId: 'c-1' })), { address, events: [] });
  });

  test('the free ones that the system keeps are not for users', () => {
    assert.equal(refusedAs(allocate(given(), { systemReserved: 3 })), 'insufficient-address-capacity');
    assert.equal(refusedAs(allocate(given(), { systemReserved: 2 })), 'not refused');
    assert.equal(refusedAs(allocate(given(taken(1, 2, 3)))), 'insufficient-address-capacity');
  });

  test('up to the quota', () => {
    assert.equal(refusedAs(allocate(given([allocated]), { quota: 1 })), 'address-limit-exceeded');
    assert.equal(refusedAs(allocate(given([allocated, assigned]), { quota: 1 })), 'address-limit-exceeded');
    assert.equal(refusedAs(allocate(given([allocated]), { quota: 2 })), 'not refused');
    assert.equal(ownedCount(given([allocated, ...taken(2, 3)]), 'B'), 2);
  });

  test("a specific one: free, mine already, somebody else's, none of ours", () => {
    assert.equal(decided(allocate(given(), { address: '192.0.2.3' })).address, '192.0.2.3');
    assert.deepEqual(decided(allocate(given([allocated]), { address, quota: 1 })).events, []);
    assert.equal(refusedAs(allocate(given(taken(1)), { address })), 'address-in-use');
    assert.equal(refusedAs(allocate(given(), { address: '192.0.2.9' })), 'address-not-found');
    assert.equal(
      refusedAs(allocate(given(), { address: '192.0.2.2', systemReserved: 3 })),
      'insufficient-address-capacity',
    );
  });

  test('never used first, then the longest idle, dirty ones last', () => {
    const state = given([allocated, assigned, unassigned, released, ...taken(2, 3)]);
    for (const n of [3, 2]) then(state, [{ type: 'PublicAddressReleased', address: `192.0.2.${n}`, owner: 'B' }]);
    const order = (): readonly string[] => decided(impend(state, ['a', 'b', 'c'])).grants.map((grant) => grant.address);
    assert.deepEqual(order(), ['192.0.2.3', '192.0.2.2', address]);
    then(state, [cleared]);
    then(state, [{ type: 'PublicAddressAllocated', address: '192.0.2.3', owner: 'B' }]);
    then(state, [{ type: 'PublicAddressReleased', address: '192.0.2.3', owner: 'B' }]);
    assert.deepEqual(order(), ['192.0.2.2', address, '192.0.2.3']);
  });

  test('random: the same for the same seed, all of them in the end, dirty ones last', () => {
    const wide: PublicPoolEvent = { type: 'PublicPoolDefined', ranges: ['192.0.2.1-192.0.2.60'] };
    const state = then(given(), [wide, allocated, assigned, unassigned, released]);
    const ids = Array.from({ length: 60 }, (_, n) => `i-${n}`);
    const order = (seed: number) =>
      decided(impend(state, ids, { strategy: 'random', seed })).grants.map((grant) => grant.address);
    assert.deepEqual(order(1), order(1));
    assert.notDeepEqual(order(1), order(2));
    assert.equal(new Set(order(1)).size, 60);
    assert.equal(order(1).at(-1), address);
    const single = (seed: number) => decided(allocate(state, { strategy: 'random', seed })).address;
    assert.ok(new Set(ids.map((_, seed) => single(seed))).size > 20);
  });
});

describe('system addresses', () => {
  test('one each, impending, all or none', () => {
    const { grants, events } = decided(impend(given(), ['i-1', 'i-2']));
    assert.deepEqual(
      grants.map((grant) => grant.address),
      [address, '192.0.2.2'],
    );
    assert.deepEqual(events[0], impending);
    assert.equal(refusedAs(impend(given(taken(2, 3)), ['i-1', 'i-2'])), 'not-enough-resources');
  });

  test('an instance that has one keeps it', () => {
    for (const events of [[impending], [impending, systemAssigned]]) {
      assert.deepEqual(decided(impend(given([...events, ...taken(2, 3)]), ['i-1'])), {
        grants: [{ instanceId: 'i-1', address }],
        events: [],
      });
    }
  });

  test('asked twice at once it gets one', () => {
    assert.equal(decided(impend(given(), ['i-1', 'i-1'])).events.length, 1);
  });

  test('static: from the reserve only, which is filled up to its size', () => {
    const source = { dynamic: false, reserved: 1 };
    const kept: PublicPoolEvent = { type: 'PublicAddressAllocated', address: '192.0.2.3', owner: 'system' };
    assert.deepEqual(decided(impend(given([kept]), ['i-1'], source)).events, [
      { type: 'PublicAddressReleased', address: '192.0.2.3', owner: 'system' },
      { ...impending, address: '192.0.2.3' },
    ]);
    assert.deepEqual(decided(impend(given(), ['i-1'], source)).events, [impending]);
    assert.equal(refusedAs(impend(given([kept]), ['i-1', 'i-2'], source)), 'not-enough-resources');
    assert.equal(refusedAs(impend(given([impending, systemAssigned]), ['i-2'], source)), 'not-enough-resources');
  });

  test('the reserve grows, shrinks, and is given back with the dynamic manager', () => {
    const wish = { dynamic: false, reserved: 2, strategy: 'fifo' } as const;
    const filled = reserveForSystem(given([impending]), wish);
    assert.deepEqual(filled, [{ type: 'PublicAddressAllocated', address: '192.0.2.2', owner: 'system' }]);
    const state = then(given([impending]), filled);
    assert.deepEqual(reserveForSystem(state, wish), []);
    const back: PublicPoolEvent = { type: 'PublicAddressReleased', address: '192.0.2.2', owner: 'system' };
    assert.deepEqual(reserveForSystem(state, { ...wish, reserved: 1 }), [back]);
    assert.deepEqual(reserveForSystem(state, { ...wish, dynamic: true }), [back]);
    const narrow = [address, '192.0.2.3'];
    assert.deepEqual(definePublicPool(state, narrow), [{ type: 'PublicPoolDefined', ranges: narrow }, back]);
    then(state, definePublicPool(state, narrow));
    assert.deepEqual(reserveForSystem(state, wish), [{ ...filled[0], address: '192.0.2.3' }]);
  });
});

describe('assigning', () => {
  test('from allocated and from impending', () => {
    assert.deepEqual(assignPublic(given([allocated]), place), [assigned]);
    assert.deepEqual(assignPublic(given([impending]), place), [systemAssigned]);
  });

  test('again: no event; elsewhere: refused', () => {
    assert.deepEqual(assignPublic(given([allocated, assigned]), place), []);
    const other = { ...place, instanceId: 'i-2' };
    for (const events of [[allocated, assigned], [impending]]) {
      assert.equal(refusedAs(assignPublic(given(events), other)), 'illegal-transition');
    }
  });

  test('not from unallocated, not with a transition in flight, not what is no address of ours', () => {
    const inFlight: PublicPoolEvent = { ...unassigned, pending: true, cluster: '' };
    assert.equal(refusedAs(assignPublic(given(), place)), 'illegal-transition');
    assert.equal(refusedAs(assignPublic(given([allocated, assigned, inFlight]), place)), 'illegal-transition');
    assert.equal(refusedAs(assignPublic(given([impending, completed]), place)), 'illegal-transition');
    assert.equal(refusedAs(assignPublic(given(), { ...place, address: '192.0.2.9' })), 'address-not-found');
  });

  test('not a second address', () => {
    const second = { ...allocated, address: '192.0.2.2' };
    const decision = assignPublic(given([allocated, assigned, second]), { ...place, address: '192.0.2.2' });
    assert.equal(refusedAs(decision), 'instance-holds-address');
  });
});

describe('unassigning', () => {
  test("a user's address becomes allocated and is dirty where it was", () => {
    const state = given([allocated, assigned]);
    assert.deepEqual(unassignPublic(state, { address, pending: false }), [unassigned]);
    then(state, [unassigned], 7);
    assert.deepEqual(recordOf(state, address)?.state, 'allocated');
    assert.deepEqual([...dirtyMarks(state, address)], [['one', 7]]);
    assert.equal(publicUseOf(state, 'i-1'), undefined);
  });

  test('a system address goes back to the pool', () => {
    const state = given([impending, systemAssigned]);
    const events = decided(unassignPublic(state, { address, pending: false }));
    assert.deepEqual(events, [systemUnassigned, systemReleased]);
    assert.equal(freePublicCount(then(state, events)), 3);
  });

  test('an impending one was never shown: no dirty mark', () => {
    const state = given([impending]);
    const events = decided(unassignPublic(state, { address, pending: false }));
    assert.deepEqual(events, [{ ...systemUnassigned, cluster: '' }, systemReleased]);
    assert.equal(dirtyMarks(then(state, events), address).size, 0);
  });

  test('for an instance that does not have it: left alone; otherwise only from its table rows', () => {
    assert.deepEqual(unassignPublic(given([allocated, assigned]), { address, instanceId: 'i-2', pending: false }), []);
    assert.deepEqual(unassignPublic(given([allocated]), { address, instanceId: 'i-1', pending: false }), []);
    assert.equal(refusedAs(unassignPublic(given([allocated]), { address, pending: false })), 'illegal-transition');
    assert.equal(refusedAs(unassignPublic(given(), { address, pending: false })), 'illegal-transition');
    assert.equal(refusedAs(unassignPublic(given(), { address: 'x', pending: false })), 'address-not-found');
  });
});

describe('transitions in flight', () => {
  const sent = { ...place, pending: true };

  test('an assignment is completed', () => {
    const state = then(given([allocated]), decided(assignPublic(given([allocated]), sent)));
    assert.equal(refusedAs(unassignPublic(state, { address, pending: true })), 'illegal-transition');
    assert.deepEqual(completePublic(state, address), [completed]);
    then(state, [completed]);
    assert.equal(refusedAs(completePublic(state, address)), 'illegal-transition');
    assert.equal(refusedAs(unassignPublic(state, { address, pending: true })), 'not refused');
  });

  test('an unassignment is completed, and a system address then goes back to the pool', () => {
    const state = given([impending, systemAssigned]);
    then(state, decided(unassignPublic(state, { address, pending: true })));
    assert.deepEqual([recordOf(state, address)?.instanceId, publicAddressOf(state, 'i-1')], ['i-1', undefined]);
    assert.equal(dirtyMarks(state, address).size, 0);
    assert.deepEqual(completePublic(state, address), [completed, systemReleased]);
    const kept = then(given([allocated]), [{ ...assigned }, { ...unassigned, pending: true, cluster: '' }]);
    assert.deepEqual(completePublic(kept, address), [completed]);
    assert.equal(recordOf(then(kept, [completed]), address)?.instanceId, '');
  });
});

describe('releasing', () => {
  test('allocated and impending ones; free ones are left alone', () => {
    assert.deepEqual(releasePublic(given([allocated]), address), [released]);
    assert.deepEqual(releasePublic(given([impending]), address), [systemReleased]);
    assert.deepEqual(releasePublic(given(), address), []);
  });

  test('not assigned ones, not strangers', () => {
    assert.equal(refusedAs(releasePublic(given([allocated, assigned]), address)), 'illegal-transition');
    assert.equal(refusedAs(releasePublic(given(), '192.0.2.9')), 'address-not-found');
  });
});

describe('dirty marks', () => {
  const moved = [allocated, assigned, unassigned, { ...assigned, instanceId: 'i-2', cluster: 'two' }] as const;

  test('stay while the address is used elsewhere, until cleared', () => {
    const state = given(moved);
    assert.deepEqual([...dirtyMarks(state, address).keys()], ['one']);
    assert.deepEqual(clearDirty(state, { address, cluster: 'two', cause: 'converged' }), []);
    assert.deepEqual(clearDirty(state, { address, cluster: 'one', cause: 'converged' }), [cleared]);
    assert.deepEqual(clearDirty(then(state, [cleared]), { address, cluster: 'one', cause: 'converged' }), []);
  });

  test('one per cluster, each with its newest revision', () => {
    const state = given(moved);
    then(state, [{ ...unassigned, cluster: 'two', instanceId: 'i-2' }, assigned, unassigned], 50);
    assert.deepEqual([...dirtyMarks(state, address)].toSorted(), [
      ['one', 52],
      ['two', 50],
    ]);
    const all = clearDirty(state, { address, cause: 'operator', reason: 'checked by hand' });
    assert.deepEqual(all.map((event) => 'cluster' in event && event.cluster).toSorted(), ['one', 'two']);
  });

  test('what was seen passing does not clear a newer mark', () => {
    const state = given(moved);
    const [[, revision] = []] = [...dirtyMarks(state, address)];
    assert.ok(revision !== undefined);
    assert.deepEqual(clearDirty(state, { address, upToRevision: revision - 1, cause: 'converged' }), []);
    assert.equal(clearDirty(state, { address, upToRevision: revision, cause: 'converged' }).length, 1);
    assert.deepEqual(clearReported(state, { cluster: 'one', listed: [], upToRevision: revision - 1 }), []);
  });

  test("a report that no longer lists the address clears its cluster's mark", () => {
    const state = given(moved);
    assert.deepEqual(clearReported(state, { cluster: 'one', listed: [address] }), []);
    assert.deepEqual(clearReported(state, { cluster: 'two', listed: [] }), []);
    assert.deepEqual(clearReported(state, { cluster: 'one', listed: [] }), [cleared]);
  });

  test('a cluster that is gone takes its marks with it', () => {
    assert.deepEqual(clearCluster(given(moved), { cluster: 'one', cause: 'deregistered' }), [
      { ...cleared, cause: 'deregistered' },
    ]);
  });
});

describe('restoring', () => {
  const coming = { address, instanceId: 'i-1' };
  const reported = { ...coming, instanceAddress: '10.0.0.5', cluster: 'one', account: 'A' };

  test('for an instance that is yet to be placed: its own, or a free one', () => {
    assert.deepEqual(decided(restorePublic(given([impending]), coming)).events, []);
    assert.deepEqual(decided(restorePublic(given([allocated, assigned]), coming)).events, []);
    assert.deepEqual(decided(restorePublic(given(), coming)).events, [impending]);
    assert.equal(refusedAs(restorePublic(given([allocated]), coming)), 'address-in-use');
    assert.equal(refusedAs(restorePublic(given(), { ...coming, address: '192.0.2.9' })), 'address-not-found');
    const other = { ...coming, address: '192.0.2.2' };
    assert.equal(refusedAs(restorePublic(given([impending]), other)), 'instance-holds-address');
  });

  test("for a reported one: free ones become the system's, its account's own are assigned", () => {
    assert.deepEqual(decided(restorePublic(given(), reported)).events, [impending, systemAssigned]);
    assert.deepEqual(decided(restorePublic(given([impending]), reported)).events, [systemAssigned]);
    assert.deepEqual(decided(restorePublic(given([allocated]), reported)).events, [assigned]);
    assert.deepEqual(decided(restorePublic(given([allocated, assigned]), reported)).events, []);
  });

  test("nothing that is another's", () => {
    assert.equal(refusedAs(restorePublic(given([allocated]), { ...reported, account: 'B' })), 'address-in-use');
    const elsewhere = { ...reported, instanceId: 'i-2' };
    assert.equal(refusedAs(restorePublic(given([allocated, assigned]), elsewhere)), 'address-in-use');
    const second = { ...reported, address: '192.0.2.2' };
    const twice = [impending, { ...allocated, address: '192.0.2.2' }];
    assert.equal(refusedAs(restorePublic(given(twice), second)), 'instance-holds-address');
  });
});
