/**
 * From a cold start to in sync: reading, checking, decoding and folding the whole log, with the audit index beside it; then all
 * documents. Beside it, in turns, what merely reading and JSON-parsing the same rows takes.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../src/adapters/eventstore/sqlite.ts';
import { createProjector } from '../src/adapters/projector/projector.ts';
import { createAuditIndex } from '../src/projections/audit.ts';
import { createDocumentKeeper } from '../src/projections/documentKeeper.ts';
import { verifyDocuments } from '../src/projections/verification.ts';
import type { BenchOptions } from './change.ts';
import { clockMs } from './clock.ts';
import { median, row } from './figures.ts';
import { dataFolderOf, removeFolder } from './logs.ts';
import { sizeOf } from './world.ts';

/** All columns of all rows, data and metadata parsed; events a second. */
const readAndParse = (file: string): number => {
  const db = new DatabaseSync(file, { readOnly: true });
  const page = db.prepare(
    'SELECT position, events.id, name, revision, type, data, metadata, checksum FROM events JOIN streams ON streams.id = stream WHERE position > ? ORDER BY position LIMIT 1000',
  );
  page.setReturnArrays(true);
  const begun = clockMs();
  let after = 0;
  let count = 0;
  let members = 0;
  for (;;) {
    const rows = page.all(after) as unknown as readonly (readonly [
      number,
      string,
      string,
      number,
      string,
      string,
      string,
    ])[];
    if (rows.length === 0) break;
    for (const [position, , , , , data, metadata] of rows) {
      members += Object.keys(JSON.parse(data) as object).length + Object.keys(JSON.parse(metadata) as object).length;
      after = position;
    }
    count += rows.length;
  }
  const rate = (count * 1000) / (clockMs() - begun);
  db.close();
  if (members === 0) throw new Error('the log is empty');
  return rate;
};

const replay = async (file: string) => {
  const begun = clockMs();
  const store = await openSqliteStore({ file });
  const index = createAuditIndex();
  const projector = createProjector(store, { observers: [index.note] });
  projector.start();
  await projector.inSync;
  const inSync = clockMs();
  const keeper = createDocumentKeeper();
  const network = projector.network();
  for (const cluster of Object.keys(network.clusters)) keeper.documentOf(network, cluster);
  const documents = clockMs();
  const events = projector.health().events;
  await projector.stop();
  await store.close();
  const judge = (): void => {
    const wrong = verifyDocuments(network, keeper.documentOf).filter(({ same }) => !same);
    if (wrong.length > 0) throw new Error(`after replay ${wrong.length} documents differ from the full render`);
  };
  return { events, rate: (events * 1000) / (inSync - begun), rebuiltMs: documents - begun, judge };
};

export const runReplay = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const turns = quick ? 3 : 5;
  const rebuilds = sizeOf(20_000);
  // Five events an instance.
  const size = sizeOf(quick ? 20_000 : 196_000);
  for (const [one, what] of [
    [rebuilds, 'rebuild'],
    [size, 'replay'],
  ] as const) {
    const folder = await dataFolderOf(one, what);
    const file = join(folder, 'events.db');
    const bare: number[] = [];
    const rates: number[] = [];
    const rebuilt: number[] = [];
    let events = 0;
    for (let turn = 0; turn < turns; turn += 1) {
      bare.push(readAndParse(file));
      const done = await replay(file);
      if (turn === 0) done.judge();
      rates.push(done.rate);
      rebuilt.push(done.rebuiltMs);
      events = done.events;
    }
    await removeFolder(folder);
    const ratio = median(rates) / median(bare);
    const share = { value: ratio, unit: 'of reading and parsing' };
    if (what === 'rebuild') {
      const facts = { suite: 'replay', name: 'all documents rebuilt from the log alone', n: one.instances, unit: 's' };
      const bareMs = (events * 1000) / median(bare);
      const made = {
        ...facts,
        value: median(rebuilt) / 1000,
        ratio: median(rebuilt) / bareMs,
        of: 'reading and parsing',
      };
      onRow(row(made, { atMost: 1 }));
    } else {
      const facts = { suite: 'replay', name: 'events folded until in sync', n: events, value: median(rates) };
      onRow(row({ ...facts, unit: 'a second', ratio, of: 'reading and parsing' }, { atLeast: 0.5 }, share));
    }
  }
};
