/**
 * The program that `scripts/edgelog` builds of the sources: what runs is always what lies there, whatever was built before,
 * and where nothing can be built the sources run themselves.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { root, runProgram } from './program.ts';

/** The sources in a place of their own, with the packages of this one. */
const copyOfSources = (t: TestContext): string => {
  const copy = mkdtempSync(join(tmpdir(), 'edgelog-built-'));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  for (const name of ['src', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true, preserveTimestamps: true });
  const packages = join(copy, 'node_modules');
  mkdirSync(packages);
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!['.cache', '.edgelog-installed', '.edgelog-node'].includes(name))
      symlinkSync(join(root, 'node_modules', name), join(packages, name));
  const sum = execFileSync('bash', ['-c', `. '${copy}/scripts/runtime'; lock_sum`]).toString();
  writeFileSync(join(packages, '.edgelog-installed'), `development ${sum}`);
  return copy;
};

const run = (copy: string, ...words: readonly string[]) => runProgram(join(copy, 'scripts/edgelog'), words, {});

const programsOf = (copy: string): readonly string[] => {
  const place = join(copy, 'node_modules/.cache/edgelog');
  return existsSync(place) ? readdirSync(place).filter((name) => name.startsWith('program-')) : [];
};

const edit = (copy: string, file: string, from: string, to: string): void => {
  const before = readFileSync(join(copy, file), 'utf8');
  assert.ok(before.includes(from), `${file} has ${from}`);
  writeFileSync(join(copy, file), before.replace(from, to));
};

test('a program is built once, and another one after every change of a source', async (t) => {
  const copy = copyOfSources(t);
  const first = await run(copy, 'version');
  assert.deepEqual([first.exit, first.err], [0, '']);
  assert.equal(
    first.out,
    `${(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version}\n`,
  );
  const built = programsOf(copy);
  assert.equal(built.length, 1);
  await run(copy, 'version');
  assert.deepEqual(programsOf(copy), built);

  const folder = join(copy, 'node_modules/.cache/edgelog', built[0] ?? '');
  const files = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
  const threads = files.flatMap((name) => [
    ...readFileSync(join(folder, name), 'utf8').matchAll(/new Worker\(new URL\("\.\/([\w.]+)", import\.meta\.url\)/g),
  ]);
  assert.ok(threads.length > 0);
  for (const [, name = ''] of threads) assert.ok(files.includes(name), `${name} is a program of its own`);

  // The same length and the old time: what was there must not run any more all the same.
  const file = 'src/roles/version.ts';
  execFileSync('cp', ['-p', join(copy, file), join(copy, 'kept')]);
  edit(copy, file, 'about.version;', "'v' + 1.25 ;");
  execFileSync('touch', ['-r', join(copy, 'kept'), join(copy, file)]);
  assert.equal((await run(copy, 'version')).out, 'v1.25\n');
  assert.equal(programsOf(copy).length, 2);
});

test('sources that cannot be built run themselves', async (t) => {
  const copy = copyOfSources(t);
  edit(copy, 'scripts/program.ts', "'src/main.ts'", "'src/none.ts'");
  const said = await run(copy, 'version');
  assert.deepEqual([said.exit, said.err], [0, '']);
  assert.deepEqual(programsOf(copy), []);

  const without = copyOfSources(t);
  rmSync(join(without, 'node_modules/esbuild'));
  assert.equal((await run(without, 'version')).exit, 0);
  assert.deepEqual(programsOf(without), []);
});

test('a fault in a built program is told by its place in the sources', async (t) => {
  const copy = copyOfSources(t);
  edit(
    copy,
    'src/roles/hooks.ts',
    'wiring: async () =>',
    "wiring: async () => { throw new Error('out of order'); },\n  unused: async () =>",
  );
  const said = await run(copy, 'wiring');
  assert.notEqual(said.exit, 0);
  assert.match(said.err, /out of order/);
  const line =
    readFileSync(join(copy, 'src/roles/hooks.ts'), 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('out of order')) + 1;
  assert.match(said.err, new RegExp(`src/roles/hooks\\.ts:${line}:\\d+`));
});
