/** The picture of the network: everybody is in it once, cards when they are few, cells when they are many. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { looksOf } from '../../../src/adapters/console/page/findings.ts';
import { cornerOf, instanceAt, type Layout, layoutOf } from '../../../src/adapters/console/page/pictureLayout.ts';
import type { Network } from '../../../src/adapters/console/page/state.ts';
import { findAll, type Tree, textOf } from '../../../src/adapters/console/page/tree.ts';
import { picture, toneKey } from '../../../src/adapters/console/page/views/picture.ts';
import { large, small } from './scenes.ts';

const drawn = (network: Network, marked: ReadonlySet<string> = new Set()): Tree =>
  picture({
    ...{ layout: layoutOf(network, 900, undefined), looks: looksOf(network.groups), place: {}, marked },
    tones: new Map([[toneKey('PARTI00', '127.0.0.2'), 'good']]),
  });

const boxesOf = ({ clusters }: Layout) => clusters.flatMap(({ boxes }) => boxes);
const squares = (tree: Tree, name: RegExp): number =>
  findAll(tree, ({ tag, attributes }) => tag === 'path' && name.test(String(attributes['class'])))
    .map(({ attributes }) => String(attributes['d']).split('M').length - 1)
    .reduce((sum, count) => sum + count, 0);

test('a few instances are cards with their addresses on their nodes', () => {
  const tree = drawn(small);
  const cards = findAll(tree, ({ tag, attributes }) => tag === 'a' && /^card/.test(String(attributes['class'])));
  assert.deepEqual(
    cards.map(({ attributes }) => attributes['aria-label']),
    [
      'i-00000001, running, private 10.111.103.30, elastic 10.111.103.0, on 127.0.0.2',
      'i-00000002, stopped, no private address, on no node',
    ],
  );
  assert.deepEqual(
    cards.map(({ attributes }) => attributes['href']),
    ['#select=i-00000001', '#select=i-00000002'],
  );
  assert.match(textOf(tree), /127\.0\.0\.2 has what is wanted/);
  assert.match(textOf(tree), /127\.0\.0\.3 0 instances empty/);
  assert.equal(layoutOf(small, 900, undefined).over, 1);
});

test('ten thousand instances are a few hundred elements, and none is missing', () => {
  const tree = drawn(large(10_000, 50));
  assert.equal(squares(tree, /^fill/), 10_000);
  assert.ok(findAll(tree, () => true).length < 700, `${findAll(tree, () => true).length} elements`);
});

test('nodes beyond what can be drawn are said, not forgotten', () => {
  const network = large(2000, 500);
  const [cluster] = layoutOf(network, 900, undefined).clusters;
  assert.equal((cluster?.boxes.length ?? 0) + (cluster?.hidden ?? 0), 500);
  assert.equal(layoutOf(network, 900, 'big').clusters[0]?.hidden, 0);
});

test('what is marked stands out, the others are dimmed', () => {
  const network = large(100, 5);
  const tree = drawn(network, new Set(['i-00000007']));
  assert.equal(squares(tree, /dim/), 99);
});

const anyCloud = fc.record({
  count: fc.integer({ min: 0, max: 700 }),
  nodes: fc.integer({ min: 1, max: 40 }),
  width: fc.integer({ min: 240, max: 1600 }),
});

test('boxes lie inside the picture and apart; every cell is found where it is drawn', () => {
  fc.assert(
    fc.property(anyCloud, ({ count, nodes, width }) => {
      const layout = layoutOf(large(count, nodes), width, undefined);
      const boxes = boxesOf(layout);
      for (const box of boxes) {
        assert.ok(
          box.x >= 0 && box.x + box.width <= width && box.y + box.height <= layout.height,
          JSON.stringify([width, box.x, box.width]),
        );
        for (const other of boxes) {
          const isApart =
            box.x + box.width <= other.x ||
            other.x + other.width <= box.x ||
            box.y + box.height <= other.y ||
            other.y + other.height <= box.y;
          assert.ok(other === box || isApart, 'two boxes overlap');
        }
        box.instances.forEach((instance, index) => {
          const { x, y } = cornerOf(layout, box, index);
          assert.ok(x >= box.x && y + 4 <= box.y + box.height, 'an instance outside of its box');
          if (layout.form === 'cells') assert.equal(instanceAt(layout, x + 2, y + 2), instance);
        });
      }
      assert.equal(boxes.flatMap(({ instances }) => instances).length, count);
    }),
    { numRuns: 40 },
  );
});

test('between cells and outside there is nobody', () => {
  const layout = layoutOf(large(100, 2), 900, undefined);
  assert.equal(instanceAt(layout, -5, -5), undefined);
  assert.equal(instanceAt(layout, 3, 3), undefined);
});

test('instances of clusters that are gone are drawn all the same', () => {
  const network = { ...small, clusters: [] };
  const [cluster] = layoutOf(network, 900, undefined).clusters;
  assert.deepEqual([cluster?.name, cluster?.state, cluster?.instances], ['PARTI00', 'not registered', 2]);
});
