/** Every "no" the house can say over HTTP has a page, and every page says something. Codes are found by reading the source. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { escapeHtml } from '../../../src/adapters/http/html.ts';
import {
  isDescribed,
  problemCatalogue,
  problemEntry,
  problemOf,
  problemSchema,
} from '../../../src/adapters/http/problems.ts';
import { escapeControls, refuseRequest, shown } from '../../../src/adapters/http/refusal.ts';
import { checkOf } from '../../../src/adapters/http/validation.ts';
import { groupRefusals } from '../../../src/domain/groupRefusals.ts';
import { awsNames as privateNames } from '../../../src/domain/privatePool.ts';
import { awsNames as publicNames } from '../../../src/domain/publicPool.ts';
import { openDoor } from './client.ts';
import { createRecordingPort } from './recordingPort.ts';

const root = join(import.meta.dirname, '../../../src');

/** Rooms whose refusals are said on the command line or on another wire. */
const elsewhere = ['adapters/node/', 'adapters/cli/', 'adapters/soap/', 'adapters/wire/', 'roles/'];

const sources = (): readonly (readonly [path: string, text: string])[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !elsewhere.some((room) => path.startsWith(room)))
    .map((path) => [path, readFileSync(join(root, path), 'utf8')] as const);

/** Literal codes of refusals, wherever they are made, and the kinds of `property.invalid.<kind>`. */
const codesIn = (text: string, path: string): readonly string[] => {
  const literal = [...text.matchAll(/\b(?:refuse|refuseRequest|refuseGroup)\(\s*'([^']+)'/g)].map(
    (match) => match[1] ?? '',
  );
  const kinds = path.startsWith('domain/configuration/') ? [...text.matchAll(/\binvalid\('([a-z]+)'/g)] : [];
  return [...literal, ...kinds.map((match) => `property.invalid.${match[1]}`)];
};

test('every refusal code in the source has a page', () => {
  const found = sources().flatMap(([path, text]) => codesIn(text, path).map((code) => ({ code, path })));
  assert.ok(new Set(found.map(({ code }) => code)).size > 80, 'the search must find the codes at all');
  assert.deepEqual(
    found.filter(({ code }) => !isDescribed(code)).map(({ code, path }) => `${code} in ${path}`),
    [],
  );
  const listed = [...Object.keys(groupRefusals), ...Object.keys(privateNames), ...Object.keys(publicNames)];
  assert.deepEqual(
    listed.filter((code) => !isDescribed(code)),
    [],
  );
});

test('every page explains and says what to do next', () => {
  for (const entry of problemCatalogue.values()) {
    assert.ok(entry.status >= 400 && entry.status < 600, entry.code);
    for (const words of [entry.title, entry.explanation, entry.next])
      assert.ok(words.length >= 8, `${entry.code}: ${words}`);
    assert.match(entry.next, /[.!]$/, entry.code);
  }
});

test('a code nobody described still gets a problem', () => {
  const problem = problemOf(refuseRequest('of-a-newer-domain', 'Why not.'), 'r');
  assert.equal(problem.status, 422);
  assert.equal(problem.type, '/problems/of-a-newer-domain');
  assert.equal(checkOf(problemSchema)(problem), undefined);
  assert.equal(problemEntry('security-digest').status, 403);
});

test('problems name what AWS calls them', () => {
  assert.equal(problemOf(refuseRequest('invalid-group-in-use', ''), 'r')['aws'], 'InvalidGroup.InUse');
  assert.equal(problemOf(refuseRequest('stopping', ''), 'r')['aws'], undefined);
});

test('control characters never reach a log or a terminal', () => {
  assert.equal(escapeControls('a\u001b[31mb\nc\u202ed'), 'a\\u001b[31mb\\u000ac\\u202ed');
  assert.equal(shown('x'.repeat(500)).length, 120);
  assert.equal(escapeHtml(`<a href="x" title='y'>&`), '&#60;a href=&#34;x&#34; title=&#39;y&#39;&#62;&#38;');
});

test('pages are served as HTML or JSON, and hold no script', async (t) => {
  const door = await openDoor(t, { controlPlane: createRecordingPort().controlPlane });
  const page = await door.send('GET', '/problems/json.syntax', undefined, { Accept: 'text/html,*/*;q=0.1' });
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.match(String(page.headers['content-security-policy']), /default-src 'none'; style-src 'sha256-/);
  assert.match(page.text, /What to do next/);
  const odd = await door.send('GET', `/problems/${encodeURIComponent('<script>')}`, undefined, { Accept: 'text/html' });
  assert.doesNotMatch(odd.text, /<script/);
  const json = await door.send('GET', '/problems/json.syntax');
  assert.equal(json.body['code'], 'json.syntax');
  const all = await door.send('GET', '/problems');
  assert.equal((all.body['items'] as readonly unknown[]).length, problemCatalogue.size);
  assert.match((await door.send('GET', '/problems', undefined, { Accept: 'text/html' })).text, /json\.syntax/);
  assert.match((await door.send('GET', '/', undefined, { Accept: 'text/html' })).text, /openapi\.json/);
});
