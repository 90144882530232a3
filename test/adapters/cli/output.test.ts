/** What goes to standard output: tables, outlines, JSON, YAML and names, and that nothing in them can drive a terminal. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { Format } from '../../../src/adapters/cli/sharedOptions.ts';
import { painted, paintFor, plain } from '../../../src/adapters/cli/show/colour.ts';
import { outlineLines } from '../../../src/adapters/cli/show/outline.ts';
import { progressOn } from '../../../src/adapters/cli/show/progress.ts';
import { createShow } from '../../../src/adapters/cli/show/show.ts';
import { column, type Item, tableLines } from '../../../src/adapters/cli/show/table.ts';
import {
  cell,
  cutTo,
  escapeJson,
  escapeLine,
  escapeText,
  padTo,
  widthOf,
} from '../../../src/adapters/cli/show/text.ts';
import { capture } from './captured.ts';

const hostile = '\u001b[2J\u009b31m\u202egnp.exe\r\nforged';
const drives = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

const columns = [column('NAME', 'name'), column('ITEMS', 'items'), column('NOTE', 'note')];
const items: readonly Item[] = [
  { name: 'one', items: ['a', 'b'], note: null },
  { name: '二', items: [], note: hostile },
];

const shown = async (format: Format, act: (show: ReturnType<typeof createShow>) => Promise<void>) => {
  const { io, said } = capture();
  await act(createShow(format, plain, io, (line) => void io.stderr.write(`${line}\n`)));
  return said;
};

test('a table is aligned by what is seen, absent cells are a dash', () => {
  const lines = tableLines(columns, [items[0] ?? {}, { name: '二', items: ['c'], note: 'n' }], plain);
  assert.deepEqual(lines, ['NAME  ITEMS  NOTE', 'one   a,b    -', '二    c      n']);
});

test('cells say yes and no, and never break a line', () => {
  assert.equal(cell(true), 'yes');
  assert.equal(cell(false), 'no');
  assert.equal(cell(undefined), '-');
  assert.equal(cell(0), '0');
  assert.equal(cell({ a: 1 }), '{"a":1}');
  assert.equal(cell('a\nb'), 'a\\u000ab');
});

test('nothing that comes from elsewhere reaches the terminal as a control character', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Format>('table', 'json', 'name'),
      fc.string({ unit: 'binary' }),
      async (format, text) => {
        const item = { name: text + hostile, items: [text], note: hostile };
        const listed = await shown(format, (show) => show.list([item], columns, ({ name }) => name));
        const one = await shown(format, (show) => show.thing({ [text]: hostile, list: [item] }, () => text));
        assert.doesNotMatch(listed.out + one.out, drives);
      },
    ),
  );
});

test('escaping keeps JSON what it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(JSON.parse(escapeJson(JSON.stringify(value))), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('JSON and YAML hold the same data as was given', async () => {
  const data = { a: [1, null, { b: 'x: y' }], c: 'two\nlines', d: false };
  const json = await shown('json', (show) => show.thing(data, () => ''));
  const yaml = await shown('yaml', (show) => show.thing(data, () => ''));
  assert.deepEqual(JSON.parse(json.out), data);
  assert.deepEqual(parse(yaml.out), data);
  assert.equal(json.out.endsWith('}\n'), true);
});

test('a list is an array in JSON and YAML, names are one per line, and an empty table is said in words', async () => {
  const nameOf = ({ name }: Item): unknown => name;
  assert.deepEqual(JSON.parse((await shown('json', (show) => show.list(items, columns, nameOf))).out), items);
  assert.deepEqual(parse((await shown('yaml', (show) => show.list(items, columns, nameOf))).out), items);
  assert.equal((await shown('name', (show) => show.list(items, columns, nameOf))).out, 'one\n二\n');
  assert.deepEqual(await shown('table', (show) => show.list([], columns, nameOf)), { out: '', err: 'None.\n' });
  assert.equal((await shown('json', (show) => show.list([], columns, nameOf))).out, '[]\n');
});

test('a series is one line of JSON each, or one YAML document each', async () => {
  const both = (format: Format) =>
    shown(format, async (show) => {
      for (const item of items)
        await show.next(
          item,
          () => 'line',
          ({ name }) => name,
        );
    });
  assert.deepEqual(
    (await both('json')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    items,
  );
  assert.equal((await both('yaml')).out.match(/^---$/gm)?.length, 2);
  assert.equal((await both('table')).out, 'line\nline\n');
});

test('an outline shows things of one kind as a table and others below each other', () => {
  const lines = outlineLines({
    name: 'x',
    nodes: [{ name: 'a', up: true }, { name: 'bb' }],
    inner: { n: null, list: [[1], 2] },
  });
  assert.deepEqual(lines, [
    'name: x',
    'nodes:',
    '  name  up',
    '  a     yes',
    '  bb    -',
    'inner:',
    '  n: -',
    '  list:',
    '    - - 1',
    '    - 2',
  ]);
});

test('a raw text goes to a pipe byte for byte, to a terminal without what could drive it', async () => {
  const text = `<a>\u009b</a>\n\t`;
  const pipe = capture();
  await createShow('table', plain, pipe.io, () => undefined).raw(text);
  assert.equal(pipe.said.out, text);
  const terminal = capture({ isTerminal: true });
  await createShow('table', plain, terminal.io, () => undefined).raw(text);
  assert.equal(terminal.said.out, '<a>\\u009b</a>\n\t');
});

test('colours only on a terminal that wants them', () => {
  assert.equal(paintFor(true, {}), painted);
  assert.equal(paintFor(false, {}), plain);
  assert.equal(paintFor(true, { NO_COLOR: '1' }), plain);
  assert.equal(paintFor(true, { NO_COLOR: '' }), painted);
  assert.equal(paintFor(true, { TERM: 'dumb' }), plain);
  assert.equal(paintFor(true, {}, false), plain);
});

const withoutColours = (line: string): string =>
  line
    .split('\u001b[')
    .map((part, i) => (i === 0 ? part : part.slice(part.indexOf('m') + 1)))
    .join('');

test('colours do not shift columns', () => {
  const toned = [column('A', 'a', () => 'good'), column('B', 'b')];
  const rows = [
    { a: 'x', b: 1 },
    { a: 'longer', b: 2 },
  ];
  const bare = tableLines(toned, rows, painted).map((line) => withoutColours(line));
  assert.deepEqual(bare, tableLines(toned, rows, plain));
});

test('progress shows on a terminal only, and goes away', () => {
  const terminal = capture({ isTerminal: true });
  const progress = progressOn(terminal.io, false);
  progress.show('1 of 2');
  progress.clear();
  progress.clear();
  assert.equal(terminal.said.err, '\r\u001b[2K1 of 2\r\u001b[2K');
  const pipe = capture();
  progressOn(pipe.io, false).show('1 of 2');
  assert.equal(pipe.said.err, '');
});

test('widths: wide signs take two columns, combining marks none', () => {
  assert.equal(widthOf('abc'), 3);
  assert.equal(widthOf('二'), 2);
  assert.equal(widthOf('e\u0301'), 1);
  assert.equal(padTo('二', 4), '二  ');
  assert.equal(cutTo('abcdef', 4), 'abc…');
  assert.equal(cutTo('abcd', 4), 'abcd');
  assert.equal(escapeLine('a\tb'), 'a\\u0009b');
  assert.equal(escapeText('a\tb\n\u0007'), 'a\tb\n\\u0007');
});
