/** The console as files of the running program: exactly those the page needs, with headers that let nothing else run. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createScene, edgelog, freePorts, type Scene } from './processes.ts';
import { createSite, type Reply, type Site } from './program.ts';

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'";

const typeOf = (path: string): RegExp =>
  path.endsWith('.ts')
    ? /^text\/javascript; charset=utf-8$/
    : path.endsWith('.css')
      ? /^text\/css; charset=utf-8$/
      : path.endsWith('.svg')
        ? /^image\/svg\+xml$/
        : /^text\/html; charset=utf-8$/;

/** Addresses a file leads to: links of the page, imports of a program. */
const linksIn = (path: string, text: string): readonly string[] => {
  const found = path.endsWith('.ts')
    ? [...text.matchAll(/^\s*(?:import|export)\b[^;'"]*from\s+'([^']+)'/gm)]
    : path.endsWith('/')
      ? [...text.matchAll(/(?:src|href)="([^"]+)"/g)]
      : [];
  return found.map(([, link = '']) => new URL(link, `http://here${path}`).pathname);
};

/** The page and everything it leads to, as a browser would get it. */
const crawled = async (site: Site): Promise<ReadonlyMap<string, Reply>> => {
  const seen = new Map<string, Reply>();
  const open = ['/console/'];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    const reply = await site.send('GET', path);
    seen.set(path, reply);
    open.push(...linksIn(path, reply.text));
  }
  return seen;
};

test('the console is served whole, and nothing but it', { timeout: 60_000 }, async (t) => {
  const site = await createSite(t, ['--no-cluster']);
  const running = site.start();
  await running.ready;
  assert.match(running.said(), new RegExp(`^console {13}http://127\\.0\\.0\\.1:${site.port}/console/$`, 'm'));
  const assets = await crawled(site);

  await t.test('every file is there, of its type, under the policy, with an ETag that is honoured', async () => {
    assert.ok(assets.size > 25, `expected the page with its programs, got ${assets.size} files`);
    for (const [path, { status, headers, text }] of assets) {
      assert.equal(status, 200, path);
      assert.match(headers['content-type'] ?? '', typeOf(path), path);
      assert.equal(headers['content-security-policy'], policy, path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['referrer-policy'], 'no-referrer', path);
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin', path);
      assert.equal(headers['set-cookie'], undefined, path);
      assert.equal(Number(headers['content-length']), Buffer.byteLength(text), path);
      const etag = headers.etag ?? assert.fail(`no ETag: ${path}`);
      const again = await site.send('GET', path, undefined, { 'if-none-match': `"other", ${etag}` });
      assert.deepEqual([again.status, again.text, again.headers.etag], [304, '', etag], path);
      assert.equal((await site.send('GET', path, undefined, { 'if-none-match': '"other"' })).status, 200, path);
    }
  });

  await t.test('programs hold no types, no markup is parsed, no style or script is inline', () => {
    for (const [path, { text }] of assets) {
      assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, path);
      if (path.endsWith('.ts')) assert.doesNotMatch(text, /^\s*(?:import|export) type\b|^\s*type \w+ =/m, path);
      if (path === '/console/') assert.doesNotMatch(text, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?:/i);
    }
  });

  await t.test('no other file of this program or machine can be had', async () => {
    const outside = [
      '/console/index.html',
      '/console/adapters/console/page/tsconfig.json',
      '/console/adapters/console/assets.ts',
      '/console/adapters/http/auth.ts',
      '/console/main.ts',
      '/console/../package.json',
      '/console/..%2f..%2fpackage.json',
      '/console/%2e%2e/%2e%2e/package.json',
      '/console/adapters/console/page/../../../../package.json',
      '/console//etc/passwd',
      '/console/..\\..\\package.json',
      '/console/style.css%00.ts',
      '/console/adapters/console/page/main.ts/',
    ];
    for (const path of outside) {
      const { status, text } = await site.send('GET', path);
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
      assert.doesNotMatch(text, /"dependencies"|root:|import /, path);
    }
  });

  await t.test('it can only be read', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await site.send(method, '/console/');
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], method);
    }
    const head = await site.send('HEAD', '/console/style.css');
    assert.deepEqual([head.status, head.text], [200, '']);
    assert.ok(Number(head.headers['content-length']) > 1000);
  });

  await t.test('browsers are sent there from the first page, programs are not', async () => {
    const browser = await site.send('GET', '/', undefined, { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    assert.deepEqual([browser.status, browser.headers.location], [303, '/console/']);
    for (const accept of ['application/json', '*/*', 'application/json, text/html;q=0.5']) {
      const { status, body } = await site.send('GET', '/', undefined, { accept });
      assert.equal(status, 200, accept);
      assert.equal((body['links'] as Record<string, string>)['/v1/status'], 'How things stand', accept);
    }
    assert.equal((await site.send('GET', '/')).status, 200);
    assert.equal((await site.send('GET', '/console')).text, assets.get('/console/')?.text);
  });

  await t.test('a page of another name for this machine gets nothing', async () => {
    assert.equal((await site.send('GET', '/console/', undefined, { host: 'evil.example' })).status, 421);
  });
});

describe('the console with keys, or without being wished for', { timeout: 60_000 }, () => {
  let scene: Scene;
  beforeEach(() => {
    scene = createScene();
  });
  afterEach(() => scene.end());

  test('its files are for everybody, what it shows is for who has a key', async () => {
    const data = await scene.folder();
    const file = join(data, 'keys.json');
    const added = scene.keep(edgelog('keys', 'add', 'looker', '--role', 'viewer', '--file', file));
    assert.equal(await added.ended, 0, added.said());
    const key = /el_[0-9a-f]{8}_[A-Za-z0-9_-]{43}/.exec(added.said())?.[0] ?? assert.fail(added.said());
    const [port = 0] = await freePorts(1);
    await scene.serve({ role: 'clc', data, port, 'keys-file': file });
    const get = (path: string, authorization?: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}${path}`, authorization === undefined ? {} : { headers: { authorization } });
    assert.equal((await get('/console/')).status, 200);
    assert.equal((await get('/v1/status')).status, 401);
    const reads = [
      'status',
      'convergence',
      'clusters',
      'instances',
      'security-groups',
      'addresses',
      'private-addresses',
      'events',
    ];
    for (const path of reads) assert.equal((await get(`/v1/${path}`, `Bearer ${key}`)).status, 200, path);
  });

  test('it can be left away', async () => {
    const [port = 0] = await freePorts(1);
    const started = await scene.serve({ role: 'clc', data: await scene.folder(), port, 'no-console': true });
    assert.doesNotMatch(started.said(), /^console/m);
    assert.equal((await fetch(`http://127.0.0.1:${port}/console/`)).status, 404);
    const first = await fetch(`http://127.0.0.1:${port}/`, { headers: { accept: 'text/html' } });
    assert.match(await first.text(), /<h1>Edgelog/);
  });
});
