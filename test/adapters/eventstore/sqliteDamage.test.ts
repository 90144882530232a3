/** What a SQLite log says when its bytes are no longer what was written: always a fault with a place, never a shorter log. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openSqliteStore } from '../../../src/adapters/eventstore/sqlite.ts';
import { StoreFault } from '../../../src/domain/eventStore.ts';
import { isFault } from './contractCase.ts';
import type { Folder } from './folders.ts';
import { createFolder } from './folders.ts';
import { createWitness, readWhole, whileSubscribed, writeOf } from './samples.ts';

const EVENTS = 40;
const STREAMS = 4;

/** Forty events in four streams, `note-1` to `note-40`, at positions 1 to 40; closed, so all of it is in one file. */
const writeLog = async (file: string): Promise<void> => {
  const store = await openSqliteStore({ file });
  for (let index = 0; index < EVENTS; index += 1) {
    const write = writeOf(`pool-${index % STREAMS}`, Math.floor(index / STREAMS) - 1, `note-${index + 1}.`);
    await store.append(`c${index}`, [write]);
  }
  await store.close();
};

const flipBit = (file: string, offset: number, bit = 1): void => {
  const bytes = readFileSync(file);
  bytes[offset] = (bytes[offset] ?? 0) ^ bit;
  writeFileSync(file, bytes);
};

const change = (file: string, sql: string): void => {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
};

const damagedAt = (position: number) => (thrown: unknown) =>
  thrown instanceof StoreFault && thrown.kind === 'corrupt' && thrown.position === position;

describe('a damaged SQLite log', () => {
  let folder: Folder;
  let file: string;

  beforeEach(async () => {
    folder = createFolder();
    file = folder.file('log.db');
    await writeLog(file);
  });
  afterEach(() => folder.remove());

  const rejectsAt = async (position: number): Promise<void> => {
    const store = await openSqliteStore({ file });
    try {
      await assert.rejects(readWhole(store), damagedAt(position));
    } finally {
      await store.close();
    }
  };

  it('names the position of an event with one flipped bit', async () => {
    flipBit(file, readFileSync(file).indexOf('note-23.') + 5);
    await rejectsAt(23);
    const store = await openSqliteStore({ file });
    await assert.rejects(store.readStream('pool-2', 0, 100), damagedAt(23));
    assert.equal((await store.readStream('pool-1', 0, 100)).length, EVENTS / STREAMS);
    await store.close();
  });

  it('delivers what is sound before it, then the fault', async () => {
    flipBit(file, readFileSync(file).indexOf('note-23.') + 5);
    const store = await openSqliteStore({ file });
    const witness = createWitness();
    await whileSubscribed(store.subscribe(-1, witness.observer), () => witness.untilFault());
    assert.equal(witness.seen.length, 22);
    assert.ok(damagedAt(23)(witness.faults[0]));
    assert.equal(witness.caughtUp(), 0);
    await store.close();
  });

  const tampered: Record<string, readonly [string, number]> = {
    'changed data': ["UPDATE events SET data = '{}' WHERE position = 7", 7],
    'changed metadata': [`UPDATE events SET metadata = '{"actor":"nobody"}' WHERE position = 8`, 8],
    'a changed type': ["UPDATE events SET type = 'AddressReleased' WHERE position = 9", 9],
    'a changed id': ["UPDATE events SET id = '00000000-0000-4000-8000-000000000000' WHERE position = 10", 10],
    'a changed stream': ['UPDATE events SET stream = 2, revision = 99 WHERE position = 11', 11],
    'a changed checksum': ['UPDATE events SET checksum = 1 WHERE position = 12', 12],
    'a missing event': ['DELETE FROM events WHERE position = 13', 13],
    'a missing first event': ['DELETE FROM events WHERE position = 1', 1],
    'a renamed stream': ["UPDATE streams SET name = 'pool-9' WHERE id = 3", 3],
    'a stream without a name': ['DELETE FROM streams WHERE id = 4', 4],
  };
  for (const [finding, [sql, position]] of Object.entries(tampered)) {
    it(`names the position of ${finding}`, async () => {
      change(file, sql);
      await rejectsAt(position);
    });
  }

  it('takes no append while events are missing', async () => {
    change(file, 'DELETE FROM events WHERE position = 13');
    const store = await openSqliteStore({ file });
    await assert.rejects(store.append('next', [writeOf('pool-1', 9, 'x')]), damagedAt(13));
    assert.equal((await store.head())?.position, EVENTS);
    await store.close();
  });

  it('notices that its tail was cut off while it was open', async () => {
    const store = await openSqliteStore({ file });
    await store.append('first', [writeOf('pool-0', 9, 'x')]);
    change(file, 'DELETE FROM events WHERE position > 35');
    await assert.rejects(store.append('second', [writeOf('pool-0', 10, 'y')]), damagedAt(41));
    await store.close();
  });

  it('reports a file that was cut short', async () => {
    const { length } = readFileSync(file);
    for (const size of [length - 4096, length - 1000, 4096, 100]) {
      const short = folder.file(`short-${size}.db`);
      copyFileSync(file, short);
      truncateSync(short, size);
      const read = async (): Promise<void> => {
        const store = await openSqliteStore({ file: short });
        await readWhole(store).finally(() => store.close());
      };
      await assert.rejects(read(), isFault('corrupt'), `cut to ${size} bytes`);
    }
  });

  it('reports a page of noise with the first position that cannot be read', async () => {
    const offset = readFileSync(file).indexOf('note-30.');
    const bytes = readFileSync(file);
    bytes.fill(0xff, offset - (offset % 4096), offset - (offset % 4096) + 4096);
    writeFileSync(file, bytes);
    const store = await openSqliteStore({ file });
    const thrown = await readWhole(store).catch((fault: unknown) => fault);
    assert.ok(thrown instanceof StoreFault && thrown.kind === 'corrupt');
    assert.ok((thrown.position ?? 0) > 0 && (thrown.position ?? 0) <= 30, `got ${thrown.position}`);
    await store.close();
  });

  it('shows the whole log or a fault for any flipped bit, never less', { timeout: 120_000 }, async () => {
    const sound = await openSqliteStore({ file });
    const expected = JSON.stringify(await readWhole(sound));
    await sound.close();
    const { length } = readFileSync(file);
    const tally = { whole: 0, fault: 0 };
    for (let step = 0; step < 400; step += 1) {
      const offset = (step * 7919 + (step % 13)) % length;
      flipBit(file, offset, 1 << (step % 8));
      const seen = await look(file).catch((thrown: unknown) => thrown);
      flipBit(file, offset, 1 << (step % 8));
      if (seen === expected) tally.whole += 1;
      else if (seen instanceof StoreFault) tally.fault += 1;
      else assert.fail(`bit flipped at ${offset}: got ${String(seen).slice(0, 200)}`);
    }
    assert.ok(tally.fault > 50 && tally.whole > 50, JSON.stringify(tally));
  });
});

/** Everything a log shows: the whole of it, and each stream by itself. */
const look = async (file: string): Promise<string> => {
  const store = await openSqliteStore({ file });
  try {
    const all = await readWhole(store);
    for (let stream = 0; stream < STREAMS; stream += 1) {
      const events = await store.readStream(`pool-${stream}`, 0, 100);
      assert.equal(events.length, EVENTS / STREAMS, `pool-${stream}`);
    }
    return JSON.stringify(all);
  } finally {
    await store.close();
  }
};
