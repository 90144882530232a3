/** A file of a cache is whole or it is none: cut anywhere, changed anywhere, it is not believed. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isFlawed, readCacheFile, writeCacheFile } from '../../../src/adapters/snapshot/cacheFile.ts';

describe('a file of a cache', () => {
  let folder = '';
  const path = (): string => join(folder, 'one.cache');
  const body = Array.from({ length: 700 }, (_, n) => Buffer.from(`piece ${n} \n of ${'x'.repeat(n)}`));
  const facts = { code: 'this', words: ['a', 'zwölf'], nested: { n: 1 } };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgelog-cache-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('is read as it was written, and nothing is left beside it', async () => {
    assert.equal(await readCacheFile(path()), undefined);
    const whole = Buffer.concat(body);
    assert.equal(await writeCacheFile(path(), body, facts), whole.length);
    const read = await readCacheFile(path());
    assert.ok(read !== undefined && !isFlawed(read));
    assert.deepEqual(read.facts, facts);
    assert.ok(read.body.equals(whole));
    assert.deepEqual(await readdir(folder), ['one.cache']);
    await writeCacheFile(path(), [], {});
    assert.deepEqual(await readCacheFile(path()), { facts: {}, body: Buffer.alloc(0) });
  });

  test('cut short anywhere it is not believed', async () => {
    await writeCacheFile(path(), body, facts);
    const bytes = await readFile(path());
    for (const length of [0, 1, 5_000, bytes.length - 200, bytes.length - 2, bytes.length - 1]) {
      await writeFile(path(), bytes.subarray(0, length));
      const read = await readCacheFile(path());
      assert.ok(read !== undefined && isFlawed(read), `cut to ${length} bytes`);
    }
  });

  test('with any byte changed it is not believed', async () => {
    await writeCacheFile(path(), body, facts);
    const bytes = await readFile(path());
    const end = bytes.lastIndexOf(10);
    for (const at of [0, 1, 777, end - 1, end, end + 12]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await writeFile(path(), changed);
      const read = await readCacheFile(path());
      assert.ok(read !== undefined && isFlawed(read), `byte ${at} changed`);
    }
  });

  test('one that cannot be made leaves the old one as it was', async () => {
    await writeCacheFile(path(), body, facts);
    const before = await readFile(path());
    const failing = function* (): Generator<Uint8Array> {
      yield Buffer.from('begun');
      throw new Error('it cannot be made');
    };
    await assert.rejects(writeCacheFile(path(), failing(), facts), /it cannot be made/);
    assert.deepEqual(await readdir(folder), ['one.cache']);
    assert.ok((await readFile(path())).equals(before));
  });
});
