/** How full the pools are: every address is counted once, in one state, whatever happened before. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryStore } from '../../src/adapters/eventstore/memory.ts';
import type { Command } from '../../src/domain/commands.ts';
import { countAddresses, inRanges, rangesOf } from '../../src/domain/ipRange.ts';
import { parseIpv4 } from '../../src/domain/ipv4.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import { type AddressPools, addressPools } from '../../src/projections/addressPools.ts';
import { resolvedIn } from '../../src/projections/documentInputs.ts';
import type { Network } from '../../src/projections/network/views.ts';
import { entries } from '../../src/projections/trie.ts';
import { ACCOUNT, accepted, configurationText, type House, openHouse, setUpCloud } from '../support/house.ts';
import { createWishes } from '../support/randomWishes.ts';

const cloud = async (): Promise<House> => {
  const house = await openHouse(createMemoryStore());
  await setUpCloud(house);
  return house;
};

const pools = (house: House): AddressPools => addressPools(house.projector.network());

const run = (id: string, addressing: 'public' | 'private'): Command => ({
  ...{ type: 'RunInstances', account: ACCOUNT, cluster: 'one', instanceIds: [id], groups: [], addressing },
  node: 'one-a',
});

/** The same by looking at every address of every range. */
const counted = (network: Network): AddressPools => {
  const states = { allocated: 0, assigned: 0, dirty: 0, outside: 0 };
  const ranges = rangesOf(network.publicRanges);
  for (const [address, { state, dirty }] of entries(network.publicAddresses)) {
    if (Object.keys(dirty).length > 0) states.dirty += 1;
    if (state === 'unallocated') continue;
    if (!inRanges(ranges, parseIpv4(address) ?? -1)) states.outside += 1;
    else if (state === 'allocated') states.allocated += 1;
    else states.assigned += 1;
  }
  const size = countAddresses(ranges);
  const { clusters } = resolvedIn(network);
  return {
    public: { size, free: size - states.allocated - states.assigned, ...states },
    private: clusters.map(({ name, privateIps }) => {
      const own = rangesOf(privateIps);
      const views = [...entries(network.privateAddresses)].map(([, view]) => view);
      const inside = views.filter(({ address }) => inRanges(own, parseIpv4(address) ?? -1));
      const quarantined = inside.filter(({ state }) => state === 'quarantined').length;
      const held = inside.length - quarantined;
      const strays = views.filter((view) => view.cluster === name && view.state !== 'quarantined');
      return {
        ...{ cluster: name, size: countAddresses(own), free: countAddresses(own) - inside.length, held, quarantined },
        outside: strays.filter(({ address }) => !inRanges(own, parseIpv4(address) ?? -1)).length,
        sharedWith: [],
      };
    }),
  };
};

describe('the pools of a cloud', () => {
  test('are empty before anything runs, and there are none without a configuration', async () => {
    const nothing = { free: 0, allocated: 0, assigned: 0, dirty: 0, outside: 0 };
    const bare = await openHouse(createMemoryStore());
    assert.deepEqual(pools(bare), { public: { size: 0, ...nothing }, private: [] });
    const rest = { size: 191, free: 191, held: 0, quarantined: 0, outside: 0, sharedWith: [] };
    assert.deepEqual(pools(await cloud()), {
      public: { ...nothing, size: 20, free: 20 },
      private: [
        { cluster: 'one', ...rest },
        { cluster: 'two', ...rest },
      ],
    });
  });

  test('an address is held, then in quarantine, then free', async () => {
    const house = await cloud();
    const one = () => pools(house).private[0];
    accepted(await house.wish(run('i-00000001', 'public')));
    assert.deepEqual([one()?.held, one()?.free, pools(house).public.assigned], [1, 190, 1]);
    accepted(await house.wish({ type: 'TerminateInstance', instanceId: 'i-00000001' }));
    accepted(await house.wish({ type: 'MarkTerminated', instanceId: 'i-00000001' }));
    assert.deepEqual([one()?.held, one()?.quarantined, one()?.free], [0, 1, 190]);
    assert.deepEqual([pools(house).public.assigned, pools(house).public.free], [0, 20]);
  });

  test('what is in use beyond the ranges of today is counted apart', async () => {
    const house = await cloud();
    accepted(await house.wish({ type: 'AllocateAddress', account: ACCOUNT, address: '198.51.100.9' }));
    accepted(await house.wish(run('i-00000001', 'private')));
    const moved = configurationText(200, 5).replaceAll('10.0.0.10-', '10.0.0.20-');
    accepted(await house.wish({ type: 'PostConfiguration', text: moved }));
    const { public: outer, private: inner } = pools(house);
    assert.deepEqual([outer.size, outer.free, outer.allocated, outer.outside], [5, 5, 0, 1]);
    assert.deepEqual([inner[0]?.size, inner[0]?.held, inner[0]?.outside], [181, 0, 1]);
  });

  test('clusters that share their addresses say so and count the same', async () => {
    const house = await cloud();
    accepted(await house.wish({ type: 'PostConfiguration', text: configurationText().replaceAll('10.1.0', '10.0.0') }));
    accepted(await house.wish(run('i-00000001', 'private')));
    const [one, two] = pools(house).private;
    assert.deepEqual([one?.sharedWith, two?.sharedWith], [['two'], ['one']]);
    assert.deepEqual([one?.held, two?.held, two?.outside], [1, 1, 0]);
  });
});

for (const seed of [5, 6]) {
  test(`after 400 wishes the figures are those of counting one by one (seed ${seed})`, async () => {
    const house = await cloud();
    const wishes = createWishes(seed);
    for (let made = 0; made < 400; made += 1) {
      const done = await house.wish(wishes.next());
      if (!isRefusal(done)) wishes.learn(done.result);
      if (made % 50 === 0) assert.deepEqual(pools(house), counted(house.projector.network()));
    }
    const found = pools(house);
    assert.deepEqual(found, counted(house.projector.network()));
    assert.ok(found.private.some(({ held }) => held > 0));
  });
}
