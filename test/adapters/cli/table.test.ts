/** The table of commands itself: whole, consistent, and the same for parser, help and completion. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { readArguments } from '../../../src/adapters/cli/arguments.ts';
import { nameOf } from '../../../src/adapters/cli/command.ts';
import { isComplaint } from '../../../src/adapters/cli/complaint.ts';
import { exitMeanings, exitOfStatus, exits } from '../../../src/adapters/cli/exits.ts';
import { findCommand } from '../../../src/adapters/cli/find.ts';
import { commandHelp } from '../../../src/adapters/cli/help.ts';
import { nounsOf } from '../../../src/adapters/cli/nouns.ts';
import { optionsOf } from '../../../src/adapters/cli/sharedOptions.ts';
import { settingsTable } from '../../../src/adapters/settings/table.ts';
import { run } from './captured.ts';

const nouns = nounsOf(settingsTable);
const commands = nouns.flatMap((noun) => noun.commands.map((command) => ({ noun, command })));

test('names are unique, and so are short options within a command', () => {
  const names = commands.map(({ noun, command }) => nameOf(noun, command));
  assert.deepEqual(names, [...new Set(names)]);
  for (const { noun, command } of commands) {
    const shorts = Object.values(optionsOf(command)).flatMap(({ short }) => (short === undefined ? [] : [short]));
    assert.deepEqual(shorts, [...new Set(shorts)], nameOf(noun, command));
  }
});

test('no option of a command hides one it shares', () => {
  for (const { noun, command } of commands) {
    const shared = Object.keys(optionsOf({ ...command, options: {} }));
    const own = Object.keys(command.options ?? {});
    assert.deepEqual(
      own.filter((name) => shared.includes(name)),
      [],
      nameOf(noun, command),
    );
  }
});

/** Words of an example, as a shell would cut them. */
const wordsOf = (line: string): readonly string[] =>
  (line.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));

test('every example is a command line that is understood', () => {
  const examples = commands.flatMap(({ command }) => command.examples ?? []);
  assert.ok(examples.length > 10);
  for (const example of examples) {
    const own = /edgelog ([^|)>]*)/.exec(example)?.[1] ?? '';
    const found = findCommand(wordsOf(own.trim()), nouns);
    assert.ok(!isComplaint(found), `${example}: ${JSON.stringify(found)}`);
    const given = readArguments(found.command, found.rest, '');
    assert.ok(given !== 'help' && !isComplaint(given), `${example}: ${JSON.stringify(given)}`);
  }
});

test('every command has help that names its options, and no line of it is too long', () => {
  for (const { noun, command } of commands) {
    const lines = commandHelp(noun, command);
    for (const name of Object.keys(command.options ?? {})) {
      assert.ok(
        lines.some((line) => line.includes(`--${name}`)),
        `${nameOf(noun, command)} --${name}`,
      );
    }
    for (const line of lines) assert.ok(line.length <= 130, line);
  }
});

test('help: overview, noun, command, topic, and what is not there', async () => {
  const overview = await run(['help']);
  for (const { name } of nouns) assert.match(overview.out, new RegExp(`^  ${name} `, 'm'));
  for (const [code] of exitMeanings) assert.match(overview.out, new RegExp(`^  ${code} `, 'm'));
  assert.match((await run(['help', 'addresses'])).out, /edgelog addresses allocate \[IP\]/);
  assert.match((await run(['help', 'addresses', 'allocate'])).out, /^edgelog addresses allocate \[IP\]/);
  assert.match((await run(['addresses', 'allocate', '--help'])).out, /^edgelog addresses allocate \[IP\]/);
  assert.match((await run(['addresses', '-h'])).out, /^edgelog addresses: /);
  assert.match((await run(['help', 'settings'])).out, /EDGELOG_DATA/);
  assert.match((await run(['help', 'exit-codes'])).out, /^0 /m);
  assert.match((await run(['help', 'environment'])).out, /^EDGELOG_URL/m);
  const wrong = await run(['help', 'adresses']);
  assert.deepEqual([wrong.exit, wrong.out], [exits.usage, '']);
  assert.match(wrong.err, /Did you mean "addresses"\?/);
});

test('no command at all shows help on standard error and is a mistake', async () => {
  const nothing = await run([]);
  assert.deepEqual([nothing.exit, nothing.out === ''], [exits.ok, false]);
});

test('an unknown command suggests the nearest', async () => {
  for (const [words, meant] of [
    [['statsu'], '"status"'],
    [['addresses', 'alocate'], '"addresses allocate"'],
    [['instances', 'terminat', 'i-1'], '"instances terminate"'],
  ] as const) {
    const { exit, out, err } = await run(words);
    assert.deepEqual([exit, out], [exits.usage, '']);
    assert.ok(err.includes(`Did you mean ${meant}?`), err);
    assert.equal(err.trim().split('\n').length, 1);
  }
});

test('options may stand before the noun', async () => {
  assert.equal((await run(['-o', 'json', 'version'])).out.startsWith('{'), true);
  assert.equal((await run(['--output=name', 'version'])).out, '0.0.0-test\n');
  assert.equal((await run(['--version'])).out, '0.0.0-test\n');
});

test('statuses become exit codes: a refusal is one, what cannot be done now is not', () => {
  assert.equal(exitOfStatus(422), exits.refused);
  assert.equal(exitOfStatus(404), exits.refused);
  assert.equal(exitOfStatus(412), exits.refused);
  assert.equal(exitOfStatus(429), exits.unreachable);
  assert.equal(exitOfStatus(500), exits.unreachable);
  assert.equal(exitOfStatus(503), exits.unreachable);
});

const script = async (shell: string): Promise<string> => (await run(['completion', shell])).out;

/** What bash offers for the word being typed, the last of `words`. */
const offered = async (words: readonly string[]): Promise<readonly string[]> => {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(edgelog ${quoted}); COMP_CWORD=${words.length}; _edgelog; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `${await script('bash')}\n${ask}`], {
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  return stdout.split('\n').filter((line) => line !== '');
};

test('bash completes nouns, verbs, options and their values', async () => {
  assert.deepEqual(await offered(['addr']), ['addresses']);
  assert.deepEqual(await offered(['addresses', 'al']), ['allocate']);
  assert.deepEqual(await offered(['instances', 'term']), ['terminate', 'terminated']);
  assert.deepEqual(await offered(['instances', '--state', 'ST']), ['STOPPING', 'STOPPED']);
  assert.deepEqual(await offered(['addresses', 'allocate', '--wa']), ['--wait']);
  assert.deepEqual(await offered(['status', '-o', 'j']), ['json']);
  assert.deepEqual(await offered(['help', 'exi']), ['exit-codes']);
  assert.deepEqual(await offered(['completion', 'f']), ['fish']);
  assert.deepEqual(await offered(['nonsense', 'x']), []);
});

test('all completion scripts know all commands', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const text = await script(shell);
    for (const { noun, command } of commands) {
      assert.ok(text.includes(noun.name) && text.includes(command.verb ?? noun.name), `${shell} ${noun.name}`);
    }
  }
  assert.equal((await run(['completion', 'tcsh'])).exit, exits.usage);
});

for (const [shell, check] of [
  ['bash', ['-n']],
  ['zsh', ['-n']],
  ['fish', ['--no-execute']],
] as const) {
  const isThere = spawnSync(shell, ['-c', 'true']).status === 0;
  test(`the completion script for ${shell} is good ${shell}`, {
    skip: isThere ? false : `no ${shell} here`,
  }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'edgelog-cli-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'script');
    writeFileSync(file, await script(shell));
    const { status, stderr } = spawnSync(shell, [...check, file], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
  });
}
