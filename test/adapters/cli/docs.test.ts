/** Pages made from tables in the code are what the tables say. `REWRITE=1` writes them anew. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'node:test';
import type { CommandSpec, Noun, OptionSpecs, SharedGroup } from '../../../src/adapters/cli/command.ts';
import { exitMeanings } from '../../../src/adapters/cli/exits.ts';
import { usageLine } from '../../../src/adapters/cli/help.ts';
import { nounsOf } from '../../../src/adapters/cli/nouns.ts';
import { sharedOptions, sharesOf } from '../../../src/adapters/cli/sharedOptions.ts';
import { problemCatalogue } from '../../../src/adapters/http/problems.ts';
import { environmentName, settingsTable } from '../../../src/adapters/settings/table.ts';

const root = join(import.meta.dirname, '../../..');
const isRewriting = process.env['REWRITE'] === '1';

const check = (path: string, expected: string): void => {
  if (isRewriting) writeFileSync(path, expected);
  else
    assert.equal(
      readFileSync(path, 'utf8'),
      expected,
      `${relative(root, path)}: REWRITE=1 node --test ${relative(root, import.meta.filename)}`,
    );
};

const row = (...cells: readonly string[]): string =>
  `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;

test('operations: the table of settings', () => {
  const lines = settingsTable.map(({ name, fallback, about }) =>
    row(`\`--${name}\``, `\`${environmentName(name)}\``, fallback === '' ? '' : `\`${fallback}\``, about),
  );
  const table = [row('flag', 'environment', 'default', 'what it does'), '|---|---|---|---|', ...lines].join('\n');
  const path = join(root, 'docs/operations/README.md');
  const written = readFileSync(path, 'utf8');
  const expected = written.replace(
    /<!-- settings -->[\s\S]*<!-- \/settings -->/,
    () => `<!-- settings -->\n${table}\n<!-- /settings -->`,
  );
  assert.ok(expected.includes('`--data`'));
  check(path, expected);
});

const groupNames: { readonly [G in SharedGroup]: string } = {
  output: 'output',
  server: 'server',
  account: 'account',
  reading: 'past',
  wishing: 'wish',
};

const optionRows = (specs: OptionSpecs): readonly string[] =>
  Object.entries(specs).map(([name, { kind, short, value = 'VALUE', about, required }]) => {
    const long = kind === 'flag' ? `--${name}` : `--${name} ${value}`;
    return row(
      `\`${short === undefined ? long : `-${short}, ${long}`}\``,
      required === true ? `${about} (required)` : about,
    );
  });

const commandPart = (noun: Noun, command: CommandSpec): readonly string[] => [
  `### \`${usageLine(noun, command)}\``,
  '',
  `${command.about[0]?.toUpperCase() ?? ''}${command.about.slice(1)}.${
    sharesOf(command).length === 0
      ? ''
      : ` Takes: ${sharesOf(command)
          .map((group) => groupNames[group])
          .join(', ')}.`
  }`,
  '',
  ...((command.arguments ?? []).length + Object.keys(command.options ?? {}).length === 0
    ? []
    : [
        '| | |',
        '|---|---|',
        ...(command.arguments ?? []).map(({ name, about }) => row(`\`${name}\``, about)),
        ...(noun.name === 'serve'
          ? [row('all settings', 'see [operations](operations/README.md#settings)')]
          : optionRows(command.options ?? {})),
        '',
      ]),
  ...((command.examples ?? []).length === 0 ? [] : [...(command.examples ?? []).map((line) => `    ${line}`), '']),
];

test('cli.md: every command', () => {
  const lines = [
    '# Command line',
    '',
    'Generated from the table of commands by `REWRITE=1 node --test test/adapters/cli/docs.test.ts`; `edgelog help` says the same.',
    '',
    'Data goes to standard output, words go to standard error. A "no" is one line that says what to do next.',
    '',
    '| exit code | meaning |',
    '|---|---|',
    ...exitMeanings.map(([code, meaning]) => row(String(code), meaning)),
    '',
    'Options that many commands take:',
    '',
    '| group | option | |',
    '|---|---|---|',
    ...Object.entries(sharedOptions).flatMap(([group, specs]) =>
      optionRows(specs).map((line) => `| ${groupNames[group as SharedGroup]} ${line}`),
    ),
    '',
    ...nounsOf(settingsTable).flatMap((noun) => [
      `## ${noun.name}`,
      '',
      ...noun.commands.flatMap((command) => commandPart(noun, command)),
    ]),
  ];
  check(join(root, 'docs/cli.md'), `${lines.join('\n').trimEnd()}\n`);
});

const pagesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));

test('no link between pages is broken, and every page is on the index', () => {
  const pages = pagesBelow(join(root, 'docs'));
  for (const page of [...pages, join(root, 'README.md')]) {
    for (const [, target = ''] of readFileSync(page, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(dirname(page), target)), `${relative(root, page)} -> ${target}`);
    }
  }
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
  const missing = pages
    .map((page) => relative(join(root, 'docs'), page))
    .filter((page) => page !== 'README.md' && !index.includes(`(${page})`));
  assert.deepEqual(missing, []);
});

const shownCommand = /(?:`|\$ |\$\(|^ {4}|\| |\()(?:scripts\/)?edgelog ([a-z]+)(?: ([a-z]+))?/gm;

const nouns = nounsOf(settingsTable);

/** What is wrong with the commands a text shows. */
const unknownCommands = (text: string): readonly string[] =>
  Array.from(text.matchAll(shownCommand)).flatMap(([shown, name, verb]) => {
    const noun = nouns.find((it) => it.name === name);
    const takesWords = noun?.commands.some((command) => command.verb === undefined) === true;
    const isOne =
      noun !== undefined && (verb === undefined || takesWords || noun.commands.some((it) => it.verb === verb));
    return isOne ? [] : [shown.trim()];
  });

test('every command that pages and problems show is one', () => {
  for (const page of [...pagesBelow(join(root, 'docs')), join(root, 'README.md')]) {
    assert.deepEqual(unknownCommands(readFileSync(page, 'utf8')), [], relative(root, page));
  }
  for (const { code, next } of problemCatalogue.values()) assert.deepEqual(unknownCommands(next), [], code);
  assert.deepEqual(unknownCommands('`edgelog keys create`, `edgelog status`, `edgelog nonsense`'), [
    '`edgelog keys create',
    '`edgelog nonsense',
  ]);
});
