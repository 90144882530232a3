/** `docs/http.md` says what the route table says. `REWRITE=1` writes it anew. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { referenceOf } from '../../../src/adapters/http/reference.ts';
import { routeTable } from '../../../src/adapters/http/server.ts';
import { timeRoutes } from '../../../src/roles/cloudTime.ts';
import { silentTime } from './silentTime.ts';

const path = join(import.meta.dirname, '../../../docs/http.md');

test('the page about HTTP is what the route table says', () => {
  const text = referenceOf(routeTable('0', timeRoutes(silentTime)));
  if (process.env['REWRITE'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  assert.equal(readFileSync(path, 'utf8'), text);
});
