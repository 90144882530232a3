/**
 * The sending end of the wire with real sockets and odd peers: answers are read the same however they arrive, what is not an
 * answer is not believed, a connection that died while it was idle costs nobody anything, and nothing waits for ever.
 */
import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { createAnswerReader } from '../../../src/adapters/wire/answerReader.ts';
import { createDocumentPost, type Parcel } from '../../../src/adapters/wire/documentPost.ts';

const never = new AbortController().signal;
const parcel: Parcel = { bytes: Buffer.from('what changed'), audience: 'one' };
const taken = 'HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n';

const read = (chunks: readonly string[]) => {
  const reader = createAnswerReader(1_000);
  for (const chunk of chunks) {
    const found = reader.feed(Buffer.from(chunk, 'latin1'));
    if (found !== undefined) return found;
  }
  return undefined;
};

test('an answer says the same however it is cut', () => {
  const answers = [
    taken,
    'HTTP/1.1 409 Conflict\r\ncontent-length: 13\r\nedgelog-seal: 1.a\r\n\r\n{"have":null}',
    'HTTP/1.0 422 X\r\nContent-Length: 2\r\n\r\n{}',
    'HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n',
    'HTTP/1.1 500 \r\nconnection: Keep-Alive, close\r\ncontent-length: 0\r\n\r\n',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...answers), fc.array(fc.nat(120), { maxLength: 6 }), (answer, cuts) => {
      const places = [0, ...cuts.filter((cut) => cut < answer.length).sort((a, b) => a - b), answer.length];
      const chunks = places.slice(1).map((place, index) => answer.slice(places[index], place));
      assert.deepEqual(read(chunks), read([answer]));
      assert.ok(read([answer]) !== undefined);
    }),
  );
  assert.deepEqual(read([answers[1] ?? '']), {
    status: 409,
    headers: new Map([
      ['content-length', '13'],
      ['edgelog-seal', '1.a'],
    ]),
    isLast: false,
    text: '{"have":null}',
  });
  for (const last of answers.slice(2)) assert.equal((read([last]) as { isLast: boolean }).isLast, true);
});

test('what is no answer is none', () => {
  const broken = [
    'SSH-2.0-OpenSSH\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.1 204 No Content\r\n folded: x\r\n\r\n',
    'HTTP/1.1 204 No Content\r\nno header\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n{}',
    'HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 0x2\r\n\r\n{}',
    'HTTP/1.1 422 X\r\ncontent-length: 1001\r\n\r\n',
    `${taken}HTTP/1.1 204 No Content\r\n\r\n`,
    `HTTP/1.1 204 No Content\r\na: ${'b'.repeat(20_000)}`,
  ];
  for (const answer of broken) assert.ok('garbage' in (read([answer]) ?? {}), answer.slice(0, 60));
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), (chunks) => {
      const found = read(chunks);
      assert.ok(found === undefined || 'garbage' in found || found.status >= 200);
    }),
  );
});

/** Answers the n-th request of the n-th connection as told; a request is whatever comes in at once. */
const openPeer = async (t: TestContext, behave: (socket: Socket, connection: number, request: string) => void) => {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    const mine = connections;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => behave(socket, mine, chunk.toString('latin1')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { place: { host: '127.0.0.1', port }, connections: () => connections };
};

const openPost = (t: TestContext, timeoutMs = 5_000) => {
  const post = createDocumentPost(timeoutMs);
  t.after(post.close);
  return post.post;
};

test('one connection serves one request after another, and a request is whole', async (t) => {
  const requests: string[] = [];
  const peer = await openPeer(t, (socket, _connection, request) => {
    requests.push(request);
    socket.write(taken);
  });
  const post = openPost(t);
  const all = await Promise.all([1, 2, 3].map(() => post(peer.place, parcel, never)));
  assert.deepEqual(all, [{ kind: 'taken' }, { kind: 'taken' }, { kind: 'taken' }]);
  assert.equal(peer.connections(), 1);
  const { port } = peer.place;
  const expected = `POST /documents HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 12\r\nedgelog-audience: one\r\n\r\nwhat changed`;
  assert.deepEqual(requests, [expected, expected, expected]);
});

test('a connection that dies idle is replaced, one that never answered is a failure', async (t) => {
  const seen = new Map<number, number>();
  const tired = await openPeer(t, (socket, connection) => {
    seen.set(connection, (seen.get(connection) ?? 0) + 1);
    if (seen.get(connection) === 1) socket.write(taken);
    else socket.destroy();
  });
  const post = openPost(t);
  for (let i = 0; i < 4; i += 1) assert.deepEqual(await post(tired.place, parcel, never), { kind: 'taken' });
  assert.equal(tired.connections(), 4);
  const mute = await openPeer(t, (socket) => socket.destroy());
  const answer = await post(mute.place, parcel, never);
  assert.ok(answer.kind === 'failed' && answer.reason === 'connection');
  assert.equal(mute.connections(), 1);
});

test('half an answer, garbage, words nobody asked for and silence are failures, and the next attempt starts anew', async (t) => {
  const say: readonly ((socket: Socket) => void)[] = [
    (socket) => socket.end('HTTP/1.1 204 No'),
    (socket) => socket.write('what is it\r\n\r\n'),
    (socket) => socket.write(taken + taken),
    () => undefined,
    (socket) => socket.end('HTTP/1.1 404 Not Found\r\n\r\nsome page'),
    (socket) => socket.write(taken),
  ];
  const peer = await openPeer(t, (socket, connection) => say[connection - 1]?.(socket));
  const post = openPost(t, 100);
  const meanings: string[] = [];
  for (let i = 0; i < say.length; i += 1) {
    const answer = await post(peer.place, parcel, never);
    meanings.push('reason' in answer ? `${answer.kind} ${answer.reason}` : answer.kind);
  }
  assert.deepEqual(meanings, [
    'failed connection',
    'failed garbage',
    'failed garbage',
    'failed timeout',
    'absent',
    'taken',
  ]);
});

test('who stops waits for nobody', async (t) => {
  const peer = await openPeer(t, () => undefined);
  const stop = new AbortController();
  const post = openPost(t);
  const waiting = [post(peer.place, parcel, stop.signal), post(peer.place, parcel, stop.signal)];
  stop.abort();
  const closed = { kind: 'failed', reason: 'closed', detail: 'this process is stopping' };
  assert.deepEqual(await Promise.all(waiting), [closed, closed]);
  const later = createDocumentPost(5_000);
  const open = later.post(peer.place, parcel, never);
  later.close();
  assert.deepEqual(await open, closed);
});

test('a name that would become a header of its own is never written', async (t) => {
  const peer = await openPeer(t, (socket) => socket.write(taken));
  const post = openPost(t);
  await assert.rejects(post(peer.place, { ...parcel, traceparent: '00\r\nedgelog-seal: 1' }, never), /traceparent/);
  assert.equal(peer.connections(), 0);
});
