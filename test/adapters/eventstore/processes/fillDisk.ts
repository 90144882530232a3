/**
 * A process on a small file system of its own: appends until the disk is full, makes room, appends again, and prints as JSON
 * what it saw. Then the file system becomes read-only, and it tries once more. Argument: the mounted folder.
 */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '../../../../src/adapters/eventstore/sqlite.ts';
import { StoreFault } from '../../../../src/domain/eventStore.ts';
import { readWhole, writeOf } from '../samples.ts';

const [folder = ''] = process.argv.slice(2);
const file = join(folder, 'log.db');
const ballast = join(folder, 'ballast');
const padding = 'x'.repeat(2000);

const faultOf = async (act: () => Promise<unknown>) => {
  try {
    await act();
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof StoreFault)) throw thrown;
    return { kind: thrown.kind, message: thrown.message };
  }
};

const store = await openSqliteStore({ file });
let last = -1;
const appendOne = async (): Promise<void> => {
  const outcome = await store.append(`c${last + 1}`, [writeOf('pool-full', last, `${last + 1} ${padding}`)]);
  if (outcome.outcome !== 'appended') throw new Error(JSON.stringify(outcome));
  last += 1;
};

writeFileSync(ballast, Buffer.alloc(600_000));
let full: Awaited<ReturnType<typeof faultOf>>;
while (full === undefined) full = await faultOf(appendOne);
const answered = last + 1;
const readable = (await readWhole(store)).length;
const again = await faultOf(appendOne);
rmSync(ballast);
for (let more = 0; more < 20; more += 1) await appendOne();
const afterwards = (await readWhole(store)).length;
await store.close();

execFileSync('mount', ['-o', 'remount,ro', folder]);
const readOnly = await faultOf(async () =>
  (await openSqliteStore({ file })).append('late', [writeOf('pool-full', last, 'x')]),
);
console.log(JSON.stringify({ full, again, answered, readable, afterwards, readOnly }));
