/** The small parts that stores are made of, each by itself. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createChanges } from '../../../src/adapters/eventstore/changes.ts';
import { createDoorbell } from '../../../src/adapters/eventstore/doorbell.ts';
import { eventIdOf } from '../../../src/adapters/eventstore/eventId.ts';
import { createFingerprints, fingerprintOfId } from '../../../src/adapters/eventstore/fingerprints.ts';
import { createGroupCommit, patiently } from '../../../src/adapters/eventstore/groupCommit.ts';
import { createAppendOrder } from '../../../src/adapters/eventstore/kurrentOrder.ts';
import { createRecentEvents } from '../../../src/adapters/eventstore/recentEvents.ts';
import type { StoredEvent } from '../../../src/domain/eventStore.ts';

describe('event ids', () => {
  it('are UUIDs of version 5, the same for ever', () => {
    assert.equal(eventIdOf('cmd', 'instance-1', 0), 'ef7dba29-9e97-54d5-9086-2c6761f0da65');
    assert.equal(eventIdOf('cmd', 'instance-1', 1), '0f972582-fe5f-5f25-b385-861a450041ee');
  });

  it('differ wherever command, stream or place differ', () => {
    const part = fc.string({ maxLength: 6 });
    const triple = fc.tuple(part, part, fc.nat({ max: 12 }));
    fc.assert(
      fc.property(triple, triple, (one, other) => {
        const same = one.every((value, index) => value === other[index]);
        assert.equal(eventIdOf(...one) === eventIdOf(...other), same);
      }),
      {
        seed: 3,
        examples: [
          [
            ['a', 'b-1', 1],
            ['ab', '-1', 1],
          ],
        ],
      },
    );
  });
});

describe('fingerprints', () => {
  it('always propose what was added, and are believed only when it holds', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { maxLength: 3000, minLength: 1 }), (ids) => {
        const table = createFingerprints();
        for (const [index, id] of ids.entries()) table.add(fingerprintOfId(id), index + 1);
        for (const [index, id] of ids.entries()) {
          assert.equal(
            table.find(fingerprintOfId(id), (value) => ids[value - 1] === id),
            index + 1,
          );
        }
        assert.equal(
          table.find(fingerprintOfId(ids[0] ?? ''), () => false),
          undefined,
        );
      }),
      { numRuns: 20, seed: 5 },
    );
  });

  it('keep values apart that share one fingerprint', () => {
    const table = createFingerprints();
    for (let value = 1; value <= 5000; value += 1) table.add(7, value);
    assert.equal(
      table.find(7, (value) => value === 4321),
      4321,
    );
    assert.equal(
      table.find(8, () => true),
      undefined,
    );
  });
});

const storedAt = (position: number): StoredEvent => ({
  ...{ id: `id-${position}`, stream: 'instance-1', revision: position, position },
  ...{ type: 'InstanceRunning', data: {}, metadata: {} },
});

describe('recent events', () => {
  it('are those after a position without a gap, or none at all', () => {
    const writes = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 5 })), { maxLength: 60 });
    fc.assert(
      fc.property(
        writes,
        fc.integer({ min: 2, max: 20 }),
        fc.nat({ max: 80 }),
        fc.integer({ min: 1, max: 9 }),
        (steps, kept, after, limit) => {
          const recent = createRecentEvents(kept);
          let position = 0;
          const all = steps.map((step) => {
            position += step;
            recent.add(storedAt(position));
            return position;
          });
          const found = recent.after(after, limit)?.map((event) => event.position);
          if (found === undefined) return;
          const expected = all.filter((one) => one > after).slice(0, limit);
          assert.deepEqual(found, expected);
          assert.equal(found[0], after + 1);
        },
      ),
      { seed: 11, numRuns: 300 },
    );
  });

  it('hold the newest ones, and no more than they may', () => {
    const recent = createRecentEvents(8);
    for (let position = 1; position <= 100; position += 1) recent.add(storedAt(position));
    assert.deepEqual(
      recent.after(98, 10)?.map(({ position }) => position),
      [99, 100],
    );
    assert.equal(recent.after(100, 10), undefined);
    assert.equal(recent.after(91, 10), undefined);
  });
});

describe('group commit', () => {
  it('fills a batch until its requests weigh enough', async () => {
    const batches: number[][] = [];
    const commit = createGroupCommit<number, number>(
      async (batch) => {
        batches.push([...batch]);
        return batch;
      },
      10,
      (weight) => weight,
    );
    assert.deepEqual(await Promise.all([4, 4, 4, 12, 1, 9, 1].map(commit.submit)), [4, 4, 4, 12, 1, 9, 1]);
    assert.deepEqual(batches, [[4, 4, 4], [12], [1, 9], [1]]);
  });

  it('gathers what arrives during a commit, up to its cap, and answers in order', async () => {
    const batches: number[][] = [];
    const commits = createGroupCommit<number, number>(async (batch) => {
      batches.push([...batch]);
      return batch.map((number) => number * 10);
    }, 4);
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(commits.submit));
    assert.deepEqual(answers, [10, 20, 30, 40, 50, 60]);
    assert.deepEqual(batches, [
      [1, 2, 3, 4],
      [5, 6],
    ]);
  });

  it('fails a batch as a whole and goes on with the next', async () => {
    const commits = createGroupCommit<number, number>(async (batch) => {
      if (batch.includes(2)) throw new Error('no');
      return batch;
    }, 2);
    const answers = await Promise.allSettled([1, 2, 3, 4].map(commits.submit));
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['rejected', 'rejected', 'fulfilled', 'fulfilled'],
    );
    await commits.drained();
    assert.equal(await commits.submit(9), 9);
  });

  it('is patient with what passes, and only with that', async () => {
    let left = 3;
    const busy = (): string => {
      left -= 1;
      if (left > 0) throw new Error('busy');
      return 'done';
    };
    const isBusy = (thrown: unknown): boolean => thrown instanceof Error && thrown.message === 'busy';
    assert.equal(await patiently(busy, isBusy, 10_000), 'done');
    left = 100;
    await assert.rejects(patiently(busy, isBusy, 0), /busy/);
    await assert.rejects(
      patiently(
        () => {
          throw new Error('broken');
        },
        isBusy,
        10_000,
      ),
      /broken/,
    );
  });
});

describe('the order of appends', () => {
  /** Appends that end when told, and the order in which they were begun. */
  const createStage = (pipelined: boolean) => {
    const order = createAppendOrder(pipelined);
    const begun: string[] = [];
    const ends = new Map<string, (failed: boolean) => void>();
    const ask = (name: string, streams: string[], alone = false): Promise<string> =>
      order.run(
        streams,
        alone,
        () =>
          new Promise((resolve, reject) => {
            begun.push(name);
            ends.set(name, (failed) => (failed ? reject(new Error(name)) : resolve(name)));
          }),
      );
    const end = async (name: string, failed = false): Promise<void> => {
      ends.get(name)?.(failed);
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { begun, ask, end };
  };

  it('lets single appends follow each other once the connection is proven', async () => {
    const { begun, ask, end } = createStage(true);
    void ask('first', ['a']);
    void ask('second', ['a']);
    assert.deepEqual(begun, ['first']);
    await end('first');
    await end('second');
    void ask('third', ['a']);
    void ask('fourth', ['a']);
    assert.deepEqual(begun, ['first', 'second', 'third', 'fourth']);
  });

  it('makes whatever shares a stream wait for an append to several', async () => {
    const { begun, ask, end } = createStage(true);
    void ask('proof', ['z']);
    await end('proof');
    void ask('single', ['a']);
    void ask('several', ['a', 'b'], true);
    void ask('behind a', ['a']);
    void ask('behind b', ['b']);
    void ask('elsewhere', ['c']);
    assert.deepEqual(begun, ['proof', 'single', 'elsewhere']);
    await end('single');
    assert.deepEqual(begun, ['proof', 'single', 'elsewhere', 'several']);
    await end('several');
    assert.deepEqual(begun.slice(4), ['behind a', 'behind b']);
  });

  it('takes turns again after a failure', async () => {
    const { begun, ask, end } = createStage(true);
    void ask('proof', ['a']);
    await end('proof');
    const failing = ask('failing', ['a']);
    const failed = assert.rejects(failing, /failing/);
    await end('failing', true);
    await failed;
    void ask('next', ['a']);
    void ask('after', ['a']);
    assert.deepEqual(begun, ['proof', 'failing', 'next']);
  });
});

describe('a doorbell', () => {
  it('keeps a ring that comes before the wait, until silenced', async () => {
    const bell = createDoorbell();
    bell.ring();
    assert.equal(await bell.rung(), true);
    bell.silence();
    assert.equal(await bell.rung(1), false);
    setImmediate(bell.ring);
    assert.equal(await bell.rung(), true);
  });
});

describe('changes', () => {
  it('reach who listens, and nobody who has stopped', () => {
    const changes = createChanges();
    const heard: string[] = [];
    const stop = changes.listen(() => heard.push('one'));
    changes.listen(() => heard.push('two'));
    changes.announce();
    stop();
    changes.announce();
    assert.deepEqual(heard, ['one', 'two', 'two']);
  });
});
