/** What another thread reads ahead is what one reads for oneself, fault for fault; and nobody depends on it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeLog } from '../../../scripts/make-log.ts';
import { createHurry, createReadAhead, type ReadAhead } from '../../../src/adapters/eventstore/readAhead.ts';
import { openSqliteStore } from '../../../src/adapters/eventstore/sqlite.ts';
import { PAGE } from '../../../src/adapters/eventstore/subscription.ts';
import { type StoredEvent, StoreFault } from '../../../src/domain/eventStore.ts';
import type { Folder } from './folders.ts';
import { createFolder } from './folders.ts';

const EVENTS = 3_000;

const readWhole = async (file: string): Promise<readonly StoredEvent[]> => {
  const store = await openSqliteStore({ file });
  const all = await store.readAll(-1, 100_000);
  await store.close();
  return all;
};

/** Everything it gives, from the first page it has: until its thread has begun there is none. */
const takeAll = async (ahead: ReadAhead, after = 0): Promise<readonly StoredEvent[]> => {
  const taken: StoredEvent[] = [];
  let page = await ahead.pageAfter(after);
  for (const deadline = Date.now() + 60_000; page === undefined && Date.now() < deadline; ) {
    await nextTurn();
    page = await ahead.pageAfter(after);
  }
  for (; page !== undefined; page = await ahead.pageAfter(taken.at(-1)?.position ?? after)) taken.push(...page);
  return taken;
};

const damage = (file: string, text: string): void => {
  const bytes = readFileSync(file);
  const at = bytes.lastIndexOf(text);
  assert.ok(at > 0, `${text} is not in the file`);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
};

describe('reading ahead', () => {
  let folder: Folder;
  let file: string;

  beforeEach(async () => {
    folder = createFolder();
    await writeLog(folder.file('log'), EVENTS, 100);
    file = folder.file('log/events.db');
  });
  afterEach(() => folder.remove());

  it('gives what one reads for oneself, also from the middle of the log', async () => {
    const all = await readWhole(file);
    for (const [page, after] of [
      [97, 0],
      [1_000, 1_234],
    ] as const) {
      const ahead = createReadAhead(file, page);
      assert.deepEqual(await takeAll(ahead, after), all.slice(after));
      assert.equal(await ahead.pageAfter(EVENTS), undefined);
      ahead.stop();
    }
  });

  it('gives any text as it was written', async () => {
    const store = await openSqliteStore({ file });
    const text = 'quote " backslash \\ break \n nought \u0001 line \u2028 z\u00fcrich \u{1f600} ],[0,{"a":1}';
    const event = { type: 'Odd"Type', data: { text, 'odd"member': [1, { text }] }, metadata: { actor: text } };
    await store.append('odd', [{ stream: 'odd-"stream"', expected: -1, events: [event, event] }]);
    await store.close();
    const ahead = createReadAhead(file, 100);
    const taken = await takeAll(ahead, EVENTS - 10);
    assert.deepEqual(taken, (await readWhole(file)).slice(-12));
    ahead.stop();
  });

  it('ends before a page that is not sound, and leaves the fault to whoever reads it', async () => {
    const all = await readWhole(file);
    const broken = all.find(({ position }) => position === 2_222)?.id ?? '';
    damage(file, broken);
    const ahead = createReadAhead(file, 100);
    assert.deepEqual(await takeAll(ahead), all.slice(0, 2_200));
    ahead.stop();
  });

  it('is no hindrance when there is nothing to read, or nobody who wants it any more', async () => {
    const none = createReadAhead(folder.file('none.db'), 100);
    for (let turn = 0; turn < 100; turn += 1) {
      assert.equal(await none.pageAfter(0), undefined);
      await nextTurn();
    }
    const stopped = createReadAhead(file, 100);
    stopped.stop();
    assert.equal(await stopped.pageAfter(0), undefined);
  });

  it('hurries a reader who has far to go, and is silent to one who has not', async () => {
    const all = await readWhole(file);
    for (const distance of [EVENTS, 1_000_000]) {
      const store = await openSqliteStore({ file });
      const hurry = createHurry(file, distance, store.readAll);
      const read: StoredEvent[] = [];
      for (let page = await hurry.readAll(-1, PAGE); page.length > 0; ) {
        read.push(...page);
        page = await hurry.readAll(read.at(-1)?.position ?? 0, PAGE);
      }
      assert.deepEqual(read, all);
      hurry.arrived();
      await store.close();
    }
  });
});

describe('following a long damaged log', () => {
  it('delivers what is sound before the damage, then the fault with its place', async () => {
    const folder = createFolder();
    const events = 24_000;
    await writeLog(folder.file('log'), events, 100);
    const file = folder.file('log/events.db');
    const all = await readWhole(file);
    damage(file, all.find(({ position }) => position === 23_456)?.id ?? '');
    const store = await openSqliteStore({ file });
    let last = 0;
    const fault = await new Promise<Error>((resolve, reject) => {
      store.subscribe(-1, {
        onEvents: (page) => {
          for (const { position } of page) {
            assert.equal(position, last + 1);
            last = position;
          }
        },
        onCaughtUp: () => reject(new Error('it was never whole')),
        onFault: resolve,
      });
    });
    assert.ok(fault instanceof StoreFault && fault.kind === 'corrupt');
    assert.equal(fault.position, 23_456);
    assert.equal(last, 23_455);
    await store.close();
    folder.remove();
  });
});
