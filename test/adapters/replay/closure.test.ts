/** By construction: from the sandbox's entry, import by import, nothing is reached but the domain, the projections and itself. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import test from 'node:test';

const source = resolve(import.meta.dirname, '../../../src');
const statement =
  /^\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\(\s*'?([^')]*)'?\s*\)/gms;

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(statement)]
    .filter(([text]) => !/^\s*(?:import|export)\s+type\s/.test(text))
    .map((found) => found[1] ?? found[2] ?? found[3] ?? '');

test('everything the sandbox loads', () => {
  const reached = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const to of importsOf(file)) {
      if (to.startsWith('.')) visit(resolve(dirname(file), to));
      else packages.add(to);
    }
  };
  visit(join(source, 'adapters/replay/child.ts'));
  const outside = [...reached]
    .map((file) => relative(source, file))
    .filter((file) => !/^(?:domain|projections)\/|^adapters\/replay\/(?:child|sandbox)\.ts$/.test(file));
  assert.ok(reached.size > 30, `expected to see the read model, saw ${reached.size} files`);
  assert.deepEqual(outside, []);
  const allowed = ['immer', 'netmask', 'node:crypto'];
  assert.deepEqual(
    [...packages].filter((name) => !allowed.includes(name)),
    [],
  );
});
