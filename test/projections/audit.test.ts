/** The audit index against plain maps over the same events, and what is taken up again against what was kept. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DomainEvent } from '../../src/domain/events.ts';
import type { Recorded } from '../../src/domain/recorded.ts';
import { subjectsOf } from '../../src/domain/subjects.ts';
import { type AuditIndex, type AuditKey, auditIndexOf, createAuditIndex } from '../../src/projections/audit.ts';
import { postingsOf } from '../../src/projections/postings.ts';
import { recordedOf } from '../conformanceSuites/recordedOf.ts';
import { anyEvent } from './anyEvents.ts';

const keys: readonly AuditKey[] = ['subject', 'actor', 'stream', 'type', 'correlationId'];

const wordsOf = (recorded: Recorded<DomainEvent>, key: AuditKey): readonly string[] => {
  switch (key) {
    case 'subject':
      return subjectsOf(recorded.event);
    case 'type':
      return [recorded.event.type];
    case 'actor':
    case 'stream':
    case 'correlationId':
      return [recorded[key]];
  }
};

/** Positions with gaps, times that go back now and then, commands of several events. */
const logOf = (events: readonly DomainEvent[]): readonly Recorded<DomainEvent>[] =>
  events.map((event, n) =>
    recordedOf(event, {
      id: `id-${n}`,
      position: n * 3 + (n % 2),
      time: 1_000 + n * 10 - (n % 7 === 0 ? 50 : 0),
      stream: `stream-${n % 5}`,
      actor: `actor-${n % 3}`,
      correlationId: n % 4 === 0 ? '' : `correlation-${Math.floor(n / 3)}`,
      commandId: n % 6 === 5 ? '' : `command-${Math.floor(n / 4)}`,
    }),
  );

const assertKnows = (index: AuditIndex, log: readonly Recorded<DomainEvent>[]): void => {
  const byPosition = new Map(log.map((recorded) => [recorded.position, recorded]));
  for (const key of keys) {
    const expected = new Map<string, Set<number>>();
    for (const recorded of log) {
      for (const word of wordsOf(recorded, key)) {
        if (word !== '') expected.set(word, (expected.get(word) ?? new Set()).add(recorded.position));
      }
    }
    for (const [word, positions] of expected) {
      const found = index.positions(key, word);
      assert.deepEqual(
        [...found].sort((a, b) => a - b),
        found,
      );
      const own = found.filter((at) => wordsOf(byPosition.get(at) as Recorded<DomainEvent>, key).includes(word));
      assert.deepEqual(own, [...positions]);
      assert.ok(found.length <= own.length + 1, 'strangers are rare');
    }
  }
  for (const { id, position, commandId } of log) {
    assert.equal(index.positionOf(id), position);
    const own = log.filter((other) => other.commandId === commandId && commandId !== '');
    const [first, last] = [own[0]?.position, own.at(-1)?.position];
    assert.deepEqual(index.receipt(commandId), first === undefined ? undefined : { first, last });
  }
  assert.equal(index.last(), log.at(-1)?.position ?? -1);
};

describe('audit index', () => {
  it('finds what plain maps find', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 120, size: 'max' }), (events) => {
        const log = logOf(events);
        const index = createAuditIndex();
        for (const recorded of log) index.note([recorded]);
        assertKnows(index, log);
      }),
      { numRuns: 30 },
    );
  });

  it('goes on from what was kept', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 120, size: 'max' }), fc.nat(120), (events, cut) => {
        const log = logOf(events);
        const before = createAuditIndex();
        before.note(log.slice(0, cut));
        const after = auditIndexOf(before.kept());
        after.note(log.slice(cut));
        assertKnows(after, log);
      }),
      { numRuns: 30 },
    );
  });

  it('finds the newest event not later than a time, also when the clock was set back', () => {
    const log = logOf(Array.from({ length: 40 }, (): DomainEvent => ({ type: 'ConfigurationCleared' })));
    const index = createAuditIndex();
    index.note(log);
    let latest = 0;
    for (const { time } of log) {
      latest = Math.max(latest, time);
      const until = log.findLastIndex((_, n) => Math.max(...log.slice(0, n + 1).map((one) => one.time)) <= latest);
      assert.equal(index.positionAt(latest), log[until]?.position);
    }
    assert.equal(index.positionAt(0), -1);
  });

  it('keeps words in eight bytes, in any number of runs', () => {
    const postings = postingsOf([]);
    const words = Array.from({ length: 300_000 }, (_, n) => `word-${n % 70_000}`);
    words.forEach((word, n) => {
      postings.add(1, word, n);
    });
    assert.equal(postings.size(), words.length);
    for (const n of [0, 1, 1_023, 1_024, 16_383, 16_384, 19_999, 20_000, 69_999]) {
      const expected = [n, n + 70_000, n + 140_000, n + 210_000, n + 280_000].filter((at) => at < words.length);
      const found = postings.find(1, `word-${n}`).filter((at) => words[at] === `word-${n}`);
      assert.deepEqual(found, expected);
    }
    const bytes = postings.runs().reduce((sum, run) => sum + run.byteLength, 0);
    assert.equal(bytes, words.length * 8);
  });
});
