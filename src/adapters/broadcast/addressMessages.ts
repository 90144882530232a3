/**
 * Tells clusters of public addresses where no document does (generic mode): every transition in flight is sent until it is
 * answered, and then completed by a wish. Level-triggered: only what is in flight now counts, so nobody can lose a message.
 * Whether anything is sent at all is not decided here.
 */
import type { AddressInFlight, AddressMessage, Dispatch } from '../../domain/networking/dispatcher.ts';
import { createTelling, type Telling } from './addressTelling.ts';
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

const keyOf = ({ address, at }: InFlight): string => `${address}@${at}`;

/** How many messages are under way to each cluster. */
type Crowd = {
  readonly at: (cluster: string) => number;
  readonly change: (cluster: string, by: 1 | -1) => void;
};

const createCrowd = (): Crowd => {
  const busy = new Map<string, number>();
  return {
    at: (cluster) => busy.get(cluster) ?? 0,
    change: (cluster, by) => {
      const left = (busy.get(cluster) ?? 0) + by;
      if (left === 0) busy.delete(cluster);
      else busy.set(cluster, left);
    },
  };
};

/** Sends, where there is something to send, and completes what was answered; true when all that is done. Never rejects. */
const createAttempt = (ports: AddressMessagesPorts, crowd: Crowd, signal: AbortSignal) => {
  const tell = async (change: InFlight, message: AddressMessage): Promise<MessageOutcome> => {
    crowd.change(change.cluster, 1);
    try {
      return await ports.send(message, change, signal);
    } catch (fault) {
      return { answered: false, reason: (fault as Error).message };
    } finally {
      crowd.change(change.cluster, -1);
    }
  };

  const failed = (change: InFlight, reason: string): false => {
    ports.onFailure(change, reason);
    return false;
  };

  return async (change: InFlight, next: Exclude<Dispatch, { kind: 'wait' }>): Promise<boolean> => {
    const outcome = next.kind === 'send' ? await tell(change, next.message) : ({ answered: true } as const);
    if (!outcome.answered) return failed(change, outcome.reason);
    try {
      await ports.complete(change);
      return true;
    } catch (fault) {
      return failed(change, (fault as Error).message);
    }
  };
};

export const createAddressMessages = (
  ports: AddressMessagesPorts,
  { backoff = usualBackoff, random = Math.random }: { backoff?: Backoff; random?: () => number } = {},
): AddressMessages => {
  const tellings = new Map<string, Telling>();
  const crowd = createCrowd();
  const abort = new AbortController();
  const attempt = createAttempt(ports, crowd, abort.signal);

  const pauseMs = (failures: number): number => backoffMs(failures, backoff, random());

  const consider = (change: InFlight): void => {
    const key = keyOf(change);
    const known = tellings.get(key);
    if (known !== undefined && !known.isWaiting()) return;
    const next = ports.dispatch(change);
    const isFull = next.kind === 'send' && crowd.at(change.cluster) >= ports.atOnce();
    if (next.kind === 'wait' || isFull) return;
    const telling = known ?? createTelling({ pauseMs, again: look, stopped: abort.signal });
    tellings.set(key, telling);
    telling.begin(() => attempt(change, next));
  };

  /** What was answered is no longer in flight as soon as this process has read of it; until then it is not told again. */
  const look = (): void => {
    if (abort.signal.aborted) return;
    const flying = ports.inFlight();
    const wanted = new Set(flying.map(keyOf));
    for (const [key, telling] of tellings) {
      if (wanted.has(key) || telling.isUnderway()) continue;
      telling.drop();
      tellings.delete(key);
    }
    for (const change of flying) consider(change);
  };

  return {
    look,
    stop: async () => {
      abort.abort();
      for (const telling of tellings.values()) telling.drop();
      await Promise.all([...tellings.values()].map((telling) => telling.ended()));
    },
  };
};
