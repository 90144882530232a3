/**
 * `npm run conformance -- DIR`: runs every suite file in DIR (default `test/conformance`), prints the ids of failing cases
 * with what was expected and what came, and closes with one line `N passed, M failed`. Exit code 1 if any failed.
 */
import { resolve } from 'node:path';
import { suites } from '../test/conformanceSuites/index.ts';
import { runFolder } from '../test/conformanceSuites/run.ts';

const shown = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'));

const defaultFolder = resolve(import.meta.dirname, '../test/conformance');
const wanted = process.argv[2];
const folder = wanted === undefined ? defaultFolder : resolve(process.env['INIT_CWD'] ?? process.cwd(), wanted);

const results = await runFolder(folder, suites);
let failures = 0;
for (const { suite, id, verdict } of results) {
  if (verdict.passed) continue;
  failures += 1;
  console.log(`FAILED ${suite} ${id}\n  expected ${shown(verdict.expected)}\n  got      ${shown(verdict.got)}`);
}
console.log(`${results.length - failures} passed, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
