/**
 * A process that appends to a SQLite log until it is killed, sixteen requests at a time, and prints the number of each one
 * that was answered. Arguments: file, a name for its streams.
 */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../../../src/adapters/eventstore/sqlite.ts';
import { writeOf } from '../samples.ts';

const [file = '', name = ''] = process.argv.slice(2);
const store = await openSqliteStore({ file });

const client = async (number: number): Promise<never> => {
  const stream = `${name}-${number}`;
  for (let revision = -1; ; revision += 1) {
    const outcome = await store.append(`${stream}/${revision + 1}`, [writeOf(stream, revision, `${revision + 1}`)]);
    if (outcome.outcome !== 'appended') throw new Error(JSON.stringify(outcome));
    writeSync(1, `${stream} ${revision + 1}\n`);
  }
};

await Promise.all(Array.from({ length: 16 }, (_, number) => client(number)));
