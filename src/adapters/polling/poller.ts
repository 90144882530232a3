/**
 * Asks clusters again and again that do not report by themselves (cloud spec 9.4): one loop per cluster, so that one which
 * hangs delays no other, and never two questions at once to the same. What a round consists of is not known here; a fault is
 * told when it begins and when it is over, not every round.
 */

/** What one round came to: undefined when every question was answered. */
export type Fault = { readonly question: string; readonly reason: string };

export type PollerPorts = {
  /** Names of the clusters to be asked now. */
  readonly clusters: () => readonly string[];
  /** Between the ends of two rounds of one cluster; 0 never. Asked anew each time. */
  readonly everyMs: () => number;
  readonly round: (cluster: string, signal: AbortSignal) => Promise<readonly Fault[]>;
  /** Undefined: all questions are answered again. */
  readonly onTrouble: (cluster: string, faults: readonly Fault[] | undefined) => void;
};

export type Poller = {
  readonly start: () => void;
  readonly stop: () => Promise<void>;
  /** Begins the rounds that are due; what `start` does again and again. */
  readonly look: () => void;
  /** Resolves when no round is under way. */
  readonly idle: () => Promise<void>;
};

type Known = { running: Promise<void> | undefined; endedAt: number; trouble: string };

const LOOK_MS = 1000;

export const createPoller = (ports: PollerPorts, now: () => number): Poller => {
  const known = new Map<string, Known>();
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  const told = (cluster: string, mine: Known, faults: readonly Fault[]): void => {
    const trouble = faults.map(({ question, reason }) => `${question}: ${reason}`).join('; ');
    if (trouble === mine.trouble || abort.signal.aborted) return;
    mine.trouble = trouble;
    ports.onTrouble(cluster, faults.length === 0 ? undefined : faults);
  };

  const ask = async (cluster: string, mine: Known): Promise<void> => {
    const faults = await ports
      .round(cluster, abort.signal)
      .catch((fault: Error): readonly Fault[] => [{ question: 'round', reason: fault.message }]);
    told(cluster, mine, faults);
    mine.endedAt = now();
  };

  const look = (): void => {
    const everyMs = ports.everyMs();
    if (abort.signal.aborted || everyMs === 0) return;
    const wanted = new Set(ports.clusters());
    for (const [cluster, { running }] of known) {
      if (!wanted.has(cluster) && running === undefined) known.delete(cluster);
    }
    for (const cluster of wanted) {
      const mine = known.get(cluster) ?? { running: undefined, endedAt: Number.NEGATIVE_INFINITY, trouble: '' };
      known.set(cluster, mine);
      if (mine.running !== undefined || now() - mine.endedAt < everyMs) continue;
      mine.running = ask(cluster, mine).finally(() => {
        mine.running = undefined;
      });
    }
  };

  const idle = async (): Promise<void> => {
    await Promise.all([...known.values()].map(({ running }) => running));
  };

  return {
    look,
    idle,
    start: () => {
      timer = setInterval(look, LOOK_MS);
      timer.unref();
      look();
    },
    stop: async () => {
      clearInterval(timer);
      abort.abort();
      await idle();
    },
  };
};
