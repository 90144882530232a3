/**
 * What every kind of lanes must keep, said once and run on each. Work is recorded by the tests; they wait for what must happen
 * and never for time to pass.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Lanes, LaneWork } from '../../../src/adapters/broadcast/lanes.ts';

/** Waits for something that must come true; the limit only ends a test that has failed. */
export const until = async (
  isTrue: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 20_000,
): Promise<void> => {
  const end = performance.now() + limitMs;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`expected ${what}, it did not come`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** A gate that work waits at until the test opens it. */
export const gate = () => {
  let open: () => void = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
};

export type LanesUnderTest = {
  /** One for each process that would answer; all of them share the lanes. */
  readonly answering: readonly Lanes[];
  readonly close: () => Promise<void>;
};

export type OpenLanes = (backoff: { readonly firstMs: number; readonly capMs: number }) => Promise<LanesUnderTest>;

const quick = { firstMs: 1, capMs: 5 };

/** Starts all with the same work and stops all at the end. */
const running = async (open: OpenLanes, work: LaneWork, story: (nudge: Lanes['nudge']) => Promise<void>) => {
  const { answering, close } = await open(quick);
  try {
    for (const lanes of answering) await lanes.start(work);
    const [first] = answering;
    assert.ok(first !== undefined);
    await until(() => first.health().ok, 'healthy lanes');
    await story(first.nudge);
  } finally {
    await close();
  }
};

export const lanesContract = (name: string, open: OpenLanes, skip: string | undefined): void => {
  describe(`lanes: ${name}`, { skip: skip ?? false, timeout: 120_000 }, () => {
    test('a nudge is answered with the cluster it named', async () => {
      const seen: string[] = [];
      const work: LaneWork = async (cluster) => void seen.push(cluster);
      await running(open, work, async (nudge) => {
        nudge('one');
        nudge('two');
        await until(() => seen.length === 2, 'two answers');
        assert.deepEqual([...seen].sort(), ['one', 'two']);
      });
    });

    test('a burst while one is under way becomes exactly one more', async () => {
      const first = gate();
      let runs = 0;
      const work: LaneWork = async () => {
        runs += 1;
        if (runs === 1) await first.passed;
      };
      await running(open, work, async (nudge) => {
        nudge('one');
        await until(() => runs === 1, 'the first run');
        for (let i = 0; i < 200; i += 1) nudge('one');
        let isMarked = false;
        nudge('marker');
        // The marker's own lane is free: when it ran, the burst has been taken in by whoever takes nudges in.
        await until(() => {
          isMarked ||= runs === 2;
          return isMarked;
        }, 'the marker');
        first.open();
        await until(() => runs === 3, 'one more run');
        nudge('marker');
        await until(() => runs === 4, 'the marker again');
        assert.equal(runs, 4);
      });
    });

    test('never two at once for one cluster, whoever answers', async () => {
      const under = new Map<string, number>();
      let most = 0;
      let runs = 0;
      const work: LaneWork = async (cluster) => {
        const now = (under.get(cluster) ?? 0) + 1;
        under.set(cluster, now);
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 3));
        under.set(cluster, now - 1);
        runs += 1;
      };
      await running(open, work, async (nudge) => {
        for (let round = 0; round < 30; round += 1) {
          for (const cluster of ['one', 'two', 'three']) nudge(cluster);
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        await until(() => runs >= 6, 'several runs');
        assert.equal(most, 1);
      });
    });

    test('what fails is tried again until it succeeds, the pause between growing no further than its cap', async () => {
      let tries = 0;
      let isDone = false;
      const work: LaneWork = async () => {
        tries += 1;
        // Uncapped, the fortieth pause would last longer than anybody lives.
        if (tries < 40) throw new Error('one: refused: not yet');
        isDone = true;
      };
      await running(open, work, async (nudge) => {
        nudge('one');
        await until(() => isDone, 'success', 60_000);
        assert.equal(tries, 40);
      });
    });

    test('the last nudge is never lost, whenever it comes', async () => {
      let wanted = 0;
      let answered = 0;
      let fails = false;
      const work: LaneWork = async () => {
        const seen = wanted;
        await new Promise((resolve) => setTimeout(resolve, seen % 3));
        fails = !fails;
        if (seen % 7 === 3 && fails) throw new Error('one: refused: every other time');
        answered = Math.max(answered, seen);
      };
      await running(open, work, async (nudge) => {
        for (let i = 1; i <= 150; i += 1) {
          wanted = i;
          nudge('one');
          if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, i % 4));
          if (i % 50 === 0) await until(() => answered === wanted, `the answer to nudge ${i}`);
        }
        await until(() => answered === 150, 'the answer to the last');
      });
    });

    test('lanes that hang or keep failing hold no other lane up', async () => {
      const hang = gate();
      const seen = new Set<string>();
      const work: LaneWork = async (cluster) => {
        if (cluster.startsWith('hang')) await hang.passed;
        if (cluster.startsWith('fail')) throw new Error(`${cluster}: refused: always`);
        seen.add(cluster);
      };
      await running(open, work, async (nudge) => {
        for (let i = 0; i < 40; i += 1) {
          nudge(`hang-${i}`);
          nudge(`fail-${i}`);
        }
        for (let i = 0; i < 40; i += 1) nudge(`well-${i}`);
        await until(() => seen.size === 40, 'all that are well');
        hang.open();
      });
    });

    test('stopping ends running work through its signal and starts no other', async () => {
      const started = gate();
      let isAborted = false;
      let late = 0;
      let isStopped = false;
      const work: LaneWork = (_cluster, signal) => {
        if (isStopped) late += 1;
        started.open();
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            isAborted = true;
            resolve();
          });
        });
      };
      const { answering, close } = await open(quick);
      for (const lanes of answering) await lanes.start(work);
      await until(() => answering[0]?.health().ok === true, 'healthy lanes');
      answering[0]?.nudge('one');
      await started.passed;
      for (const lanes of answering) await lanes.stop();
      isStopped = true;
      answering[0]?.nudge('two');
      await close();
      assert.equal(isAborted, true);
      assert.equal(late, 0);
    });
  });
};
