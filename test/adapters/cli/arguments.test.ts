import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readArguments } from '../../../src/adapters/cli/arguments.ts';
import {
  any,
  type CommandSpec,
  choice,
  count,
  flag,
  type Given,
  list,
  many,
  one,
  optional,
  text,
} from '../../../src/adapters/cli/command.ts';
import { isComplaint } from '../../../src/adapters/cli/complaint.ts';
import { exits } from '../../../src/adapters/cli/exits.ts';

const command: CommandSpec = {
  about: 'a command with one of everything',
  arguments: [one('FIRST', 'needed'), optional('SECOND', 'not needed'), any('REST', 'what is left')],
  options: {
    name: text('NAME', 'a text'),
    many: list('ITEM', 'a list', { short: 'm' }),
    fast: flag('a flag', { short: 'f' }),
    size: count('a number', -1, 10),
    kind: choice(['a', 'b'], 'a choice'),
  },
  shares: [],
  run: async () => exits.ok,
};

const read = (words: readonly string[], of = command): Given => {
  const given = readArguments(of, words, 'edgelog help it');
  assert.ok(given !== 'help' && !isComplaint(given), JSON.stringify(given));
  return given;
};

const complaint = (words: readonly string[], of = command): string => {
  const given = readArguments(of, words, 'edgelog help it');
  assert.ok(isComplaint(given), `expected a complaint about ${words.join(' ')}`);
  assert.equal(given.exit, exits.usage);
  return given.says;
};

test('arguments are taken in order, options anywhere', () => {
  const given = read(['one', '--name', 'N', 'two', '-f', '-m', 'x', '--many=y', 'three', 'four']);
  assert.equal(given.argument('FIRST'), 'one');
  assert.equal(given.argument('SECOND'), 'two');
  assert.deepEqual(given.rest('REST'), ['three', 'four']);
  assert.equal(given.text('name'), 'N');
  assert.deepEqual(given.list('many'), ['x', 'y']);
  assert.equal(given.flag('fast'), true);
  assert.deepEqual(given.all(), { name: 'N', fast: true, many: ['x', 'y'] });
});

test('what was left out is empty, undefined or false', () => {
  const given = read(['one']);
  assert.equal(given.argument('SECOND'), '');
  assert.deepEqual(given.rest('REST'), []);
  assert.equal(given.text('name'), undefined);
  assert.equal(given.count('size'), undefined);
  assert.equal(given.flag('fast'), false);
});

test('a negative number is a value, the next option is not', () => {
  assert.equal(read(['one', '--size', '-1']).count('size'), -1);
  assert.equal(complaint(['one', '--name', '--fast']), '--name needs a value: --name NAME');
  assert.equal(read(['one', '--name=--fast']).text('name'), '--fast');
});

test('words behind -- are arguments', () => {
  assert.equal(read(['--', '--name']).argument('FIRST'), '--name');
});

test('each slip is named', () => {
  assert.equal(complaint([]), 'FIRST is missing.');
  assert.equal(complaint(['']), 'FIRST is empty.');
  assert.equal(complaint(['one', '--nmae', 'x']), 'There is no option --nmae here. Did you mean --name?');
  assert.equal(complaint(['one', '-z']), 'There is no option -z here.');
  assert.equal(complaint(['one', '--name']), '--name needs a value: --name NAME');
  assert.equal(complaint(['one', '--name', '']), '--name needs a value that is not empty.');
  assert.equal(complaint(['one', '--name', 'a', '--name', 'b']), '--name is given twice.');
  assert.equal(complaint(['one', '--fast=yes']), '--fast takes no value.');
  assert.equal(complaint(['one', '--kind', 'c']), '--kind is "c", expected one of a, b.');
  assert.equal(complaint(['one', '--size', '11']), '--size is "11", expected a whole number from -1 to 10.');
  assert.equal(complaint(['one', '--size', '1e1']), '--size is "1e1", expected a whole number from -1 to 10.');
});

test('too many words, and a list that must not be empty', () => {
  const strict: CommandSpec = { ...command, arguments: [many('ID', 'ids')], options: {} };
  assert.equal(complaint([], strict), 'ID is missing.');
  assert.deepEqual(read(['a', 'b'], strict).rest('ID'), ['a', 'b']);
  const alone: CommandSpec = { ...command, arguments: [one('ID', 'an id')], options: {} };
  assert.equal(complaint(['a', 'b'], alone), '"b" is one word too many.');
});

test('a required option is asked for', () => {
  const needy: CommandSpec = {
    ...command,
    arguments: [],
    options: { reason: text('WORDS', 'why', { required: true }) },
  };
  assert.equal(complaint([], needy), '--reason WORDS is missing.');
});

test('--help wins over everything that is wrong', () => {
  assert.equal(readArguments(command, ['--nmae', '--help'], ''), 'help');
  assert.equal(readArguments(command, ['-h'], ''), 'help');
});

test('any words whatever are either understood or complained about', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('--name', '-m', '--fast', '--size=3', '--__proto__', '--constructor=x', '-', '--', '--kind', 'a'),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      const given = readArguments(command, words, 'edgelog help it');
      return given === 'help' || isComplaint(given) || given.argument('FIRST') !== '';
    }),
  );
});
