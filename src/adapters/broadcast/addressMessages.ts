/**
 * Tells clusters of public addresses where no document does (generic mode): every transition in flight is sent until it is
 * answered, and then completed by a wish. Level-triggered: only what is in flight now counts, so nobody can lose a message.
 * Whether anything is sent at all is not decided here.
 */
import type { AddressInFlight, AddressMessage, Dispatch } from '../../domain/networking/dispatcher.ts';
import { type Backoff, backoffMs, usualBackoff } from './lanes.ts';

/** `at`: position of the event that made it; another one means another message. */
export type InFlight = AddressInFlight & { readonly at: number };

export type MessageOutcome = { readonly answered: true } | { readonly answered: false; readonly reason: string };

export type AddressMessagesPorts = {
  readonly inFlight: () => readonly InFlight[];
  readonly dispatch: (change: InFlight) => Dispatch;
  readonly send: (message: AddressMessage, change: InFlight, signal: AbortSignal) => Promise<MessageOutcome>;
  /** The transition is answered, or nobody is there who could. */
  readonly complete: (change: InFlight) => Promise<unknown>;
  /** Messages under way to one cluster at a time. */
  readonly atOnce: () => number;
  readonly onFailure: (change: InFlight, reason: string) => void;
};

export type AddressMessages = { readonly look: () => void; readonly stop: () => Promise<void> };

type Attempts = {
  failures: number;
  timer: NodeJS.Timeout | undefined;
  running: Promise<void> | undefined;
  isAnswered: boolean;
};

const keyOf = ({ address, at }: InFlight): string => `${address}@${at}`;

export const createAddressMessages = (
  ports: AddressMessagesPorts,
  { backoff = usualBackoff, random = Math.random }: { backoff?: Backoff; random?: () => number } = {},
): AddressMessages => {
  const attempts = new Map<string, Attempts>();
  const busy = new Map<string, number>();
  const abort = new AbortController();

  const occupy = (cluster: string, by: 1 | -1): void => {
    const left = (busy.get(cluster) ?? 0) + by;
    if (left === 0) busy.delete(cluster);
    else busy.set(cluster, left);
  };

  const tell = async (change: InFlight, message: AddressMessage): Promise<MessageOutcome> => {
    occupy(change.cluster, 1);
    try {
      return await ports.send(message, change, abort.signal);
    } catch (fault) {
      return { answered: false, reason: (fault as Error).message };
    } finally {
      occupy(change.cluster, -1);
    }
  };

  const later = (change: InFlight, mine: Attempts, reason: string): void => {
    mine.failures += 1;
    ports.onFailure(change, reason);
    if (abort.signal.aborted) return;
    mine.timer = setTimeout(
      () => {
        mine.timer = undefined;
        look();
      },
      backoffMs(mine.failures, backoff, random()),
    );
    mine.timer.unref();
  };

  const attempt = async (
    change: InFlight,
    mine: Attempts,
    next: Exclude<Dispatch, { kind: 'wait' }>,
  ): Promise<void> => {
    const outcome = next.kind === 'send' ? await tell(change, next.message) : ({ answered: true } as const);
    if (!outcome.answered) {
      later(change, mine, outcome.reason);
      return;
    }
    try {
      await ports.complete(change);
      mine.isAnswered = true;
    } catch (fault) {
      later(change, mine, (fault as Error).message);
    }
  };

  const consider = (change: InFlight): void => {
    const key = keyOf(change);
    const mine = attempts.get(key) ?? { failures: 0, timer: undefined, running: undefined, isAnswered: false };
    if (mine.running !== undefined || mine.timer !== undefined || mine.isAnswered) return;
    const next = ports.dispatch(change);
    const isFull = next.kind === 'send' && (busy.get(change.cluster) ?? 0) >= ports.atOnce();
    if (next.kind === 'wait' || isFull) return;
    attempts.set(key, mine);
    mine.running = attempt(change, mine, next).finally(() => {
      mine.running = undefined;
      if (mine.timer === undefined) look();
    });
  };

  /** What was answered is no longer in flight as soon as this process has read of it; until then it is not told again. */
  const look = (): void => {
    if (abort.signal.aborted) return;
    const flying = ports.inFlight();
    const wanted = new Set(flying.map(keyOf));
    for (const [key, { running, timer }] of attempts) {
      if (wanted.has(key) || running !== undefined) continue;
      clearTimeout(timer);
      attempts.delete(key);
    }
    for (const change of flying) consider(change);
  };

  return {
    look,
    stop: async () => {
      abort.abort();
      for (const { timer } of attempts.values()) clearTimeout(timer);
      await Promise.all([...attempts.values()].map(({ running }) => running));
    },
  };
};
