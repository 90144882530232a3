/** The generated pages say what the source says. `node scripts/docs.ts` writes them anew. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { eventWords } from '../../scripts/docs.d/events.ts';
import { generatedPages } from '../../scripts/docs.ts';
import { schemas } from '../../src/domain/codec.ts';
import { expectedEvents } from '../golden/expected/index.ts';
import { samples } from '../golden/samples.ts';
import { root } from './program.ts';

for (const [path, page] of Object.entries(generatedPages)) {
  test(`${path} is current; if not: node scripts/docs.ts`, () => {
    const [there, wanted] = [readFileSync(join(root, path), 'utf8'), page()].map((text) => text.split('\n'));
    const differing = wanted?.findIndex((line, i) => line !== there?.[i]) ?? -1;
    assert.equal(there?.[differing], wanted?.[differing], `line ${differing + 1}`);
    assert.equal(there?.length, wanted?.length);
  });
}

test('the catalogue knows every event, in the stream its samples lie in', () => {
  const words = eventWords(root);
  assert.deepEqual(words.map(({ type }) => type).sort(), Object.keys(schemas).sort());
  const categories = new Map(words.map(({ type, category }) => [type as string, category]));
  for (const { name, type, stored } of samples) {
    assert.equal(`${categories.get(type)}-`, stored.stream.slice(0, stored.stream.indexOf('-') + 1), name);
    assert.equal(expectedEvents[name]?.type, type);
  }
});
