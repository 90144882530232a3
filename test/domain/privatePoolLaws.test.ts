/**
 * Laws of the private pool, whatever is wished in whatever order: an address has at most one holder and a holder at most one
 * address; held + quarantined + free = range; reuse only after free; a wish twice is a wish once; longest idle first; and the
 * fast way of finding candidates offers what a naive list would.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addressesOf, rangesOf } from '../../src/domain/ipRange.ts';
import { formatIpv4 } from '../../src/domain/ipv4.ts';
import {
  associatePrivate,
  expirePrivate,
  freePrivate,
  type PrivatePoolEvent,
  type PrivatePoolState,
  privateCounts,
  privatePoolAggregate,
  type ReservePrivate,
  releasePrivate,
  reservePrivate,
  reserveSpecificPrivate,
} from '../../src/domain/privatePool.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';
import { dice, foldInto } from './poolFixtures.ts';

const listed = ['10.0.0.20-10.0.0.39', '10.0.0.1-10.0.0.10', '10.0.0.30-10.0.0.49', '10.0.0.5'];
const ranges = rangesOf(listed);
const clusters = ['one', 'two'] as const;

/** The pool as sets and lists, found by walking over everything. */
type Naive = {
  readonly all: readonly string[];
  readonly held: Map<string, { instanceId: string; reservation: string; extant: boolean }>;
  readonly quarantined: Map<string, { instanceId: string; reservation: string }>;
  fresh: readonly string[];
  idle: string[];
};

const naivePool = (): Naive => {
  const all = [...new Set([...addressesOf(ranges)].map(formatIpv4))];
  return { all, held: new Map(), quarantined: new Map(), fresh: all, idle: [] };
};

const followNaively = (naive: Naive, event: PrivatePoolEvent): void => {
  const { address } = event;
  switch (event.type) {
    case 'PrivateAddressReserved': {
      const { instanceId, reservation } = event;
      assert.equal(naive.held.has(address), false, `${address} is reserved while held`);
      const before = naive.quarantined.get(address);
      assert.ok(before === undefined || before.instanceId === instanceId, `${address} is reused before it is free`);
      naive.quarantined.delete(address);
      naive.fresh = naive.fresh.filter((other) => other !== address);
      naive.idle = naive.idle.filter((other) => other !== address);
      naive.held.set(address, { instanceId, reservation, extant: false });
      return;
    }
    case 'PrivateAddressAssociated':
      naive.held.set(address, { instanceId: event.instanceId, reservation: event.reservation, extant: true });
      return;
    case 'PrivateAddressReleased':
      assert.equal(naive.held.get(address)?.reservation, event.reservation, `${address} is released by a stranger`);
      naive.held.delete(address);
      naive.quarantined.set(address, event);
      return;
    case 'PrivateAddressFreed':
      assert.equal(naive.quarantined.get(address)?.reservation, event.reservation, `${address} is freed too early`);
      naive.quarantined.delete(address);
      naive.idle.push(address);
      return;
  }
};

type Wish = (state: PrivatePoolState) => readonly PrivatePoolEvent[] | Refusal;

const eventsOf = (outcome: { readonly events: readonly PrivatePoolEvent[] } | Refusal) =>
  isRefusal(outcome) ? outcome : outcome.events;

type Dice = ReturnType<typeof dice>;

/** Instances are few, so that wishes meet; reservations are many, and old ones are wished with on purpose. */
const wishFor = (random: Dice, naive: Naive, n: number): Wish => {
  const instanceId = `i-${random.below(40)}`;
  const address = random.pick(naive.all);
  const known = naive.held.get(address) ?? naive.quarantined.get(address);
  const reservation = random.below(4) === 0 || known === undefined ? `r-${random.below(n + 1)}` : known.reservation;
  const cluster = random.pick(clusters);
  switch (random.below(8)) {
    case 0:
    case 1: {
      const wish = reserveWish(random, n, cluster);
      return (state) => eventsOf(reservePrivate(state, wish));
    }
    case 2:
      return (state) =>
        eventsOf(reserveSpecificPrivate(state, { cluster, ranges, instanceId, reservation: `r-${n}`, address }));
    case 3: {
      const owner = known?.instanceId ?? instanceId;
      return (state) => associatePrivate(state, { address, instanceId: owner, reservation });
    }
    case 4:
    case 5: {
      const owner = random.below(3) === 0 ? instanceId : (known?.instanceId ?? null);
      return (state) => releasePrivate(state, { address, owner, reservation, cause: 'released' });
    }
    case 6:
      return (state) => freePrivate(state, { address, reservation, cause: 'converged' });
    default:
      return (state) => expirePrivate(state, { address, reservation, at: n, timeoutMs: 50 });
  }
};

const reserveWish = (random: Dice, n: number, cluster: string): ReservePrivate => ({
  cluster,
  ranges,
  requests: Array.from({ length: 1 + random.below(3) }, (_, k) => ({
    instanceId: `i-${random.below(40)}`,
    reservation: `r-${n}-${k}`,
  })),
  strategy: random.pick(['fifo', 'first-free', 'random'] as const),
  seed: n,
  partitionSize: 7,
});

/** Everything that must hold between the wishes. */
const judge = (state: PrivatePoolState, naive: Naive): void => {
  const { held, quarantined, free } = privateCounts(state, ranges);
  assert.deepEqual(
    [held, quarantined, free],
    [naive.held.size, naive.quarantined.size, naive.fresh.length + naive.idle.length],
  );
  assert.equal(held + quarantined + free, naive.all.length);
  const holders = [...naive.held.values()].map(({ instanceId }) => instanceId);
  assert.equal(new Set(holders).size, holders.length, 'an instance holds two addresses');
  assert.equal(state.byInstance.size, holders.length);
  assert.deepEqual([...state.idle.keys()].map(formatIpv4), naive.idle);
};

/** Offers for everything that is free, against the naive list. */
const compareOffers = (state: PrivatePoolState, naive: Naive): void => {
  const count = naive.fresh.length + naive.idle.length;
  if (count === 0) return;
  const requests = Array.from({ length: count }, (_, k) => ({ instanceId: '', reservation: `x-${k}` }));
  const offered = (strategy: ReservePrivate['strategy']): readonly string[] => {
    const answer = reservePrivate(state, { cluster: 'one', ranges, requests, strategy, seed: 1, partitionSize: 7 });
    if (isRefusal(answer)) throw new Error(`expected ${count} offers, got ${answer.detail}`);
    return answer.grants.map(({ address }) => address);
  };
  assert.deepEqual(offered('fifo'), [...naive.fresh, ...naive.idle]);
  const inOrder = naive.all.filter((address) => !naive.held.has(address) && !naive.quarantined.has(address));
  assert.deepEqual(offered('first-free'), inOrder);
  assert.deepEqual(offered('random').toSorted(), inOrder.toSorted());
};

const run = (seed: number, wishes: number, compareEvery: number): number => {
  const random = dice(seed);
  const naive = naivePool();
  const state = privatePoolAggregate.initial();
  let revision = 0;
  for (let n = 0; n < wishes; n += 1) {
    const wish = wishFor(random, naive, n);
    const events = wish(state);
    if (isRefusal(events)) continue;
    foldInto(privatePoolAggregate, state, events, { from: revision, time: n });
    revision += events.length;
    for (const event of events) followNaively(naive, event);
    const again = wish(state);
    assert.deepEqual(isRefusal(again) ? [] : again, [], `wish ${n} of seed ${seed} is not idempotent`);
    if (n % compareEvery === 0) {
      judge(state, naive);
      compareOffers(state, naive);
    }
  }
  return revision;
};

describe('laws of the private pool', () => {
  test('100000 random wishes against a naive model', () => {
    assert.ok(run(20240611, 100_000, 97) > 10_000);
  });

  test('short random lives, looked at after every wish', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        run(seed, 60, 1);
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  test('what is offered does not depend on the road: a replayed pool offers the same', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = dice(seed);
        const naive = naivePool();
        const live = privatePoolAggregate.initial();
        const log: PrivatePoolEvent[] = [];
        for (let n = 0; n < 80; n += 1) {
          const events = wishFor(random, naive, n)(live);
          if (isRefusal(events)) continue;
          foldInto(privatePoolAggregate, live, events, { time: n });
          for (const event of events) followNaively(naive, event);
          log.push(...events);
        }
        compareOffers(foldInto(privatePoolAggregate, privatePoolAggregate.initial(), log), naive);
        compareOffers(live, naive);
      }),
      { numRuns: 50, seed: 11 },
    );
  });
});
