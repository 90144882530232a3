/**
 * The import rule of the house (docs/architecture.md) as a program: arrows point from the rim to the core, siblings among the
 * adapters do not know each other, and each of the guarded libraries has exactly one doorway.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const source = join(root, 'src');

type Import = { readonly from: string; readonly to: string };

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });

const STATEMENT = /^\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gms;

const importsOf = (file: string): readonly Import[] => {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(STATEMENT)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    const to = specifier.startsWith('.') ? relative(source, resolve(dirname(file), specifier)) : specifier;
    return { from: relative(source, file), to };
  });
};

const files = filesBelow(source);
const imports = files.flatMap(importsOf);

/** `domain`, `projections`, `adapters/http`, `roles`, `main.ts`; packages and `node:*` as they are written. */
const roomOf = (path: string): string => {
  const [first = '', second = ''] = path.split('/');
  return first === 'adapters' ? `adapters/${second}` : first;
};

const isOurs = (to: string): boolean => to.endsWith('.ts');

const mayImport = ({ from, to }: Import): boolean => {
  const room = roomOf(from);
  const target = isOurs(to) ? roomOf(to) : to;
  switch (room) {
    case 'main.ts':
    case 'roles':
      return true;
    case 'domain':
      return target === 'domain' || (to === 'netmask' && from === 'domain/cidr.ts');
    case 'projections':
      return ['domain', 'projections', 'immer', 'node:crypto'].includes(target);
    default:
      return isOurs(to) ? ['domain', 'projections', 'adapters/shared', room].includes(target) : true;
  }
};

test('every import follows the rule of the rooms', () => {
  assert.ok(files.length > 100, `expected to see the whole house, saw ${files.length} files`);
  assert.ok(imports.length > 300, `expected to see its imports, saw ${imports.length}`);
  const broken = imports.filter((one) => !mayImport(one)).map(({ from, to }) => `${from} imports ${to}`);
  assert.deepEqual(broken, []);
});

test('guarded libraries have one doorway each', () => {
  const doorways: Readonly<Record<string, RegExp>> = {
    netmask: /^domain\/cidr\.ts$/,
    '@kurrent/kurrentdb-client': /^adapters\/eventstore\/kurrent/,
    bullmq: /^adapters\/broadcast\/bullmq/,
    'node:sqlite': /^adapters\/eventstore\/sqlite/,
    express: /^adapters\/http\//,
  };
  const broken = imports.filter(({ from, to }) => doorways[to] !== undefined && !doorways[to].test(from));
  assert.deepEqual(
    broken.map(({ from, to }) => `${from} imports ${to}`),
    [],
  );
});

test('the core reads no clock, no randomness and no environment', () => {
  const forbidden =
    /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bsetTimeout\(|\bsetInterval\(|\btoLocale|\blocaleCompare\(|\bIntl\./;
  const core = files.filter((file) => ['domain', 'projections'].includes(roomOf(relative(source, file))));
  const broken = core.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, i) =>
        forbidden.test(line) && !line.trimStart().startsWith('*') ? [`${relative(source, file)}:${i + 1}`] : [],
      ),
  );
  assert.deepEqual(broken, []);
});

test('names keep to the glossary', () => {
  const banned = /(manager|helper|util|handler)s?\.ts$/i;
  assert.deepEqual(
    files.map((file) => relative(source, file)).filter((file) => banned.test(file)),
    [],
  );
});
