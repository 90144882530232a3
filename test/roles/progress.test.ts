/** The line people look at while a long log is read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressLine } from '../../src/roles/progress.ts';

const scene = (isTTY: boolean) => {
  const said: string[] = [];
  let time = 0;
  const stream = { isTTY, write: (text: string) => said.push(text) > 0 } as unknown as typeof process.stderr;
  const line = progressLine('reading the log', stream, () => time);
  return {
    line,
    said,
    pass: (ms: number) => {
      time += ms;
    },
  };
};

test('says how many, how fast and how long it will still take', () => {
  const { line, said, pass } = scene(true);
  line.show(0, { at: 0, end: 4_000 });
  pass(2_000);
  line.show(1_000, { at: 1_000, end: 4_000 });
  assert.deepEqual(said, ['\rreading the log: 1000 events, 500/s, about 6 s left\u001b[K']);
  pass(6_000);
  line.done(4_000);
  assert.equal(said.at(-1), '\rreading the log: 4000 events, 500/s, done\u001b[K\n');
});

test('guesses nothing before it has moved, and is silent when it is short or nobody looks', () => {
  const { line, said, pass } = scene(true);
  line.show(10, { at: 10, end: 20 });
  pass(1_500);
  line.show(10, { at: 10, end: 20 });
  assert.deepEqual(said, ['\rreading the log: 10 events, 7/s\u001b[K']);
  const unseen = scene(false);
  unseen.pass(5_000);
  unseen.line.show(10, { at: 10, end: 20 });
  unseen.line.done(20);
  assert.deepEqual(unseen.said, []);
});
