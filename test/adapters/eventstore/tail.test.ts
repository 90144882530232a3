/** Marks of a log, and what they show after a restore or a fail-over. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createCheckpointFile } from '../../../src/adapters/eventstore/checkpoint.ts';
import { openSqliteStore } from '../../../src/adapters/eventstore/sqlite.ts';
import type { LogMark, TailVerdict } from '../../../src/adapters/eventstore/tail.ts';
import { advanceMark, checkTail, createTailWatch } from '../../../src/adapters/eventstore/tail.ts';
import type { EventStore } from '../../../src/domain/eventStore.ts';
import { isFault } from './contractCase.ts';
import type { Folder } from './folders.ts';
import { createFolder } from './folders.ts';
import { readWhole, writeOf } from './samples.ts';

const markOf = async (store: EventStore): Promise<LogMark> => {
  const mark = advanceMark(undefined, await readWhole(store));
  assert.ok(mark !== undefined);
  return mark;
};

const watched = async (store: EventStore, mark: LogMark | undefined): Promise<TailVerdict> => {
  const watch = createTailWatch(mark);
  watch.observe(await readWhole(store));
  return watch.verdict();
};

describe('a remembered mark', () => {
  let folder: Folder;
  let file: string;
  const open = (name = 'log.db') => openSqliteStore({ file: folder.file(name) });

  const fill = async (store: EventStore, from: number, to: number, note = 'event'): Promise<void> => {
    for (let index = from; index < to; index += 1) {
      await store.append(`${note}${index}`, [
        writeOf(`pool-${index % 3}`, Math.floor(index / 3) - 1, `${note} ${index}`),
      ]);
    }
  };

  /** The log as a backup taken after `count` events would bring it back. */
  const restoredAfter = async (count: number): Promise<EventStore> => {
    const store = await open('backup.db');
    await fill(store, 0, count);
    return store;
  };

  beforeEach(async () => {
    folder = createFolder();
    file = folder.file('checkpoint');
  });
  afterEach(() => folder.remove());

  it('is intact on the log it was taken from, also after more events', async () => {
    const store = await open();
    await fill(store, 0, 10);
    const mark = await markOf(store);
    await fill(store, 10, 14);
    assert.equal(await checkTail(store, mark), 'intact');
    assert.equal(await watched(store, mark), 'intact');
    assert.equal(await watched(store, undefined), 'intact');
    await store.close();
  });

  it('shows a log that ends before it', async () => {
    const store = await open();
    await fill(store, 0, 10);
    const mark = await markOf(store);
    for (const kept of [0, 7, 9]) {
      const restored = await restoredAfter(kept);
      assert.equal(await checkTail(restored, mark), 'lost-tail');
      assert.equal(await watched(restored, mark), 'lost-tail');
      await restored.close();
    }
    await store.close();
  });

  it('shows a log that lost its tail and has grown past it since', async () => {
    const store = await open();
    await fill(store, 0, 10);
    const mark = await markOf(store);
    const restored = await restoredAfter(7);
    await fill(restored, 7, 20, 'other');
    assert.equal(await checkTail(restored, mark), 'rewritten');
    assert.equal(await watched(restored, mark), 'rewritten');
    await store.close();
    await restored.close();
  });

  it('shows a change before it only to who reads the whole log', async () => {
    const store = await open();
    await store.append('first', [writeOf('pool-a', -1, 'one')]);
    await store.append('second', [writeOf('pool-b', -1, 'two')]);
    const mark = await markOf(store);
    const other = await open('other.db');
    await other.append('different', [writeOf('pool-a', -1, 'one')]);
    await other.append('second', [writeOf('pool-b', -1, 'two')]);
    assert.equal(await checkTail(other, mark), 'intact');
    assert.equal(await watched(other, mark), 'rewritten');
    await store.close();
    await other.close();
  });

  it('does not depend on how the log was cut into pages', async () => {
    const store = await open();
    await fill(store, 0, 10);
    const events = await readWhole(store);
    const whole = advanceMark(undefined, events);
    const parts = advanceMark(advanceMark(undefined, events.slice(0, 3)), events.slice(3));
    const watch = createTailWatch(undefined);
    for (const event of events) watch.observe([event]);
    assert.deepEqual(parts, whole);
    assert.deepEqual(watch.mark(), whole);
    await store.close();
  });

  it('survives in a checkpoint file, the newest one', async () => {
    const store = await open();
    const checkpoint = createCheckpointFile(file);
    assert.equal(await checkpoint.read(), undefined);
    await fill(store, 0, 5);
    const marks = (await readWhole(store)).map((_, index, events) =>
      advanceMark(undefined, events.slice(0, index + 1)),
    );
    await Promise.all(marks.map((mark) => mark && checkpoint.write(mark)));
    assert.deepEqual(await createCheckpointFile(file).read(), marks.at(-1));
    await store.close();
  });

  it('is not invented from a file that is no checkpoint', async () => {
    for (const content of ['', '{', '{"format":2}', '{"format":1,"position":"7"}', 'null']) {
      writeFileSync(file, content);
      await assert.rejects(createCheckpointFile(file).read(), isFault('corrupt'));
      assert.equal(readFileSync(file, 'utf8'), content);
    }
  });

  it('is kept when the file cannot be replaced', async () => {
    const store = await open();
    await fill(store, 0, 3);
    const mark = await markOf(store);
    const checkpoint = createCheckpointFile(file);
    await checkpoint.write(mark);
    const copy = folder.file('copy');
    copyFileSync(file, copy);
    await assert.rejects(createCheckpointFile(folder.file('missing/checkpoint')).write(mark));
    assert.deepEqual(await createCheckpointFile(copy).read(), mark);
    await store.close();
  });
});

describe('a log read from a mark on', () => {
  const event = (position: number, id = `e${position}`) => ({
    ...{ id, stream: 's', revision: position - 1, position },
    ...{ type: 'T', data: {}, metadata: {} },
  });
  const upTo = (last: number) => Array.from({ length: last }, (_, n) => event(n + 1));

  it('ends at the same mark as one read from its start', () => {
    const whole = createTailWatch(undefined);
    whole.observe(upTo(9));
    const rest = createTailWatch(undefined, advanceMark(undefined, upTo(4)));
    rest.observe(upTo(9).slice(4));
    assert.deepEqual(rest.mark(), whole.mark());
  });

  it('is intact when the remembered mark was before or at the one begun with, and lost until it is met when after', () => {
    const begun = advanceMark(undefined, upTo(4));
    const verdictOf = (remembered: LogMark | undefined, rest: readonly ReturnType<typeof event>[]): TailVerdict => {
      const watch = createTailWatch(remembered, begun);
      watch.observe(rest);
      return watch.verdict();
    };
    assert.equal(verdictOf(undefined, []), 'intact');
    assert.equal(verdictOf(advanceMark(undefined, upTo(3)), []), 'intact');
    assert.equal(verdictOf(begun, []), 'intact');
    assert.equal(verdictOf(begun === undefined ? begun : { ...begun, runningHash: 'other' }, []), 'rewritten');
    const later = advanceMark(undefined, upTo(6));
    assert.equal(verdictOf(later, []), 'lost-tail');
    assert.equal(verdictOf(later, [event(5)]), 'lost-tail');
    assert.equal(verdictOf(later, [event(5), event(6)]), 'intact');
    assert.equal(verdictOf(later, [event(5), event(6, 'another')]), 'rewritten');
  });
});
