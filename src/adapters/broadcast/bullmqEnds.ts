/**
 * The two ends of the queue in Redis: the one that takes nudges, and in processes that answer the worker that hands them out.
 * Both are made when the server was found fit, and then kept for ever. Whether it is fit is not decided here, nor what becomes
 * of a nudge that was not taken.
 */
import type { JobsOptions, Queue } from 'bullmq';
import { type RedisClient, withinTime } from './bullmqConnection.ts';
import { type Answering, type AnsweringOptions, createAnswering, prefixOf, QUEUE } from './bullmqWorker.ts';
import type { LaneHealth, LaneWork } from './lanes.ts';

export type LaneEndsOptions = Omit<AnsweringOptions, 'work'> & {
  readonly asker: RedisClient;
  readonly makeQueue: (client: RedisClient, cloud: string) => Queue;
  readonly answers: boolean;
};

export type LaneEnds = {
  /** Undefined until the server was found fit for the first time. */
  readonly queue: () => Queue | undefined;
  /** The worker is made at the next look. */
  readonly answerWith: (work: LaneWork) => void;
  /** Makes what is not there yet, and tells whether anybody answers. Rejects when the server does not. */
  readonly look: () => Promise<LaneHealth>;
  /** Rejects when Redis did not take it. */
  readonly add: (cluster: string) => Promise<void>;
  readonly close: (patienceMs: number) => Promise<void>;
};

const JOB = 'look';
const CLOSE_LOOK_MS = 500;

/** No delay inside Redis: it wakes blocked workers ten times a second, so 10 ms there are 95 (measured); see `coalesced`. */
const jobOptions = (cluster: string): JobsOptions => ({
  deduplication: { id: cluster, keepLastIfActive: true },
  attempts: 1_000_000,
  backoff: { type: 'lane' },
  removeOnComplete: { count: 100, age: 3_600 },
  removeOnFail: { count: 100, age: 86_400 },
  stackTraceLimit: 1,
});

/** Where the server keeps the list of its clients to itself, workers are taken for granted. */
const countWorkers = async (queue: Queue): Promise<number> => {
  try {
    return await queue.getWorkersCount();
  } catch (fault) {
    if ((fault as Error).message.startsWith('NOPERM')) return 1;
    throw fault;
  }
};

/** Loads the package; nothing is connected by it. */
export const loadQueues = async (): Promise<LaneEndsOptions['makeQueue']> => {
  const { Queue } = await import('bullmq');
  return (client, cloud) => {
    const queue = new Queue(QUEUE, {
      connection: client,
      prefix: prefixOf(cloud),
      skipVersionCheck: true,
      streams: { events: { maxLen: 1_000 } },
    });
    queue.on('error', () => undefined);
    return queue;
  };
};

export const createLaneEnds = (options: LaneEndsOptions): LaneEnds => {
  const { asker, address, cloud, stopped, backoff, random, lockMs } = options;
  let queue: Queue | undefined;
  let work: LaneWork | undefined;
  let worker: Answering | undefined;
  let opening: Promise<void> | undefined;

  const open = async (): Promise<void> => {
    if (queue === undefined) {
      queue = options.makeQueue(asker, cloud);
      await queue.waitUntilReady();
    }
    if (!options.answers || work === undefined || worker !== undefined || stopped.aborted) return;
    worker = await createAnswering({ address, cloud, work, stopped, backoff, random, lockMs });
  };

  const look = async (): Promise<LaneHealth> => {
    opening ??= open().finally(() => {
      opening = undefined;
    });
    await opening;
    await worker?.revive();
    const workers = queue === undefined ? 0 : await countWorkers(queue);
    const detail = `${address.shown}, ${workers} workers`;
    return workers > 0 ? { ok: true, detail } : { ok: false, detail: `${address.shown}: no worker is connected` };
  };

  const close = async (patienceMs: number): Promise<void> => {
    await opening?.catch(() => undefined);
    // A server that does not answer is not waited for: its jobs are taken over when their locks run out.
    const word = await withinTime(
      asker.ping().catch(() => undefined),
      CLOSE_LOOK_MS,
    );
    const isThere = word !== undefined;
    await worker?.close(!isThere, patienceMs);
    if (isThere) await withinTime(queue?.close().catch(() => undefined) ?? Promise.resolve(), patienceMs);
  };

  return {
    queue: () => queue,
    answerWith: (given) => {
      work = given;
    },
    look,
    add: async (cluster) => {
      if (queue === undefined || asker.status !== 'ready') throw new Error('not connected');
      await queue.add(JOB, { cluster }, jobOptions(cluster));
    },
    close,
  };
};
