/** The board of newest documents on a clock that tests move: what is nudged when and in which order, and what is made for whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDocumentBoard } from '../../../src/adapters/broadcast/documentBoard.ts';
import { createLedger } from '../../../src/adapters/broadcast/ledger.ts';

/** Cluster -> version of its document, and how near the last change was. */
type World = Readonly<Record<string, { readonly version: number; readonly nearest?: number }>>;

const open = (costMs = 0, nextTurn: (act: () => void) => void = (act) => act()) => {
  const clock = { now: 0 };
  const cost = { ms: costMs };
  const nudged: string[] = [];
  const made: string[] = [];
  const ledger = createLedger(() => clock.now);
  const board = createDocumentBoard<World, string>(
    ledger,
    {
      clusters: Object.keys,
      version: (world, cluster) => world[cluster]?.version,
      epoch: () => 1,
      position: () => 1,
      nearest: (world, cluster) => world[cluster]?.nearest ?? -1,
      make: (world, cluster) => {
        made.push(cluster);
        return `${cluster} ${world[cluster]?.version}`;
      },
      nudge: (cluster) => {
        nudged.push(`${cluster} ${board.due(cluster)?.split(' ')[1]}`);
        clock.now += cost.ms;
      },
    },
    { now: () => clock.now, nextTurn },
  );
  const told = (): readonly string[] => nudged.splice(0);
  return { clock, cost, board, ledger, made, told };
};

test('whose own things changed last goes first, and who has nothing new is left alone', () => {
  const { board, told, ledger } = open();
  board.show({ a: { version: 5, nearest: 1 }, b: { version: 5, nearest: 5 }, c: { version: 5, nearest: 3 } });
  assert.deepEqual(told(), ['b 5', 'c 5', 'a 5']);
  board.show({ a: { version: 5, nearest: 1 }, b: { version: 5, nearest: 5 }, c: { version: 6, nearest: 6 } });
  assert.deepEqual(told(), ['c 6']);
  assert.deepEqual(
    ['a', 'b', 'c'].map((cluster) => ledger.of(cluster)?.published),
    [5, 5, 6],
  );
});

test('a document is made once for a version, for those who read and those who send', () => {
  const { board, made } = open();
  board.show({ a: { version: 1 } });
  assert.equal(board.latest('a'), 'a 1');
  assert.equal(board.due('a'), 'a 1');
  board.show({ a: { version: 1 }, b: { version: 2 } });
  assert.equal(board.latest('a'), 'a 1');
  assert.deepEqual(made, ['a', 'b']);
  assert.equal(board.latest('nobody'), undefined);
});

test('an edition that took long is followed by a longer rest, and then the newest comes out', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { board, told, clock } = open(5);
  t.after(board.stop);
  board.show({ a: { version: 1 } });
  assert.deepEqual(told(), ['a 1']);
  for (let version = 2; version < 10; version += 1) board.show({ a: { version } });
  assert.deepEqual(told(), []);
  assert.equal(board.wanted('a'), 9);
  assert.equal(board.latest('a'), 'a 9');
  assert.equal(board.due('a'), 'a 1');
  clock.now += 9;
  t.mock.timers.tick(9);
  assert.deepEqual(told(), []);
  clock.now += 1;
  t.mock.timers.tick(1);
  assert.deepEqual(told(), ['a 9']);
});

test('what a lane that was busy makes later is followed by a rest as well, but never a long one', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let costMs = 0;
  const clock = { now: 0 };
  const nudged: number[] = [];
  const board = createDocumentBoard<World, number>(
    createLedger(() => clock.now),
    {
      clusters: Object.keys,
      version: (world, cluster) => world[cluster]?.version,
      epoch: () => 1,
      position: () => 1,
      nearest: () => -1,
      make: (world, cluster) => {
        clock.now += costMs;
        return world[cluster]?.version;
      },
      nudge: () => nudged.push(clock.now),
    },
    { now: () => clock.now, nextTurn: (act) => act() },
  );
  t.after(board.stop);
  board.show({ a: { version: 1 } });
  costMs = 10_000;
  assert.equal(board.due('a'), 1);
  board.show({ a: { version: 2 } });
  assert.deepEqual(nudged, [0]);
  clock.now += 200;
  t.mock.timers.tick(200);
  assert.deepEqual(nudged, [0, 10_200]);
});

test('one edition that took long by accident is no reason for a long rest', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { board, told, clock, cost } = open(1);
  t.after(board.stop);
  for (let version = 1; version <= 50; version += 1) {
    clock.now += 1_000;
    board.show({ a: { version } });
  }
  clock.now += 1_000;
  cost.ms = 80;
  board.show({ a: { version: 51 } });
  told();
  board.show({ a: { version: 52 } });
  clock.now += 40;
  t.mock.timers.tick(40);
  assert.deepEqual(told(), ['a 52']);
});

test('who asks for something gets a turn before the last cluster is told', (t) => {
  const turns: (() => void)[] = [];
  const { board, told } = open(0, (act) => turns.push(act));
  t.after(board.stop);
  const world = {
    ...{ a: { version: 5, nearest: 5 }, b: { version: 5, nearest: 5 }, c: { version: 5, nearest: 4 } },
    ...{ d: { version: 5, nearest: 3 }, e: { version: 5, nearest: 2 }, f: { version: 5, nearest: 1 } },
  };
  board.show(world);
  assert.deepEqual(told(), ['a 5', 'b 5']);
  board.show({ ...world, f: { version: 6, nearest: 6 } });
  turns.shift()?.();
  assert.deepEqual(told(), ['c 5', 'd 5', 'e 5']);
  // What came meanwhile belongs to the next edition, which follows at once.
  turns.shift()?.();
  assert.deepEqual(told(), ['f 5', 'f 6']);
  assert.deepEqual(turns, []);
});

test('a cluster that gets no document any more is forgotten', () => {
  const { board, told } = open();
  board.show({ a: { version: 1 }, b: { version: 1 } });
  told();
  board.show({ a: { version: 1 } });
  assert.deepEqual(board.clusters(), ['a']);
  assert.equal(board.wanted('b'), undefined);
  assert.equal(board.due('b'), undefined);
  board.show({ a: { version: 1 }, b: { version: 1 } });
  assert.deepEqual(told(), ['b 1']);
});
