/**
 * A process that wants the same stream as another. Told `race N` it tries once to append at revision N and prints the
 * outcome; told `run COUNT` it appends that many events, reading again after each conflict, and prints how many it met.
 * Arguments: file, its name.
 */
import { createInterface } from 'node:readline';
import { openSqliteStore } from '../../../../src/adapters/eventstore/sqlite.ts';
import { writeOf } from '../samples.ts';

const [file = '', name = ''] = process.argv.slice(2);
const STREAM = 'pool-contended';
const store = await openSqliteStore({ file });

const lastRevision = async (from: number): Promise<number> => {
  const events = await store.readStream(STREAM, from, 1000);
  return events.at(-1)?.revision ?? from - 1;
};

const run = async (count: number): Promise<number> => {
  let conflicts = 0;
  let revision = await lastRevision(0);
  for (let done = 0; done < count; ) {
    const outcome = await store.append(`${name}-${done}-${revision}`, [writeOf(STREAM, revision, `${name}-${done}`)]);
    if (outcome.outcome === 'appended') {
      revision += 1;
      done += 1;
    } else {
      conflicts += 1;
      revision = await lastRevision(revision + 1);
    }
  }
  return conflicts;
};

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [order, number = '0'] = line.split(' ');
  if (order === 'race') {
    const outcome = await store.append(`${name}-race-${number}`, [
      writeOf(STREAM, Number(number), `${name}-${number}`),
    ]);
    console.log(outcome.outcome);
  } else {
    console.log(String(await run(Number(number))));
  }
}
await store.close();
