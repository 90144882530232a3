/**
 * Bad input through the whole program: one clear problem each that names the member, nothing changed, nothing lost, and the
 * program goes on. What is not even HTTP does it no harm either.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type BadRequest, badRequests } from './badRequests.ts';
import { configuration } from './load.ts';
import { createSite, NODES, type Reply, type Site } from './program.ts';

type Events = readonly { readonly position: number; readonly type: string; readonly actor: string }[];

const filledSite = async (t: TestContext) => {
  const site = await createSite(t);
  const running = site.start();
  await running.ready;
  assert.equal((await site.send('PUT', '/v1/configuration', configuration)).status, 200);
  const run = { cluster: 'PARTI00', node: NODES[0] };
  const { status, text } = await site.send('POST', '/v1/instances?wait=applied&timeout=60', run);
  assert.equal(status, 200, text);
  return { site, running };
};

/** All that a client can see of the cloud. */
const seen = async (site: Site): Promise<readonly string[]> => {
  const routes = ['configuration', 'properties', 'clusters', 'clusters/PARTI00/document', 'addresses', 'instances'];
  const more = ['private-addresses', 'security-groups'];
  const replies = await Promise.all([...routes, ...more].map((route) => site.send('GET', `/v1/${route}`)));
  return replies.map(({ status, text }) => `${status} ${text}`);
};

const eventsAfter = async (site: Site, after: number): Promise<Events> => {
  const reply = await site.send('GET', `/v1/events?after=${after}&limit=1000`);
  return reply.body['events'] as Events;
};

const assertProblem = (wanted: BadRequest, { status, headers, body, text }: Reply): void => {
  const said = `${wanted.what}: ${text.slice(0, 500)}`;
  assert.match(String(headers['content-type']), /^application\/problem\+json/, said);
  const { code, member, detail, title, type } = body;
  assert.deepEqual(
    [status, body['status'], code, member],
    [wanted.status, wanted.status, wanted.code, wanted.member],
    said,
  );
  assert.equal(type, `/problems/${wanted.code}`, said);
  assert.ok(typeof title === 'string' && typeof detail === 'string' && detail.length > 10, said);
  assert.doesNotMatch(text, /\.ts:\d+|node_modules|at async|Error:/, said);
};

test('every bad request gets one clear problem, changes nothing and loses nothing', { timeout: 120_000 }, async (t) => {
  const { site, running } = await filledSite(t);
  const before = await seen(site);
  const start = (await eventsAfter(site, -1)).at(-1)?.position ?? -1;
  for (const one of badRequests) {
    const { method, path, body, headers } = one;
    assertProblem(one, await site.send(method, path, body, headers));
  }
  // All at once, as from many clients.
  const replies = await Promise.all(badRequests.map((one) => site.send(one.method, one.path, one.body, one.headers)));
  for (const [i, reply] of replies.entries()) assertProblem(badRequests[i] as BadRequest, reply);

  assert.deepEqual(await seen(site), before);
  // The document delivered before may be written down only now.
  const made = (await eventsAfter(site, start)).filter(({ type }) => type !== 'DocumentDelivered');
  assert.deepEqual([...new Set(made.map(({ type }) => type))], ['CommandRefused'], 'only the audit has grown');
  assert.ok(made.every(({ actor }) => actor === 'local-operator'));

  const after = await site.send('POST', '/v1/instances?wait=applied&timeout=60', { cluster: 'PARTI00' });
  assert.deepEqual([after.status, (after.body['wait'] as { reached: boolean }).reached], [200, true], after.text);
  assert.doesNotMatch(running.said(), /"level":"error"/);
  assert.deepEqual(await running.kill('SIGTERM'), { exit: 0, signal: null });
});

/** Sends bytes as they are and resolves when the connection is over, however it ends. */
const throwAt = (site: Site, bytes: string | Uint8Array, hangUp: boolean): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(site.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.on('data', () => socket.destroy());
    socket.write(bytes, () => {
      if (hangUp) socket.destroy();
      else socket.end();
    });
  });

test('what is not even HTTP, and what breaks off, does no harm', { timeout: 120_000 }, async (t) => {
  const { site, running } = await filledSite(t);
  const before = await seen(site);
  const head = 'POST /v1/security-groups HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
  const body = '{"name":"cut","description":"d"}';
  const garbage = [
    'hello\r\n\r\n',
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0xff, 0x00, 0x80]),
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`,
    'GET /v1/%zz%00/../../etc HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
    'GET /v1/events HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    `${head}Content-Length: ${body.length + 50}\r\n\r\n${body}`,
    `${head}Content-Length: -1\r\n\r\n${body}`,
    `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
    `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n${body}\r\n0\r\n\r\n`,
    `${head}Content-Length: 10`,
  ];
  for (const hangUp of [true, false]) {
    await Promise.all(garbage.map((bytes) => throwAt(site, bytes, hangUp)));
    assert.equal((await site.send('GET', '/readyz')).status, 200);
  }
  assert.deepEqual(await seen(site), before);
  assert.equal((await site.send('POST', '/v1/security-groups', body)).status, 200);
  assert.doesNotMatch(running.said(), /"level":"error"/);
  assert.deepEqual(await running.kill('SIGTERM'), { exit: 0, signal: null });
});
