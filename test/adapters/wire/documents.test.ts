/**
 * Documents over the wire of our own controllers, with real sockets: a receiver ends up with the sender's very bytes whatever
 * it had before, a change costs a few hundred bytes, and nothing unsealed, misaddressed or broken is let in.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { takeDelta } from '../../../src/adapters/shared/documentDelta.ts';
import { type ReceivedDocument, successionOf } from '../../../src/adapters/shared/receivedDocument.ts';
import { pemOf, selfSignedCertificate } from '../../../src/adapters/soap/certificate.ts';
import { COMPACT, packed, unpacked } from '../../../src/adapters/wire/compactBody.ts';
import { type Carried, createDocumentCourier } from '../../../src/adapters/wire/documentCourier.ts';
import { type DocumentDoorOptions, documentRoute } from '../../../src/adapters/wire/documentDoor.ts';
import { createDocumentPost, type Parcel } from '../../../src/adapters/wire/documentPost.ts';
import { createSealCheck, createSealer } from '../../../src/adapters/wire/seal.ts';
import { createWireServer } from '../../../src/adapters/wire/wireServer.ts';
import type { GroupEntry, InstanceEntry } from '../../../src/projections/document/model.ts';
import { createDocumentKeeper, entryWriter } from '../../../src/projections/documentKeeper.ts';
import type { ClusterDocument } from '../../../src/projections/documents.ts';
import { initialNetwork } from '../../../src/projections/network/initial.ts';
import { advance, advanceInPlace } from '../../../src/projections/network/runner.ts';
import { anyEvent, beginning, recorded } from '../../projections/anyEvents.ts';

const never = new AbortController().signal;
const nowMs = 1_790_000_000_000;

/** A controller that keeps what it takes. */
const openReceiver = async (t: TestContext, options: Partial<DocumentDoorOptions> = {}) => {
  let current: ReceivedDocument | undefined;
  const refused: string[] = [];
  const route = documentRoute({
    take: (delta) =>
      takeDelta(current, delta, async (document) => {
        const succession = successionOf(document, current);
        if (succession === 'newer') current = document;
        return typeof succession === 'string' ? { accepted: true } : { accepted: false, ...succession };
      }),
    onRefused: (refusal) => refused.push(refusal.refused),
    ...options,
  });
  const server = createWireServer({ host: '127.0.0.1', port: 0, routes: [route] });
  const place = await server.listen();
  t.after(() => server.close());
  const loseEverything = (): void => {
    current = undefined;
  };
  return { place, refused, latest: () => current, loseEverything };
};

const openSender = (t: TestContext, seal?: ReturnType<typeof createSealer>) => {
  const wire = createDocumentPost(5_000);
  t.after(() => wire.close());
  const sent: Parcel[] = [];
  const courier = createDocumentCourier<InstanceEntry, GroupEntry>({
    post: (place, parcel, signal) => {
      sent.push(parcel);
      return wire.post(place, parcel, signal);
    },
    now: () => nowMs,
    ...(seal === undefined ? {} : { seal }),
  });
  return { courier, sent };
};

const carried = ({ digest, parts, dialect }: ClusterDocument): Carried<InstanceEntry, GroupEntry> => ({
  digest,
  parts,
  writer: entryWriter(dialect),
});

/** The documents of cluster `one` along a log. */
const documentsAlong = (steps: Parameters<typeof recorded>[0][]): readonly ClusterDocument[] => {
  const keeper = createDocumentKeeper();
  let network = advanceInPlace(initialNetwork(), recorded(beginning('superset'), 0));
  const documents = [keeper.documentOf(network, 'one')];
  for (const events of steps) {
    network = advance(network, recorded(events, network.position + 1));
    documents.push(keeper.documentOf(network, 'one'));
  }
  return documents.filter((document) => document !== undefined);
};

const instance = (n: number) => ({
  type: 'InstanceCreated' as const,
  instanceId: `i-${n.toString(16).padStart(8, '0')}`,
  account: '000000000002',
  cluster: 'one',
  groups: ['sg-00000001'],
  macAddress: 'd0:0d:00:00:00:01',
  privateAddress: `10.1.${n >> 8}.${n & 255}`,
  reservation: 'r',
  addressing: 'private' as const,
  restored: false,
});

const bytesOf = (document: { readonly pieces: readonly Uint8Array[] } | undefined): string =>
  Buffer.concat(document?.pieces ?? []).toString();

const toOne = (place: { host: string; port: number }) => ({ receiver: 'one', place, isForAnyone: true });

test('the receiver has the sender’s bytes after every step of any log', async (t) => {
  const receiver = await openReceiver(t);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(anyEvent, { maxLength: 8 }), { maxLength: 12 }), async (steps) => {
      receiver.loseEverything();
      const { courier } = openSender(t);
      for (const document of documentsAlong(steps)) {
        assert.deepEqual(await courier.deliver(toOne(receiver.place), carried(document), never), { kind: 'taken' });
        assert.equal(bytesOf(receiver.latest()), bytesOf(document));
      }
    }),
    { numRuns: 15 },
  );
});

test('a change among many costs a few hundred bytes, and a receiver that lost everything gets everything', async (t) => {
  const receiver = await openReceiver(t);
  const { courier, sent } = openSender(t);
  const many = Array.from({ length: 2_000 }, (_, n) => instance(n));
  const [, first, second, third] = documentsAlong([many, [instance(5_000)], [instance(5_001)]]);
  assert.ok(first && second && third);
  await courier.deliver(toOne(receiver.place), carried(first), never);
  await courier.deliver(toOne(receiver.place), carried(second), never);
  assert.equal(sent.length, 2);
  assert.ok((sent[1]?.bytes.length ?? 0) < 300, `${sent[1]?.bytes.length} bytes`);
  receiver.loseEverything();
  assert.deepEqual(await courier.deliver(toOne(receiver.place), carried(third), never), { kind: 'taken' });
  assert.equal(sent.length, 4);
  assert.equal(bytesOf(receiver.latest()), bytesOf(third));
});

test('a sender that starts anew goes on from what the receiver has, when it is what it would send itself', async (t) => {
  const receiver = await openReceiver(t);
  const before = openSender(t);
  const after = openSender(t);
  const [, first, second] = documentsAlong([[instance(1)], [instance(2)]]);
  assert.ok(first && second);
  await before.courier.deliver(toOne(receiver.place), carried(first), never);
  after.courier.assume('one', carried(first));
  assert.deepEqual(await after.courier.deliver(toOne(receiver.place), carried(second), never), { kind: 'taken' });
  assert.equal(after.sent.length, 1);
  assert.deepEqual(await after.courier.deliver(toOne(receiver.place), carried(second), never), { kind: 'taken' });
  assert.equal(bytesOf(receiver.latest()), bytesOf(second));
});

test('an older document is refused and changes nothing', async (t) => {
  const receiver = await openReceiver(t);
  const { courier } = openSender(t);
  const [, first, second] = documentsAlong([[instance(1)], [instance(2)]]);
  assert.ok(first && second);
  await courier.deliver(toOne(receiver.place), carried(second), never);
  const answer = await courier.deliver(toOne(receiver.place), carried(first), never);
  assert.ok(answer.kind === 'refused' && answer.reason === 'older-document');
  assert.equal(bytesOf(receiver.latest()), bytesOf(second));
});

test('nobody there, or nobody who takes deltas, is told from a failure', async (t) => {
  const { courier } = openSender(t);
  const [document] = documentsAlong([[instance(1)]]);
  assert.ok(document);
  const elsewhere = createWireServer({ host: '127.0.0.1', port: 0, routes: [] });
  const place = await elsewhere.listen();
  assert.equal((await courier.deliver(toOne(place), carried(document), never)).kind, 'absent');
  await elsewhere.close();
  assert.equal((await courier.deliver(toOne(place), carried(document), never)).kind, 'absent');
});

const keys = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const certificatePem = pemOf(
    selfSignedCertificate({
      privateKey,
      commonName: 'cloud',
      serial: Buffer.from([1]),
      notBeforeMs: nowMs,
      notAfterMs: nowMs + 1e9,
    }),
  );
  return { privateKeyPem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(), certificatePem };
};

test('with a certificate pinned only what its key has sealed lately, for this receiver, is let in', async (t) => {
  const [cloud, stranger] = [keys(), keys()];
  const receiver = await openReceiver(t, { check: createSealCheck(cloud.certificatePem, 'one', () => nowMs) });
  const [document] = documentsAlong([[instance(1)]]);
  assert.ok(document);
  const offer = async (seal: ReturnType<typeof createSealer> | undefined, change: object = {}) => {
    const { courier } = openSender(t, seal);
    const answer = await courier.deliver({ ...toOne(receiver.place), ...change }, carried(document), never);
    return answer.kind === 'taken' ? 'taken' : `${answer.kind} ${'reason' in answer ? answer.reason : ''}`;
  };
  assert.equal(await offer(undefined), 'failed http-401');
  assert.equal(await offer(createSealer(stranger.privateKeyPem, () => nowMs)), 'refused seal-refused');
  assert.equal(await offer(createSealer(cloud.privateKeyPem, () => nowMs - 400_000)), 'refused seal-refused');
  assert.equal(await offer(createSealer(cloud.privateKeyPem, () => nowMs + 60_000)), 'refused seal-refused');
  const forTwo = { receiver: 'two', isForAnyone: false };
  assert.equal(
    await offer(
      createSealer(cloud.privateKeyPem, () => nowMs),
      forTwo,
    ),
    'refused seal-refused',
  );
  assert.equal(receiver.latest(), undefined);
  assert.deepEqual(receiver.refused, ['seal-refused', 'seal-refused', 'seal-refused', 'seal-refused']);
  assert.equal(
    await offer(
      createSealer(cloud.privateKeyPem, () => nowMs),
      { isForAnyone: false },
    ),
    'taken',
  );
  assert.equal(bytesOf(receiver.latest()), bytesOf(document));
});

const posted = (port: number, body: Buffer, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method: 'POST', path: '/documents', headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(body);
  });

test('broken bodies are refused, and a small body cannot become a large one', async (t) => {
  const receiver = await openReceiver(t);
  const { port } = receiver.place;
  assert.equal(await posted(port, Buffer.from('{"delta":2}'), {}), 422);
  assert.equal(await posted(port, Buffer.from([1, 2, 3]), { 'content-encoding': COMPACT }), 422);
  assert.equal(await posted(port, Buffer.from('{}'), { 'content-encoding': 'gzip' }), 422);
  const bomb = packed('a'.repeat(60_000));
  assert.equal(bomb.coding, COMPACT);
  assert.equal(unpacked(bomb.bytes, bomb.coding, 1_000), undefined);
  assert.equal(unpacked(bomb.bytes, bomb.coding, 60_000)?.length, 60_000);
  assert.equal(receiver.latest(), undefined);
});

test('what is packed is unpacked', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.constantFrom(1, 1_000), (text, times) => {
      const { bytes, coding } = packed(text.repeat(times));
      assert.equal(unpacked(bytes, coding, 10_000_000), text.repeat(times));
    }),
    { numRuns: 60 },
  );
});
