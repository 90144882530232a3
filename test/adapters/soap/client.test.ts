/** The client against every kind of bad peer: each ends in one value, in bounded time and memory. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createSoapClient, type PushOptions, type SoapClientSettings } from '../../../src/adapters/soap/client.ts';
import { writeFault } from '../../../src/adapters/soap/envelope.ts';
import { broadcast, nowMs } from './fixtures.ts';
import { goodAnswer, httpAnswer, onRequest, rawPeer } from './peers.ts';

const clientFor = (t: TestContext, settings: Partial<SoapClientSettings> = {}) => {
  const client = createSoapClient({ now: () => nowMs, timeoutMs: 10_000, ...settings });
  t.after(() => client.close());
  return client;
};

const push = async (t: TestContext, url: string, settings: Partial<SoapClientSettings> = {}, options?: PushOptions) => {
  const outcome = await clientFor(t, settings).push(url, broadcast, options);
  return outcome.kind === 'failed' ? `${outcome.reason}: ${outcome.detail}` : `answered ${outcome.return}`;
};

test('the request on the wire: headers as Eucalyptus sends them, ours added, length announced', async (t) => {
  let seen = '';
  const peer = await rawPeer(t, (socket) => {
    onRequest(socket, (request) => {
      seen = request;
      socket.write(httpAnswer('200 OK', goodAnswer));
    });
  });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const headers = { 'Edgelog-Epoch': '3', 'Edgelog-Version': '41', 'Edgelog-Hash': 'ab' };
  assert.equal(await push(t, peer.url, {}, { headers, traceparent }), 'answered true');
  const [head = '', body = ''] = seen.split('\r\n\r\n');
  assert.match(head, /^POST \/axis2\/services\/EucalyptusCC HTTP\/1\.1\r\n/);
  for (const line of [
    'SOAPAction: EucalyptusCC#BroadcastNetworkInfo',
    'Content-Type: text/xml; charset=UTF-8',
    `Content-Length: ${body.length}`,
    `Host: ${new URL(peer.url).host}`,
    'Edgelog-Epoch: 3',
    'Edgelog-Version: 41',
    'Edgelog-Hash: ab',
    `traceparent: ${traceparent}`,
  ]) {
    assert.ok(head.split('\r\n').includes(line), `${line} in\n${head}`);
  }
  assert.ok(body.includes(`>${peer.url}</wsa:To>`));
  assert.match(body, />urn:uuid:[0-9A-F]{32}<\/wsa:MessageID>/);
});

test('a traceparent that is none is left out', async (t) => {
  let seen = '';
  const peer = await rawPeer(t, (socket) => {
    onRequest(socket, (request) => {
      seen = request;
      socket.write(httpAnswer('200 OK', goodAnswer));
    });
  });
  await push(t, peer.url, {}, { traceparent: 'x\r\nEvil: 1' });
  assert.ok(seen.length > 0 && !seen.includes('traceparent') && !seen.includes('Evil'));
});

const answers: readonly (readonly [string, string, RegExp])[] = [
  [
    'a negative answer',
    httpAnswer('200 OK', goodAnswer.replace('<euca:return>true<', '<euca:return>false<')),
    /^answered false$/,
  ],
  [
    'an answer without verdict, which means yes',
    httpAnswer('200 OK', goodAnswer.replace('<euca:return>true</euca:return>', '')),
    /^answered true$/,
  ],
  ['a fault', httpAnswer('500 Internal Server Error', faultText()), /^fault: HTTP 500: wsse:FailedAuthentication: no$/],
  ['a fault that claims success', httpAnswer('200 OK', faultText()), /^fault: HTTP 200/],
  ['an error page', httpAnswer('500 Internal Server Error', '<html>oops</html>'), /^http-status: HTTP 500$/],
  ['not found', httpAnswer('404 Not Found', ''), /^http-status: HTTP 404$/],
  ['a web page', httpAnswer('200 OK', '<html><p>hello</html>'), /^garbage: xml-malformed/],
  ['an empty answer', httpAnswer('200 OK', ''), /^garbage: xml-malformed/],
  ['an entity bomb', httpAnswer('200 OK', '<!DOCTYPE a [<!ENTITY a "aa">]><a>&a;</a>'), /^garbage: xml-doctype/],
  [
    'the answer to another question',
    httpAnswer('200 OK', goodAnswer.replaceAll('BroadcastNetworkInfoResponse', 'AssignAddressResponse')),
    /^garbage: AssignAddressResponse in answer to BroadcastNetworkInfo$/,
  ],
  [
    'our own question',
    httpAnswer('200 OK', goodAnswer.replaceAll('BroadcastNetworkInfoResponse', 'BroadcastNetworkInfo')),
    /^garbage: BroadcastNetworkInfo in answer/,
  ],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', /^garbage: /],
  ['a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', /^garbage: /],
  ['headers without end', `HTTP/1.1 200 OK\r\n${`X: ${'x'.repeat(1000)}\r\n`.repeat(100)}`, /^too-large: /],
];

function faultText(): string {
  const fault = writeFault({ code: 'wsse:FailedAuthentication', text: 'no', refused: 'security-missing' });
  return Buffer.concat(fault.pieces).toString();
}

for (const [what, answer, expected] of answers) {
  test(`a peer that answers ${what}`, async (t) => {
    const peer = await rawPeer(t, (socket) => onRequest(socket, () => socket.write(answer)));
    assert.match(await push(t, peer.url), expected);
  });
}

test('the refusal code of our own controllers is kept', async (t) => {
  const peer = await rawPeer(t, (socket) =>
    onRequest(socket, () => socket.write(httpAnswer('500 Error', faultText()))),
  );
  const outcome = await clientFor(t).push(peer.url, broadcast);
  assert.ok(outcome.kind === 'failed');
  assert.equal(outcome.refused, 'security-missing');
});

test('a redirect is not followed', async (t) => {
  const target = await rawPeer(t, (socket) => onRequest(socket, () => socket.write(httpAnswer('200 OK', goodAnswer))));
  const peer = await rawPeer(t, (socket) =>
    onRequest(socket, () => socket.write(httpAnswer('307 Temporary Redirect', '', `Location: ${target.url}\r\n`))),
  );
  assert.equal(await push(t, peer.url), 'http-status: HTTP 307');
  assert.equal(target.connections(), 0);
});

test('a closed port', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  const port = typeof address === 'object' ? address?.port : 0;
  assert.match(await push(t, `http://127.0.0.1:${port}/x`), /^refused-connection: .*ECONNREFUSED/);
});

const hurried = { timeoutMs: 150 };

test('a peer that never answers', async (t) => {
  const peer = await rawPeer(t, () => {});
  assert.match(await push(t, peer.url, hurried), /^timeout: no (complete )?answer/);
});

test('a peer that never reads: a body larger than every buffer does not hang us', async (t) => {
  const peer = await rawPeer(t, (socket) => socket.pause());
  const client = clientFor(t, { timeoutMs: 400 });
  const outcome = await client.push(peer.url, {
    ...broadcast,
    networkInfo: Array(200).fill(Buffer.alloc(65_536, 'QUJD')),
  });
  assert.ok(outcome.kind === 'failed' && outcome.reason === 'timeout');
});

/** Writes one byte now and then until the peer is gone. */
const trickle = (socket: import('node:net').Socket, text: string): void => {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(text[sent % text.length] ?? '');
    sent += 1;
  }, 5);
  socket.on('close', () => clearInterval(timer));
};

test('a peer that trickles its headers is cut by the headers deadline, long before the total', async (t) => {
  const peer = await rawPeer(t, (socket) => trickle(socket, `HTTP/1.1 200 OK\r\nX-Slow: ${'x'.repeat(10_000)}`));
  assert.match(await push(t, peer.url, { timeoutMs: 600_000, headersTimeoutMs: 150 }), /^timeout: no answer began in/);
});

test('a peer that trickles its body is cut by the total deadline', async (t) => {
  const peer = await rawPeer(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n');
    trickle(socket, ' ');
  });
  assert.match(await push(t, peer.url, hurried), /^timeout: no complete answer in/);
});

test('a body without end is cut at the limit', async (t) => {
  const peer = await rawPeer(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    const pour = (): void => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on('drain', pour);
    pour();
  });
  assert.match(
    await push(t, peer.url, { maxResponseBytes: 200_000 }),
    /^too-large: the answer is longer than 200000 bytes/,
  );
});

test('a peer that closes without a word, or in the middle of one', async (t) => {
  const silent = await rawPeer(t, (socket) => onRequest(socket, () => socket.end()));
  assert.match(await push(t, silent.url), /^closed: /);
  const cutOff = await rawPeer(t, (socket) =>
    onRequest(socket, () => socket.end(httpAnswer('200 OK', goodAnswer).slice(0, -20))),
  );
  assert.match(await push(t, cutOff.url), /^closed: /);
  const reset = await rawPeer(t, (socket) => onRequest(socket, () => socket.resetAndDestroy()));
  assert.match(await push(t, reset.url), /^closed: /);
  const early = await rawPeer(t, (socket) => socket.resetAndDestroy());
  assert.match(await push(t, early.url), /^closed: /);
});

test('a half-closed peer that still answers is heard', async (t) => {
  const peer = await rawPeer(t, (socket) => onRequest(socket, () => socket.end(httpAnswer('200 OK', goodAnswer))));
  assert.equal(await push(t, peer.url), 'answered true');
});

test('an answer that comes before the whole body was taken counts', async (t) => {
  const peer = await rawPeer(t, (socket) => {
    socket.once('data', () => socket.write(httpAnswer('413 Content Too Large', '', 'Connection: close\r\n')));
  });
  const client = clientFor(t);
  const outcome = await client.push(peer.url, {
    ...broadcast,
    networkInfo: Array(200).fill(Buffer.alloc(65_536, 'QUJD')),
  });
  assert.ok(outcome.kind === 'failed');
  assert.equal(outcome.detail, 'HTTP 413');
});

test('given up by the caller, before and during', async (t) => {
  const peer = await rawPeer(t, () => {});
  assert.equal(await push(t, peer.url, {}, { signal: AbortSignal.abort() }), 'closed: given up by the caller');
  assert.equal(peer.connections(), 0);
  assert.equal(await push(t, peer.url, {}, { signal: AbortSignal.timeout(50) }), 'closed: given up by the caller');
});

test('closing the client ends what is under way', async (t) => {
  const client = clientFor(t);
  const peer = await rawPeer(t, (socket) => onRequest(socket, () => client.close()));
  const outcome = await client.push(peer.url, broadcast);
  assert.ok(outcome.kind === 'failed' && outcome.reason === 'closed');
});

test('connections are kept, and one that died meanwhile is replaced with a new message', async (t) => {
  const messageIds: string[] = [];
  const peer = await rawPeer(t, (socket, connection) => {
    let requests = 0;
    onRequest(socket, (request) => {
      requests += 1;
      messageIds.push(/urn:uuid:\w+/.exec(request)?.[0] ?? '');
      if (connection === 1 && requests === 3) socket.resetAndDestroy();
      else socket.write(httpAnswer('200 OK', goodAnswer));
    });
  });
  const client = clientFor(t);
  for (let i = 0; i < 2; i += 1) assert.equal((await client.push(peer.url, broadcast)).kind, 'answered');
  assert.equal(peer.connections(), 1);
  assert.equal((await client.push(peer.url, broadcast)).kind, 'answered');
  assert.equal(peer.connections(), 2);
  assert.equal(new Set(messageIds).size, 4);
});

test('a slow peer holds two sockets and no more, however many pushes wait for it', async (t) => {
  const peer = await rawPeer(t, () => {});
  const client = clientFor(t, { timeoutMs: 600 });
  const pushes = Promise.all(Array.from({ length: 20 }, () => client.push(peer.url, broadcast)));
  // Looked at while all of them wait: when the deadline comes, a place that falls free may be taken for a moment.
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(peer.connections(), 2);
  const outcomes = await pushes;
  assert.ok(outcomes.every((outcome) => outcome.kind === 'failed' && outcome.reason === 'timeout'));
});

test('only allowed addresses are connected to, by number or by name', async (t) => {
  const peer = await rawPeer(t, (socket) => onRequest(socket, () => socket.write(httpAnswer('200 OK', goodAnswer))));
  const named = peer.url.replace('127.0.0.1', 'localhost');
  const nobody = { mayConnect: () => false };
  assert.match(await push(t, peer.url, nobody), /^refused-connection: the address 127\.0\.0\.1 is not allowed/);
  assert.match(await push(t, named, nobody), /^refused-connection: the address \S+ is not allowed/);
  assert.equal(peer.connections(), 0);
  const loopback = { mayConnect: (address: string) => address === '127.0.0.1' };
  assert.equal(await push(t, peer.url, loopback), 'answered true');
  assert.equal(await push(t, named, loopback), 'answered true');
});

test('an endpoint that is not an http URL is refused before anything is sent', async (t) => {
  for (const url of ['', 'EucalyptusCC', 'ftp://127.0.0.1/x', 'http://user:pass@127.0.0.1/x', 'https://127.0.0.1/x']) {
    assert.equal(await push(t, url), 'refused-connection: not an http URL');
  }
});

test('a document the peer would cut is refused loudly and not sent', async (t) => {
  const peer = await rawPeer(t, (socket) => onRequest(socket, () => socket.write(httpAnswer('200 OK', goodAnswer))));
  const client = clientFor(t, { longestNetworkInfo: 8 });
  const outcome = await client.push(peer.url, { ...broadcast, networkInfo: ['QUJD', 'QUJD', 'QUJD'] });
  assert.deepEqual(outcome, {
    kind: 'failed',
    reason: 'too-large',
    detail: 'the document is 12 characters of base64; this peer keeps 8',
  });
  assert.equal(peer.connections(), 0);
  assert.equal((await client.push(peer.url, { ...broadcast, networkInfo: ['QUJD', 'QUJD'] })).kind, 'answered');
});
