/** What is served is the closure of the page's imports, as JavaScript that a browser can load. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAssets } from '../../../src/adapters/console/assets.ts';

const page = join(import.meta.dirname, '../../../src/adapters/console/page');
const assets = readAssets();
const programs = [...assets].filter(([path]) => path.endsWith('.ts'));

test('every program of the page is used, and nothing of other adapters is served', () => {
  const ours = readdirSync(page, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const typesOnly = ['answers.ts'];
  const served = new Set(assets.keys());
  const unused = ours.filter((name) => !served.has(`adapters/console/page/${name}`) && !typesOnly.includes(name));
  assert.deepEqual(unused, []);
  for (const [path] of programs) assert.match(path, /^(?:adapters\/console\/page|domain|projections)\//);
});

test('programs import files that are served too, by relative paths', () => {
  for (const [path, { body }] of programs) {
    for (const [, link = ''] of body.toString().matchAll(/\bfrom '([^']+)'/g)) {
      const target = new URL(link, `http://here/${path}`).pathname.slice(1);
      assert.ok(assets.has(target), `${path} imports ${link}`);
    }
  }
});

test('the same files have the same tags', () => {
  const again = readAssets();
  for (const [path, { etag }] of assets) assert.equal(again.get(path)?.etag, etag);
  assert.equal(new Set([...assets.values()].map(({ etag }) => etag)).size, assets.size);
});

test('the style sheet asks for nothing from elsewhere', () => {
  const style = assets.get('style.css')?.body.toString() ?? '';
  assert.ok(style.length > 1000);
  assert.doesNotMatch(style, /@import|url\(|https?:/);
});

test('the style sheet has every part, what gives way last, and no rule for a class that nobody has', () => {
  const style = assets.get('style.css')?.body.toString() ?? '';
  const parts = readdirSync(join(page, 'style')).map((name) => readFileSync(join(page, 'style', name), 'utf8'));
  assert.equal(style.length, parts.reduce((sum, part) => sum + part.length, 0) + parts.length - 1);
  for (const part of parts) assert.ok(style.includes(part), part.slice(0, 80));
  assert.ok(style.endsWith(readFileSync(join(page, 'style/narrow.css'), 'utf8')));
  const code = programs.map(([, { body }]) => body.toString()).join('\n');
  const classes = style.replaceAll(/\/\*.*?\*\//gs, '').matchAll(/\.([a-z][\w-]*)(?=[^{}]*\{)/g);
  // Of `k-group` or `live-on` the code has the part before the dash.
  const words = new Set(code.match(/[\w-]+/g));
  const isUsed = (name: string): boolean => words.has(name) || words.has(`${name.split('-')[0]}-`);
  const made = /^g\d+$/;
  assert.deepEqual(
    [...classes].map(([, name = '']) => name).filter((name) => !made.test(name) && !isUsed(name)),
    [],
  );
});
