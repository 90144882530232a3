/**
 * The answering end of the lanes on Redis: takes jobs, checks that they are nudges, and runs the work. A job comes from a place
 * others may write to, so all it can do is make this process look at a cluster by name.
 */
import type { Job, Worker } from 'bullmq';
import { connectRedis, type RedisClient, withinTime } from './bullmqConnection.ts';
import { type Backoff, backoffMs, type LaneWork } from './lanes.ts';
import type { RedisAddress } from './redisAddress.ts';

export const QUEUE = 'lanes';
/** More than any cloud has clusters; a job that waits for its controller costs a socket and nothing else. */
const AT_ONCE = 1_024;
const NAME = /^[^\s\p{C}]{1,255}$/u;
const PATIENCE_MS = 1_000;
const SILENCES = 3;

/** One hash tag: all keys of a cloud live in one slot of a Redis Cluster, as BullMQ's scripts need. */
export const prefixOf = (cloud: string): string => `{edgelog:${cloud}}`;

/** The job's cluster if the job is one of ours; it comes from a place others may write to. */
export const clusterInJob = (data: unknown): string | undefined => {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  const { cluster, ...more } = data as { readonly [member: string]: unknown };
  const isNudge = typeof cluster === 'string' && NAME.test(cluster) && Object.keys(more).length === 0;
  return isNudge ? cluster : undefined;
};

export type AnsweringOptions = {
  readonly address: RedisAddress;
  readonly cloud: string;
  readonly work: LaneWork;
  readonly stopped: AbortSignal;
  readonly backoff: Backoff;
  readonly random: () => number;
  /** How long a worker may be silent before others take its jobs over, ms. */
  readonly lockMs: number;
};

export type Answering = {
  /** Makes sure that the line to the server is alive. Never rejects. */
  readonly revive: () => Promise<void>;
  /** With `force`, jobs under way are left to whoever takes them over. */
  readonly close: (force: boolean, patienceMs: number) => Promise<void>;
};

const makeWorker = async (client: RedisClient, options: AnsweringOptions): Promise<Worker> => {
  const { UnrecoverableError, Worker } = await import('bullmq');
  const { work, stopped, backoff, random, lockMs } = options;
  const answer = async (job: Job, _token: string | undefined, signal: AbortSignal | undefined): Promise<void> => {
    const cluster = clusterInJob(job.data);
    if (cluster === undefined) throw new UnrecoverableError('this job is no nudge');
    // Its lock may be lost, or this process may stop; a job may still be handed out a moment after the stop.
    const given = signal === undefined ? stopped : AbortSignal.any([signal, stopped]);
    given.throwIfAborted();
    await work(cluster, given);
    // What was given up is not done: somebody else should go on with it.
    if (given.aborted) throw new Error(`${cluster}: given-up: the worker stopped or lost its lock`);
  };
  const worker = new Worker(QUEUE, answer, {
    connection: client,
    prefix: prefixOf(options.cloud),
    concurrency: AT_ONCE,
    lockDuration: lockMs,
    stalledInterval: Math.max(1_000, lockMs / 2),
    maxStalledCount: 1_000_000,
    runRetryDelay: 1_000,
    settings: { backoffStrategy: (attempts) => backoffMs(attempts, backoff, random()) },
  });
  worker.on('error', () => undefined);
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id, 'lock lost');
  });
  return worker;
};

/** Opens two lines to the server (one blocks) and takes jobs until closed. */
export const createAnswering = async (options: AnsweringOptions): Promise<Answering> => {
  const client = await connectRedis(options.address, 'worker', () => undefined);
  const worker = await makeWorker(client, options);
  await withinTime(worker.waitUntilReady(), PATIENCE_MS);
  let silences = 0;
  return {
    // A line that the server has forgotten, but this side has not, would wait for ever: it is cut after some silence.
    revive: async () => {
      const word = await withinTime(
        client.ping().catch(() => 'cut'),
        PATIENCE_MS,
      );
      silences = word === undefined ? silences + 1 : 0;
      if (silences < SILENCES) return;
      silences = 0;
      client.disconnect(true);
    },
    close: async (force, patienceMs) => {
      await withinTime(worker.close(force), patienceMs);
      client.disconnect();
      // Its blocking line would go on looking for a server that is away.
      void worker
        .getBackend()
        .disconnectBlocking(false)
        .catch(() => undefined);
    },
  };
};
