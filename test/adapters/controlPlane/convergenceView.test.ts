/** What operators are shown: unknown is null and never good, one that is behind makes the whole not converged. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { convergenceView } from '../../../src/adapters/controlPlane/convergenceView.ts';
import {
  type Convergence,
  deliver,
  fail,
  type NodeStatus,
  report,
  want,
} from '../../../src/projections/convergence.ts';
import { foldAll } from '../../../src/projections/network/runner.ts';
import { recordedOf } from '../../conformanceSuites/recordedOf.ts';

const network = foldAll(
  ['two', 'one'].flatMap((cluster, i) => [
    recordedOf(
      {
        ...{ type: 'ClusterRegistered', cluster, component: 'cc', host: 'h', address: '127.0.0.1', endpoint: '' },
      } as const,
      { position: 2 * i },
    ),
    recordedOf(
      {
        type: 'ClusterNodesReported',
        cluster,
        nodes: cluster === 'one' ? [{ name: 'a' }, { name: 'b' }] : [],
      } as const,
      { position: 2 * i + 1 },
    ),
  ]),
);

const word = (node: string, change: Partial<NodeStatus> = {}): NodeStatus => ({
  ...{ node, epoch: 1, accepted: 9, applied: 9, agent: 'kernel', at: 1_000, refusal: null, traceparent: null },
  ...change,
});

const delivered: Convergence = deliver(want(new Map(), 'one', 1, 9, 500), 'one', 1, 9, 900);
const seen = (all: Convergence, now = 2_000) => {
  const [one] = convergenceView(network, all, now, 'one');
  return one ?? assert.fail('expected the cluster to be shown');
};

describe('a cluster', () => {
  test('nobody spoke of is all unknown', () => {
    const { wanted, published, delivered: given, applied, lagPositions, lagMs, converged, nodes } = seen(new Map());
    assert.deepEqual([wanted, published, given, applied, lagPositions, lagMs, converged], Array(7).fill(null));
    assert.deepEqual(
      nodes.map(({ node, agent, accepted, ageMs, converged: is }) => [node, agent, accepted, ageMs, is]),
      [
        ['a', 'unknown', null, null, null],
        ['b', 'unknown', null, null, null],
      ],
    );
  });

  test('is converged when it was delivered to and every node has it', () => {
    const all = report(delivered, 'one', [word('a'), word('b')]);
    const { converged, applied, lagPositions, lagMs } = seen(all);
    assert.deepEqual([converged, applied, lagPositions, lagMs], [true, 9, 0, 0]);
  });

  test('is unknown while one node is, and behind when one is, whatever else is unknown', () => {
    assert.equal(seen(report(delivered, 'one', [word('a')])).converged, null);
    const behind = seen(report(delivered, 'one', [word('a', { applied: 4 })]));
    assert.deepEqual([behind.converged, behind.applied, behind.lagMs], [false, null, 1_500]);
    const both = seen(report(delivered, 'one', [word('a', { applied: 4 }), word('b')]));
    assert.deepEqual([both.applied, both.lagPositions], [4, 5]);
  });

  test('is not converged before it was delivered to, even if its nodes say so', () => {
    const wanted = report(want(new Map(), 'one', 1, 9, 500), 'one', [word('a'), word('b')]);
    assert.equal(seen(wanted).converged, false);
  });

  test('tells of its failures', () => {
    const failure = { reason: 'timeout', detail: 'd', at: 950 };
    const { failuresInARow, lastFailure } = seen(fail(delivered, 'one', failure));
    assert.deepEqual([failuresInARow, lastFailure], [1, failure]);
  });
});

describe('a node', () => {
  const nodeOf = (change: Partial<NodeStatus>, now?: number) =>
    seen(report(delivered, 'one', [word('a', change)]), now).nodes[0];

  test('that has not spoken for long is unknown again, but shown with what it said', () => {
    const late = nodeOf({}, 1_000 + 90_001);
    assert.deepEqual([late?.converged, late?.applied, late?.ageMs], [null, 9, 90_001]);
    assert.equal(nodeOf({}, 1_000 + 90_000)?.converged, true);
  });

  test('of another epoch has nothing of this one', () => {
    const other = nodeOf({ epoch: 2 });
    assert.deepEqual([other?.accepted, other?.applied, other?.converged], [null, null, null]);
  });

  test('without an agent that programs counts by what it took in, one of Eucalyptus by nothing', () => {
    assert.equal(nodeOf({ agent: 'plan', applied: null })?.converged, true);
    assert.equal(nodeOf({ agent: 'unknown', applied: null })?.converged, null);
    assert.equal(nodeOf({ agent: 'kernel', applied: null })?.converged, null);
  });

  test('nobody registered is shown while it speaks, and not longer', () => {
    const all = report(delivered, 'one', [word('stranger')]);
    const names = (now: number) => seen(all, now).nodes.map(({ node }) => node);
    assert.deepEqual(names(2_000), ['a', 'b', 'stranger']);
    assert.deepEqual(names(1_000 + 90_001), ['a', 'b']);
  });
});

test('clusters are shown in order, one that is not there not at all', () => {
  assert.deepEqual(
    convergenceView(network, new Map(), 0).map(({ cluster }) => cluster),
    ['one', 'two'],
  );
  assert.deepEqual(convergenceView(network, delivered, 0, 'three'), []);
});
