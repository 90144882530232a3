/** Bad input: one clear problem each, naming the member; nothing reaches the control plane, and the door goes on. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import test from 'node:test';
import fc from 'fast-check';
import { type Client, openDoor } from './client.ts';
import { createRecordingPort } from './recordingPort.ts';

const run = '/v1/instances';
const ingress = '/v1/security-groups/sg-00000001/ingress';
const json = { 'Content-Type': 'application/json' };

type Case = readonly [
  what: string,
  path: string,
  body: unknown,
  status: number,
  code: string,
  member?: string | undefined,
  headers?: object,
];

const cases: readonly Case[] = [
  ['not JSON', run, '{', 400, 'json.syntax'],
  ['two values', run, '{}{}', 400, 'json.syntax'],
  ['a comment', run, '{/**/}', 400, 'json.syntax'],
  ['a duplicate member', run, '{"cluster":"a","cluster":"b"}', 400, 'json.duplicate-member', 'cluster'],
  [
    'a duplicate deep inside',
    ingress,
    '{"permissions":[{"protocol":"tcp","protocol":"udp"}]}',
    400,
    'json.duplicate-member',
    'permissions[0].protocol',
  ],
  ['__proto__', run, '{"__proto__":{"cluster":"a"}}', 400, 'json.forbidden-member', '__proto__'],
  ['constructor', run, '{"cluster":"a","constructor":1}', 400, 'json.forbidden-member', 'constructor'],
  ['a number beyond 2^53', run, '{"cluster":"a","count":9007199254740993}', 400, 'json.unsafe-number', 'count'],
  ['half a surrogate pair', run, '{"cluster":"\\ud800"}', 400, 'json.syntax', 'cluster'],
  ['no UTF-8', run, Buffer.from([0x22, 0xff, 0x22]), 400, 'invalid-utf8'],
  ['deep nesting', run, `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 400, 'json.too-deep'],
  ['no object', run, '[]', 422, 'wrong-type'],
  ['null', run, 'null', 422, 'wrong-type'],
  ['a member missing', run, { count: 1 }, 422, 'missing-member', 'cluster'],
  ['an unknown member', run, { cluster: 'a', zone: 'b' }, 422, 'unknown-member', 'zone'],
  [
    'an unknown member deep inside',
    ingress,
    { permissions: [{ groups: [{ id: 'x' }] }] },
    422,
    'unknown-member',
    'permissions[0].groups[0].id',
  ],
  [
    'a member of the path in the body',
    `${run}/i-00000001/stop`,
    { instanceId: 'i-00000002' },
    422,
    'unknown-member',
    'instanceId',
  ],
  ['a text for a number', run, { cluster: 'a', count: '1' }, 422, 'wrong-type', 'count'],
  ['a fraction', run, { cluster: 'a', count: 1.5 }, 422, 'wrong-type', 'count'],
  ['zero', run, { cluster: 'a', count: 0 }, 422, 'invalid-member', 'count'],
  ['too many', run, { cluster: 'a', count: 1001 }, 422, 'invalid-member', 'count'],
  ['a word that is none', run, { cluster: 'a', addressing: 'both' }, 422, 'invalid-member', 'addressing'],
  ['a control character', run, { cluster: 'a\u001b[2J' }, 422, 'invalid-member', 'cluster'],
  ['a name without end', run, { cluster: 'a'.repeat(64) }, 422, 'invalid-member', 'cluster'],
  ['count and ids', run, { cluster: 'a', count: 1, instanceIds: ['i-00000001'] }, 422, 'invalid-member', 'count'],
  ['an account of eleven digits', run, { cluster: 'a', account: '12345678901' }, 422, 'invalid-member', 'account'],
  ['no permissions', ingress, { permissions: [] }, 422, 'invalid-member', 'permissions'],
  ['no body', run, undefined, 400, 'missing-body'],
  [
    'another kind of body',
    run,
    'cluster=a',
    415,
    'unsupported-media-type',
    undefined,
    { 'Content-Type': 'application/x-www-form-urlencoded' },
  ],
  [
    'text that a form could send',
    run,
    '{}',
    415,
    'unsupported-media-type',
    undefined,
    { 'Content-Type': 'text/plain' },
  ],
  [
    'another charset',
    run,
    '{}',
    415,
    'unsupported-media-type',
    undefined,
    { 'Content-Type': 'application/json; charset=latin1' },
  ],
  ['a compressed body', run, '{}', 415, 'unsupported-media-type', undefined, { ...json, 'Content-Encoding': 'gzip' }],
  ['an unknown parameter', `${run}?dryrun=true`, { cluster: 'a' }, 422, 'unknown-parameter', 'dryrun'],
  ['a parameter twice', `${run}?wait=applied&wait=projected`, { cluster: 'a' }, 422, 'repeated-parameter', 'wait'],
  ['a yes that is none', `${run}?dryRun=yes`, { cluster: 'a' }, 422, 'invalid-parameter', 'dryRun'],
  ['a long wait', `${run}?wait=applied&timeout=9999`, { cluster: 'a' }, 422, 'invalid-parameter', 'timeout'],
  ['a broken path', `${run}/%E0%A4%A/stop`, {}, 400, 'malformed-path'],
  ['a path with a control character', `${run}/i-%00/stop`, {}, 422, 'invalid-parameter', 'id'],
  ['a bad key', run, { cluster: 'a' }, 422, 'invalid-header', 'Idempotency-Key', { 'Idempotency-Key': 'a b' }],
  [
    'a long key',
    run,
    { cluster: 'a' },
    422,
    'invalid-header',
    'Idempotency-Key',
    { 'Idempotency-Key': 'k'.repeat(256) },
  ],
  ['If-Match where nothing is', run, { cluster: 'a' }, 422, 'invalid-header', 'If-Match', { 'If-Match': '"1"' }],
  ['any tag', '/v1/instances/i-00000001/stop', undefined, 422, 'invalid-header', 'If-Match', { 'If-Match': '*' }],
  [
    'a weak tag',
    '/v1/instances/i-00000001/stop',
    undefined,
    422,
    'invalid-header',
    'If-Match',
    { 'If-Match': 'W/"1"' },
  ],
];

test('each bad request has its problem, and none becomes a command', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane, onFault: (fault) => assert.fail(String(fault)) });
  for (const [what, path, body, status, code, member, headers] of cases) {
    const reply = await door.send('POST', path, body, (headers ?? {}) as { readonly [name: string]: string });
    assert.equal(reply.body['code'], code, `${what}: ${reply.text}`);
    assert.equal(reply.status, status, what);
    assert.equal(reply.body['status'], status, what);
    assert.equal(reply.body['type'], `/problems/${code}`, what);
    assert.equal(reply.headers['content-type'], 'application/problem+json', what);
    if (member !== undefined) assert.equal(reply.body['member'], member, what);
    assert.equal(reply.headers['x-request-id'], reply.body['requestId'], what);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none of them gets through is the point.
    assert.doesNotMatch(reply.text, /[\u0000-\u001f]/, what);
  }
  assert.deepEqual(port.asked, []);
  assert.equal((await door.send('POST', run, { cluster: 'a' })).status, 200);
});

test('reads are as strict', async (t) => {
  const door = await openDoor(t, { controlPlane: createRecordingPort().controlPlane });
  const codeOf = async (path: string, headers = {}) => (await door.send('GET', path, undefined, headers)).body['code'];
  assert.equal(await codeOf('/v1/instances?limit=0'), 'invalid-parameter');
  assert.equal(await codeOf('/v1/instances?limit=1001'), 'invalid-parameter');
  assert.equal(await codeOf('/v1/instances?limit=0x10'), 'invalid-parameter');
  assert.equal(await codeOf('/v1/instances?cursor=nonsense'), 'invalid-cursor');
  assert.equal(await codeOf('/v1/instances?state=running'), 'invalid-parameter');
  assert.equal(await codeOf('/v1/instances?at=yesterday'), 'invalid-moment');
  assert.equal(await codeOf('/v1/instances?at=2026-03-01T02:14:00'), 'invalid-moment');
  assert.equal(await codeOf('/v1/instances?at=2026-02-30T00:00:00Z'), 'invalid-moment');
  assert.equal(await codeOf('/v1/instances?at=99999'), 'moment-not-reached');
  assert.equal(await codeOf('/v1/events?from=2026'), 'invalid-moment');
  assert.equal(await codeOf('/v1/events/stream', { 'Last-Event-ID': 'x' }), 'invalid-header');
  assert.equal(await codeOf('/v1/instances', { Accept: 'application/xml' }), 'not-acceptable');
  assert.equal(await codeOf('/v1/instance'), 'no-such-page');
  assert.equal(await codeOf('/V1/instances'), 'no-such-page');
  assert.equal((await door.send('GET', '/v1/instances', '{}')).body['code'], 'unexpected-body');
});

test('a method that is not there says which are', async (t) => {
  const door = await openDoor(t, { controlPlane: createRecordingPort().controlPlane });
  const reply = await door.send('DELETE', '/v1/instances/i-00000001');
  assert.equal(reply.status, 405);
  assert.equal(reply.headers.allow, 'GET, HEAD, OPTIONS');
  assert.deepEqual(reply.body['allowed'], ['GET']);
  const options = await door.send('OPTIONS', '/v1/configuration');
  assert.equal(options.status, 204);
  assert.equal(options.headers.allow, 'PUT, DELETE, GET, HEAD, OPTIONS');
  assert.equal(options.headers['access-control-allow-origin'], undefined);
  assert.equal((await door.send('HEAD', '/healthz')).status, 200);
});

/** Sends raw bytes and resolves with all that comes back before the connection ends. */
const sendRaw = (port: number, chunks: readonly (string | Buffer)[]): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => {
      answer += data;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    for (const chunk of chunks) socket.write(chunk);
  });

test('a body over the limit is refused before it is read to its end', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane, limits: { command: 1000, batch: 5000 } });
  const large = await door.send('POST', run, `{"cluster":"${'a'.repeat(2000)}"}`);
  assert.equal(large.status, 413);
  assert.equal((await door.send('POST', '/v1/batch', `[${' '.repeat(2000)}]`)).status, 200);
  const head = `POST ${run} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const endless = await sendRaw(door.port, [head, `7d0\r\n${'x'.repeat(2000)}\r\n`]);
  assert.match(endless, /^HTTP\/1\.1 413 /);
  assert.deepEqual(port.asked, []);
});

/** Sends it all, as fast as the other end takes it, and only then reads: what a simple client does. */
const sendThenRead = (port: number, head: string, pieces: Iterable<Buffer>): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.pause();
    socket.on('error', reject);
    const rest = pieces[Symbol.iterator]();
    const go = (): void => {
      for (let next = rest.next(); !next.done; next = rest.next()) {
        if (!socket.write(next.value)) {
          socket.once('drain', go);
          return;
        }
      }
      let text = '';
      socket.on('data', (data: Buffer) => {
        text += data.toString('utf8');
      });
      socket.on('close', () => resolve(text));
      socket.on('end', () => socket.end());
      socket.resume();
    };
    socket.write(head);
    go();
  });

const megabyte = Buffer.alloc(1024 * 1024, 'x');
const megabytes = function* (count: number): Generator<Buffer> {
  for (let i = 0; i < count; i += 1) yield megabyte;
};

test('whoever sends far too much still gets to read why it was refused', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane, limits: { command: 1000 } });
  const head = (more: string) =>
    `POST ${run} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n${more}\r\n\r\n`;
  const known = await sendThenRead(door.port, head(`Content-Length: ${64 * megabyte.length}`), megabytes(64));
  const chunk = Buffer.concat([Buffer.from(`${megabyte.length.toString(16)}\r\n`), megabyte, Buffer.from('\r\n')]);
  const chunked = await sendThenRead(door.port, head('Transfer-Encoding: chunked'), [
    ...Array.from({ length: 32 }, () => chunk),
    Buffer.from('0\r\n\r\n'),
  ]);
  const foreign = await sendThenRead(
    door.port,
    head(`Content-Length: ${64 * megabyte.length}`).replace('application/json', 'image/png'),
    megabytes(64),
  );
  for (const [text, status, code] of [
    [known, 413, 'body-too-large'],
    [chunked, 413, 'body-too-large'],
    [foreign, 415, 'unsupported-media-type'],
  ] as const) {
    assert.match(text, new RegExp(`^HTTP/1.1 ${status} [^]*"code":"${code}"`));
  }
  assert.deepEqual(port.asked, []);
});

test('a client that never stops is cut off', async (t) => {
  const door = await openDoor(t, { controlPlane: createRecordingPort().controlPlane, limits: { command: 1000 } });
  const head = `POST ${run} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n`;
  const ended = sendThenRead(door.port, head, megabytes(Number.POSITIVE_INFINITY)).catch(
    (fault: Error) => fault.message,
  );
  assert.match(await ended, /EPIPE|ECONNRESET|413/);
  assert.equal((await door.send('GET', '/healthz')).status, 200);
});

test('what is not HTTP gets an answer and changes nothing', async (t) => {
  const door = await openDoor(t, { controlPlane: createRecordingPort().controlPlane });
  assert.match(await sendRaw(door.port, ['nonsense\r\n\r\n']), /^HTTP\/1\.1 400 /);
  assert.match(
    await sendRaw(door.port, [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`]),
    /^HTTP\/1\.1 431 /,
  );
  assert.match(await sendRaw(door.port, ['GET / HTTP/1.1\r\n\r\n']), /^HTTP\/1\.1 400 /);
  assert.equal((await door.send('GET', '/healthz')).status, 200);
});

test('a request that breaks off is nobody’s fault', async (t) => {
  const faults: unknown[] = [];
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane, onFault: (fault) => faults.push(fault) });
  await new Promise<void>((resolve) => {
    const socket = connect(door.port, '127.0.0.1', () => {
      socket.write(
        `POST ${run} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"clu`,
      );
      setImmediate(() => socket.destroy());
    });
    socket.on('close', () => resolve());
  });
  assert.equal((await door.send('GET', '/healthz')).status, 200);
  assert.deepEqual([faults, port.asked], [[], []]);
});

test('pages of other sites and other names for this machine stay outside', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane, allowedHosts: ['edgelog.example'] });
  const codeOf = async (headers: object) =>
    (await door.send('POST', '/v1/instances/i-00000001/stop', undefined, { ...headers })).body['code'];
  assert.equal(await codeOf({ Host: 'evil.example' }), 'misdirected-host');
  assert.equal(await codeOf({ Host: '127.0.0.1.evil.example' }), 'misdirected-host');
  assert.equal(await codeOf({ Origin: 'https://evil.example' }), 'foreign-origin');
  assert.equal(await codeOf({ Origin: 'null' }), 'foreign-origin');
  assert.equal(await codeOf({ 'Sec-Fetch-Site': 'cross-site' }), 'foreign-origin');
  assert.deepEqual(port.asked, []);
  for (const host of ['edgelog.example', 'EDGELOG.example:8773', 'localhost:1', '[::1]:8773', '127.0.0.1']) {
    assert.equal(await codeOf({ Host: host }), undefined, host);
  }
  assert.equal(await codeOf({ Origin: `http://127.0.0.1:${door.port}`, Host: `127.0.0.1:${door.port}` }), undefined);
});

test('no body of any kind brings a fault', async (t) => {
  const port = createRecordingPort();
  const door: Client = await openDoor(t, {
    controlPlane: port.controlPlane,
    onFault: (fault) => assert.fail(String(fault)),
  });
  const paths = [
    run,
    ingress,
    '/v1/batch',
    '/v1/clusters',
    '/v1/clusters/a/reports',
    '/v1/clusters/a/instances/report',
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.oneof(fc.json(), fc.string()), async (path, body) => {
      const { status } = await door.send('POST', path, body);
      return status < 500;
    }),
    { numRuns: 300, seed: 7 },
  );
});
