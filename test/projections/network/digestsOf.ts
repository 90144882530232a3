/** Run as a process of its own: reads stored events from a file (JSON lines) and prints what their documents are. */
import { readFileSync } from 'node:fs';
import { decodeRecorded } from '../../../src/domain/codec.ts';
import type { StoredEvent } from '../../../src/domain/eventStore.ts';
import { foldAll } from '../../../src/projections/network/runner.ts';
import { documentsIn } from './facts.ts';

const lines = readFileSync(process.argv[2] ?? '', 'utf8').split('\n');
const log = lines.filter((line) => line !== '').map((line) => decodeRecorded(JSON.parse(line) as StoredEvent));
const shown = {
  documents: documentsIn(foldAll(log)),
  here: new Date(0).toString(),
  locale: Intl.NumberFormat().resolvedOptions().locale,
};
process.stdout.write(JSON.stringify(shown));
