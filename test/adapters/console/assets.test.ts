/** What is served is the closure of the page's imports, as JavaScript that a browser can load. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
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
