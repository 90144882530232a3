/**
 * Has the log lost its tail? A server that failed over, or a log restored from a backup, may be without events whose documents
 * were sent long ago. Whoever follows the log remembers a mark (position, event, a hash chained over all events up to there)
 * and compares. What to do about it, a new epoch, is decided elsewhere.
 */
import { hash } from 'node:crypto';
import type { EventStore, StoredEvent } from '../../domain/eventStore.ts';

/** `runningHash` covers position and id of every event from the start of the log up to this one. */
export type LogMark = {
  readonly position: number;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly runningHash: string;
};

/** `lost-tail`: the log ends before the mark. `rewritten`: it goes on, but not as it did. */
export type TailVerdict = 'intact' | 'lost-tail' | 'rewritten';

const START = '';

const chain = (before: string, event: StoredEvent): string =>
  hash('sha256', `${before}${event.position} ${event.id}`, 'hex');

/** The mark after further events; they must follow the mark without a gap, or start the log. */
export const advanceMark = (mark: LogMark | undefined, events: readonly StoredEvent[]): LogMark | undefined => {
  const last = events.at(-1);
  if (last === undefined) return mark;
  const { position, id, stream, revision } = last;
  return { position, id, stream, revision, runningHash: events.reduce(chain, mark?.runningHash ?? START) };
};

/**
 * Looks at the end of the log and at the marked event only, so it is cheap at every start. It cannot see a change before the
 * mark; `createTailWatch` does, for whoever reads the whole log anyway. Throws StoreFault.
 */
export const checkTail = async (
  store: Pick<EventStore, 'head' | 'readStream'>,
  mark: LogMark,
): Promise<TailVerdict> => {
  const head = await store.head();
  if (head === undefined || head.position < mark.position) return 'lost-tail';
  const [event] = await store.readStream(mark.stream, mark.revision, 1);
  return event?.id === mark.id && event.position === mark.position ? 'intact' : 'rewritten';
};

export type TailWatch = {
  /** Every event of the log from its start, or after the mark begun with, in order. `intact` once the mark has been met, `rewritten` when it was passed. */
  readonly observe: (events: readonly StoredEvent[]) => void;
  /** What is known so far; a log read to its end without reaching the mark has lost its tail. */
  readonly verdict: () => TailVerdict;
  /** The mark of the newest event observed, to be remembered next. */
  readonly mark: () => LogMark | undefined;
};

/**
 * Compares a log read from its start with a remembered mark; without one there is nothing to lose. Whoever begins after the
 * start says at which mark, and has made sure that the log has that event: a mark remembered before it cannot be lost.
 */
export const createTailWatch = (remembered: LogMark | undefined, begun?: LogMark): TailWatch => {
  let current = begun;
  const isPassed = remembered === undefined || (begun !== undefined && begun.position > remembered.position);
  let verdict: TailVerdict = isPassed ? 'intact' : 'lost-tail';

  const compare = (reached: LogMark): void => {
    if (remembered === undefined || verdict !== 'lost-tail' || reached.position < remembered.position) return;
    const same =
      reached.position === remembered.position &&
      reached.id === remembered.id &&
      reached.runningHash === remembered.runningHash;
    verdict = same ? 'intact' : 'rewritten';
  };

  if (begun !== undefined) compare(begun);

  return {
    observe: (events) => {
      for (const event of events) {
        current = advanceMark(current, [event]);
        if (current !== undefined) compare(current);
      }
    },
    verdict: () => verdict,
    mark: () => current,
  };
};
