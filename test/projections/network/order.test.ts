/**
 * Streams that have nothing to do with each other may be read in any order: as long as each stream keeps its own, and what is
 * about the same instance, address, group or node, the documents say the same.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomSequence } from '../../../src/domain/addressPool/randomSequence.ts';
import type { DomainEvent } from '../../../src/domain/events.ts';
import type { Recorded } from '../../../src/domain/recorded.ts';
import { subjectsOf } from '../../../src/domain/subjects.ts';
import { type ClusterDocument, fullDocument } from '../../../src/projections/documents.ts';
import { foldAll } from '../../../src/projections/network/runner.ts';
import type { Network } from '../../../src/projections/network/views.ts';
import { clusterNames, contentOf } from './facts.ts';
import { type Log, randomLog } from './randomLog.ts';

const concerns = ({ event, stream }: Recorded<DomainEvent>): readonly string[] => [
  `stream ${stream}`,
  ...subjectsOf(event),
];

/** For each event the earlier ones that must stay before it. */
const predecessors = (log: Log): readonly ReadonlySet<number>[] => {
  const last = new Map<string, number>();
  return log.map((recorded, i) => {
    const before = new Set<number>();
    for (const concern of concerns(recorded)) {
      const at = last.get(concern);
      if (at !== undefined) before.add(at);
      last.set(concern, i);
    }
    return before;
  });
};

/** A random order that keeps what must be kept. Positions stay ascending: they belong to places, not to events. */
const shuffled = (log: Log, seed: number): Log => {
  const random = randomSequence(seed);
  const waitsFor = predecessors(log).map((set) => new Set(set));
  const ready = waitsFor.flatMap((set, i) => (set.size === 0 ? [i] : []));
  const followers = new Map<number, number[]>();
  waitsFor.forEach((set, i) => {
    for (const before of set) followers.set(before, [...(followers.get(before) ?? []), i]);
  });
  const order: number[] = [];
  while (ready.length > 0) {
    const [next = -1] = ready.splice(random.below(ready.length), 1);
    order.push(next);
    for (const follower of followers.get(next) ?? []) {
      const waits = waitsFor[follower];
      waits?.delete(next);
      if (waits?.size === 0) ready.push(follower);
    }
  }
  assert.equal(order.length, log.length);
  return order.map((from, to) => ({
    ...(log[from] as Recorded<DomainEvent>),
    position: (log[to] as Recorded<DomainEvent>).position,
  }));
};

const contents = (network: Network): readonly (readonly [string, string | undefined])[] =>
  clusterNames(network).map((cluster) => {
    const document: ClusterDocument | undefined = fullDocument(network, cluster);
    return [cluster, document && contentOf(document)];
  });

for (const seed of [21, 22, 23]) {
  test(`independent streams in any order give documents with the same content, log ${seed}`, async () => {
    const log = await randomLog(seed);
    const expected = contents(foldAll(log));
    assert.ok(
      expected.every(([, content]) => (content ?? '').includes('<instance ')),
      'documents with instances',
    );
    for (const road of [1, 2, 3, 4, 5, 6]) {
      const other = shuffled(log, 100 * seed + road);
      const moved = other.filter(({ id }, i) => id !== log[i]?.id).length;
      assert.ok(moved > log.length / 2, `only ${moved} of ${log.length} events changed places`);
      assert.deepEqual(contents(foldAll(other)), expected);
    }
  });
}
