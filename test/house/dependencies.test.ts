/**
 * What the house depends on: pinned, locked, declared where it is used, and each with its reason in `docs/dependencies.md`.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

type Versions = Readonly<Record<string, string>>;
type Package = {
  readonly dependencies: Versions;
  readonly optionalDependencies: Versions;
  readonly devDependencies: Versions;
  readonly license: string;
};

const declared = JSON.parse(read('package.json')) as Package;
const all: Versions = { ...declared.dependencies, ...declared.optionalDependencies, ...declared.devDependencies };

const sourcesBelow = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

const IMPORT = /^\s*(?:import|export)\s[^;]*?from\s+'([^'.][^']*)'|\bimport\(\s*'([^'.][^']*)'\s*\)/gms;

/** `@scope/name` or `name` of everything imported by name that Node does not have itself. */
const packagesIn = (folders: readonly string[]): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const file of folders.flatMap(sourcesBelow)) {
    for (const [, plain, late] of read(file).matchAll(IMPORT)) {
      const name = (plain ?? late ?? '')
        .split('/')
        .slice(0, (plain ?? late)?.startsWith('@') ? 2 : 1)
        .join('/');
      if (!name.startsWith('node:') && !builtinModules.includes(name)) found.set(name, file);
    }
  }
  return found;
};

test('every dependency has exactly one version', () => {
  for (const [name, version] of Object.entries(all)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
});

test('every dependency is on the page with its version and a reason, and nothing else is', () => {
  const rows = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|/gm)];
  const onPage = Object.fromEntries(rows.map(([, name, version]) => [name, version]));
  assert.deepEqual(onPage, all);
  for (const [, name, , why = ''] of rows) assert.ok(why.trim().length > 5, `a reason for ${name}`);
});

test('what runs needs only what is there to run, and what is tested only what is declared', () => {
  const running = packagesIn(['src']);
  assert.ok(running.size >= 5, `expected to see imports, saw ${running.size}`);
  for (const [name, file] of running) assert.ok(name in declared.dependencies, `${file} imports ${name}`);
  for (const [name, file] of packagesIn(['test', 'scripts', 'bench']))
    assert.ok(name in all, `${file} imports ${name}`);
});

test('the lock holds what is declared, with a hash for all that is installed here, and no address', () => {
  type Locked = Readonly<
    Record<string, { version: string; integrity?: string; resolved?: string; os?: readonly string[] }>
  >;
  const { packages } = JSON.parse(read('package-lock.json')) as { readonly packages: Locked };
  for (const [name, version] of Object.entries(all))
    assert.equal(packages[`node_modules/${name}`]?.version, version, name);
  for (const [path, { integrity, os, resolved }] of Object.entries(packages)) {
    if (path === '') continue;
    assert.equal(resolved, undefined, path);
    assert.ok(integrity?.startsWith('sha512-') || os !== undefined, `${path} has no hash`);
  }
});

test('the license is the one package.json names', () => {
  assert.equal(declared.license, 'BSD-2-Clause');
  assert.match(read('LICENSE'), /^BSD 2-Clause License\n\nCopyright \(c\) \d{4}, Edgelog contributors\n/);
});
