/**
 * Starting from a snapshot is starting from the log: the same network, the same index, the same documents, the same marks.
 * Whatever does not fit program and log is left aside with its reason, and the log is read from its beginning.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createMemoryStore } from '../../src/adapters/eventstore/memory.ts';
import { createTailWatch } from '../../src/adapters/eventstore/tail.ts';
import { encode } from '../../src/domain/codec.ts';
import type { StoredEvent } from '../../src/domain/eventStore.ts';
import { auditIndexOf } from '../../src/projections/audit.ts';
import { createCloudCore } from '../../src/roles/cloudCore.ts';
import { codeMark } from '../../src/roles/codeMark.ts';
import { createDeliveredLog } from '../../src/roles/deliveredLog.ts';
import type { Journal } from '../../src/roles/journal.ts';
import { createSnapshot, type Known, type Remembered, wakerOf } from '../../src/roles/snapshot.ts';
import { documentsIn, statement } from '../projections/network/facts.ts';
import { type Log, randomLog } from '../projections/network/randomLog.ts';

const storedOf = (log: Log): readonly StoredEvent[] =>
  log.map(({ event, id, stream, revision, position, time, actor, commandId, correlationId, causationId }) => {
    const metadata = { $correlationId: correlationId, $causationId: causationId, commandId, actor, time: String(time) };
    return { id, stream, revision, position, ...encode(event, metadata) };
  });

const delivery = (log: Log): Log => {
  const last = log.at(-1);
  assert.ok(last !== undefined);
  const document = { cluster: 'one', epoch: 1, version: 7, digest: 'd', dialect: 'superset', bytes: 9 } as const;
  const made = { id: 'delivered-1', stream: 'delivery-one', revision: 0, position: last.position + 1 };
  return [...log, { ...last, ...made, event: { type: 'DocumentDelivered', ...document } }];
};

const storeOf = async (events: readonly StoredEvent[]) => {
  const store = createMemoryStore();
  await store.importEvents(events);
  return store;
};

/** What a cloud controller knows when it is in sync, having begun where it was told to. */
const started = async (store: Awaited<ReturnType<typeof storeOf>>, begun?: Remembered): Promise<Known> => {
  const tail = createTailWatch(undefined, begun?.mark);
  const delivered = createDeliveredLog(begun?.delivered);
  const faults: Error[] = [];
  const core = createCloudCore({
    ...{ store, cloud: 'main', begun, observers: [delivered.note] },
    onStored: tail.observe,
    onProgress: () => undefined,
    onFault: (fault) => faults.push(fault),
  });
  core.projector.start();
  await core.projector.inSync;
  await core.projector.stop();
  assert.deepEqual(faults, []);
  const mark = tail.mark();
  assert.ok(mark !== undefined);
  const { events } = core.projector.health();
  const network = core.projector.network();
  const document = core.keeper.standing(network);
  return { network, events, mark, audit: core.index.kept(), delivered: delivered.kept(), document };
};

const assertSame = (one: Known, other: Known): void => {
  assert.equal(statement(one.network), statement(other.network));
  assert.deepEqual(documentsIn(one.network), documentsIn(other.network));
  assert.equal(one.document?.pieces.digest, other.document?.pieces.digest);
  assert.deepEqual([one.events, one.mark, one.delivered], [other.events, other.mark, other.delivered]);
};

/** Everything an index can be asked about the events of the log. */
const answers = ({ audit }: Known, log: readonly StoredEvent[]): readonly unknown[] => {
  const index = auditIndexOf(audit);
  return log.map(({ id, stream, type, metadata: { actor = '', commandId = '', $correlationId = '', time } }) => [
    [index.positionOf(id), index.positionAt(Number(time)), index.receipt(commandId)],
    [index.positions('stream', stream).length, index.positions('type', type), index.positions('actor', actor).length],
    index.positions('correlationId', $correlationId),
  ]);
};

describe('a snapshot', () => {
  let data = '';
  let notes: string[] = [];
  const journal: Journal = {
    note: (_, facts) => notes.push(String(facts?.['reason'])),
    fault: (what) => assert.fail(what),
  };
  const cache = (name: string): string => join(data, 'cache', name);

  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'edgelog-snapshot-'));
  });
  after(() => rm(data, { recursive: true, force: true }));

  /** A log, and a snapshot of its first part. */
  const prepared = async (seed: number, share: number) => {
    notes = [];
    await rm(join(data, 'cache'), { recursive: true, force: true });
    const log = delivery(await randomLog(seed));
    const stored = storedOf(log);
    const cut = Math.max(1, Math.floor(stored.length * share));
    const part = await storeOf(stored.slice(0, cut));
    const known = await started(part);
    await createSnapshot(data, part, 'this', journal).write(known);
    return { stored, cut, known };
  };

  for (const seed of [41, 42, 43]) {
    test(`leads to what the log leads to, wherever it was made, log ${seed}`, async () => {
      for (const share of [0, 0.3, 0.8, 1]) {
        const { stored, known } = await prepared(seed, share);
        const store = await storeOf(stored);
        const begun = await createSnapshot(data, store, 'this', journal).read();
        assert.ok(begun !== undefined, notes.join());
        const [resumed, whole] = [await started(store, begun), await started(store)];
        assertSame(resumed, whole);
        assert.equal(begun.document?.pieces.digest, known.document?.pieces.digest);
        for (const _ of wakerOf(begun)());
        const asked = stored.filter((_, n) => n % 7 === 0);
        assert.deepEqual(answers(resumed, asked), answers(whole, asked));
      }
    });
  }

  test('a document lies beside it; a damaged or strange one is left aside, and the snapshot serves without', async () => {
    const { stored } = await prepared(42, 0.8);
    const store = await storeOf(stored);
    const read = () => createSnapshot(data, store, 'this', journal).read();
    assert.ok((await read())?.document !== undefined);
    const bytes = await readFile(cache('document.cache'));
    const text = bytes.toString('latin1');
    for (const other of [
      bytes.subarray(0, 100),
      Buffer.from(text.replace(/"position":\d+/, '"position":7'), 'latin1'),
    ]) {
      await writeFile(cache('document.cache'), other);
      const begun = await read();
      assert.ok(begun !== undefined && begun.document === undefined);
      assertSame(await started(store, begun), await started(store));
    }
    await rm(cache('document.cache'));
    assert.ok((await read()) !== undefined);
    assert.deepEqual(notes, []);
  });

  test('without one, nothing is said about it', async () => {
    const { stored } = await prepared(41, 0.5);
    await createSnapshot(data, await storeOf(stored), 'this', journal).drop();
    assert.equal(await createSnapshot(data, await storeOf(stored), 'this', journal).read(), undefined);
    assert.deepEqual(notes, []);
  });

  test('of another program it is left aside', async () => {
    const { stored } = await prepared(41, 0.5);
    assert.equal(await createSnapshot(data, await storeOf(stored), 'other', journal).read(), undefined);
    assert.deepEqual(notes, ['another program made it']);
  });

  test('newer than the log, or of another log, it is left aside', async () => {
    const { stored, cut } = await prepared(41, 0.5);
    const shorter = await storeOf(stored.slice(0, cut - 1));
    assert.equal(await createSnapshot(data, shorter, 'this', journal).read(), undefined);
    const other = await storeOf(stored.map((event) => ({ ...event, id: `other-${event.id}` })));
    assert.equal(await createSnapshot(data, other, 'this', journal).read(), undefined);
    assert.equal(notes.length, 2);
    for (const note of notes) assert.match(note, /of another log, or newer than this one/);
  });

  test('with a part of it missing or damaged it is left aside', async () => {
    const { stored, cut } = await prepared(41, 0.5);
    const store = await storeOf(stored);
    const snapshot = createSnapshot(data, store, 'this', journal);
    for (const name of ['start.cache', `network-${cut}.cache`]) {
      const whole = await readFile(cache(name));
      for (const broken of [whole.subarray(0, 100), Buffer.concat([Buffer.from('x'), whole]), Buffer.alloc(0)]) {
        await writeFile(cache(name), broken);
        assert.equal(await snapshot.read(), undefined);
      }
      await writeFile(cache(name), whole);
      assert.ok((await snapshot.read()) !== undefined);
    }
    assert.equal(notes.length, 6);
    await rm(cache(`network-${cut}.cache`));
    assert.equal(await snapshot.read(), undefined);
    assert.match(notes.at(-1) ?? '', /there is none/);
  });

  test('a log that was changed before it is found out, one that only grew is not', async () => {
    const { stored, cut } = await prepared(42, 0.5);
    const { signal } = new AbortController();
    const store = await storeOf(stored);
    const begun = await createSnapshot(data, store, 'this', journal).read();
    assert.ok(begun !== undefined);
    assert.equal(await createSnapshot(data, store, 'this', journal).check(begun.mark, signal), undefined);
    const at = Math.floor(cut / 2);
    const changed = await storeOf(stored.map((event, n) => (n === at ? { ...event, id: 'a-stranger' } : event)));
    const flaw = await createSnapshot(data, changed, 'this', journal).check(begun.mark, signal);
    assert.match(flaw ?? '', /not the log the snapshot was made of/);
  });

  test('networks of other moments stay for the past, bounded in number', async () => {
    const { stored } = await prepared(43, 1);
    const store = await storeOf(stored);
    const files = createSnapshot(data, store, 'this', journal).files;
    for (const share of [0.1, 0.2, 0.25, 0.7]) await prepareAlso(stored, share);
    const all = await files.positions();
    assert.equal(all.length, 5);
    for (const position of all) {
      const network = await files.read(position);
      assert.ok('position' in network);
      const part = await storeOf(stored.slice(0, position));
      assert.equal(statement(network), statement((await started(part)).network));
    }
    assert.deepEqual(await readdir(join(data, 'cache')).then((names) => names.includes('start.cache')), true);
  });

  const prepareAlso = async (stored: readonly StoredEvent[], share: number): Promise<void> => {
    const part = await storeOf(stored.slice(0, Math.floor(stored.length * share)));
    await createSnapshot(data, part, 'this', journal).write(await started(part));
  };

  test('the mark of the code stays while the code does', () => {
    assert.equal(codeMark(), codeMark());
    assert.match(codeMark(), /^[0-9a-f]{64}$/);
  });
});
