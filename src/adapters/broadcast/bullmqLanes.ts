/**
 * Lanes on Redis or Valkey, answered by any number of processes; with `bullmqConnection.ts` the only doorway of BullMQ. A job
 * says `{cluster}` and nothing else: whoever takes it reads the newest document from its own projection, so Redis may lose,
 * repeat or invent jobs and the worst that follows is a push too late or too many.
 *
 * One queue, one job per cluster: the deduplication id is the lane. While a job waits, rests or runs, a nudge makes no second
 * one; one that comes while it runs makes exactly one more afterwards. Every worker may run as many jobs as there can be
 * clusters, so a hanging controller holds no other lane up. A worker that lost its lock (stopped, cut off) gives its push up.
 * Should two still overlap, because Redis was flushed in between, the receivers' order (epoch, position) makes it harmless: no
 * lock kept in Redis could survive what loses the deduplication key, so there is none.
 */
import type { JobsOptions, Queue } from 'bullmq';
import { connectRedis, firstContact, watchRedis, withinTime } from './bullmqConnection.ts';
import { type Answering, createAnswering, prefixOf, QUEUE } from './bullmqWorker.ts';
import { type Backoff, type LaneHealth, type LaneSight, type Lanes, type LaneWork, usualBackoff } from './lanes.ts';
import type { RedisAddress } from './redisAddress.ts';

export type BullmqLanesOptions = {
  readonly address: RedisAddress;
  readonly cloud: string;
  /** Whether this process answers nudges; otherwise it only makes them. */
  readonly answers: boolean;
  /** A nudge that Redis did not take. */
  readonly onLost?: (cluster: string) => void;
  readonly onHealth?: (health: LaneHealth) => void;
  readonly backoff?: Backoff;
  readonly random?: () => number;
  /** How long a worker may be silent before others take its jobs over, ms. */
  readonly lockMs?: number;
};

export type BullmqLanes = Lanes & {
  readonly look: (cluster: string) => Promise<LaneSight | undefined>;
  /** Asks the server now, e.g. before serving. */
  readonly check: () => Promise<LaneHealth>;
  /** For the board; undefined until the server was reached for the first time. */
  readonly queue: () => Queue | undefined;
};

const JOB = 'look';
const COALESCE_MS = 10;
const LOOK_EVERY_MS = 1_000;
const UNANSWERED_MS = 10_000;
const STOP_PATIENCE_MS = 3_000;
const STOP_LOOK_MS = 500;

/** No delay inside Redis: it wakes blocked workers ten times a second, so 10 ms there are 95 (measured); see `coalesced`. */
const jobOptions = (cluster: string): JobsOptions => ({
  deduplication: { id: cluster, keepLastIfActive: true },
  attempts: 1_000_000,
  backoff: { type: 'lane' },
  removeOnComplete: { count: 100, age: 3_600 },
  removeOnFail: { count: 100, age: 86_400 },
  stackTraceLimit: 1,
});

/** The first of a burst goes out at once, all that follow within the delay become one more at its end. */
const coalesced = (nudge: (cluster: string) => void, delayMs: number) => {
  const resting = new Map<string, { isAgain: boolean; readonly timer: NodeJS.Timeout }>();
  const go = (cluster: string): void => {
    const timer = setTimeout(() => {
      const { isAgain = false } = resting.get(cluster) ?? {};
      resting.delete(cluster);
      if (isAgain) go(cluster);
    }, delayMs);
    resting.set(cluster, { isAgain: false, timer });
    nudge(cluster);
  };
  return {
    nudge: (cluster: string): void => {
      const rest = resting.get(cluster);
      if (rest === undefined) go(cluster);
      else rest.isAgain = true;
    },
    stop: (): void => {
      for (const { timer } of resting.values()) clearTimeout(timer);
    },
  };
};

/** How long each job was seen untouched; what nobody touches for long is not being answered. */
const createPatience = (restMs: number, now: () => number) => {
  const seen = new Map<string, { readonly mark: string; readonly since: number }>();
  return {
    isOver: (cluster: string, mark: string, hasFailed: boolean): boolean => {
      const known = seen.get(cluster);
      if (known?.mark === mark) return now() - known.since > UNANSWERED_MS + (hasFailed ? restMs : 0);
      seen.set(cluster, { mark, since: now() });
      return false;
    },
    forget: (cluster: string): boolean => seen.delete(cluster),
  };
};

/** Where the server keeps the list of its clients to itself, workers are taken for granted. */
const countWorkers = async (queue: Queue): Promise<number> => {
  try {
    return await queue.getWorkersCount();
  } catch (fault) {
    if ((fault as Error).message.startsWith('NOPERM')) return 1;
    throw fault;
  }
};

/** Loads the packages and begins to connect. Resolves whether or not the server is there. */
export const openBullmqLanes = async (options: BullmqLanesOptions): Promise<BullmqLanes> => {
  const { address, cloud, backoff = usualBackoff, onLost = () => undefined } = options;
  const { Queue } = await import('bullmq');
  let lastFault: Error | undefined;
  const asker = await connectRedis(address, 'asker', (fault) => {
    lastFault = fault;
  });
  const patience = createPatience(backoff.capMs, () => performance.now());
  let queue: Queue | undefined;
  let work: LaneWork | undefined;
  let worker: Answering | undefined;
  let opening: Promise<void> | undefined;
  const stopped = new AbortController();

  const open = async (): Promise<void> => {
    if (queue === undefined) {
      queue = new Queue(QUEUE, {
        connection: asker,
        prefix: prefixOf(cloud),
        skipVersionCheck: true,
        streams: { events: { maxLen: 1_000 } },
      });
      queue.on('error', () => undefined);
      await queue.waitUntilReady();
    }
    if (!options.answers || work === undefined || worker !== undefined || stopped.signal.aborted) return;
    worker = await createAnswering({
      ...{ address, cloud, work, stopped: stopped.signal },
      backoff,
      random: options.random ?? Math.random,
      lockMs: options.lockMs ?? 10_000,
    });
  };

  /** Only what a fit server is asked for: queue and worker are made after the first good look, and then kept for ever. */
  const alsoNeeded = async (): Promise<LaneHealth> => {
    opening ??= open().finally(() => {
      opening = undefined;
    });
    await opening;
    await worker?.revive();
    const workers = queue === undefined ? 0 : await countWorkers(queue);
    const detail = `${address.shown}, ${workers} workers`;
    return workers > 0 ? { ok: true, detail } : { ok: false, detail: `${address.shown}: no worker is connected` };
  };

  const watch = watchRedis({
    ...{ client: asker, shown: address.shown, alsoNeeded, everyMs: LOOK_EVERY_MS, lastFault: () => lastFault },
    onChange: (health) => options.onHealth?.(health),
  });

  const ask = async (cluster: string): Promise<void> => {
    try {
      if (queue === undefined || asker.status !== 'ready') throw new Error('not connected');
      await queue.add(JOB, { cluster }, jobOptions(cluster));
    } catch (fault) {
      if (stopped.signal.aborted) return;
      watch.suspect(fault as Error);
      onLost(cluster);
    }
  };

  const nudges = coalesced((cluster) => void ask(cluster), COALESCE_MS);

  const look = async (cluster: string): Promise<LaneSight | undefined> => {
    try {
      const id = await queue?.getDeduplicationJobId(cluster);
      const job = id === undefined || id === null ? undefined : await queue?.getJob(id);
      if (job === undefined) {
        patience.forget(cluster);
        return { state: 'empty', failures: 0, lastFailure: undefined };
      }
      const isActive = (await job.getState()) === 'active';
      const isOver = !isActive && patience.isOver(cluster, `${job.id}/${job.attemptsStarted}`, job.attemptsMade > 0);
      if (isActive) patience.forget(cluster);
      return {
        state: isActive ? 'active' : isOver ? 'unanswered' : 'waiting',
        failures: job.attemptsMade,
        lastFailure: job.failedReason?.slice(0, 1_000),
      };
    } catch {
      return undefined;
    }
  };

  const stop = async (): Promise<void> => {
    stopped.abort(new Error('stopping'));
    nudges.stop();
    watch.stop();
    await opening?.catch(() => undefined);
    // A server that does not answer is not waited for: its jobs are taken over when their locks run out.
    const word = await withinTime(
      asker.ping().catch(() => undefined),
      STOP_LOOK_MS,
    );
    const isThere = word !== undefined;
    await worker?.close(!isThere, STOP_PATIENCE_MS);
    if (isThere) await withinTime(queue?.close().catch(() => undefined) ?? Promise.resolve(), STOP_PATIENCE_MS);
    asker.disconnect();
  };

  const check = async (): Promise<LaneHealth> => {
    await firstContact(asker, STOP_PATIENCE_MS);
    // A look may be under way that began before there was anything to answer with.
    await watch.look();
    return watch.look();
  };

  return {
    nudge: nudges.nudge,
    start: async (given) => {
      work = given;
      await check();
    },
    stop,
    health: watch.health,
    look,
    check,
    queue: () => queue,
  };
};
