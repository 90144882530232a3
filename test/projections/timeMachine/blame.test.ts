/** Laws of blame: every line has an author, and without the author's event the line would not be there. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { DomainEvent } from '../../../src/domain/events.ts';
import type { Recorded } from '../../../src/domain/recorded.ts';
import { fullDocument } from '../../../src/projections/documents.ts';
import { foldAll } from '../../../src/projections/network/runner.ts';
import { type Blamed, blame } from '../../../src/projections/timeMachine/blame.ts';
import { prettyOf } from '../../../src/projections/timeMachine/placedLines.ts';
import { headRuns, headTypes } from '../../../src/projections/timeMachine/runs.ts';
import { foldWithout } from '../../../src/projections/timeMachine/without.ts';
import { createWorld } from './world.ts';

const isHead = ({ event }: Recorded<DomainEvent>): boolean => headTypes.includes(event.type);

const blameAll = (events: readonly Recorded<DomainEvent>[], cluster: string): readonly Blamed[] => {
  const network = foldAll(events);
  const document = fullDocument(network, cluster);
  if (document === undefined) return [];
  return blame(network, document, headRuns(events.filter(isHead), cluster));
};

/** Lines that are nothing but frames may stand for other reasons than the one named. */
const says = ({ text }: Blamed): boolean => /name=|<[A-Za-z]+>[^<]+</.test(text) && !/<property name/.test(text);

for (const seed of [1, 2, 3]) {
  test(`the lines of a document after ${seed * 150} wishes have authors without whom they would not be there`, async () => {
    const world = await createWorld(seed, seed * 150);
    const events = await world.events();
    for (const cluster of ['one', 'two']) {
      const lines = blameAll(events, cluster);
      assert.ok(lines.length > 50, `${cluster} has ${lines.length} lines`);
      for (const { at, text } of lines)
        assert.ok(
          events.some(({ position }) => position === at),
          `${text} has no author`,
        );
      const picked = fc.sample(fc.constantFrom(...lines.filter(says)), { numRuns: 60, seed });
      for (const { at, text } of picked) {
        const other = fullDocument(foldWithout(events, new Set([at])), cluster);
        const count = (all: string): number => all.split('\n').filter((line) => line === text).length;
        const before = count(lines.map((line) => line.text).join('\n'));
        const after = other === undefined ? 0 : count(prettyOf(other));
        assert.ok(
          after < before,
          `${text} stays without its author at ${at}: ${JSON.stringify(events.find((e) => e.position === at)?.event)}`,
        );
      }
    }
    await world.close();
  });
}
