/** A file is the old one or the new one, never a part of either, and what fails leaves the old one and no litter. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ensureFolder, readIfThere, replaceFile } from '../../../src/adapters/shared/atomicFile.ts';

const folderOf = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-atomic-'));
  t.after(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
};

test('a file is replaced as a whole, for its owner alone, by a new file', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'file');
  writeFileSync(path, 'old and much longer than the new one', { mode: 0o644 });
  const before = statSync(path).ino;
  await replaceFile(path, [Buffer.from('a'), Buffer.from('bc')]);
  assert.equal(readFileSync(path, 'utf8'), 'abc');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.notEqual(statSync(path).ino, before);
  assert.deepEqual(readdirSync(folder), ['file']);
});

test('thousands of small pieces and single large ones arrive in order', async (t) => {
  const path = join(folderOf(t), 'file');
  const pieces = Array.from({ length: 5_000 }, (_, i) => Buffer.from(`${i},`));
  pieces.splice(2_500, 0, Buffer.alloc(3 << 20, 'x'));
  await replaceFile(path, pieces);
  assert.ok(readFileSync(path).equals(Buffer.concat(pieces)));
  await replaceFile(path, []);
  assert.equal(statSync(path).size, 0);
});

test('writers at the same time leave one of their files whole', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'file');
  const contents = Array.from({ length: 20 }, (_, i) => String(i).repeat(100_000));
  await Promise.all(contents.map((content) => replaceFile(path, [Buffer.from(content)])));
  assert.ok(contents.includes(readFileSync(path, 'utf8')));
  assert.deepEqual(readdirSync(folder), ['file']);
});

test('what cannot be written is said, the old file stays and nothing else is left', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'file');
  await replaceFile(path, [Buffer.from('old')]);
  mkdirSync(join(folder, 'taken'));
  await assert.rejects(replaceFile(join(folder, 'taken'), [Buffer.from('x')]), { code: 'EISDIR' });
  await assert.rejects(replaceFile(join(folder, 'missing', 'file'), [Buffer.from('x')]), { code: 'ENOENT' });
  const broken = {
    get byteLength(): number {
      throw new Error('no bytes');
    },
  } as unknown as Uint8Array;
  await assert.rejects(replaceFile(path, [broken]), /no bytes/);
  assert.equal(readFileSync(path, 'utf8'), 'old');
  assert.deepEqual(readdirSync(folder).sort(), ['file', 'taken']);
});

test('a file that is not there is no error; anything else is', async (t) => {
  const folder = folderOf(t);
  assert.equal(await readIfThere(join(folder, 'none')), undefined);
  await assert.rejects(readIfThere(folder), { code: 'EISDIR' });
});

test('folders are made as deep as they are wished, for their owner alone', async (t) => {
  const folder = join(folderOf(t), 'a', 'b');
  await ensureFolder(folder);
  await ensureFolder(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});
