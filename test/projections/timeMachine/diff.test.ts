/** Laws of differences: applied they give the other side, inverted they lead back, and they say nothing about equals. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { advance, foldAll } from '../../../src/projections/network/runner.ts';
import { applyChanges, changesBetween, invert } from '../../../src/projections/timeMachine/changes.ts';
import { lineDiff, withContext } from '../../../src/projections/timeMachine/lines.ts';
import { plainNetwork } from '../../../src/projections/timeMachine/plain.ts';
import { concerns, statementsOf } from '../../../src/projections/timeMachine/statements.ts';
import { anyEvent, beginning, recorded } from '../anyEvents.ts';

const twoMoments = fc.record({
  before: fc.array(anyEvent, { maxLength: 40 }),
  between: fc.array(anyEvent, { maxLength: 40 }),
});

test('diff(a, b) applied to a gives b, and inverted leads from b to a', () => {
  fc.assert(
    fc.property(twoMoments, ({ before, between }) => {
      const start = recorded([...beginning('superset'), ...before], 0);
      const a = foldAll(start);
      const b = advance(a, recorded(between, start.length));
      const changes = changesBetween(a, b);
      assert.deepEqual(applyChanges(plainNetwork(a), changes), plainNetwork(b));
      assert.deepEqual(applyChanges(plainNetwork(b), invert(changes)), plainNetwork(a));
      assert.deepEqual(changesBetween(b, b), []);
    }),
    { numRuns: 150 },
  );
});

test('a difference of folds that share nothing is the same difference', () => {
  fc.assert(
    fc.property(twoMoments, ({ before, between }) => {
      const all = recorded([...beginning('4.0'), ...before, ...between], 0);
      const a = foldAll(all.slice(0, all.length - between.length));
      const shared = advance(a, all.slice(all.length - between.length));
      assert.deepEqual(changesBetween(a, foldAll(all)), changesBetween(a, shared));
    }),
    { numRuns: 80 },
  );
});

test('changes are refused by a network they do not start from', () => {
  const a = foldAll(recorded(beginning('4.0'), 0));
  const b = advance(a, recorded([{ type: 'ClusterDeregistered', cluster: 'one' }], 50));
  assert.throws(() => applyChanges(plainNetwork(b), changesBetween(a, b)), /expected clusters one/);
});

test('every statement has an event between the moments that it can have come from', () => {
  fc.assert(
    fc.property(twoMoments, ({ before, between }) => {
      const start = recorded([...beginning('superset'), ...before], 0);
      const a = foldAll(start);
      const b = advance(a, recorded(between, start.length));
      for (const statement of changesBetween(a, b).flatMap(statementsOf)) {
        assert.ok(
          between.some((event) => concerns(statement, event)),
          `${statement.text}: ${JSON.stringify(between)}`,
        );
      }
    }),
    { numRuns: 300 },
  );
});

test('lines that went and came, applied to the old lines, give the new ones', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const lines = lineDiff(a, b);
      assert.deepEqual(
        lines.filter(({ sign }) => sign !== '+').map((line) => line.text),
        a,
      );
      assert.deepEqual(
        lines.filter(({ sign }) => sign !== '-').map((line) => line.text),
        b,
      );
    }),
    { numRuns: 500 },
  );
  const far = lineDiff(
    Array.from({ length: 5000 }, (_, i) => `a${i}`),
    Array.from({ length: 5000 }, (_, i) => `b${i}`),
  );
  assert.equal(far.length, 10_000);
  assert.deepEqual(
    lineDiff(['x', 'y', 'z'], ['x', 'q', 'z']).map(({ sign, text: it }) => sign + it),
    [' x', '-y', '+q', ' z'],
  );
});

test('context keeps what changed and its neighbours', () => {
  const lines = lineDiff(['1', '2', '3', '4', '5', '6'], ['1', '2', '3', '4', '6']);
  assert.deepEqual(
    withContext(lines, 1).map(({ sign, text }) => sign + text),
    [' 4', '-5', ' 6'],
  );
});
