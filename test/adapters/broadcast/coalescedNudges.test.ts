/** Bursts of nudges made few, on a clock that the test moves. */
import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { coalesced } from '../../../src/adapters/broadcast/coalescedNudges.ts';

const open = (t: TestContext) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const passed: string[] = [];
  return { passed, nudges: coalesced((cluster) => passed.push(cluster), 10) };
};

test('the first of a burst passes at once, and one more for all that follow', (t) => {
  const { passed, nudges } = open(t);
  for (let i = 0; i < 5; i += 1) nudges.nudge('one');
  assert.deepEqual(passed, ['one']);
  mock.timers.tick(10);
  assert.deepEqual(passed, ['one', 'one']);
  // That one rests as well, and nobody came meanwhile.
  mock.timers.tick(10);
  nudges.nudge('one');
  assert.deepEqual(passed, ['one', 'one', 'one']);
});

test('clusters do not wait for each other', (t) => {
  const { passed, nudges } = open(t);
  nudges.nudge('one');
  nudges.nudge('two');
  assert.deepEqual(passed, ['one', 'two']);
});

test('what rests when it is stopped does not pass', (t) => {
  const { passed, nudges } = open(t);
  nudges.nudge('one');
  nudges.nudge('one');
  nudges.stop();
  mock.timers.tick(1_000);
  assert.deepEqual(passed, ['one']);
});
