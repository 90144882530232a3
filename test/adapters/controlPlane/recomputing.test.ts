/** Documents in use against the log alone: the same while all is well, and told apart in a byte when something lies between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recompute } from '../../../src/adapters/controlPlane/time/recomputing.ts';
import type { TimeScene } from '../../../src/adapters/controlPlane/time/scene.ts';
import { createMemoryStore } from '../../../src/adapters/eventstore/memory.ts';
import { createDocumentKeeper } from '../../../src/projections/documentKeeper.ts';
import type { Network } from '../../../src/projections/network/views.ts';
import { get } from '../../../src/projections/trie.ts';
import { openHouse, setUpCloud } from '../../support/house.ts';
import { createWishes } from '../../support/randomWishes.ts';

const opened = async () => {
  const store = createMemoryStore();
  const house = await openHouse(store);
  await setUpCloud(house);
  const wishes = createWishes(5);
  for (let n = 0; n < 120; n += 1) {
    const done = await house.wish(wishes.next());
    if ('result' in done) wishes.learn(done.result);
  }
  const keeper = createDocumentKeeper();
  const scene = (network: () => Network): TimeScene =>
    ({ store, network, documentAt: keeper.glance }) as unknown as TimeScene;
  return { house, scene };
};

test('documents in use are what the log alone makes, and progress ends at the end', async () => {
  const { house, scene } = await opened();
  const told: number[] = [];
  const found = await recompute(scene(house.projector.network), (done) => told.push(done));
  assert.ok(found.documents > 0);
  assert.deepEqual([found.same, found.differing], [found.documents, []]);
  assert.equal(told.at(-1), house.projector.network().position);
  await house.stop();
});

test('a network that does not follow from the log is found out', async () => {
  const { house, scene } = await opened();
  const network = structuredClone(house.projector.network());
  const one = house.projector.network().instances;
  let id = '';
  const visit = (node: typeof one.root): void => {
    if (node.kind === 'inner') for (const child of node.children) visit(child);
    else for (const key of node.keys) if (get(one, key)?.state === 'RUNNING') id = key;
  };
  visit(one.root);
  const view = get(network.instances, id);
  assert.ok(view !== undefined);
  view.macAddress = 'd0:0d:00:00:00:01';
  const found = await recompute(
    scene(() => network),
    () => undefined,
  );
  assert.ok(found.differing.length > 0);
  assert.deepEqual(new Set(found.differing.map(({ same }) => same)), new Set([false]));
  await house.stop();
});
