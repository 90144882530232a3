/** The server over real sockets: what it serves, what it refuses, and that nothing takes it down. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { decodeNetworkInfo } from '../../../src/adapters/soap/base64.ts';
import { createSoapClient, type SoapClientSettings } from '../../../src/adapters/soap/client.ts';
import type { Peer } from '../../../src/adapters/soap/dispatch.ts';
import { writeEnvelope } from '../../../src/adapters/soap/envelope.ts';
import { answerTo, type BroadcastNetworkInfo, nodeAnswerTo } from '../../../src/adapters/soap/messages.ts';
import { createSoapServer, type SoapServerSettings } from '../../../src/adapters/soap/server.ts';
import type { Refusal } from '../../../src/domain/refusals.ts';
import { addressing, broadcast, document, newPair, nowMs, signedText, signerOf, swap, verifierOf } from './fixtures.ts';

const path = '/axis2/services/EucalyptusCC';

type Seen = { readonly message: BroadcastNetworkInfo; readonly peer: Peer };

const serverFor = async (t: TestContext, settings: Partial<SoapServerSettings> = {}) => {
  const seen: Seen[] = [];
  const refused: Refusal[] = [];
  const faults: unknown[] = [];
  const server = createSoapServer({
    host: '127.0.0.1',
    port: 0,
    path,
    now: () => nowMs,
    onRefused: (refusal) => refused.push(refusal),
    onFault: (error) => faults.push(error),
    operations: {
      BroadcastNetworkInfo: async (message, peer) => {
        seen.push({ message, peer });
        return answerTo(message, true);
      },
    },
    ...settings,
  });
  const { host, port } = await server.listen();
  t.after(() => server.close(0));
  return { url: `http://${host}:${port}${path}`, host, port, seen, refused, faults, server };
};

const clientFor = (t: TestContext, settings: Partial<SoapClientSettings> = {}) => {
  const client = createSoapClient({ now: () => nowMs, timeoutMs: 10_000, ...settings });
  t.after(() => client.close());
  return client;
};

const unsigned = Buffer.concat(writeEnvelope(broadcast, addressing).pieces).toString();

const post = async (url: string, body: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'text/xml; charset=UTF-8', ...headers },
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  const refused = /<euca:refused[^>]*>([^<]*)/.exec(text)?.[1] ?? '';
  return { status: response.status, text, refused, code: /<faultcode>([^<]*)/.exec(text)?.[1] ?? '' };
};

test('a signed document of eight megabytes travels, is verified, and is answered under signature', async (t) => {
  const { url, seen } = await serverFor(t, { verifier: verifierOf(), signer: signerOf() });
  const client = clientFor(t, { signer: signerOf(), verifier: verifierOf() });
  const networkInfo = Array.from({ length: 256 }, () => Buffer.alloc(32_768, 'QUJD'));
  const outcome = await client.push(url, { ...broadcast, networkInfo }, { headers: { 'Edgelog-Version': '41' } });
  assert.ok(outcome.kind === 'answered', JSON.stringify(outcome));
  assert.equal(outcome.return, true);
  assert.equal(outcome.response.correlationId, broadcast.correlationId);
  const [asked] = seen;
  assert.deepEqual(Buffer.concat((asked?.message.networkInfo ?? []) as Uint8Array[]), Buffer.concat(networkInfo));
  assert.equal(asked?.peer.signed?.to, url);
  assert.equal(asked?.peer.headers['edgelog-version'], '41');
  assert.equal(asked?.peer.address, '127.0.0.1');
});

test('both hops, unsigned: the document arrives byte for byte', async (t) => {
  const nodeServer = await serverFor(t, { operations: { ncBroadcastNetworkInfo: async (m) => nodeAnswerTo(m, true) } });
  const { url, seen } = await serverFor(t);
  const client = clientFor(t);
  assert.equal((await client.push(url, broadcast)).kind, 'answered');
  const relayed = seen[0]?.message.networkInfo ?? [];
  assert.deepEqual(decodeNetworkInfo(relayed), Buffer.from(document));
  const outcome = await client.push(nodeServer.url, { kind: 'ncBroadcastNetworkInfo', networkInfo: relayed });
  assert.ok(outcome.kind === 'answered');
  assert.equal(outcome.statusMessage, '0');
});

test('SOAPAction: bare, quoted, empty and absent are taken, another one is not', async (t) => {
  const { url } = await serverFor(t);
  const action = 'EucalyptusCC#BroadcastNetworkInfo';
  for (const value of [action, `"${action}"`, '""', '']) {
    assert.equal((await post(url, unsigned, { SOAPAction: value })).status, 200, `SOAPAction ${value}`);
  }
  assert.equal((await post(url, unsigned)).status, 200);
  const wrong = await post(url, unsigned, { SOAPAction: 'EucalyptusCC#AssignAddress' });
  assert.deepEqual([wrong.status, wrong.refused], [500, 'soap-wrong-action']);
  const wsaWrong = await post(url, swap(unsigned, '#BroadcastNetworkInfo</wsa:Action>', '#StopService</wsa:Action>'));
  assert.equal(wsaWrong.refused, 'soap-wrong-action');
});

test('HTTP gates: method, path, type, charset, compression, announced size', async (t) => {
  const { url } = await serverFor(t, { limits: { maxBytes: 10_000 } });
  assert.equal((await fetch(url)).status, 405);
  assert.equal((await post(`${url}/other`, unsigned)).status, 404);
  assert.equal((await post(url, unsigned, { 'Content-Type': 'application/json' })).status, 415);
  assert.equal((await post(url, unsigned, { 'Content-Type': 'text/xml; charset=latin1' })).status, 415);
  assert.equal((await post(url, unsigned, { 'Content-Encoding': 'gzip' })).status, 415);
  assert.equal((await post(url, unsigned.padEnd(20_000))).status, 413);
  assert.equal((await post(url, unsigned, { 'Content-Type': 'text/xml' })).status, 200);
});

test('a body that turns out too large is refused while it arrives', async (t) => {
  const { url, refused } = await serverFor(t, { limits: { maxBytes: 10_000 } });
  let sent = 0;
  const endless = new ReadableStream({
    pull: (controller) => {
      sent += 1;
      if (sent > 1000) controller.close();
      else controller.enqueue(Buffer.alloc(1000, sent === 1 ? '<a>'.padEnd(1000) : 'x'));
    },
  });
  const response = await fetch(url, {
    method: 'POST',
    body: endless,
    duplex: 'half',
    headers: { 'Content-Type': 'text/xml' },
  });
  assert.equal(response.status, 413);
  await response.body?.cancel();
  assert.equal(refused[0]?.refused, 'xml-too-large');
});

const faults: readonly (readonly [string, string, string, string])[] = [
  ['no XML', 'hello', 'soapenv:Client', 'xml-malformed'],
  ['nothing', '', 'soapenv:Client', 'xml-malformed'],
  ['a document type', `<!DOCTYPE a>${unsigned}`, 'soapenv:Client', 'xml-doctype'],
  [
    'SOAP 1.2',
    unsigned.replaceAll('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'),
    'soapenv:VersionMismatch',
    'soap-version',
  ],
  [
    'a header to be understood',
    swap(unsigned, '<soapenv:Header>', '<soapenv:Header><x xmlns="urn:x" soapenv:mustUnderstand="1"/>'),
    'soapenv:MustUnderstand',
    'soap-not-understood',
  ],
  [
    'an operation not offered here',
    unsigned
      .replaceAll('BroadcastNetworkInfo', 'DescribeInstances')
      .replace(/<euca:version>.*<\/euca:networkInfo>/, ''),
    'soapenv:Client',
    'soap-unknown-message',
  ],
  [
    'an answer instead of a question',
    unsigned
      .replaceAll('BroadcastNetworkInfo', 'AssignAddressResponse')
      .replace(/<euca:version>.*<\/euca:networkInfo>/, ''),
    'soapenv:Client',
    'soap-unknown-message',
  ],
];
for (const [what, body, code, refusal] of faults) {
  test(`a fault for ${what}`, async (t) => {
    const { url, refused } = await serverFor(t);
    const outcome = await post(url, body);
    assert.deepEqual([outcome.status, outcome.code, outcome.refused], [500, code, refusal]);
    assert.equal(refused.length, 1);
  });
}

test('with a verifier: unsigned, tampered, foreign and repeated messages are faults and reach no operation', async (t) => {
  const { url, seen, refused } = await serverFor(t, { verifier: verifierOf() });
  const text = signedText();
  const expectFault = async (body: string, code: string, refusal: string): Promise<void> => {
    const outcome = await post(url, body);
    assert.deepEqual([outcome.status, outcome.code, outcome.refused], [500, code, refusal]);
  };
  await expectFault(unsigned, 'wsse:InvalidSecurity', 'security-missing');
  await expectFault(swap(text, '<euca:epoch>7<', '<euca:epoch>8<'), 'wsse:FailedAuthentication', 'security-digest');
  await expectFault(
    signedText({ signer: signerOf(newPair('x')) }),
    'wsse:FailedAuthentication',
    'security-certificate',
  );
  await expectFault(
    signedText({ signer: signerOf(undefined, 'rsa-sha1') }),
    'wsse:UnsupportedAlgorithm',
    'security-algorithm',
  );
  assert.equal(seen.length, 0);
  assert.equal((await post(url, text)).status, 200);
  await expectFault(text, 'wsse:FailedAuthentication', 'security-replayed');
  assert.equal(seen.length, 1);
  assert.equal(refused.length, 5);
});

test('a client that verifies answers does not believe an unsigned or a foreign one', async (t) => {
  const client = clientFor(t, { verifier: verifierOf() });
  const plain = await serverFor(t);
  const foreign = await serverFor(t, { signer: signerOf(newPair('x')) });
  for (const [url, refused] of [
    [plain.url, 'security-missing'],
    [foreign.url, 'security-certificate'],
  ] as const) {
    const outcome = await client.push(url, broadcast);
    assert.ok(outcome.kind === 'failed');
    assert.deepEqual([outcome.reason, outcome.refused], ['untrusted', refused]);
  }
});

test('an operation that throws is a fault that tells nothing, and the next request is served', async (t) => {
  const { url, faults: thrown } = await serverFor(t, {
    operations: {
      BroadcastNetworkInfo: async (message) => {
        if (message.epoch === 7) throw new Error('disk of /var/secret is full');
        return answerTo(message, true);
      },
    },
  });
  const outcome = await post(url, unsigned);
  assert.deepEqual([outcome.status, outcome.code], [500, 'soapenv:Server']);
  assert.ok(!outcome.text.includes('secret'));
  assert.equal(thrown.length, 1);
  assert.equal((await post(url, swap(unsigned, '<euca:epoch>7<', '<euca:epoch>8<'))).status, 200);
});

test('more bodies at once than allowed are told to come back', async (t) => {
  const entered = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const { url } = await serverFor(t, {
    limits: { maxInFlight: 1 },
    operations: {
      BroadcastNetworkInfo: async (message) => {
        entered.resolve();
        await leave.promise;
        return answerTo(message, true);
      },
    },
  });
  const first = post(url, unsigned);
  await entered.promise;
  assert.equal((await post(url, unsigned)).status, 503);
  leave.resolve();
  assert.equal((await first).status, 200);
  assert.equal((await post(url, unsigned)).status, 200);
});

/** Writes raw bytes and waits until the server has closed the connection; gives what it said. */
const raw = (port: number, bytes: string, end: boolean): Promise<string> =>
  new Promise((resolve) => {
    let said = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      socket.write(bytes);
      if (end) socket.end();
    });
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(said));
  });

const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n`;

const broken: readonly (readonly [string, string, boolean])[] = [
  ['no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', false],
  ['headers that never end', `POST ${path} HTTP/1.1\r\nHost: x\r\nX-Slow: `, false],
  ['headers too large', `${head}X: ${'x'.repeat(100_000)}\r\n\r\n`, false],
  ['a body that never comes', `${head}Content-Length: 1000\r\n\r\n<a>`, false],
  ['a body cut by closing', `${head}Content-Length: 1000\r\n\r\n<a>`, true],
  ['a broken chunk', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, false],
  ['two lengths', `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, false],
  ['length and chunks', `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, false],
];
for (const [what, bytes, end] of broken) {
  test(`a peer that sends ${what} is cut, and the next one served`, async (t) => {
    const limits = { headersTimeoutMs: 200, requestTimeoutMs: 300 };
    const { port, url, seen } = await serverFor(t, { limits });
    const said = await raw(port, bytes, end);
    assert.ok(!said.startsWith('HTTP/1.1 200'));
    assert.equal(seen.length, 0);
    assert.equal((await post(url, unsigned)).status, 200);
  });
}

test('closing waits for an answer under way, then cuts', async (t) => {
  const entered = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const { url, server } = await serverFor(t, {
    operations: {
      BroadcastNetworkInfo: async (message) => {
        entered.resolve();
        await leave.promise;
        return answerTo(message, true);
      },
    },
  });
  const client = clientFor(t);
  const asked = client.push(url, broadcast);
  await entered.promise;
  const closed = server.close(10_000);
  leave.resolve();
  assert.equal((await asked).kind, 'answered');
  client.close();
  await closed;
  const after = await client.push(url, broadcast);
  assert.ok(after.kind === 'failed' && after.reason === 'refused-connection');
});

test('a port that is taken is a fault at start', async (t) => {
  const { port } = await serverFor(t);
  const second = createSoapServer({ host: '127.0.0.1', port, path, now: () => nowMs, operations: {} });
  await assert.rejects(second.listen(), /EADDRINUSE/);
});
