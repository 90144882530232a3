/** Bytes copied from the leaf before are the bytes that would have been written, whatever changed and in whatever script. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joined, spliced } from '../../../src/projections/document/leafBytes.ts';
import type { Leaf } from '../../../src/projections/trieNodes.ts';

type Entry = { readonly text: string };

const leafOf = (entries: ReadonlyMap<string, Entry>): Leaf<Entry> => {
  const keys = [...entries.keys()].sort();
  return { kind: 'leaf', keys, values: keys.map((key) => entries.get(key) as Entry) };
};

const key = fc.constantFrom(...'abcdefghij');
const text = fc.string({ unit: 'grapheme', maxLength: 6 });
const entries = fc.array(fc.tuple(key, text), { maxLength: 10 });

test('a spliced leaf is the leaf as it would be written, and so is what is spliced from it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(entries, fc.array(key)), { minLength: 1, maxLength: 6 }), (steps) => {
      const now = new Map<string, Entry>();
      let before = leafOf(now);
      const written: string[] = [];
      const fragment = (id: string, { text: said }: Entry): string => {
        written.push(id);
        return `<${id}>${said}`;
      };
      let known = joined(before, fragment);
      for (const [puts, removes] of steps) {
        const kept = new Map(now);
        for (const [id, said] of puts) now.set(id, { text: said });
        for (const id of removes) now.delete(id);
        const leaf = leafOf(now);
        written.length = 0;
        const made = spliced(leaf, before, known, fragment);
        assert.deepEqual(
          written,
          leaf.keys.filter((id) => kept.get(id) !== now.get(id)),
        );
        assert.deepEqual(made, joined(leaf, fragment));
        before = leaf;
        known = made;
      }
    }),
  );
});
