/**
 * The word of a node on its way up: said until it is heard, believed only when the pinned key sealed it for this listener,
 * lately and for the first time, and read strictly.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { makeKeys, readCertificate, readKeys } from '../../../src/adapters/soap/keys.ts';
import { readNodeWord } from '../../../src/adapters/wire/nodeWord.ts';
import { reportRoute } from '../../../src/adapters/wire/reportDoor.ts';
import { createReporter } from '../../../src/adapters/wire/reporter.ts';
import { createSealer } from '../../../src/adapters/wire/seal.ts';
import { createWireServer } from '../../../src/adapters/wire/wireServer.ts';
import { createWordCheck } from '../../../src/adapters/wire/wordCheck.ts';
import { until } from '../broadcast/lanesContract.ts';

const PATH = '/reports';
const word = {
  node: '10.1.1.2',
  accepted: { epoch: 1, position: 7 },
  applied: null,
  agent: 'plan',
  refusal: null,
  digest: 'a'.repeat(64),
  traceparent: null,
};

describe('reading a word', () => {
  test('takes what a node says, and nothing that only looks like it', () => {
    assert.deepEqual(readNodeWord(word), word);
    const { digest: _, traceparent: __, ...short } = word;
    assert.deepEqual(readNodeWord(short), { ...word, digest: null });
    const wrong: readonly object[] = [
      { node: '' },
      { node: 'two words' },
      { node: 'x'.repeat(300) },
      { agent: 'root' },
      { accepted: { epoch: 1 } },
      { accepted: { epoch: 1.5, position: 1 } },
      { applied: 'yes' },
      { refusal: { reason: 1, detail: '' } },
      { digest: 'short' },
      { traceparent: 'anything' },
    ];
    for (const one of wrong) assert.equal(readNodeWord({ ...word, ...one }), undefined, JSON.stringify(one));
  });

  test('never throws, whatever comes', () => {
    fc.assert(fc.property(fc.anything(), (x) => void readNodeWord(x)));
    fc.assert(
      fc.property(
        fc.record({ node: fc.anything(), accepted: fc.anything(), agent: fc.anything() }),
        (x) => void readNodeWord(x),
      ),
    );
  });
});

describe('words with and without a seal', () => {
  let folder: string;
  let keys: { readonly pem: string; readonly certificate: string };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgelog-words-'));
    await makeKeys({ folder: join(folder, 'keys'), owners: ['node'], nowMs: Date.now() });
    keys = {
      pem: (await readKeys(join(folder, 'keys'), 'node')).privateKeyPem,
      certificate: await readCertificate(join(folder, 'keys'), 'node'),
    };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('a seal holds for its body, its path and its time, and once', async () => {
    let now = 1_000_000_000_000;
    const clock = (): number => now;
    const sealer = createSealer(keys.pem, clock);
    const check = createWordCheck(keys.certificate, PATH, clock);
    const body = Buffer.from(JSON.stringify(word));
    const seal = await sealer(body, PATH);
    assert.match(check(Buffer.from('{}'), seal)?.detail ?? '', /pinned certificate/);
    assert.match(check(body, undefined)?.detail ?? '', /no seal/);
    assert.match(check(body, await sealer(body, '/other'))?.detail ?? '', /pinned certificate/);
    assert.equal(check(body, seal), undefined);
    assert.match(check(body, seal)?.detail ?? '', /heard before/);
    now += 301_000;
    assert.match(check(body, seal)?.detail ?? '', /too old, or the clocks differ/);
    assert.equal(check(body, await sealer(body, PATH)), undefined);
    const early = await sealer(body, PATH);
    now -= 3_600_000;
    assert.match(check(body, early)?.detail ?? '', /clocks differ/);
  });

  test('a listener with a certificate hears sealed words only, and says why not', async () => {
    const heard: unknown[] = [];
    const refused: string[] = [];
    const server = createWireServer({
      host: '127.0.0.1',
      port: 0,
      routes: [
        reportRoute({
          path: PATH,
          check: createWordCheck(keys.certificate, PATH, Date.now),
          hear: (said) => readNodeWord(said) !== undefined && heard.push(said) > 0,
          onRefused: (why) => refused.push(why),
        }),
      ],
    });
    const { port } = await server.listen();
    const url = `http://127.0.0.1:${port}${PATH}`;
    const post = async (body: string, headers: Record<string, string> = {}): Promise<number> =>
      (await fetch(url, { method: 'POST', body, headers })).status;
    const sealer = createSealer(keys.pem, Date.now);
    const sealed = async (body: string) => ({ 'edgelog-seal': await sealer(Buffer.from(body), PATH) });
    try {
      assert.equal(await post(JSON.stringify(word)), 403);
      assert.equal(await post('nonsense', await sealed('nonsense')), 400);
      assert.equal(await post('{}', await sealed('{}')), 422);
      const text = JSON.stringify(word);
      const headers = await sealed(text);
      assert.equal(await post(text, headers), 204);
      assert.equal(await post(text, headers), 403);
      assert.deepEqual([heard.length, refused.length], [1, 2]);
      assert.equal((await fetch(`http://127.0.0.1:${port}/elsewhere`, { method: 'POST' })).status, 404);
      assert.equal((await fetch(url)).status, 405);
      assert.equal(await post('x'.repeat(2 << 20)), 413);
    } finally {
      await server.close();
    }
  });
});

describe('reporting', () => {
  test('goes on until it is heard, and then says the newest word, not all of them', async () => {
    const heard: string[] = [];
    let status = 500;
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        heard.push(body);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    let count = 0;
    const faults: string[] = [];
    const reporter = createReporter({
      ...{ url: `http://127.0.0.1:${port}/x`, headers: {}, againEveryMs: 60_000, timeoutMs: 2_000 },
      word: () => ({ count }),
      onFault: (reason) => faults.push(reason),
    });
    try {
      reporter.poke();
      await until(() => heard.length >= 3, 'three attempts');
      await until(() => faults.length === 1, 'the fault to be told once');
      assert.match(faults[0] ?? '', /HTTP 500/);
      count = 41;
      for (let i = 0; i < 50; i += 1) reporter.poke();
      count = 42;
      status = 204;
      reporter.poke();
      await until(() => heard.at(-1) === '{"count":42}', 'the newest word');
      const after = heard.length;
      assert.ok(after < 40, `expected words to be gathered, ${after} were sent`);
    } finally {
      await reporter.stop();
      server.closeAllConnections();
      server.close();
    }
  });

  test('a wish that comes in the moment in which the last word has been said is not left for the next time', async () => {
    const heard: string[] = [];
    const server = createServer((request, response) => {
      heard.push(request.url ?? '');
      response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    let asked = 0;
    const reporter = createReporter({
      ...{ url: `http://127.0.0.1:${port}/x`, headers: {}, againEveryMs: 3_600_000, timeoutMs: 5_000 },
      word: () => {
        asked += 1;
        if (asked > 1) return { asked };
        queueMicrotask(() => reporter.poke());
        return undefined;
      },
      onFault: () => undefined,
    });
    reporter.poke();
    await until(() => heard.length === 1, 'the word that was wished for');
    await reporter.stop();
    server.closeAllConnections();
    server.close();
  });

  test('whoever pokes one that was stopped wakes nobody, and keeps nothing busy', async () => {
    let asked = 0;
    const reporter = createReporter({
      ...{ url: 'http://127.0.0.1:9/x', headers: {}, againEveryMs: 1, timeoutMs: 1_000 },
      word: () => {
        asked += 1;
        return undefined;
      },
      onFault: () => undefined,
    });
    reporter.poke();
    await reporter.stop();
    const before = asked;
    for (let i = 0; i < 3; i += 1) {
      reporter.poke();
      // Comes back only when nothing spins in between.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(asked, before);
  });

  test('an answer without end is not read to its end, and stopping waits for nobody', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) {}
      };
      response.on('drain', pour);
      response.on('error', () => undefined);
      pour();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    let asked = 0;
    const reporter = createReporter({
      ...{ url: `http://127.0.0.1:${port}/x`, headers: {}, againEveryMs: 1, timeoutMs: 5_000 },
      word: () => {
        asked += 1;
        return { asked };
      },
      onFault: () => undefined,
    });
    reporter.poke();
    // The second word is said only when the first was through.
    await until(() => asked >= 2, 'a second word');
    await reporter.stop();
    server.closeAllConnections();
    server.close();
  });
});
