/** A cloud made of the wishes from a document tells its nodes what that document told them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryStore } from '../../src/adapters/eventstore/memory.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import { buildDocument } from '../../src/projections/document/build.ts';
import type { NetworkDocument } from '../../src/projections/document/model.ts';
import { documentInputs } from '../../src/projections/documentInputs.ts';
import type { Network } from '../../src/projections/network/views.ts';
import { documentDifferences } from '../../src/projections/takeover/differences.ts';
import { type KnownBeside, takeoverWishes } from '../../src/projections/takeover/wishes.ts';
import { get } from '../../src/projections/trie.ts';
import { ACCOUNT, accepted, type House, openHouse, setUpCloud } from '../support/house.ts';
import { createWishes } from '../support/randomWishes.ts';

const nothingBeside: KnownBeside = { groups: new Map(), elastic: new Map() };

const documentOf = (network: Network): NetworkDocument => buildDocument(documentInputs(network), 'superset');

/** A cloud that others have run for a while. */
const olderCloud = async (seed: number, wishes: number): Promise<Network> => {
  const house = await openHouse(createMemoryStore());
  await setUpCloud(house);
  const random = createWishes(seed);
  for (let made = 0; made < wishes; made += 1) {
    const done = await house.wish(random.next());
    if (!isRefusal(done)) random.learn(done.result);
  }
  return house.projector.network();
};

const takenOver = async (document: NetworkDocument, beside = nothingBeside): Promise<House> => {
  const house = await openHouse(createMemoryStore());
  for (const wish of takeoverWishes(document, beside)) accepted(await house.wish(wish));
  return house;
};

describe('a taken over cloud', () => {
  for (const seed of [1, 2, 3, 4]) {
    test(`tells its nodes what they were told before (seed ${seed})`, async () => {
      const before = documentOf(await olderCloud(seed, 250));
      assert.ok(before.instances.length > 5 && before.securityGroups.some(({ rules }) => rules.length > 0));
      const house = await takenOver(before);
      assert.deepEqual(documentDifferences(before, documentOf(house.projector.network())), []);
    });
  }

  test('tells nobody anything before it is whole', async () => {
    const document = documentOf(await olderCloud(1, 100));
    const wishes = takeoverWishes(document, nothingBeside);
    const firstEnabled = wishes.findIndex(({ type }) => type === 'EnableCluster');
    assert.deepEqual(
      wishes.slice(firstEnabled).map(({ type }) => type),
      document.configuration.clusters.map(() => 'EnableCluster'),
    );
  });

  test('knows names and owners that were told beside the document', async () => {
    const document = documentOf(await olderCloud(2, 250));
    const [group] = document.securityGroups;
    const shown = document.instances.find(({ publicIp }) => publicIp !== undefined);
    assert.ok(group !== undefined && shown?.publicIp !== undefined);
    const spare = { account: ACCOUNT, name: 'spare', description: 'nobody is in it' };
    const house = await takenOver(document, {
      groups: new Map([
        [group.id, { account: group.ownerId, name: 'web', description: 'servers' }],
        ['sg-0000abcd', spare],
      ]),
      elastic: new Map([[shown.publicIp, shown.ownerId]]),
    });
    const network = house.projector.network();
    assert.equal(get(network.groups, group.id)?.name, 'web');
    assert.equal(get(network.groups, 'sg-0000abcd')?.name, 'spare');
    const address = get(network.publicAddresses, shown.publicIp);
    assert.deepEqual([address?.owner, address?.instanceId], [shown.ownerId, shown.id]);
    assert.deepEqual(documentDifferences(document, documentOf(network)), []);
  });
});

describe('differences', () => {
  test('name what a node would do otherwise, and nothing else', async () => {
    const document = documentOf(await olderCloud(3, 200));
    const [first, ...rest] = document.instances;
    const [group] = document.securityGroups.filter(({ rules }) => rules.length > 0);
    assert.ok(first !== undefined && group !== undefined);
    assert.deepEqual(documentDifferences(document, { ...document, instances: [...rest, first] }), []);
    const renumbered = { ...document, instances: [{ ...first, privateIp: '10.0.0.250' }, ...rest] };
    assert.deepEqual(documentDifferences(document, renumbered), [
      `instance ${first.id}: private address: ${first.privateIp} -> 10.0.0.250`,
    ]);
    const unruled = document.securityGroups.map((it) => (it === group ? { ...it, rules: [] } : it));
    const [line, ...more] = documentDifferences(document, { ...document, securityGroups: unruled });
    assert.match(line ?? '', new RegExp(`^group ${group.id}: rules: .* -> nothing$`));
    assert.ok(more.every((other) => other.startsWith('group ')));
    const idle = { id: 'sg-0000beef', ownerId: ACCOUNT, rules: [] };
    assert.deepEqual(
      documentDifferences(document, { ...document, securityGroups: [...document.securityGroups, idle] }),
      [],
    );
  });
});
