/** A branch of a table sees the base and its own changes; the base sees none of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { branchOfTable, type Table, tableOf } from '../../../src/domain/addressPool/table.ts';

type Change = { readonly key: number; readonly value: number | undefined };

const anyChanges = fc.array(
  fc.record({ key: fc.integer({ min: 0, max: 9 }), value: fc.option(fc.integer(), { nil: undefined }) }),
  { maxLength: 20 },
);

const change = (table: Table<number, number> | Map<number, number>, changes: readonly Change[]): void => {
  for (const { key, value } of changes) {
    if (value === undefined) table.delete(key);
    else table.set(key, value);
  }
};

const assertSame = (table: Table<number, number>, model: ReadonlyMap<number, number>): void => {
  const byKey = (a: readonly [number, number], b: readonly [number, number]): number => a[0] - b[0];
  assert.deepEqual([...table.entries()].toSorted(byKey), [...model].toSorted(byKey));
  assert.equal(table.size(), model.size);
  for (let key = 0; key < 10; key += 1) {
    assert.equal(table.get(key), model.get(key));
    assert.equal(table.has(key), model.has(key));
  }
};

test('two branches, one upon the other, behave as copies', () => {
  fc.assert(
    fc.property(anyChanges, anyChanges, anyChanges, (first, second, third) => {
      const base = tableOf<number, number>();
      const model = new Map<number, number>();
      for (const one of [base, model]) change(one, first);
      const branch = branchOfTable(base);
      const copy = new Map(model);
      for (const one of [branch, copy]) change(one, second);
      const twig = branchOfTable(branch);
      const copyOfCopy = new Map(copy);
      for (const one of [twig, copyOfCopy]) change(one, third);
      assertSame(twig, copyOfCopy);
      assertSame(branch, copy);
      assertSame(base, model);
    }),
    { seed: 1, numRuns: 200 },
  );
});
