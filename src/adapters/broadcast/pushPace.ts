/**
 * How far apart pushes to one controller start, whichever process makes them: what the delivery log knows of others' pushes
 * counts like what was started here. It says how long to wait and waits, and never decides whether there is anything to push.
 */
import { dueAt, idlePace, type Pace, request, start } from '../../domain/pacing.ts';
import type { Ledger } from './ledger.ts';

export type PushPacePorts = {
  readonly ledger: Pick<Ledger, 'delivered'>;
  /** Least time between two starts, ms; 0 where nothing is paced. */
  readonly minIntervalMs: (cluster: string) => number;
  readonly now: () => number;
};

export type PushPace = {
  /** The pace with a push wished for now. */
  readonly wish: (cluster: string) => Pace;
  /** How long until that push may start, ms; not above 0 when it may start at once. */
  readonly restOf: (cluster: string, pace: Pace) => number;
  /** Resolves when the push may start, or when the signal aborts. */
  readonly wait: (cluster: string, pace: Pace, signal: AbortSignal) => Promise<void>;
  readonly started: (cluster: string, pace: Pace) => void;
  /** The delivery the ledger knows last was made here. */
  readonly delivered: (cluster: string) => void;
};

const LOOK_AGAIN_MS = 200;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });

export const createPushPace = ({ ledger, minIntervalMs, now }: PushPacePorts): PushPace => {
  const paces = new Map<string, Pace>();
  const deliveredHere = new Map<string, number>();

  const paceOf = (cluster: string): Pace => {
    const pace = paces.get(cluster) ?? idlePace;
    const at = ledger.delivered(cluster)?.at ?? 0;
    const elsewhere = at === deliveredHere.get(cluster) ? 0 : Math.min(at, now());
    return elsewhere > (pace.lastStart ?? 0) ? { ...pace, lastStart: elsewhere } : pace;
  };

  const restOf = (cluster: string, pace: Pace): number => (dueAt(pace, minIntervalMs(cluster)) ?? 0) - now();

  return {
    wish: (cluster) => request(paceOf(cluster), now()),
    restOf,
    // Looks again every so often: a controller may turn out meanwhile to be one that needs no pacing.
    wait: async (cluster, pace, signal) => {
      for (;;) {
        const rest = restOf(cluster, pace);
        if (rest <= 0 || signal.aborted) return;
        await pause(Math.min(rest, LOOK_AGAIN_MS), signal);
      }
    },
    started: (cluster, pace) => void paces.set(cluster, start(pace, now())),
    delivered: (cluster) => void deliveredHere.set(cluster, ledger.delivered(cluster)?.at ?? 0),
  };
};
