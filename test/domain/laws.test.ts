/**
 * Laws that hold whatever is wished, by two control planes at once over one log, with wishes repeated at random. Checked on the
 * log itself. EDGELOG_LONG=1 runs 100,000 wishes instead of 4,000; EDGELOG_SEED sets the seed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '../../src/adapters/eventstore/memory.ts';
import { decodeRecorded } from '../../src/domain/codec.ts';
import type { ConfigurationMembers } from '../../src/domain/configuration/members.ts';
import type { EventStore } from '../../src/domain/eventStore.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { countAddresses, type IpRange, inRanges, rangesOf } from '../../src/domain/ipRange.ts';
import { formatIpv4, parseIpv4 } from '../../src/domain/ipv4.ts';
import { privateCounts, privatePoolAggregate } from '../../src/domain/privatePool.ts';
import { dirtyMarks, freePublicCount, publicPoolAggregate, recordOf } from '../../src/domain/publicPool.ts';
import type { CommandContext, Recorded } from '../../src/domain/recorded.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import { foldAll } from '../../src/projections/network/runner.ts';
import type { Network } from '../../src/projections/network/views.ts';
import { reconcile } from '../../src/projections/reconcile.ts';
import { entries, get, has, size } from '../../src/projections/trie.ts';
import { context, type House, openHouse, setUpCloud } from '../support/house.ts';
import { createWishes } from '../support/randomWishes.ts';

const wishesToMake = process.env['EDGELOG_LONG'] === '1' ? 100_000 : 4_000;
const seed = Number(process.env['EDGELOG_SEED'] ?? 7);

const allEvents = async (store: EventStore): Promise<readonly Recorded<DomainEvent>[]> => {
  const events: Recorded<DomainEvent>[] = [];
  for (;;) {
    const page = await store.readAll(events.at(-1)?.position ?? -1, 5_000);
    events.push(...page.map(decodeRecorded));
    if (page.length < 5_000) return events;
  }
};

/** Counts the appends that found somebody else had been first. */
const counting = (store: EventStore) => {
  const count = { conflicts: 0, appends: 0 };
  const append: EventStore['append'] = async (commandId, writes) => {
    const outcome = await store.append(commandId, writes);
    count.appends += 1;
    if (outcome.outcome === 'conflict') count.conflicts += 1;
    return outcome;
  };
  return { store: { ...store, append }, count };
};

/** Frees what nobody routes any more, as the reconciler would with nodes that are always up to date. */
const free = async (house: House, store: EventStore): Promise<void> => {
  const head = await store.head();
  if (head !== undefined) await house.projector.reached(head.position);
  const network = house.projector.network();
  const wishes = reconcile({
    network,
    convergence: new Map(),
    wanted: () => undefined,
    sightings: { lastReported: () => undefined, hears: () => false },
    now: 0,
  });
  for (const wish of wishes) await house.wish(wish);
};

/** Follows every address through the log: at most one holder, and reuse only after it was freed. */
const assertSingleHolders = (events: readonly Recorded<DomainEvent>[]): void => {
  const holders = new Map<string, string>();
  const publics = new Map<string, string>();
  for (const { event, position } of events) {
    const at = `at position ${position}`;
    if (event.type === 'PrivateAddressReserved') {
      const before = holders.get(event.address);
      assert.ok(
        before === undefined || before === `quarantined ${event.instanceId}`,
        `${event.address} has two holders ${at}: ${before}`,
      );
      holders.set(event.address, event.instanceId);
    }
    if (event.type === 'PrivateAddressReleased') holders.set(event.address, `quarantined ${event.instanceId}`);
    if (event.type === 'PrivateAddressFreed') {
      assert.match(holders.get(event.address) ?? '', /^quarantined/, `freed while held ${at}`);
      holders.delete(event.address);
    }
    if (event.type === 'PublicAddressAssigned') {
      assert.equal(publics.has(event.address), false, `${event.address} is assigned twice ${at}`);
      publics.set(event.address, event.instanceId);
    }
    if (event.type === 'PublicAddressUnassigned') publics.delete(event.address);
  }
};

/** What is handed out comes from the pool of that moment: configurations come and go while the cloud runs. */
const assertWithinPools = (events: readonly Recorded<DomainEvent>[]): void => {
  let configuration: ConfigurationMembers | undefined;
  let publicRanges: readonly IpRange[] = [];
  const restored = new Set(events.flatMap(({ event }) => (isRestored(event) ? [event.instanceId] : [])));
  for (const { event, position } of events) {
    const at = `at position ${position}`;
    if (event.type === 'ConfigurationPosted') configuration = event.configuration;
    if (event.type === 'PublicPoolDefined') publicRanges = rangesOf(event.ranges);
    if (event.type === 'PublicAddressAllocated' || event.type === 'PublicAddressImpending') {
      assert.ok(inRanges(publicRanges, parseIpv4(event.address) ?? -1), `${event.address} is outside the pool ${at}`);
    }
    if (event.type === 'PrivateAddressReserved' && !restored.has(event.instanceId)) {
      const cluster = configuration?.Clusters?.find(({ Name }) => Name === event.cluster);
      const ranges = rangesOf(cluster?.PrivateIps ?? []);
      assert.ok(inRanges(ranges, parseIpv4(event.address) ?? -1), `${event.address} is outside its pool ${at}`);
    }
  }
};

const isRestored = (event: DomainEvent): event is Extract<DomainEvent, { type: 'InstanceCreated' }> =>
  event.type === 'InstanceCreated' && event.restored;

/** Used and free addresses are all of the public pool; what is outside is in use, or dirty and on its way out. */
const assertPublicPool = (events: readonly Recorded<DomainEvent>[], network: Network): void => {
  const pool = publicPoolAggregate.initial();
  for (const recorded of events) {
    const { event } = recorded;
    if (event.type.startsWith('Public')) publicPoolAggregate.apply(pool, event as never, recorded as never);
  }
  const ranges = rangesOf(network.publicRanges);
  const used = [...pool.records.entries()].filter(([address]) => inRanges(ranges, address)).length;
  const total = countAddresses(ranges);
  assert.equal(used + freePublicCount(pool), total, 'used + free = the public pool');
  for (const [address, view] of entries(network.publicAddresses)) {
    const record = recordOf(pool, address);
    assert.equal(view.state, record?.state ?? 'unallocated', address);
    assert.deepEqual(Object.keys(view.dirty).sort(), [...dirtyMarks(pool, address).keys()].sort(), address);
    const holder = view.instanceId === undefined ? undefined : get(network.instances, view.instanceId);
    if (view.state === 'assigned' && holder !== undefined) {
      assert.equal(holder.publicHidden === true, Object.keys(view.dirty).length > 0, `${address} is shown while dirty`);
    }
  }
};

const assertCounts = (events: readonly Recorded<DomainEvent>[], network: Network): void => {
  const pool = privatePoolAggregate.initial();
  for (const recorded of events) {
    const { event } = recorded;
    if (event.type.startsWith('PrivateAddress')) privatePoolAggregate.apply(pool, event as never, recorded as never);
  }
  for (const cluster of network.configuration?.members.Clusters ?? []) {
    const ranges = rangesOf(cluster.PrivateIps ?? []);
    const counts = privateCounts(pool, ranges);
    const total = ranges.reduce((sum, { lower, upper }) => sum + upper - lower + 1, 0);
    assert.equal(counts.held + counts.quarantined + counts.free, total, `pool of ${cluster.Name}`);
  }
  for (const address of pool.held.keys()) {
    const view = get(network.privateAddresses, formatIpv4(address));
    assert.ok(
      view !== undefined && view.state !== 'quarantined',
      `${formatIpv4(address)} is held but not shown as held`,
    );
  }
};

const assertMembership = (network: Network): void => {
  for (const [id, instance] of entries(network.instances)) {
    const isMember = !['TERMINATED', 'BURIED'].includes(instance.state);
    for (const groupId of instance.groups) {
      const group = get(network.groups, groupId);
      assert.equal(group !== undefined && has(group.members, id), isMember, `${id} (${instance.state}) in ${groupId}`);
    }
  }
  for (const [groupId, group] of entries(network.groups)) {
    for (const [id] of entries(group.members)) {
      assert.ok(
        get(network.instances, id)?.groups.includes(groupId),
        `${groupId} has a member ${id} that does not know it`,
      );
    }
  }
};

const assertAddresses = (network: Network): void => {
  const seen = new Map<string, string>();
  for (const [id, instance] of entries(network.instances)) {
    if (['STOPPED', 'TERMINATED', 'BURIED'].includes(instance.state)) continue;
    assert.ok(parseIpv4(instance.privateAddress) !== undefined);
    // A restored instance whose address somebody else has goes without.
    if (instance.privateAddress === '0.0.0.0') continue;
    assert.equal(
      seen.get(instance.privateAddress),
      undefined,
      `${instance.privateAddress} is used by two live instances`,
    );
    seen.set(instance.privateAddress, id);
    if (instance.publicAddress === undefined) continue;
    assert.equal(get(network.publicAddresses, instance.publicAddress)?.instanceId, id, `public address of ${id}`);
  }
};

test(`laws hold after ${wishesToMake} wishes of two control planes at once (seed ${seed})`, async (t) => {
  const { store, count } = counting(createMemoryStore());
  const houses = [await openHouse(store), await openHouse(store)] as const;
  await setUpCloud(houses[0]);
  const wishes = createWishes(seed, { turbulent: true });
  const past: CommandContext[] = [];
  const refused = new Map<string, number>();
  let repeated = 0;
  const carryOut = async (house: House): Promise<void> => {
    const command = wishes.next();
    const with_ = context();
    const answer = await house.executor.execute(command, with_);
    if (isRefusal(answer)) {
      refused.set(answer.refused, (refused.get(answer.refused) ?? 0) + 1);
      return;
    }
    wishes.learn(answer.result);
    if (answer.events === 0) return;
    past.push(with_);
    // Any command twice is the command once: the same answer, nothing more in the log.
    if (wishes.below(10) === 0) {
      const again = await house.executor.execute(command, with_);
      assert.ok(!isRefusal(again) && again.repeated, 'a repeated command is recognised');
      assert.equal(again.position, answer.position);
      repeated += 1;
    }
  };
  for (let made = 0; made < wishesToMake; made += 4) {
    await Promise.all([carryOut(houses[0]), carryOut(houses[1]), carryOut(houses[0]), carryOut(houses[1])]);
    if (made % 200 === 0) await free(houses[0], store);
  }
  const events = await allEvents(store);
  const network = foldAll(events);
  assertSingleHolders(events);
  assertWithinPools(events);
  assertPublicPool(events, network);
  assertCounts(events, network);
  assertMembership(network);
  assertAddresses(network);
  const ids = new Set(events.map(({ commandId, stream, revision }) => `${commandId}/${stream}/${revision}`));
  assert.equal(ids.size, events.length);
  // A run in which nothing happened would prove nothing.
  assert.ok(count.conflicts > 0, 'no conflict was seen');
  const seen = new Set(events.map(({ event }) => event.type));
  for (const type of [
    'PrivateAddressFreed',
    'PublicAddressCleared',
    'PublicPoolDefined',
    'InstanceForgotten',
  ] as const) {
    assert.ok(seen.has(type), `${type} never happened`);
  }
  assert.ok(
    events.some(({ event }) => isRestored(event)),
    'nothing was restored',
  );
  assert.ok(refused.size > 3 && repeated > 0 && size(network.instances) > 10);
  t.diagnostic(`${wishesToMake} wishes, ${events.length} events, ${count.conflicts} conflicts, ${repeated} repeated`);
  for (const house of houses) await house.stop();
});
