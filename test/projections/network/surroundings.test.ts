/** The bytes follow from the log alone: in another time zone, language and folder the same log gives the same documents. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { foldAll } from '../../../src/projections/network/runner.ts';
import { documentsIn } from './facts.ts';
import { randomLog } from './randomLog.ts';

const run = promisify(execFile);

type Shown = { readonly documents: readonly string[]; readonly here: string; readonly locale: string };

test('another time zone, language and folder give the same bytes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-surroundings-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const log = await randomLog(31);
  const file = join(folder, 'log');
  const stored = log.map(({ event: { type, ...data }, id, stream, revision, position, time }) =>
    JSON.stringify({ type, data, metadata: { time: String(time) }, id, stream, revision, position }),
  );
  writeFileSync(file, stored.join('\n'));
  const surroundings = [
    { TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
    { TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' },
    { TZ: 'UTC', LC_ALL: 'C', LANG: 'C' },
  ];
  const program = join(import.meta.dirname, 'digestsOf.ts');
  const shown = await Promise.all(
    surroundings.map(async (env) => {
      const { stdout } = await run(process.execPath, [program, file], { env: { ...process.env, ...env }, cwd: folder });
      return JSON.parse(stdout) as Shown;
    }),
  );
  assert.equal(
    new Set(shown.map(({ here, locale }) => `${here} ${locale}`)).size,
    3,
    'expected three different places',
  );
  for (const { documents } of shown) assert.deepEqual(documents, documentsIn(foldAll(log)));
});
