/** What sleeps in a snapshot is looked at soon after a start, step by step; what is not what it says ends the process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Journal } from '../../src/roles/journal.ts';
import type { Snapshot } from '../../src/roles/snapshot.ts';
import { createSnapshotWatch } from '../../src/roles/snapshotWatch.ts';

const mark = { position: 7, id: 'a', stream: 's-1', revision: 0, runningHash: 'f' };
const journal: Journal = { note: () => undefined, fault: (what) => assert.fail(what) };

const watched = (asleep: () => Generator<void>) => {
  let dropped = 0;
  let lost: (reason: string) => void = () => undefined;
  const reason = new Promise<string>((resolve) => {
    lost = resolve;
  });
  const snapshot: Pick<Snapshot, 'write' | 'check' | 'drop'> = {
    write: async () => assert.fail('nothing has come since'),
    check: async () => undefined,
    drop: async () => {
      dropped += 1;
    },
  };
  const part = createSnapshotWatch({
    ...{ snapshot: snapshot as Snapshot, begun: mark, asleep, wakeAfterMs: 1, journal, now: Date.now, onLost: lost },
    ...{ position: () => 7, known: () => undefined, watch: () => () => undefined },
  });
  return { part, reason, dropped: () => dropped };
};

test('a leaf that cannot be read, or a piece with another digest, drops the snapshot and ends the process', async () => {
  const { part, reason, dropped } = watched(function* () {
    yield;
    throw new Error('expected a piece with digest a, got b');
  });
  await part.start?.();
  assert.match(await reason, /not what it says: expected a piece with digest a, got b; start again/);
  assert.equal(dropped(), 1);
  await part.stop?.();
});

test('everything is looked at, and a stop meanwhile is not held up', async () => {
  let seen = 0;
  let all: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    all = resolve;
  });
  const { part, dropped } = watched(function* () {
    for (; seen < 5_000; seen += 1) yield;
    all();
  });
  await part.start?.();
  await done;
  await part.stop?.();
  assert.deepEqual([seen, dropped()], [5_000, 0]);
});
