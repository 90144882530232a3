/**
 * The files of the web console as a browser gets them. Programs are the TypeScript of this repository with its types taken
 * away, laid out as in the source tree, so that their imports lead to each other; the style sheet is its parts, one after another.
 * What is served is exactly what the page
 * needs, found by following its imports once; no path of a request ever becomes a path of a file.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, resolve, sep } from 'node:path';

export type Asset = { readonly type: string; readonly body: Buffer; readonly etag: string };

/** By path below the console's address, without a leading slash; the page itself is the empty path. */
export type Assets = ReadonlyMap<string, Asset>;

const source = resolve(import.meta.dirname, '../..');
const page = join(import.meta.dirname, 'page');
const entry = 'adapters/console/page/main.ts';

/** Files of the one style sheet, in the order in which their rules count: of two that say the same, the later one wins. */
const styles = [
  'colours',
  'base',
  'page',
  'controls',
  'timeBar',
  'kinds',
  'panels',
  'tables',
  'board',
  'pools',
  'picture',
  'groups',
  'selection',
  'events',
  'trace',
  'why',
  'changes',
  'keyForm',
  'narrow',
] as const;

const FROM = /^\s*(?:import\s+|(?:import|export)\s[^;'"]*?\bfrom\s+)['"]([^'"]+)['"]/gm;

const assetOf = (type: string, body: Buffer): Asset => ({
  type,
  body,
  etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
});

const still = (name: string, type: string): readonly [string, Asset] => [
  name === 'index.html' ? '' : name,
  assetOf(type, readFileSync(join(page, name))),
];

const styleSheet = (): readonly [string, Asset] => {
  const text = styles.map((name) => readFileSync(join(page, 'style', `${name}.css`), 'utf8')).join('\n');
  return ['style.css', assetOf('text/css; charset=utf-8', Buffer.from(text))];
};

/** Path in the source tree of what a file imports. Throws for what a browser could not load. */
const imported = (from: string, specifier: string): string => {
  const file = resolve(source, dirname(from), specifier);
  if (!specifier.startsWith('.') || !file.startsWith(source + sep)) {
    throw new Error(`expected ${from} to import files of this program only, it imports ${specifier}`);
  }
  return file.slice(source.length + 1).replaceAll(sep, '/');
};

/** The program and all it imports. Imports of types are gone by then. */
const programs = (): readonly (readonly [string, Asset])[] => {
  const found = new Map<string, Asset>();
  const open = [entry];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    const code = stripTypeScriptTypes(readFileSync(join(source, path), 'utf8'), { mode: 'strip' });
    found.set(path, assetOf('text/javascript; charset=utf-8', Buffer.from(code)));
    for (const [, specifier = ''] of code.matchAll(FROM)) open.push(imported(path, specifier));
  }
  return [...found];
};

/** Reads everything once. Throws when a file is missing or cannot be read as TypeScript. */
export const readAssets = (): Assets =>
  new Map([
    still('index.html', 'text/html; charset=utf-8'),
    styleSheet(),
    still('icon.svg', 'image/svg+xml'),
    ...programs(),
  ]);
