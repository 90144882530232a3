/** Given events, when decided, then events or a refusal: the private pool (cloud spec 4). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type IpRange, rangesOf } from '../../src/domain/ipRange.ts';
import {
  associatePrivate,
  expirePrivate,
  expireReported,
  freePrivate,
  type PrivatePoolEvent,
  type PrivatePoolState,
  privateCounts,
  privateHolding,
  privateHoldingOf,
  privatePoolAggregate,
  quarantinedHolding,
  type ReservePrivate,
  releasePrivate,
  reservePrivate,
  reserveSpecificPrivate,
  verifyPrivate,
} from '../../src/domain/privatePool.ts';
import { decided, foldInto, refusedAs } from './poolFixtures.ts';

const address = '10.0.0.5';
const ranges = rangesOf(['10.0.0.5-10.0.0.7']);
const holding = { address, cluster: 'one', instanceId: 'i-1', reservation: 'r-1' };
const reserved: PrivatePoolEvent = { type: 'PrivateAddressReserved', ...holding };
const associated: PrivatePoolEvent = { type: 'PrivateAddressAssociated', ...holding };
const released: PrivatePoolEvent = { type: 'PrivateAddressReleased', ...holding, cause: 'released' };
const freed: PrivatePoolEvent = { type: 'PrivateAddressFreed', address, reservation: 'r-1', cause: 'converged' };
const extant = [reserved, associated];
const quarantined = [...extant, released];

const given = (events: readonly PrivatePoolEvent[] = [], time = 0): PrivatePoolState =>
  foldInto(privatePoolAggregate, privatePoolAggregate.initial(), events, { time });

const requests = (...instanceIds: readonly string[]) =>
  instanceIds.map((instanceId) => ({ instanceId, reservation: `r-${instanceId}` }));

const reserve = (state: PrivatePoolState, instanceIds: readonly string[], change: Partial<ReservePrivate> = {}) =>
  reservePrivate(state, { cluster: 'one', ranges, requests: requests(...instanceIds), strategy: 'fifo', ...change });

const granted = (...wish: Parameters<typeof reserve>): readonly string[] =>
  decided(reserve(...wish)).grants.map((grant) => grant.address);

/** Takes, gives back and frees every address that is reserved for these instances, one after the other. */
const cycle = (state: PrivatePoolState, instanceId: string, change: Partial<ReservePrivate> = {}): string => {
  const { grants, events } = decided(reserve(state, [instanceId], change));
  foldInto(privatePoolAggregate, state, events);
  const [grant] = grants;
  assert.ok(grant);
  const { address, reservation } = grant;
  foldInto(privatePoolAggregate, state, releasePrivate(state, { address, owner: null, cause: 'released' }));
  foldInto(privatePoolAggregate, state, decided(freePrivate(state, { address, reservation, cause: 'converged' })));
  return address;
};

describe('reserving', () => {
  test('one address for each request, in the order asked', () => {
    const { grants, events } = decided(reserve(given(), ['i-1', 'i-2']));
    assert.deepEqual(grants, [
      { instanceId: 'i-1', reservation: 'r-i-1', address: '10.0.0.5' },
      { instanceId: 'i-2', reservation: 'r-i-2', address: '10.0.0.6' },
    ]);
    assert.deepEqual(
      events,
      grants.map((grant) => ({ type: 'PrivateAddressReserved', cluster: 'one', ...grant })),
    );
  });

  test('all or none', () => {
    const decision = reserve(given([reserved]), ['i-2', 'i-3', 'i-4']);
    assert.equal(refusedAs(decision), 'not-enough-resources');
    assert.match('detail' in decision ? decision.detail : '', /^Insufficient addresses/);
  });

  test('an instance is answered with what it holds, under the reservation it holds it', () => {
    const again = decided(reserve(given([reserved]), ['i-1', 'i-2', 'i-2']));
    assert.deepEqual(
      again.grants.map(({ address, reservation }) => `${address} ${reservation}`),
      ['10.0.0.5 r-1', '10.0.0.6 r-i-2', '10.0.0.6 r-i-2'],
    );
    assert.equal(again.events.length, 1);
  });

  test('not in another cluster while it holds one', () => {
    assert.equal(refusedAs(reserve(given([reserved]), ['i-1'], { cluster: 'two' })), 'instance-holds-address');
  });

  test('requests without a name each get their own', () => {
    assert.deepEqual(granted(given(), ['', '']), ['10.0.0.5', '10.0.0.6']);
  });

  test("held and quarantined ones are nobody else's", () => {
    for (const strategy of ['fifo', 'first-free', 'random'] as const) {
      for (const events of [[reserved], extant, quarantined]) {
        assert.deepEqual(granted(given(events), ['i-2', 'i-3'], { strategy }).toSorted(), ['10.0.0.6', '10.0.0.7']);
      }
    }
  });

  test('an address is unique whatever cluster asks', () => {
    assert.deepEqual(granted(given([reserved]), ['i-2'], { cluster: 'two' }), ['10.0.0.6']);
  });
});

describe('which address comes next', () => {
  test('fifo: never used ones in listed order, then the longest free', () => {
    const listed = rangesOf(['10.0.0.9', '10.0.0.3-10.0.0.5']);
    const state = given();
    const order = Array.from({ length: 9 }, (_, n) => cycle(state, `i-${n}`, { ranges: listed }));
    const first = ['10.0.0.9', '10.0.0.3', '10.0.0.4', '10.0.0.5'];
    assert.deepEqual(order, [...first, ...first, '10.0.0.9']);
  });

  test('fifo: freed in another order, reused in that order', () => {
    const state = given();
    const { grants, events } = decided(reserve(state, ['a', 'b', 'c']));
    foldInto(privatePoolAggregate, state, events);
    for (const n of [2, 0, 1]) {
      const { address = '', reservation = '' } = grants[n] ?? {};
      foldInto(privatePoolAggregate, state, releasePrivate(state, { address, owner: null, cause: 'released' }));
      foldInto(privatePoolAggregate, state, decided(freePrivate(state, { address, reservation, cause: 'converged' })));
    }
    assert.deepEqual(granted(state, ['d', 'e', 'f']), ['10.0.0.7', '10.0.0.5', '10.0.0.6']);
  });

  test('clusters that share a pool share its order', () => {
    const state = given();
    const order = ['one', 'two', 'one', 'two'].map((cluster, n) => cycle(state, `i-${n}`, { cluster }));
    assert.deepEqual(order, ['10.0.0.5', '10.0.0.6', '10.0.0.7', '10.0.0.5']);
  });

  test('first-free: the first of the list, however often it was used', () => {
    const state = given();
    const order = ['a', 'b', 'c'].map((instanceId) => cycle(state, instanceId, { strategy: 'first-free' }));
    assert.deepEqual(order, ['10.0.0.5', '10.0.0.5', '10.0.0.5']);
  });

  test('random: within the first block that has room, the same for the same seed', () => {
    const wide = { ranges: rangesOf(['10.0.0.0-10.0.0.99']), strategy: 'random', partitionSize: 10, seed: 7 } as const;
    const ids = Array.from({ length: 10 }, (_, n) => `i-${n}`);
    const state = given();
    const first = granted(state, ids, wide);
    assert.deepEqual(granted(state, ids, wide), first);
    assert.deepEqual(
      first.toSorted(),
      Array.from({ length: 10 }, (_, n) => `10.0.0.${n}`),
    );
    assert.notDeepEqual(first, first.toSorted());
    assert.equal(new Set(ids.map((id, seed) => granted(state, [id], { ...wide, seed })[0])).size > 3, true);
    foldInto(privatePoolAggregate, state, decided(reserve(state, ids, wide)).events);
    assert.match(granted(state, ['next'], wide)[0] ?? '', /^10\.0\.0\.1\d$/);
  });

  test('random: a load factor leaves the rest of the block alone', () => {
    const half = {
      ranges: rangesOf(['10.0.0.0-10.0.0.19']),
      strategy: 'random',
      partitionSize: 10,
      loadFactor: 0.1,
    } as const;
    const tenths = new Set(
      granted(given(), ['a', 'b'], half).map((text) => Math.floor(Number(text.split('.')[3]) / 10)),
    );
    assert.deepEqual(tenths, new Set([0, 1]));
  });

  test('random: every candidate is found in the end', () => {
    for (const loadFactor of [1, 0.3]) {
      const wish = {
        ranges: rangesOf(['10.0.0.0-10.0.0.24']),
        strategy: 'random',
        partitionSize: 10,
        loadFactor,
      } as const;
      const state = given();
      for (let n = 0; n < 25; n += 1) {
        let seed = 0;
        let decision = reserve(state, [`i-${n}`], { ...wish, seed });
        while ('refused' in decision && loadFactor < 1 && seed < 1000) {
          seed += 1;
          decision = reserve(state, [`i-${n}`], { ...wish, seed });
        }
        foldInto(privatePoolAggregate, state, decided(decision).events);
      }
      assert.equal(state.held.size, 25);
      assert.equal(refusedAs(reserve(state, ['more'], wish)), 'not-enough-resources');
    }
  });

  test('ranges that overlap offer an address once', () => {
    const twice = rangesOf(['10.0.0.5-10.0.0.6', '10.0.0.4-10.0.0.7', '10.0.0.5']);
    for (const strategy of ['fifo', 'first-free', 'random'] as const) {
      assert.equal(new Set(granted(given(), ['a', 'b', 'c', 'd'], { ranges: twice, strategy })).size, 4);
      assert.equal(
        refusedAs(reserve(given(), ['a', 'b', 'c', 'd', 'e'], { ranges: twice, strategy })),
        'not-enough-resources',
      );
    }
    assert.deepEqual(granted(given(), ['a', 'b', 'c', 'd'], { ranges: twice }), [
      '10.0.0.5',
      '10.0.0.6',
      '10.0.0.4',
      '10.0.0.7',
    ]);
  });

  test('all of IPv4 is a legal list, and ranges beyond what is needed are not looked at', () => {
    const everything = rangesOf(['0.0.0.0-255.255.255.255']);
    const lazy: IpRange[] = [];
    Object.defineProperty(lazy, 0, { get: () => ranges[0] });
    Object.defineProperty(lazy, 1, {
      get: () => {
        throw new Error('expected the second range to be left alone');
      },
    });
    for (const strategy of ['fifo', 'first-free', 'random'] as const) {
      const ids = Array.from({ length: 100 }, (_, n) => `i-${n}`);
      assert.equal(new Set(granted(given(), ids, { ranges: everything, strategy })).size, 100);
      assert.equal(granted(given(), ['a'], { ranges: lazy, strategy, partitionSize: 3 }).length, 1);
    }
  });

  test('when the ranges change, what left them is not offered and what stays keeps its turn', () => {
    const state = given();
    for (const instanceId of ['a', 'b', 'c']) cycle(state, instanceId);
    assert.deepEqual(granted(state, ['d', 'e'], { ranges: rangesOf(['10.0.0.6-10.0.0.8']) }), ['10.0.0.8', '10.0.0.6']);
    assert.deepEqual(granted(state, ['d', 'e'], { ranges }), ['10.0.0.5', '10.0.0.6']);
  });
});

describe('reserving a specific address', () => {
  const wish = { cluster: 'one', ranges, instanceId: 'i-1', reservation: 'r-2', address };

  test('a free one of the cluster', () => {
    assert.deepEqual(decided(reserveSpecificPrivate(given(), wish)).events, [{ ...reserved, reservation: 'r-2' }]);
  });

  test('its own is kept, in the reservation it has', () => {
    const { grants, events } = decided(reserveSpecificPrivate(given(extant), wish));
    assert.deepEqual([grants[0]?.reservation, events], ['r-1', []]);
  });

  test("outside the cluster's candidates, or no address at all", () => {
    for (const other of ['10.0.0.8', 'x']) {
      assert.equal(refusedAs(reserveSpecificPrivate(given(), { ...wish, address: other })), 'address-not-in-pool');
    }
  });

  test("somebody else's, held or only just given back", () => {
    for (const events of [extant, quarantined]) {
      assert.equal(refusedAs(reserveSpecificPrivate(given(events), { ...wish, instanceId: 'i-2' })), 'address-in-use');
    }
  });

  test('what the instance itself had comes out of quarantine, and the old reservation frees nothing any more', () => {
    const state = given(quarantined);
    foldInto(privatePoolAggregate, state, decided(reserveSpecificPrivate(state, wish)).events);
    assert.equal(privateHolding(state, address)?.reservation, 'r-2');
    assert.deepEqual(freePrivate(state, { address, reservation: 'r-1', cause: 'converged' }), []);
  });

  test('not a second address', () => {
    const decision = reserveSpecificPrivate(given(extant), { ...wish, address: '10.0.0.6' });
    assert.equal(refusedAs(decision), 'instance-holds-address');
  });
});

describe('associating', () => {
  const wish = { address, instanceId: 'i-1' };

  test('PENDING becomes EXTANT, once', () => {
    assert.deepEqual(associatePrivate(given([reserved]), wish), [associated]);
    assert.deepEqual(associatePrivate(given(extant), wish), []);
  });

  test('not for another instance', () => {
    for (const events of [[reserved], extant]) {
      assert.equal(refusedAs(associatePrivate(given(events), { ...wish, instanceId: 'i-2' })), 'illegal-transition');
    }
  });

  test('for anybody if nobody was named, but not as a second address', () => {
    const unnamed: PrivatePoolEvent = { ...reserved, instanceId: '' };
    assert.deepEqual(associatePrivate(given([unnamed]), wish), [associated]);
    const second: PrivatePoolEvent = { ...unnamed, address: '10.0.0.6' };
    const decision = associatePrivate(given([...extant, second]), { ...wish, address: '10.0.0.6' });
    assert.equal(refusedAs(decision), 'instance-holds-address');
  });

  test('what nobody has is left alone, unless a reservation is named', () => {
    for (const events of [[], quarantined]) {
      assert.deepEqual(associatePrivate(given(events), wish), []);
      assert.equal(refusedAs(associatePrivate(given(events), { ...wish, reservation: 'r-1' })), 'stale-reservation');
    }
    assert.equal(refusedAs(associatePrivate(given([reserved]), { ...wish, reservation: 'r-0' })), 'stale-reservation');
  });

  test('only then it verifies', () => {
    assert.equal(verifyPrivate(given([reserved]), address, 'i-1'), false);
    assert.equal(verifyPrivate(given(extant), address, 'i-1'), true);
    assert.equal(verifyPrivate(given(extant), address, 'i-2'), false);
    assert.equal(verifyPrivate(given(extant), address, null), false);
    assert.equal(verifyPrivate(given(quarantined), address, 'i-1'), false);
  });
});

describe('releasing', () => {
  const wish = { address, owner: 'i-1', reservation: 'r-1', cause: 'released' } as const;

  test('by its owner or by nobody in particular, while PENDING too', () => {
    for (const events of [[reserved], extant]) {
      for (const owner of ['i-1', null])
        assert.deepEqual(releasePrivate(given(events), { ...wish, owner }), [released]);
    }
  });

  test('another owner, another reservation, twice, never: no event', () => {
    for (const events of [[reserved], extant]) {
      assert.deepEqual(releasePrivate(given(events), { ...wish, owner: 'i-2' }), []);
      assert.deepEqual(releasePrivate(given(events), { ...wish, reservation: 'r-0' }), []);
    }
    for (const events of [[], quarantined, [...quarantined, freed]]) {
      assert.deepEqual(releasePrivate(given(events), wish), []);
    }
    assert.deepEqual(releasePrivate(given(), { ...wish, address: 'x' }), []);
  });

  test('by anybody while PENDING for nobody in particular', () => {
    const unnamed: PrivatePoolEvent = { ...reserved, instanceId: '' };
    assert.equal(releasePrivate(given([unnamed]), wish).length, 1);
  });

  test("it is nobody's and not free", () => {
    const state = given(quarantined);
    assert.equal(privateHolding(state, address), undefined);
    assert.equal(privateHoldingOf(state, 'i-1'), undefined);
    assert.equal(quarantinedHolding(state, address)?.reservation, 'r-1');
    assert.deepEqual(privateCounts(state, ranges), { held: 0, quarantined: 1, free: 2 });
  });
});

describe('freeing', () => {
  const wish = { address, reservation: 'r-1', cause: 'converged' } as const;

  test('after the release, once', () => {
    assert.deepEqual(freePrivate(given(quarantined), wish), [freed]);
    assert.deepEqual(freePrivate(given([...quarantined, freed]), wish), []);
  });

  test('held, or quarantined by a later holder: left alone', () => {
    const later = { ...holding, instanceId: 'i-2', reservation: 'r-2' };
    const again: readonly PrivatePoolEvent[] = [
      ...quarantined,
      freed,
      { type: 'PrivateAddressReserved', ...later },
      { type: 'PrivateAddressReleased', ...later, cause: 'aborted' },
    ];
    assert.deepEqual(freePrivate(given(extant), wish), []);
    assert.deepEqual(freePrivate(given(again), wish), []);
  });

  test('an operator need not know the reservation, but frees nothing that is held', () => {
    const lever = { address, cause: 'operator', reason: 'node replaced' } as const;
    assert.deepEqual(freePrivate(given(quarantined), lever), [
      { ...freed, cause: 'operator', reason: 'node replaced' },
    ]);
    assert.equal(refusedAs(freePrivate(given(extant), lever)), 'address-in-use');
    assert.deepEqual(freePrivate(given(), lever), []);
  });
});

describe('expiry', () => {
  const timeoutMs = 35 * 60_000;
  const expired: PrivatePoolEvent = { ...released, cause: 'expired' };
  const one = { address, reservation: 'r-1', at: 1000 + timeoutMs + 1, timeoutMs };
  const report = { cluster: 'one', active: [], at: one.at, timeoutMs };

  test('PENDING for longer than the time-out', () => {
    assert.deepEqual(expirePrivate(given([reserved], 1000), one), [expired]);
    assert.deepEqual(expireReported(given([reserved], 1000), report), [expired]);
  });

  test('not exactly as long, not EXTANT, not twice, not another reservation', () => {
    assert.deepEqual(expirePrivate(given([reserved], 1000), { ...one, at: one.at - 1 }), []);
    assert.deepEqual(expireReported(given([reserved], 1000), { ...report, at: report.at - 1 }), []);
    for (const events of [extant, quarantined]) {
      assert.deepEqual(expirePrivate(given(events, 1000), one), []);
      assert.deepEqual(expireReported(given(events, 1000), report), []);
    }
    assert.deepEqual(expirePrivate(given([reserved], 1000), { ...one, reservation: 'r-0' }), []);
  });

  test("not what the cluster reports as active, and not another cluster's", () => {
    assert.deepEqual(expireReported(given([reserved], 1000), { ...report, active: [address] }), []);
    assert.deepEqual(expireReported(given([reserved], 1000), { ...report, cluster: 'two' }), []);
  });
});
