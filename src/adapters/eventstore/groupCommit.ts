/**
 * Group commit: requests that arrive while the process is busy with the last commit travel together in the next one. Each
 * is answered only after the commit that carried it. While another process holds the log, the batch waits between turns
 * of the event loop, never inside the database.
 */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

export type GroupCommit<Request, Outcome> = {
  readonly submit: (request: Request) => Promise<Outcome>;
  /** Resolves when everything submitted so far has been answered. */
  readonly drained: () => Promise<void>;
};

type Waiting<Request, Outcome> = {
  readonly request: Request;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (reason: unknown) => void;
};

const BUSY_PAUSE_MS = 8;

/** Tries again with a small random pause while `isBusy` holds for what was thrown, for at most `patience` milliseconds. */
export const patiently = async <T>(
  act: () => T,
  isBusy: (thrown: unknown) => boolean,
  patience: number,
): Promise<T> => {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return act();
    } catch (thrown) {
      if (!isBusy(thrown) || performance.now() > deadline) throw thrown;
    }
    await pause(1 + Math.random() * BUSY_PAUSE_MS);
  }
};

/**
 * `commit` answers every request of a batch in order, or throws: then none of them was taken and all get that error.
 * A batch takes requests until they weigh `cap` together, which bounds how long one commit may hold the event loop.
 */
export const createGroupCommit = <Request, Outcome>(
  commit: (batch: readonly Request[]) => Promise<readonly Outcome[]>,
  cap: number,
  weigh: (request: Request) => number = () => 1,
): GroupCommit<Request, Outcome> => {
  const queue: Waiting<Request, Outcome>[] = [];

  const nextBatch = (): readonly Waiting<Request, Outcome>[] => {
    let weight = 0;
    const end = queue.findIndex(({ request }) => {
      const isFull = weight >= cap;
      weight += weigh(request);
      return isFull;
    });
    return queue.splice(0, end < 0 ? queue.length : end);
  };
  let running: Promise<void> | undefined;

  const commitOne = async (batch: readonly Waiting<Request, Outcome>[]): Promise<void> => {
    try {
      const outcomes = await commit(batch.map((waiting) => waiting.request));
      for (const [index, outcome] of outcomes.entries()) batch[index]?.resolve(outcome);
    } catch (thrown) {
      for (const waiting of batch) waiting.reject(thrown);
    }
  };

  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      await nextTurn();
      await commitOne(nextBatch());
    }
    running = undefined;
  };

  return {
    submit: (request) =>
      new Promise((resolve, reject) => {
        queue.push({ request, resolve, reject });
        running ??= run();
      }),
    drained: async () => {
      await running;
    },
  };
};
