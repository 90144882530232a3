/**
 * DHCP answers from the plan: what a client is told, who gets silence, and that no bytes of a stranger are a fault.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { answerDhcp, type DhcpBook } from '../../../src/adapters/node/agent/dhcpAnswer.ts';
import { dhcpKind, readQuestion } from '../../../src/adapters/node/agent/dhcpMessage.ts';

const mac = 'd0:0d:00:00:00:0a';
const book: DhcpBook = {
  terms: {
    server: '10.111.0.1',
    netmask: '255.255.0.0',
    router: '10.111.0.1',
    broadcast: '10.111.255.255',
    dnsServers: ['10.1.1.1', '10.1.1.2'],
    domain: 'cloud.internal',
    leaseSeconds: 86400,
    mtu: 1450,
  },
  leases: new Map([[mac, { mac, address: '10.111.0.10', instanceId: 'i-0000000a' }]]),
};

type Ask = { kind: number; chaddr?: string; broadcast?: boolean; ciaddr?: string; requested?: string; server?: string };

const quad = (text: string): number[] => text.split('.').map(Number);

const ask = ({ kind, chaddr = mac, broadcast = false, ciaddr = '0.0.0.0', requested, server }: Ask): Buffer => {
  const head = Buffer.alloc(240);
  head.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
  if (broadcast) head[10] = 0x80;
  head.set(quad(ciaddr), 12);
  Buffer.from(chaddr.replaceAll(':', ''), 'hex').copy(head, 28);
  head.set([99, 130, 83, 99], 236);
  const options = [53, 1, kind];
  if (requested !== undefined) options.push(50, 4, ...quad(requested));
  if (server !== undefined) options.push(54, 4, ...quad(server));
  return Buffer.concat([head, Buffer.from([...options, 255])]);
};

const optionsOf = (message: Buffer): Map<number, Buffer> => {
  const options = new Map<number, Buffer>();
  for (let at = 240; message[at] !== 255; ) {
    const [code, length] = [message[at] ?? 255, message[at + 1] ?? 0];
    options.set(code, message.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return options;
};

const kindOf = (message: Buffer | undefined): number | undefined =>
  message === undefined ? undefined : optionsOf(message).get(53)?.[0];

test('a discovering client is offered its address with everything it needs', () => {
  const answer = answerDhcp(ask({ kind: dhcpKind.discover }), book);
  assert.equal(answer?.to, '10.111.0.10');
  const message = answer?.message ?? Buffer.alloc(0);
  assert.deepEqual([...message.subarray(4, 8)], [0xde, 0xad, 0xbe, 0xef]);
  assert.deepEqual([...message.subarray(16, 20)], [10, 111, 0, 10]);
  const options = optionsOf(message);
  assert.equal(kindOf(message), dhcpKind.offer);
  assert.deepEqual([...(options.get(1) ?? [])], [255, 255, 0, 0]);
  assert.deepEqual([...(options.get(3) ?? [])], [10, 111, 0, 1]);
  assert.deepEqual([...(options.get(6) ?? [])], [10, 1, 1, 1, 10, 1, 1, 2]);
  assert.equal(options.get(15)?.toString(), 'cloud.internal');
  assert.equal(options.get(51)?.readUInt32BE(), 86400);
  assert.equal(options.get(26)?.readUInt16BE(), 1450);
  assert.deepEqual([...(options.get(28) ?? [])], [10, 111, 255, 255]);
});

test('requests are granted, refused or left to others', () => {
  const request = (more: Partial<Ask>) => answerDhcp(ask({ kind: dhcpKind.request, ...more }), book);
  assert.equal(kindOf(request({ requested: '10.111.0.10', server: '10.111.0.1' })?.message), dhcpKind.ack);
  assert.equal(kindOf(request({ ciaddr: '10.111.0.10' })?.message), dhcpKind.ack);
  const refused = request({ requested: '10.111.0.99' });
  assert.equal(kindOf(refused?.message), dhcpKind.nak);
  assert.equal(refused?.to, '255.255.255.255');
  assert.equal(request({ requested: '10.111.0.10', server: '10.9.9.9' }), undefined);
});

test('a client that wants a broadcast gets one', () => {
  assert.equal(answerDhcp(ask({ kind: dhcpKind.discover, broadcast: true }), book)?.to, '255.255.255.255');
});

test('an informed client is told the terms but no lease', () => {
  const answer = answerDhcp(ask({ kind: dhcpKind.inform, ciaddr: '10.111.0.10' }), book);
  assert.equal(kindOf(answer?.message), dhcpKind.ack);
  assert.equal(optionsOf(answer?.message ?? Buffer.alloc(0)).has(51), false);
  assert.equal(answerDhcp(ask({ kind: dhcpKind.inform, ciaddr: '10.111.0.11' }), book), undefined);
});

test('strangers, releases and answers get silence', () => {
  assert.equal(answerDhcp(ask({ kind: dhcpKind.discover, chaddr: 'd0:0d:00:00:00:0b' }), book), undefined);
  assert.equal(answerDhcp(ask({ kind: dhcpKind.release }), book), undefined);
  assert.equal(answerDhcp(ask({ kind: dhcpKind.decline }), book), undefined);
  const reply = ask({ kind: dhcpKind.discover });
  reply[0] = 2;
  assert.equal(answerDhcp(reply, book), undefined);
  const relayed = ask({ kind: dhcpKind.discover });
  relayed[24] = 10;
  assert.equal(answerDhcp(relayed, book), undefined);
});

test('no bytes are a fault', () => {
  const good = ask({ kind: dhcpKind.discover, requested: '10.111.0.10' });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(good.length),
      (changes, length) => {
        const spoilt = Buffer.from(good);
        for (const [at, byte] of changes) spoilt[at] = byte;
        readQuestion(spoilt.subarray(0, length));
        answerDhcp(spoilt.subarray(0, length), book);
      },
    ),
  );
});
