/** Law of lines that are gone: the event that is named found the line there, and left it gone. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { DomainEvent } from '../../../src/domain/events.ts';
import type { Recorded } from '../../../src/domain/recorded.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { fullDocument } from '../../../src/projections/documents.ts';
import { foldAll } from '../../../src/projections/network/runner.ts';
import { keyOf, placedLines, prettyOf } from '../../../src/projections/timeMachine/placedLines.ts';
import { openMachine } from './machine.ts';

/** Places of the lines with this text: an instance that moves has the same line at another place. */
const placesOf = (events: readonly Recorded<DomainEvent>[], upTo: number, text: string): readonly string[] => {
  const document = fullDocument(foldAll(events.filter(({ position }) => position <= upTo)), 'one');
  const lines = document === undefined ? [] : placedLines(prettyOf(document));
  return lines.filter((line) => line.text === text).map(keyOf);
};

for (const seed of [61, 62]) {
  test(`lines that are gone after many wishes have somebody who took them away (${seed})`, async () => {
    const { machine, events, close } = await openMachine(seed, 220);
    const all = await events();
    const since = all[Math.floor(all.length / 2)]?.position ?? 0;
    const page = await machine.gone({ cluster: 'one', after: 0, limit: 10_000, since: { position: since } });
    assert.ok(!isRefusal(page) && page.lines.length > 20);
    const said = page.lines.filter(({ text }) => /<(value|ownerId|privateIp|publicIp)>/.test(text));
    const known = said.filter(({ by }) => by !== null);
    assert.ok(known.length > said.length * 0.95, `${said.length - known.length} of ${said.length} lines have nobody`);
    for (const { text, by } of fc.sample(fc.constantFrom(...known), { numRuns: 40, seed })) {
      const at = by?.position ?? -1;
      const after = new Set(placesOf(all, at, text));
      const went = placesOf(all, at - 1, text).some((place) => !after.has(place));
      assert.ok(went, `${text} stays where it was after ${by?.type} at ${at}`);
    }
    await close();
  });
}

test('keys of lines do not depend on where in the text they stand', () => {
  const [first, second] = ['<a><b name="x"><c>1</c></b></a>', '<a><z/><b name="x"><c>1</c></b></a>'].map((text) =>
    placedLines(text.replaceAll('><', '>\n<').replace('<c>\n1\n</c>', '<c>1</c>')).map(keyOf),
  );
  assert.ok(first?.every((key) => second?.includes(key)));
});
