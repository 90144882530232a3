/**
 * The tool that stays: what it takes, what it leaves to others, and that a broken one never blocks anybody.
 */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createNftSession } from '../../../src/adapters/node/agent/nftSession.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgelog-session-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** A tool that writes down its lines and answers as told. */
const toolThat = async (name: string, answer: string): Promise<{ tool: string; heard: () => Promise<string[]> }> => {
  const tool = join(folder, name);
  const log = `${tool}.log`;
  await writeFile(log, '');
  await writeFile(
    tool,
    `#!/bin/sh\necho start >>${log}\nwhile read -r line; do echo "$line" >>${log}; case "$line" in describe*) echo "meta expression, datatype mark (packet mark) (basetype integer), 32 bits";; *) ${answer};; esac; done\n`,
  );
  await chmod(tool, 0o755);
  return { tool, heard: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '') };
};

test('a transaction is one line, and one process serves many', async () => {
  const { tool, heard } = await toolThat('good', ':');
  const session = createNftSession(tool);
  assert.equal(await session.take('add element ip edge a { 1 }\ndelete element ip edge a { 2 }\n'), true);
  assert.equal(await session.take('flush chain ip edge c\n'), true);
  session.stop();
  const lines = (await heard()).filter((line) => !line.startsWith('describe'));
  assert.deepEqual(lines, [
    'start',
    'add element ip edge a { 1 }; delete element ip edge a { 2 }',
    'flush chain ip edge c',
  ]);
});

test('a complaint is a no, on either mouth, and the next one may be a yes', async () => {
  const { tool } = await toolThat('bad', 'case "$line" in *bad*) echo "Error: no such thing" >&2;; esac');
  const session = createNftSession(tool);
  assert.equal(await session.take('bad\n'), false);
  assert.equal(await session.take('add element ip edge a { 1 }\n'), true);
  session.stop();
});

test('what no editor of lines should see is not for it', async () => {
  const { tool, heard } = await toolThat('idle', ':');
  const session = createNftSession(tool);
  for (const text of ['a\tb\n', 'a\u001b[A\n', 'ends with \\\n', '\n', `add ${'1'.repeat(20_000)}\n`]) {
    assert.equal(await session.take(text), false);
  }
  session.stop();
  assert.deepEqual(await heard(), []);
});

test('one that ends is started anew, one that never answers is given up', async () => {
  const { tool, heard } = await toolThat('mortal', 'case "$line" in die*) kill -9 $$;; esac');
  const session = createNftSession(tool);
  assert.equal(await session.take('die\n'), false);
  assert.equal(await session.take('live\n'), true);
  for (let index = 0; index < 5; index += 1) assert.equal(await session.take('die\n'), false);
  assert.equal(await session.take('live\n'), false, 'nobody asks it any more');
  session.stop();
  assert.equal((await heard()).filter((line) => line === 'start').length, 4);
  assert.equal(await createNftSession(join(folder, 'missing')).take('a\n'), false);
});
