/**
 * Lanes on Redis or Valkey, answered by any number of processes; with the files named `bullmq` the only doorway of BullMQ. A job
 * says `{cluster}` and nothing else: whoever takes it reads the newest document from its own projection, so Redis may lose,
 * repeat or invent jobs and the worst that follows is a push too late or too many.
 *
 * One queue, one job per cluster: the deduplication id is the lane. While a job waits, rests or runs, a nudge makes no second
 * one; one that comes while it runs makes exactly one more afterwards. Every worker may run as many jobs as there can be
 * clusters, so a hanging controller holds no other lane up. A worker that lost its lock (stopped, cut off) gives its push up.
 * Should two still overlap, because Redis was flushed in between, the receivers' order (epoch, position) makes it harmless: no
 * lock kept in Redis could survive what loses the deduplication key, so there is none.
 */
import type { Queue } from 'bullmq';
import { connectRedis, firstContact, watchRedis } from './bullmqConnection.ts';
import { createLaneEnds, loadQueues } from './bullmqEnds.ts';
import { createSight } from './bullmqSight.ts';
import { coalesced } from './coalescedNudges.ts';
import { type Backoff, type LaneHealth, type LaneSight, type Lanes, usualBackoff } from './lanes.ts';
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

const COALESCE_MS = 10;
const LOOK_EVERY_MS = 1_000;
const STOP_PATIENCE_MS = 3_000;

/** Loads the packages and begins to connect. Resolves whether or not the server is there. */
export const openBullmqLanes = async (options: BullmqLanesOptions): Promise<BullmqLanes> => {
  const { address, cloud, answers, backoff = usualBackoff, random = Math.random, lockMs = 10_000 } = options;
  const makeQueue = await loadQueues();
  let lastFault: Error | undefined;
  const asker = await connectRedis(address, 'asker', (fault) => {
    lastFault = fault;
  });
  const stopped = new AbortController();
  const ends = createLaneEnds({
    ...{ asker, makeQueue, address, cloud, answers, stopped: stopped.signal },
    ...{ backoff, random, lockMs },
  });

  const watch = watchRedis({
    ...{ client: asker, shown: address.shown, everyMs: LOOK_EVERY_MS },
    ...{ alsoNeeded: ends.look, lastFault: () => lastFault },
    onChange: (health) => options.onHealth?.(health),
  });

  const ask = async (cluster: string): Promise<void> => {
    try {
      await ends.add(cluster);
    } catch (fault) {
      if (stopped.signal.aborted) return;
      watch.suspect(fault as Error);
      options.onLost?.(cluster);
    }
  };

  const nudges = coalesced((cluster) => void ask(cluster), COALESCE_MS);

  const check = async (): Promise<LaneHealth> => {
    await firstContact(asker, STOP_PATIENCE_MS);
    // A look may be under way that began before there was anything to answer with.
    await watch.look();
    return watch.look();
  };

  return {
    nudge: nudges.nudge,
    start: async (given) => {
      ends.answerWith(given);
      await check();
    },
    stop: async () => {
      stopped.abort(new Error('stopping'));
      nudges.stop();
      watch.stop();
      await ends.close(STOP_PATIENCE_MS);
      asker.disconnect();
    },
    health: watch.health,
    look: createSight({ queue: ends.queue, restMs: backoff.capMs, now: () => performance.now() }),
    check,
    queue: ends.queue,
  };
};
