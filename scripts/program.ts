/**
 * Builds the program: all modules of `src/main.ts` in some dozens of files that load in a quarter of the time. Called by
 * `scripts/runtime` with the folder to make, whose name follows from the sources; nothing else decides what is run. What is
 * loaded late stays in files of its own, names stay as they are, and every file has a map back to the sources. A source
 * that looks for files beside itself goes on looking beside the source.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { sourcesMark } from '../src/roles/codeMark.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Large, loaded late, and only where the settings ask for them: they stay where they are installed. */
const APART = ['@bull-board/*', '@kurrent/*', 'bullmq', 'ioredis'];

/** What runs in a thread of its own is a program of its own, beside the one that starts it. */
const THREADS = ['src/adapters/eventstore/sqliteAheadThread.ts'];

/** Packages written for `require` go on finding what Node has. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);";

/** Programs kept besides those that run, the newest ones. */
const KEPT = 3;

/** A thread that is started, or where a module asks for its own place. */
const PLACES = /(new Worker\(new URL\('\.\/\w+)\.ts(', import\.meta\.url\))|\bimport\.meta\.(\w+)/g;

const inPlace = (source: string, path: string): string =>
  source.replace(PLACES, (_, thread: string | undefined, rest: string, member: string) => {
    if (thread !== undefined) return `${thread}.mjs${rest}`;
    if (member === 'url') return JSON.stringify(pathToFileURL(path).href);
    if (member === 'dirname') return JSON.stringify(dirname(path));
    throw new Error(`expected ${path} to ask for its own place, it asks for import.meta.${member}`);
  });

const ownPlace: Plugin = {
  name: 'own place',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => ({
      contents: inPlace(await readFile(path, 'utf8'), path),
      loader: 'ts',
    }));
  },
};

/** Makes the folder, whole or not at all. */
export const buildProgram = async (folder: string): Promise<void> => {
  const fresh = `${folder}.${process.pid}.tmp`;
  try {
    await build({
      entryPoints: ['src/main.ts', ...THREADS].map((name) => join(root, name)),
      entryNames: '[name]',
      outdir: fresh,
      ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node22.18' },
      ...{ outExtension: { '.js': '.mjs' }, banner: { js: REQUIRE }, sourcemap: 'linked', sourcesContent: false },
      ...{ external: APART, plugins: [ownPlace], logLevel: 'silent', absWorkingDir: root },
      define: { BUILT_SOURCES_MARK: JSON.stringify(sourcesMark()) },
    });
    // Another process that built the same was first: its folder says the same.
    await rename(fresh, folder).catch(() => undefined);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
};

/** Folders that processes of this machine were started from: they may load more of them at any time. */
const inUse = (): string =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');

/** Takes away programs of earlier sources that nobody runs. */
export const thinOutPrograms = async (folder: string): Promise<void> => {
  const place = dirname(folder);
  const names = readdirSync(place).filter((name) => name.startsWith('program-') && !name.endsWith('.tmp'));
  const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(place, name))).mtimeMs })));
  const running = inUse();
  for (const { name } of aged.sort((a, b) => b.at - a.at).slice(KEPT)) {
    if (name === basename(folder) || running.includes(name)) continue;
    await rm(join(place, name), { recursive: true, force: true });
  }
};

const [, program, folder] = process.argv;
if (program === fileURLToPath(import.meta.url) && folder !== undefined) {
  await buildProgram(folder);
  await thinOutPrograms(folder);
}
