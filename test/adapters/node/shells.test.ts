/**
 * The waiting shells answer as a process of one's own would: exit code, words, input taken literally, and a dead one is
 * replaced.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createShells } from '../../../src/adapters/node/agent/shells.ts';

test('exit codes and words come back, input goes in literally', async () => {
  const shells = createShells(2);
  const input = 'a $HOME `id` "quoted" \\n and \'single\'\nEOF\nend';
  const echoed = await shells.run('cat', [], { input });
  assert.deepEqual(echoed, { code: 0, stdout: '', stderr: `${input}\n` });
  assert.equal((await shells.run('sh', ['-c', 'echo words >&2; exit 7'])).code, 7);
  assert.match((await shells.run('sh', ['-c', 'echo words >&2; exit 7'])).stderr, /^words/);
  assert.equal((await shells.run('false', [])).code, 1);
  assert.equal((await shells.run('no-such-tool-anywhere', [])).code, 127);
  shells.stop();
});

test('calls side by side keep to themselves, more calls than shells too', async () => {
  const shells = createShells(2);
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      shells.run('sh', ['-c', `sleep 0.0${8 - index}; echo ${index}; exit ${index}`]),
    ),
  );
  answers.forEach((answer, index) => {
    assert.equal(answer.code, index);
    assert.match(answer.stdout + answer.stderr, new RegExp(`^${index}`));
  });
  shells.stop();
});

test('a shell that dies or hangs is an answer, and the next call gets another', async () => {
  const shells = createShells(1);
  assert.equal((await shells.run('sh', ['-c', 'kill -9 $PPID'])).code, -1);
  assert.equal((await shells.run('true', [])).code, 0);
  assert.equal((await shells.run('sleep', ['20'], { timeoutMs: 50 })).code, -1);
  assert.equal((await shells.run('true', [])).code, 0);
  shells.stop();
});

test('a listing is what a tool prints, however long, without its complaints', async () => {
  const shells = createShells(1);
  const lines = Array.from({ length: 40_000 }, (_, index) => `line ${index} ü`).join('\n');
  const listed = await shells.run('sh', ['-c', 'cat; echo words >&2; exit 3'], { input: lines, isListing: true });
  assert.deepEqual(listed, { code: 3, stdout: `${lines}\n`, stderr: '' });
  shells.stop();
});
