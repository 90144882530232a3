/**
 * Laws of the public pool, whatever is wished in whatever order: an address has at most one holder and an instance at most one
 * address; used + free = ranges; every event is a row of the state table; a wish twice is a wish once; a dirty mark ends only
 * by being cleared; a flow leaves the pool it looked at alone; and what is offered follows from the log, not from the road.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Decision } from '../../src/domain/decider.ts';
import { addressesOf, rangesOf } from '../../src/domain/ipRange.ts';
import { formatIpv4 } from '../../src/domain/ipv4.ts';
import {
  acceptAddress,
  associateAddress,
  completeTransition,
  disassociateAddress,
  type FlowSetting,
  type InstanceFacts,
  leaveAddress,
  releaseAddress,
} from '../../src/domain/publicFlows.ts';
import {
  allocatePublic,
  clearDirty,
  definePublicPool,
  dirtyMarks,
  freePublicCount,
  impendPublic,
  isInPool,
  ownedCount,
  type PublicPoolEvent,
  type PublicPoolState,
  type PublicStanding,
  publicAddressOf,
  publicPoolAggregate,
  recordOf,
  reserveForSystem,
  restorePublic,
  transition,
} from '../../src/domain/publicPool.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';
import { dice, foldInto } from './poolFixtures.ts';

const pools = [
  ['192.0.2.1-192.0.2.12'],
  ['192.0.2.5-192.0.2.16', '192.0.2.1'],
  ['192.0.2.1-192.0.2.20', '192.0.2.3-192.0.2.25'],
] as const;
const everyAddress = [...addressesOf(rangesOf(['192.0.2.1-192.0.2.26']))].map(formatIpv4);
const accounts = ['A', 'B'] as const;
const states = ['PENDING', 'RUNNING', 'STOPPING', 'TERMINATED'] as const;

/** The pool as plain maps, found by walking over everything. */
type Naive = {
  inside: ReadonlySet<string>;
  readonly records: Map<string, PublicStanding & { owner: string; instanceId: string }>;
  readonly dirty: Map<string, Set<string>>;
};

const step = (naive: Naive, address: string, operation: Parameters<typeof transition>[1]): PublicStanding => {
  const target = transition(naive.records.get(address) ?? { state: 'unallocated', pending: false }, operation);
  if (isRefusal(target)) throw new Error(`${address}: ${target.detail}`);
  return target;
};

const put = (
  naive: Naive,
  address: string,
  target: PublicStanding,
  change: { owner?: string; instanceId?: string },
) => {
  const known = naive.records.get(address) ?? { owner: 'nobody', instanceId: '' };
  naive.records.set(address, { ...known, ...target, ...change });
};

const followNaively = (naive: Naive, event: PublicPoolEvent): void => {
  if (event.type === 'PublicPoolDefined') {
    naive.inside = new Set([...addressesOf(rangesOf(event.ranges))].map(formatIpv4));
    return;
  }
  const { address } = event;
  switch (event.type) {
    case 'PublicAddressAllocated':
      assert.ok(naive.inside.has(address), `${address} is allocated from outside`);
      put(naive, address, step(naive, address, 'allocate'), { owner: event.owner });
      return;
    case 'PublicAddressImpending':
      assert.ok(naive.inside.has(address), `${address} comes from outside`);
      put(naive, address, step(naive, address, 'pendingAssignment'), {
        owner: 'system',
        instanceId: event.instanceId,
      });
      return;
    case 'PublicAddressAssigned': {
      assert.equal(event.owner, naive.records.get(address)?.owner, 'an assignment keeps the owner');
      const { pending, instanceId } = event;
      put(naive, address, { ...step(naive, address, 'assign'), pending }, { instanceId });
      return;
    }
    case 'PublicAddressUnassigned': {
      assert.equal(event.instanceId, naive.records.get(address)?.instanceId, 'unassigned from a stranger');
      const wasShown = naive.records.get(address)?.state === 'assigned' && !event.pending;
      assert.equal(event.cluster !== '', wasShown, 'dirty exactly where it was shown');
      if (wasShown) naive.dirty.set(address, new Set([...(naive.dirty.get(address) ?? []), event.cluster]));
      put(naive, address, { ...step(naive, address, 'unassign'), pending: event.pending }, { instanceId: '' });
      return;
    }
    case 'PublicAddressTransitionCompleted':
      put(naive, address, step(naive, address, 'clearPending'), {});
      return;
    case 'PublicAddressReleased':
      assert.equal(event.owner, naive.records.get(address)?.owner, 'released by a stranger');
      step(naive, address, 'release');
      naive.records.delete(address);
      return;
    case 'PublicAddressCleared':
      assert.ok(naive.dirty.get(address)?.delete(event.cluster), 'cleared what was not dirty');
      if (naive.dirty.get(address)?.size === 0) naive.dirty.delete(address);
      return;
  }
};

type Dice = ReturnType<typeof dice>;
type Wish = (state: PublicPoolState) => Decision<PublicPoolEvent>;

/** Instances live and die under the pool's feet; who asks sees what is so at the time. */
const settingFor = (random: Dice): FlowSetting => {
  const facts = new Map<string, InstanceFacts>();
  for (let n = 0; n < 12; n += 1) {
    if (random.below(8) === 0) continue;
    facts.set(`i-${n}`, {
      instanceId: `i-${n}`,
      account: random.pick(accounts),
      state: random.pick(states),
      cluster: random.pick(['one', 'two']),
      privateAddress: `10.0.0.${n}`,
      addressing: random.pick(['public', 'private']),
    });
  }
  const strategy = random.pick(['fifo', 'random'] as const);
  return {
    instanceOf: (instanceId) => facts.get(instanceId),
    system: { dynamic: random.below(4) > 0, reserved: random.below(4), strategy, seed: random.below(1000) },
    pending: random.below(6) === 0,
  };
};

const holderOf = (state: PublicPoolState, address: string): string => recordOf(state, address)?.instanceId ?? '';

const eventsOf = (outcome: { readonly events: readonly PublicPoolEvent[] } | Refusal) =>
  isRefusal(outcome) ? outcome : outcome.events;

const wishFor = (random: Dice, n: number): Wish => {
  const address = random.pick(everyAddress);
  const account = random.pick(accounts);
  const instanceId = `i-${random.below(12)}`;
  const setting = settingFor(random);
  const wish = { address, account, admin: random.below(5) === 0 };
  switch (random.below(12)) {
    case 0: {
      const specific = random.below(2) === 0 ? {} : { address };
      const limits = { systemReserved: random.below(3), quota: 6, commandId: `c-${n}`, strategy: 'fifo' } as const;
      return (state) => eventsOf(allocatePublic(state, { account, ...limits, ...specific }));
    }
    case 1: {
      const instanceIds = [instanceId, `i-${random.below(12)}`];
      return (state) => eventsOf(impendPublic(state, { ...setting.system, instanceIds }));
    }
    case 2:
    case 3:
      return (state) => associateAddress(state, { ...wish, instanceId }, setting);
    case 4:
      return (state) => disassociateAddress(state, wish, setting);
    case 5:
      return (state) => releaseAddress(state, wish, setting);
    case 6:
      return (state) => acceptAddress(state, instanceId, setting);
    case 7:
      return (state) => leaveAddress(state, instanceId, setting);
    case 8: {
      const cluster = random.pick(['one', 'two']);
      return (state) => clearDirty(state, { address, cluster, cause: 'converged' });
    }
    case 9: {
      const reported = { instanceAddress: '10.0.0.1', cluster: 'one', account };
      return (state) => eventsOf(restorePublic(state, { address, instanceId, ...reported }));
    }
    case 10: {
      const message = random.pick(['assign', 'unassign'] as const);
      return (state) => completeTransition(state, address, setting, { instanceId: holderOf(state, address), message });
    }
    default: {
      const ranges = random.pick(pools);
      return random.below(4) === 0
        ? (state) => definePublicPool(state, ranges)
        : (state) => reserveForSystem(state, setting.system);
    }
  }
};

/** All there is to see of a pool, as text. */
const picture = (state: PublicPoolState): string => {
  const offer = impendPublic(state, {
    dynamic: true,
    reserved: 0,
    strategy: 'fifo',
    instanceIds: Array.from({ length: freePublicCount(state) }, (_, n) => `new-${n}`),
  });
  const kept = [...state.reserve.entries()];
  const addresses = everyAddress.map((address) => [
    isInPool(state, address),
    recordOf(state, address),
    [...dirtyMarks(state, address)],
  ]);
  const instances = Array.from({ length: 12 }, (_, n) => publicAddressOf(state, `i-${n}`));
  return JSON.stringify([addresses, instances, accounts.map((account) => ownedCount(state, account)), kept, offer]);
};

/** Everything that must hold between the wishes. */
const judge = (state: PublicPoolState, naive: Naive): void => {
  const used = [...naive.records];
  for (const address of everyAddress) {
    const known = naive.records.get(address);
    const record = recordOf(state, address);
    assert.deepEqual([record?.state, record?.pending, record?.owner], [known?.state, known?.pending, known?.owner]);
    assert.equal(isInPool(state, address), naive.inside.has(address) || known !== undefined);
    assert.deepEqual(
      [...dirtyMarks(state, address).keys()].toSorted(),
      [...(naive.dirty.get(address) ?? [])].toSorted(),
    );
  }
  assert.equal(
    freePublicCount(state) + used.filter(([address]) => naive.inside.has(address)).length,
    naive.inside.size,
  );
  const holders = used.filter(([, { state: at }]) => at === 'assigned' || at === 'impending');
  const instances = holders.map(([, { instanceId }]) => instanceId);
  assert.equal(new Set(instances).size, instances.length, 'an instance has two addresses');
  for (const [address, { instanceId }] of holders) assert.equal(publicAddressOf(state, instanceId), address);
  for (const account of accounts) {
    assert.equal(ownedCount(state, account), used.filter(([, { owner }]) => owner === account).length);
  }
  assertOffers(state, naive);
};

/** Every free address is offered exactly once, dirty ones last. */
const assertOffers = (state: PublicPoolState, naive: Naive): void => {
  const free = [...naive.inside].filter((address) => !naive.records.has(address));
  const instanceIds = free.map((_, n) => `new-${n}`);
  for (const strategy of ['fifo', 'random'] as const) {
    const offer = impendPublic(state, { dynamic: true, reserved: 0, strategy, seed: 3, instanceIds });
    if (isRefusal(offer)) throw new Error(`expected ${free.length} offers, got: ${offer.detail}`);
    const offered = offer.grants.map(({ address }) => address);
    assert.deepEqual(offered.toSorted(), free.toSorted());
    const dirty = offered.map((address) => naive.dirty.has(address));
    assert.deepEqual(dirty, dirty.toSorted(), 'a dirty address is offered before a clean one');
  }
};

const run = (seed: number, wishes: number, judgeEvery: number) => {
  const random = dice(seed);
  const naive: Naive = { inside: new Set(), records: new Map(), dirty: new Map() };
  const state = publicPoolAggregate.initial();
  const log: { readonly event: PublicPoolEvent; readonly n: number }[] = [];
  for (let n = 0; n < wishes; n += 1) {
    // The wish rolls no dice of its own when it is made again.
    const wish = wishFor(random, n);
    const isJudged = n % judgeEvery === 0;
    const before = isJudged ? picture(state) : '';
    const events = wish(state);
    if (isJudged) assert.equal(picture(state), before, `deciding wish ${n} of seed ${seed} changed the pool`);
    if (isRefusal(events)) continue;
    foldInto(publicPoolAggregate, state, events, { from: log.length, time: n, commandId: `c-${n}` });
    for (const event of events) {
      log.push({ event, n });
      followNaively(naive, event);
    }
    if (isJudged) judge(state, naive);
    assertOnce(wish(state), events, `wish ${n} of seed ${seed}`);
  }
  return { log, state };
};

/** Made again a wish says nothing new: it has no event, or is refused because what it was about is gone. */
const assertOnce = (again: Decision<PublicPoolEvent>, events: readonly PublicPoolEvent[], name: string): void => {
  if (!isRefusal(again)) assert.deepEqual(again, [], `${name} is not idempotent after ${JSON.stringify(events)}`);
};

describe('laws of the public pool', () => {
  test('100000 random wishes against a naive model', () => {
    assert.ok(run(20240612, 100_000, 211).log.length > 20_000);
  });

  test('short random lives, looked at after every wish', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        run(seed, 50, 1);
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  test('a replayed pool is the same pool', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { log, state } = run(seed, 120, 1000);
        const replayed = publicPoolAggregate.initial();
        for (const [from, { event, n }] of log.entries()) {
          foldInto(publicPoolAggregate, replayed, [event], { from, time: n, commandId: `c-${n}` });
        }
        assert.equal(picture(replayed), picture(state));
      }),
      { numRuns: 40, seed: 11 },
    );
  });
});
