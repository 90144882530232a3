/**
 * The embedded default: a dirty flag and a running flag per cluster. At most one piece of work per cluster is under way; a
 * nudge meanwhile makes it run once more afterwards. Failed work is tried again after a growing, jittered pause.
 */
import { type Backoff, backoffMs, type Lanes, type LaneWork } from './lanes.ts';

type Lane = { dirty: boolean; running: Promise<void> | undefined; failures: number; timer: NodeJS.Timeout | undefined };

export const createInProcessLanes = (options: { backoff?: Backoff; random?: () => number } = {}): Lanes => {
  const backoff = options.backoff ?? { firstMs: 200, capMs: 15_000 };
  const random = options.random ?? Math.random;
  const lanes = new Map<string, Lane>();
  const abort = new AbortController();
  let work: LaneWork | undefined;

  const laneOf = (cluster: string): Lane => {
    let lane = lanes.get(cluster);
    if (lane === undefined) {
      lane = { dirty: false, running: undefined, failures: 0, timer: undefined };
      lanes.set(cluster, lane);
    }
    return lane;
  };

  const retryLater = (cluster: string, lane: Lane): void => {
    lane.failures += 1;
    lane.timer = setTimeout(
      () => {
        lane.timer = undefined;
        run(cluster, lane);
      },
      backoffMs(lane.failures, backoff, random()),
    );
    lane.timer.unref();
  };

  const drain = async (cluster: string, lane: Lane): Promise<void> => {
    while (lane.dirty && work !== undefined && !abort.signal.aborted) {
      lane.dirty = false;
      try {
        await work(cluster, abort.signal);
        lane.failures = 0;
      } catch {
        // The work itself recorded why; here it only means: not done yet.
        lane.dirty = true;
        if (!abort.signal.aborted) retryLater(cluster, lane);
        return;
      }
    }
  };

  const run = (cluster: string, lane: Lane): void => {
    if (lane.running !== undefined || lane.timer !== undefined || work === undefined || abort.signal.aborted) return;
    lane.running = drain(cluster, lane).finally(() => {
      lane.running = undefined;
      if (lane.dirty) run(cluster, lane);
    });
  };

  return {
    nudge: (cluster) => {
      const lane = laneOf(cluster);
      lane.dirty = true;
      run(cluster, lane);
    },
    start: async (given) => {
      work = given;
      for (const [cluster, lane] of lanes) if (lane.dirty) run(cluster, lane);
    },
    stop: async () => {
      abort.abort();
      const running = [...lanes.values()].flatMap((lane) => (lane.running === undefined ? [] : [lane.running]));
      for (const lane of lanes.values()) clearTimeout(lane.timer);
      await Promise.allSettled(running);
    },
    health: () => ({ ok: true, detail: `in process, ${lanes.size} lanes` }),
  };
};
