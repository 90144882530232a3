/** Groups look the same to everybody, and different from each other as long as there are looks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOOKS, type Look, looksOf, NO_LOOK } from '../../../src/adapters/console/page/findings.ts';
import { layoutOf } from '../../../src/adapters/console/page/pictureLayout.ts';
import { findAll, type Tree, textOf } from '../../../src/adapters/console/page/tree.ts';
import { legend } from '../../../src/adapters/console/page/views/groups.ts';
import { picture } from '../../../src/adapters/console/page/views/picture.ts';
import { group, instance, large } from './scenes.ts';

const manyGroups = Array.from({ length: 60 }, (_, n) => ({
  ...group(`sg-${(n * 7919).toString(16).padStart(8, '0')}`, `g${n}`),
  createdAt: n,
}));
const looksLike = ({ colour, notch }: Look): string => `${colour} ${notch ?? ''}`;

test('a group keeps its looks whatever comes after it; the first ten differ by colour, the first forty at all', () => {
  const all = looksOf(manyGroups.toReversed());
  const looks = manyGroups.map(({ groupId }) => all.get(groupId) ?? NO_LOOK);
  assert.equal(new Set(looks.slice(0, 10).map(({ colour }) => colour)).size, 10);
  assert.ok(looks.slice(0, 10).every(({ notch }) => notch === undefined));
  assert.equal(new Set(looks.slice(0, LOOKS).map(looksLike)).size, LOOKS);
  assert.ok(!looks.includes(NO_LOOK));
  for (const count of [1, 5, 12, 45]) {
    const then = looksOf(manyGroups.slice(0, count));
    for (const [groupId, look] of then) assert.deepEqual(all.get(groupId), look, groupId);
  }
});

test('groups of one colour are told apart where they are drawn, and where they cannot be, it is said', () => {
  const groups = manyGroups.slice(0, 12);
  const [, , , , , , , , , , , late = group('', '')] = groups;
  const network = { ...large(100, 2), groups, instances: [instance({ instanceId: 'i-1', groups: [late.groupId] })] };
  const notches = (tree: Tree): number =>
    findAll(tree, ({ attributes }) => String(attributes['class']).startsWith('notch')).length;
  const context = { network, looks: looksOf(groups), place: {} };
  assert.equal(notches(legend(context)), 2);
  const layout = layoutOf(network, 900, undefined);
  assert.equal(notches(picture({ layout, ...context, marked: new Set(), tones: new Map() })), 1);
  assert.doesNotMatch(textOf(legend(context)), /look alike/);
  assert.match(textOf(legend({ ...context, network: { ...network, groups: manyGroups } })), /some look alike/);
});

test('no square hides what marks another', () => {
  const groups = manyGroups.slice(0, 30);
  const looks = looksOf(groups);
  // Looks and addresses come in turns, so that squares of a new colour come after marks of others.
  const instances = Array.from({ length: 90 }, (_, n) =>
    instance({
      instanceId: `i-${String(n).padStart(8, '0')}`,
      groups: [groups.at(n % 30)?.groupId ?? ''],
      publicAddress: n % 4 === 0 ? '192.0.2.1' : null,
    }),
  );
  const network = { ...large(0, 1), groups, instances };
  const layout = layoutOf(network, 900, undefined);
  const tree = picture({ layout, looks, place: { select: 'i-00000003' }, marked: new Set(), tones: new Map() });
  const names = findAll(tree, ({ tag }) => tag === 'path').map(({ attributes }) => String(attributes['class']));
  const layers = names.map((name) => ['fill', 'notch', 'dot', 'ring'].indexOf(name.split(' ')[0] ?? ''));
  assert.deepEqual(new Set(layers), new Set([0, 1, 2, 3]));
  assert.deepEqual(
    layers,
    layers.toSorted((a, b) => a - b),
  );
});
