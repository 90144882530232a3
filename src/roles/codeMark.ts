/**
 * What tells one state of this program's code from another: caches made of the log by the one mean nothing to the other. Looks
 * at names, sizes and times of the files that say what events mean, which takes a few milliseconds; a built program has
 * looked when it was built.
 */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VERSION } from './version.ts';

/** Put in by `scripts/program.ts`. */
declare const BUILT_SOURCES_MARK: string | undefined;

const MEANING = ['domain', 'projections'] as const;

/** Of the files as they lie there now. */
export const sourcesMark = (): string => {
  const source = fileURLToPath(new URL('..', import.meta.url));
  const hash = createHash('sha256');
  for (const room of MEANING) {
    for (const name of readdirSync(join(source, room), { recursive: true }).map(String).sort()) {
      const { size, mtimeMs } = statSync(join(source, room, name));
      hash.update(`${room}/${name} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
};

export const codeMark = (): string => {
  const sources = typeof BUILT_SOURCES_MARK === 'string' ? BUILT_SOURCES_MARK : sourcesMark();
  return createHash('sha256').update(`${VERSION} ${process.version} ${sources}`).digest('hex');
};
