/** Moving a log between stores: equal at the end, resumable, refused where the target holds something else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CopyProgress } from '../../../src/adapters/eventstore/copy.ts';
import { copyLog } from '../../../src/adapters/eventstore/copy.ts';
import type { ImportTarget } from '../../../src/adapters/eventstore/importTarget.ts';
import { openKurrentStore } from '../../../src/adapters/eventstore/kurrentStore.ts';
import { createMemoryStore } from '../../../src/adapters/eventstore/memory.ts';
import { openSqliteStore } from '../../../src/adapters/eventstore/sqlite.ts';
import type { StoredEvent } from '../../../src/domain/eventStore.ts';
import { isFault } from './contractCase.ts';
import { createFolder } from './folders.ts';
import type { StandInFeatures } from './kurrentWireStandIn.ts';
import { startKurrentStandIn } from './kurrentWireStandIn.ts';
import { readWhole, writeOf } from './samples.ts';

const EVENTS = 2300;

const fill = async (store: ImportTarget, count = EVENTS): Promise<void> => {
  const appends = Array.from({ length: count }, (_, index) =>
    store.append(`c${index}`, [writeOf(`pool-${index % 7}`, Math.floor(index / 7) - 1, `event ${index}`)]),
  );
  await Promise.all(appends);
};

const placeless = (events: readonly StoredEvent[]) => events.map((event) => ({ ...event, position: 0 }));

/** Runs `use` with a SQLite log and a KurrentDB stand-in, and closes everything. */
const withStores = async (
  features: Partial<StandInFeatures>,
  use: (sqlite: ImportTarget, kurrent: ImportTarget, another: () => Promise<ImportTarget>) => Promise<void>,
): Promise<void> => {
  const folder = createFolder();
  const server = await startKurrentStandIn(features);
  const opened: ImportTarget[] = [];
  const keep = async (opening: Promise<ImportTarget>): Promise<ImportTarget> => {
    const store = await opening;
    opened.push(store);
    return store;
  };
  try {
    const sqlite = await keep(openSqliteStore({ file: folder.file('log.db') }));
    const kurrent = await keep(openKurrentStore({ url: server.url, insecure: true, categories: ['pool'] }));
    await use(sqlite, kurrent, () => keep(openSqliteStore({ file: folder.file(`log${opened.length}.db`) })));
  } finally {
    for (const store of opened) await store.close();
    await server.close();
    folder.remove();
  }
};

describe('copying a log', () => {
  it('from SQLite to KurrentDB and back keeps everything but positions', { timeout: 60_000 }, async () => {
    await withStores({}, async (sqlite, kurrent, another) => {
      await fill(sqlite);
      const there = await copyLog(sqlite, kurrent);
      const back = await another();
      const again = await copyLog(kurrent, back);
      assert.deepEqual([there.events, there.streams, there.kept], [EVENTS, 7, 0]);
      assert.equal(again.digest, there.digest);
      assert.deepEqual(placeless(await readWhole(kurrent, 1000)), placeless(await readWhole(sqlite, 1000)));
      assert.deepEqual(await readWhole(back, 1000), await readWhole(sqlite, 1000));
    });
  });

  it('keeps the order on servers that take one stream at a time', { timeout: 60_000 }, async () => {
    await withStores({ records: false, session: false }, async (sqlite, kurrent) => {
      await fill(sqlite, 60);
      assert.equal((await copyLog(sqlite, kurrent)).events, 60);
      assert.deepEqual(placeless(await readWhole(kurrent)), placeless(await readWhole(sqlite)));
    });
  });

  it('goes on where it was interrupted', { timeout: 60_000 }, async () => {
    await withStores({}, async (sqlite, kurrent) => {
      await fill(sqlite);
      const failing: ImportTarget = {
        ...kurrent,
        importEvents: async (events) => {
          await kurrent.importEvents(events.slice(0, 321));
          throw new Error('the power went');
        },
      };
      await assert.rejects(copyLog(sqlite, failing), /the power went/);
      const report = await copyLog(sqlite, kurrent);
      assert.deepEqual([report.events, report.kept], [EVENTS, 321]);
      assert.equal((await copyLog(sqlite, kurrent)).kept, EVENTS);
    });
  });

  it('tells how far it is', async () => {
    const [from, to] = [createMemoryStore(), createMemoryStore()];
    await fill(from);
    const told: CopyProgress[] = [];
    let time = 0;
    await copyLog(from, to, { onProgress: (progress) => told.push(progress), clock: () => (time += 500) });
    const copying = told.filter(({ stage }) => stage === 'copying');
    assert.deepEqual(
      copying.map(({ done, total, perSecond }) => [done, total, perSecond]),
      [
        [1000, 2300, 2000],
        [2000, 2300, 2000],
        [2300, 2300, 1533],
      ],
    );
    assert.equal(told.at(-1)?.stage, 'verifying');
  });

  it('refuses a target that holds something else, and leaves it alone', async () => {
    const [from, to] = [createMemoryStore(), createMemoryStore()];
    await fill(from, 20);
    await fill(to, 5);
    await to.append('mine', [writeOf('pool-other', -1, 'mine')]);
    const before = await readWhole(to);
    await assert.rejects(copyLog(from, to), isFault('not-permitted'));
    assert.deepEqual(await readWhole(to), before);
  });

  it('refuses a target that is ahead of the source', async () => {
    const [from, to] = [createMemoryStore(), createMemoryStore()];
    await fill(from, 5);
    await fill(to, 6);
    await assert.rejects(copyLog(from, to), isFault('not-permitted'));
  });

  it('does not report a copy that is not equal', async () => {
    const [from, to] = [createMemoryStore(), createMemoryStore()];
    await fill(from, 20);
    const careless: ImportTarget = {
      ...to,
      importEvents: (events) => to.importEvents(events.map((event) => ({ ...event, data: {} }))),
    };
    await assert.rejects(copyLog(from, careless), isFault('corrupt'));
  });

  it('of an empty log is empty', async () => {
    const report = await copyLog(createMemoryStore(), createMemoryStore());
    assert.deepEqual([report.events, report.streams, report.kept], [0, 0, 0]);
  });
});
