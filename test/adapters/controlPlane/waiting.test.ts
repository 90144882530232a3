/** Waiting ends when the last one has it and says who is missing when time is up; it leaves nothing behind either way. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { convergenceView } from '../../../src/adapters/controlPlane/convergenceView.ts';
import { type WaitLevel, waitFor } from '../../../src/adapters/controlPlane/waiting.ts';
import {
  type Convergence,
  deliver,
  type NodeStatus,
  publish,
  report,
  want,
} from '../../../src/projections/convergence.ts';
import { foldAll } from '../../../src/projections/network/runner.ts';
import { recordedOf } from '../../conformanceSuites/recordedOf.ts';

const network = foldAll([
  recordedOf({
    ...{ type: 'ClusterRegistered', cluster: 'one', component: 'cc', host: 'h', address: '127.0.0.1', endpoint: '' },
  } as const),
  recordedOf({ type: 'ClusterNodesReported', cluster: 'one', nodes: [{ name: 'a' }, { name: 'b' }] } as const, {
    position: 1,
  }),
]);

const word = (node: string, applied: number | null, agent: NodeStatus['agent'] = 'kernel'): NodeStatus => ({
  ...{ node, epoch: 1, accepted: 9, applied, agent, at: 0, refusal: null, traceparent: null },
});

/** A ledger that is moved by hand, and a read model that has everything once it is told so. */
const world = () => {
  let all: Convergence = want(new Map(), 'one', 1, 9, 0);
  const watchers = new Set<() => void>();
  let project = (): void => undefined;
  const projected = new Promise<void>((resolve) => {
    project = resolve;
  });
  return {
    project,
    watching: () => watchers.size,
    move: (change: (all: Convergence) => Convergence): void => {
      all = change(all);
      for (const watcher of [...watchers]) watcher();
    },
    wait: (level: WaitLevel, timeoutMs = 30_000) =>
      waitFor(
        {
          reached: () => projected,
          network: () => network,
          wanted: () => 9,
          progress: () => convergenceView(network, all, 0),
          watch: (onChange) => {
            watchers.add(onChange);
            return () => watchers.delete(onChange);
          },
        },
        9,
        level,
        timeoutMs,
      ),
  };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const reached = { reached: true, missing: [] };

/** What the answer is by now; undefined while there is none. */
const soFar = <T>(answer: Promise<T>): (() => T | undefined) => {
  let known: T | undefined;
  void answer.then((value) => {
    known = value;
  });
  return () => known;
};

describe('waiting', () => {
  test('for the read model asks no cluster', async () => {
    const { project, wait } = world();
    const answer = wait('projected');
    const now = soFar(answer);
    await turn();
    assert.equal(now(), undefined);
    project();
    assert.deepEqual(await answer, reached);
  });

  test('passes the levels one after the other', async () => {
    const { project, wait, move, watching } = world();
    project();
    const levels = ['published', 'delivered', 'applied'] as const;
    const answers = levels.map((level) => soFar(wait(level)));
    const moves: ((all: Convergence) => Convergence)[] = [
      (all) => publish(all, 'one', 9),
      (all) => deliver(all, 'one', 1, 9, 1),
      (all) => report(all, 'one', [word('a', 9), word('b', 9)]),
    ];
    for (const [i, change] of moves.entries()) {
      await turn();
      assert.deepEqual(
        answers.map((answer) => answer()?.reached),
        levels.map((_, n) => (n < i ? true : undefined)),
      );
      move(change);
    }
    await turn();
    assert.deepEqual(
      answers.map((answer) => answer()),
      [reached, reached, reached],
    );
    assert.equal(watching(), 0);
  });

  test('says who is missing when time is up, and how far they are', async () => {
    const { project, wait, move, watching } = world();
    project();
    assert.deepEqual(await wait('published', 1), { reached: false, missing: [{ cluster: 'one', at: null }] });
    move((all) => deliver(all, 'one', 1, 4, 1));
    assert.deepEqual(await wait('applied', 1), { reached: false, missing: [{ cluster: 'one', at: 4 }] });
    move((all) => report(deliver(all, 'one', 1, 9, 1), 'one', [word('a', 9), word('b', 7)]));
    assert.deepEqual(await wait('applied', 1), { reached: false, missing: [{ cluster: 'one', node: 'b', at: 7 }] });
    assert.equal(watching(), 0);
  });

  test('for nodes that never say what they have in force does not take their word for it', async () => {
    const { project, wait, move } = world();
    project();
    move((all) => report(deliver(all, 'one', 1, 9, 1), 'one', [word('a', 9), word('b', null, 'unknown')]));
    assert.deepEqual(await wait('applied', 1), { reached: false, missing: [{ cluster: 'one', node: 'b', at: null }] });
    assert.deepEqual(await wait('delivered', 1), reached);
  });

  test('for what is not even projected ends with the time-out', async () => {
    assert.deepEqual(await world().wait('applied', 1), { reached: false, missing: [] });
  });

  test('for what is there already ends at once', async () => {
    const { project, wait, move } = world();
    project();
    move((all) => report(deliver(publish(all, 'one', 9), 'one', 1, 9, 1), 'one', [word('a', 9), word('b', 12)]));
    for (const level of ['projected', 'published', 'delivered', 'applied'] as const)
      assert.deepEqual(await wait(level), reached);
  });
});
