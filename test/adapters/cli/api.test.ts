/** The client against servers that misbehave: bounded, repeated only where that is safe, and every "no" becomes one line. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { createApi } from '../../../src/adapters/cli/api/api.ts';
import { request } from '../../../src/adapters/cli/api/request.ts';
import { type Frame, framesOf } from '../../../src/adapters/cli/api/sse.ts';
import { type Complaint, complaintLine, isComplaint } from '../../../src/adapters/cli/complaint.ts';
import { exits } from '../../../src/adapters/cli/exits.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

const listen = async (t: TestContext, answer: Answer) => {
  const seen: IncomingMessage[] = [];
  const server = createServer((asked, response) => {
    seen.push(asked);
    answer(asked, response, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { seen, target: { url, key: 'el_secret', account: undefined } };
};

const json = (response: ServerResponse, body: unknown, status = 200, headers = {}): void => {
  response.writeHead(status, {
    'Content-Type': status < 400 ? 'application/json' : 'application/problem+json',
    ...headers,
  });
  response.end(JSON.stringify(body));
};

const complaintIn = (answer: unknown): Complaint => {
  assert.ok(isComplaint(answer), JSON.stringify(answer));
  return answer;
};

test('a problem becomes its detail, what to do next, and its code, on one line', async (t) => {
  const { target } = await listen(t, (_, response) =>
    json(response, { detail: 'No\nsuch thing.', next: 'List them: GET /v1/clusters.', code: 'nope', status: 404 }, 404),
  );
  const complaint = complaintIn(await createApi(target).get('/v1/x'));
  assert.equal(complaint.exit, exits.refused);
  assert.equal(complaintLine(complaint), 'edgelog: No\\u000asuch thing. Next: List them: edgelog clusters. (nope)');
});

test('strangers are told apart: no JSON, no problem, a redirect', async (t) => {
  const { target, seen } = await listen(t, ({ url }, response) => {
    if (url === '/html') response.end('<html>');
    else if (url === '/moved') response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end();
    else json(response, 'text', 500, { 'Content-Type': 'text/plain' });
  });
  const api = createApi(target);
  for (const path of ['/html', '/moved', '/plain']) {
    const complaint = complaintIn(await api.get(path));
    assert.equal(complaint.exit, exits.unreachable);
    assert.match(complaint.says, /does not speak as Edgelog does/);
  }
  assert.equal(seen.length, 3);
});

test('nobody there is said at once, with what to do', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const target = { url: new URL(`http://127.0.0.1:${port}`), key: undefined, account: undefined };
  const complaint = complaintIn(await createApi(target).get('/v1/status'));
  assert.equal(complaint.exit, exits.unreachable);
  assert.equal(complaint.says, `Nothing answers at http://127.0.0.1:${port} (ECONNREFUSED).`);
  assert.match(complaint.next ?? '', /scripts\/up/);
});

test('a server that hangs costs no more than the time allowed, and is asked once', async (t) => {
  const { target, seen } = await listen(t, () => undefined);
  const complaint = complaintIn(await request(target, { method: 'GET', path: '/', timeoutMs: 50 }));
  assert.equal(complaint.exit, exits.unreachable);
  assert.match(complaint.says, /No answer from .* within 0\.05 s/);
  assert.equal(seen.length, 1);
});

test('questions, and wishes with a key, are repeated after a lost connection; other wishes are not', async (t) => {
  const { target, seen } = await listen(t, (asked, response, count) => {
    if (count % 3 === 0) json(response, { method: asked.method });
    else response.destroy();
  });
  const api = createApi(target);
  assert.ok(!isComplaint(await api.get('/v1/status')));
  assert.equal(seen.length, 3);
  const keyed = { method: 'POST', path: '/', headers: { 'Idempotency-Key': 'k' } } as const;
  assert.ok(!isComplaint(await api.send(keyed)));
  assert.equal(seen.length, 6);
  assert.equal(complaintIn(await api.send({ method: 'POST', path: '/' })).exit, exits.unreachable);
  assert.equal(seen.length, 7);
});

test('a connection lost again and again is given up', async (t) => {
  const { target, seen } = await listen(t, (_, response) => response.destroy());
  assert.equal(complaintIn(await createApi(target).get('/')).exit, exits.unreachable);
  assert.equal(seen.length, 3);
});

test('a server that asks for a moment gets it, one that asks for long is left alone', async (t) => {
  const { target, seen } = await listen(t, (asked, response, count) => {
    if (asked.url === '/long') json(response, { detail: 'later', code: 'busy' }, 503, { 'Retry-After': '60' });
    else if (count === 1) json(response, { detail: 'in a moment', code: 'busy' }, 429, { 'Retry-After': '0' });
    else json(response, { ok: true });
  });
  const api = createApi(target);
  assert.ok(!isComplaint(await api.get('/short')));
  assert.equal(seen.length, 2);
  const complaint = complaintIn(await api.get('/long'));
  assert.deepEqual([complaint.exit, complaint.code, seen.length], [exits.unreachable, 'busy', 3]);
});

test('a refusal is never repeated', async (t) => {
  const { target, seen } = await listen(t, (_, response) => json(response, { detail: 'no', code: 'x' }, 422));
  const wish = { method: 'POST', path: '/', headers: { 'Idempotency-Key': 'k' } } as const;
  assert.equal(complaintIn(await createApi(target).send(wish)).exit, exits.refused);
  assert.equal(seen.length, 1);
});

test('the key travels as a bearer, the account as a header, what is undefined not at all', async (t) => {
  const { target, seen } = await listen(t, (_, response) => json(response, {}));
  await createApi({ ...target, account: '000000000002' }).get('/v1/x', { a: 'ä b', none: undefined, n: 1 });
  const [asked] = seen;
  assert.equal(asked?.headers.authorization, 'Bearer el_secret');
  assert.equal(asked?.headers['edgelog-account'], '000000000002');
  assert.equal(asked?.url, '/v1/x?a=%C3%A4+b&n=1');
});

test('the path of the URL is kept before the path of the API', async (t) => {
  const { target, seen } = await listen(t, (_, response) => json(response, {}));
  await createApi({ ...target, url: new URL('/cloud/', target.url) }).get('/v1/x');
  assert.equal(seen[0]?.url, '/cloud/v1/x');
});

test('all pages are gone through, and no further than wanted', async (t) => {
  const { target, seen } = await listen(t, ({ url }, response) => {
    const query = new URL(url ?? '', 'http://x').searchParams;
    const from = Number(query.get('cursor') ?? 0);
    const items = Array.from({ length: Math.min(3, Number(query.get('limit')), 8 - from) }, (_, i) => ({
      n: from + i,
    }));
    json(response, { items, next: from + items.length < 8 ? String(from + items.length) : null });
  });
  const api = createApi(target);
  const numbers = (items: unknown): unknown => (items as readonly { readonly n: number }[]).map(({ n }) => n);
  assert.deepEqual(numbers(await api.all('/v1/things')), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal(seen.length, 3);
  assert.deepEqual(numbers(await api.all('/v1/things', {}, 4)), [0, 1, 2, 3]);
});

test('frames of an event stream are the same however the bytes are cut', async () => {
  const text =
    ': open\n\nid: 1\ndata: {"a":"ä"}\n\n: still here\n\nid: 2\ndata: x\ndata: y\n\nevent: end\ndata: {"reason":"r"}\n\n';
  const bytes = new TextEncoder().encode(text);
  const read = async (cuts: readonly number[]): Promise<readonly Frame[]> => {
    const places = [...new Set([0, ...cuts.map((cut) => cut % bytes.length), bytes.length])].sort((a, b) => a - b);
    const pieces = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
    const frames: Frame[] = [];
    const source = (async function* () {
      yield* pieces;
    })();
    for await (const frame of framesOf(source, () => undefined)) frames.push(frame);
    return frames;
  };
  const expected = [
    { event: 'message', id: '1', data: '{"a":"ä"}' },
    { event: 'message', id: '2', data: 'x\ny' },
    { event: 'end', id: undefined, data: '{"reason":"r"}' },
  ];
  assert.deepEqual(await read([]), expected);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), async (cuts) =>
      assert.deepEqual(await read(cuts), expected),
    ),
  );
});

const frame = (position: number): string => `id: ${position}\ndata: ${JSON.stringify({ position })}\n\n`;

test('following goes on behind the last event after every interruption, each event once', async (t) => {
  const { target, seen } = await listen(t, ({ url }, response, count) => {
    const after = Number(new URL(url ?? '', 'http://x').searchParams.get('after'));
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    if (count === 1) response.end(frame(after + 1));
    else if (count === 2) response.write(frame(after) + frame(after + 1), () => response.destroy());
    else response.end(`${frame(after + 1)}event: end\ndata: {"reason":"stopping"}\n\n`);
  });
  const positions: unknown[] = [];
  const interruptions: string[] = [];
  const ended = await createApi(target).follow({
    query: { type: 'X' },
    after: 10,
    onEvent: async ({ position }) => {
      positions.push(position);
      return positions.length < 4 ? 'more' : 'enough';
    },
    onInterrupted: (reason) => interruptions.push(reason),
  });
  assert.equal(ended, undefined);
  assert.deepEqual(positions, [11, 12, 13, 14]);
  assert.deepEqual(
    seen.map(({ url }) => url),
    [10, 11, 12, 13].map((after) => `/v1/events/stream?type=X&after=${after}`),
  );
  assert.equal(interruptions.length, 3);
  assert.equal(interruptions[2], 'stopping');
});

test('following is refused at once where it is refused', async (t) => {
  const { target } = await listen(t, (_, response) => json(response, { detail: 'no', code: 'forbidden' }, 403));
  const follow = {
    query: {},
    after: undefined,
    onEvent: async () => 'more' as const,
    onInterrupted: () => undefined,
  } as const;
  const complaint = complaintIn(await createApi(target).follow(follow));
  assert.deepEqual([complaint.exit, complaint.code], [exits.refused, 'forbidden']);
});
