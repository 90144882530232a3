/** A line of the log is one line, whatever names events and peers bring, and a terminal that shows it obeys none of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createJournal } from '../../src/roles/journal.ts';

const linesOf = (say: (journal: ReturnType<typeof createJournal>) => void): string => {
  let text = '';
  say(
    createJournal(
      'test',
      () => 0,
      (line) => {
        text += line;
        return true;
      },
    ),
  );
  return text;
};

const obeyed = [
  '\u001b[31m',
  '\u009b31m',
  '\u0007',
  '\r\n{"level":"info"}',
  '\u0085',
  '\u2028',
  '\u202egpj.exe',
  '\u2066x\u2069',
  '\u007f',
];

test('nothing that a terminal or a reader would obey is written as it is, and all of it can be read back', () => {
  for (const text of obeyed) {
    const line = linesOf((journal) => journal.note('a name', { name: text }));
    assert.match(line, /^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*\n$/u, JSON.stringify(text));
    assert.equal(JSON.parse(line).name, text);
  }
});

test('one line per word, for any text at any place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (what, name) => {
      const line = linesOf((journal) => journal.fault(what, new Error(name)));
      assert.deepEqual(line.split(/\r|\n|\u2028|\u2029|\u0085/).length, 2);
      assert.equal(JSON.parse(line).reason, name);
    }),
  );
});
