/** The golden samples: one stored event of every type and schema version there has ever been, never edited. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredEvent } from '../../src/domain/eventStore.ts';

const folder = join(import.meta.dirname, 'events');

export type Sample = {
  /** `<Type>.v<N>`. */
  readonly name: string;
  readonly type: string;
  readonly version: number;
  readonly stored: StoredEvent;
  readonly digest: string;
};

const sampleIn = (file: string): Sample => {
  const bytes = readFileSync(join(folder, file));
  const [, name = '', type = '', version = ''] = /^((\w+)\.v(\d+))\.json$/.exec(file) ?? [];
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { name, type, version: Number(version), stored: JSON.parse(bytes.toString('utf8')) as StoredEvent, digest };
};

export const samples: readonly Sample[] = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .sort()
  .map(sampleIn);

/** File name -> digest, as they were when the samples were taken (`sha256sum -c SHA256SUMS`). */
export const recordedDigests: ReadonlyMap<string, string> = new Map(
  readFileSync(join(folder, 'SHA256SUMS'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => [line.slice(66), line.slice(0, 64)]),
);
