/**
 * The ledger of how far everyone is: what nobody said is unknown, figures never go back within an epoch whatever the order in
 * which word arrives, and a new epoch believes nothing that was said of an older one.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type Convergence,
  deliver,
  deliveredBefore,
  expectReports,
  fail,
  forget,
  inForce,
  lowWatermark,
  type NodeStatus,
  publish,
  report,
  want,
} from '../../src/projections/convergence.ts';

const none: Convergence = new Map();
const wanted = (version: number, epoch = 1): Convergence => want(none, 'one', epoch, version, 10);
const of = (all: Convergence) => all.get('one') ?? assert.fail('expected to know the cluster');

const word = (change: Partial<NodeStatus> = {}): NodeStatus => ({
  ...{ node: 'a', epoch: 1, accepted: 5, applied: null, agent: 'none', at: 100, refusal: null, traceparent: null },
  ...change,
});

describe('figures', () => {
  test('of a cluster nobody spoke of are unknown, not zero', () => {
    const { published, delivered, deliveredAt, nodes, reportsItself } = of(wanted(5));
    assert.deepEqual([published, delivered, deliveredAt, nodes.size, reportsItself], [null, null, null, 0, false]);
  });

  test('never go back within an epoch', () => {
    const all = deliver(publish(publish(wanted(9), 'one', 9), 'one', 4), 'one', 1, 7, 20);
    assert.deepEqual([of(all).published, of(all).delivered], [9, 7]);
    const later = of(deliver(all, 'one', 1, 3, 30));
    assert.deepEqual([later.delivered, later.deliveredAt], [7, 30]);
  });

  test('of another epoch say nothing about this one', () => {
    const all = report(deliver(publish(wanted(9), 'one', 9), 'one', 1, 9, 20), 'one', [word({ accepted: 9 })]);
    const next = want(all, 'one', 2, 10, 40);
    const { wanted: now, published, delivered, failuresInARow, nodes, reportsItself } = of(next);
    assert.deepEqual([now, published, delivered, failuresInARow, reportsItself], [10, null, null, 0, true]);
    assert.equal(inForce(nodes.get('a') ?? word(), 2), null);
    assert.equal(lowWatermark(of(next), ['a'], 1_000), null);
    assert.equal(of(deliver(next, 'one', 1, 9, 50)).delivered, null);
  });

  test('failures are counted until something is delivered', () => {
    const failure = { reason: 'refused', detail: 'd', at: 15 };
    const failed = fail(fail(wanted(5), 'one', failure), 'one', failure);
    assert.deepEqual([of(failed).failuresInARow, of(failed).lastFailure], [2, failure]);
    const after = of(deliver(failed, 'one', 1, 5, 20));
    assert.deepEqual([after.failuresInARow, after.lastFailure], [0, failure]);
  });

  test('leave what was handed out before as it was', () => {
    const before = report(wanted(5), 'one', [word()]);
    const shown = structuredClone(of(before));
    report(deliver(publish(before, 'one', 6), 'one', 1, 6, 20), 'one', [word({ accepted: 6 })]);
    forget(before, 'one');
    assert.deepEqual(of(before), shown);
    assert.equal(expectReports(before, 'one'), before, 'a controller that reports is expected to already');
  });
});

describe('words of nodes', () => {
  const words = fc.array(
    fc.record({
      node: fc.constantFrom('a', 'b'),
      epoch: fc.constantFrom(1, 1, 1, 2),
      accepted: fc.option(fc.nat(9)),
      applied: fc.option(fc.nat(9)),
      agent: fc.constantFrom('kernel', 'plan', 'none', 'unknown'),
      at: fc.nat(50),
    }),
    { maxLength: 12 },
  );

  test('give the same figures in whatever order they arrive, and never smaller ones', () => {
    fc.assert(
      fc.property(words, fc.infiniteStream(fc.nat(1_000)), (said, numbers) => {
        const shuffled = said
          .map((one) => ({ one, by: numbers.next().value ?? 0 }))
          .sort((x, y) => x.by - y.by)
          .map(({ one }) => one);
        const figures = (list: typeof said) => {
          let all = wanted(9);
          let before = new Map<string, NodeStatus>();
          for (const one of list) {
            all = report(all, 'one', [word(one)]);
            for (const [node, old] of before) {
              const now = of(all).nodes.get(node) ?? assert.fail('a node was forgotten');
              assert.ok(now.epoch >= old.epoch);
              if (now.epoch > old.epoch) continue;
              assert.ok((now.accepted ?? -1) >= (old.accepted ?? -1) && (now.applied ?? -1) >= (old.applied ?? -1));
            }
            before = new Map(of(all).nodes);
          }
          return [...before.values()]
            .map(({ node, epoch, accepted, applied }) => ({ node, epoch, accepted, applied }))
            .sort((x, y) => (x.node < y.node ? -1 : 1));
        };
        assert.deepEqual(figures(shuffled), figures(said));
      }),
      { numRuns: 200 },
    );
  });

  const told = (...said: readonly Partial<NodeStatus>[]): NodeStatus => {
    let all = wanted(9);
    for (const one of said) all = report(all, 'one', [word(one)]);
    return of(all).nodes.get('a') ?? assert.fail('a node was forgotten');
  };
  const by = (turn: number, name = 'x') => ({ said: { by: name, turn } });
  const refusal = { reason: 'refused-connection', detail: 'nobody is there' };

  test('of one process count in the order they were made, however fast each travelled', () => {
    const slow = { at: 100, ...by(1) };
    const fast = { at: 90, ...by(2), refusal };
    assert.deepEqual(told(slow, fast).refusal, refusal, 'the faster one looks older and is not');
    assert.deepEqual(told(fast, slow).refusal, refusal, 'the one that was overtaken says nothing any more');
    assert.equal(told(fast, { at: 80, ...by(3) }).refusal, null);
  });

  test('take figures back when the node itself has lost what it had', () => {
    const lost = told({ accepted: 7, ...by(1) }, { accepted: null, at: 120, ...by(2) });
    assert.equal(lost.accepted, null);
    assert.equal(told({ accepted: 7, ...by(1) }, { accepted: 4, at: 120, ...by(2) }).accepted, 4);
    const restored = told({ accepted: 7, epoch: 2, ...by(1) }, { accepted: 7, epoch: 1, ...by(2) });
    assert.equal(inForce(restored, 2), null, 'an older epoch is no proof of anything');
  });

  test('of several processes never take a figure back, and the last reason stands', () => {
    const two = told({ accepted: 7, ...by(9) }, { accepted: 4, at: 60, refusal, ...by(1, 'y') });
    assert.deepEqual([two.accepted, two.refusal, two.said], [7, refusal, { by: 'y', turn: 1 }]);
    assert.equal(
      told({ accepted: 7, ...by(9) }, { accepted: 4, ...by(1, 'y') }, { accepted: 4, ...by(2, 'y') }).accepted,
      4,
    );
  });

  test('of a process that has not heard the node take nothing back, and tell why it hears nothing', () => {
    for (const name of ['x', 'y']) {
      const known = told(
        { accepted: 7, at: 50, ...by(9) },
        { accepted: null, agent: 'unknown', at: 0, refusal, ...by(10, name) },
      );
      assert.deepEqual([known.accepted, known.agent, known.at, known.refusal], [7, 'none', 50, refusal]);
    }
  });

  test('count for what the node is known to act on', () => {
    const force = (change: Partial<NodeStatus>) => inForce(word({ accepted: 7, applied: 4, ...change }), 1);
    assert.equal(force({ agent: 'kernel' }), 4);
    assert.equal(force({ agent: 'kernel', applied: null }), null);
    assert.equal(force({ agent: 'plan' }), 7);
    assert.equal(force({ agent: 'none' }), 7);
    assert.equal(force({ agent: 'unknown' }), null);
    assert.equal(force({ epoch: 2 }), null);
  });
});

describe('the low watermark', () => {
  const all = report(deliver(wanted(9), 'one', 1, 9, 20), 'one', [
    word({ accepted: 8 }),
    word({ node: 'b', accepted: 6, at: 120 }),
  ]);

  test('is the smallest figure of all nodes, and unknown while one of them is', () => {
    assert.equal(lowWatermark(of(all), ['a', 'b'], 0), 6);
    assert.equal(lowWatermark(of(all), ['a'], 0), 8);
    assert.equal(lowWatermark(of(all), ['a', 'b', 'c'], 0), null);
    assert.equal(lowWatermark(undefined, [], 0), null);
  });

  test('of a cluster without nodes is what was delivered', () => {
    assert.equal(lowWatermark(of(all), [], 0), 9);
    assert.equal(lowWatermark(of(wanted(9)), [], 0), null);
  });

  test('takes what silent nodes took long enough ago, and nothing newer', () => {
    const silent = report(wanted(9), 'one', [word({ agent: 'unknown', accepted: 3, at: 100 })]);
    const later = report(silent, 'one', [word({ agent: 'unknown', accepted: 7, at: 200 })]);
    assert.equal(lowWatermark(of(later), ['a'], 99), null);
    assert.equal(lowWatermark(of(later), ['a'], 150), 3);
    assert.equal(lowWatermark(of(later), ['a'], 250), 7);
  });

  test('of controllers that never report is known by when they took what', () => {
    const first = deliver(wanted(9), 'one', 1, 4, 100);
    const second = deliver(first, 'one', 1, 8, 200);
    assert.deepEqual(
      [50, 150, 250].map((at) => deliveredBefore(of(second), at)),
      [null, 4, 8],
    );
  });
});
