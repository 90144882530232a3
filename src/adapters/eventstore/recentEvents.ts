/**
 * The newest events this process has committed, as their writers gave them: who follows the log reads them here instead of
 * from the file they have just been written to. Bounded; without a gap; never an event that is not durable. What it does not
 * have is read from the log, which alone is the truth.
 */
import type { StoredEvent } from '../../domain/eventStore.ts';

export type RecentEvents = {
  /** After it was committed. One that does not follow the last one begins anew. */
  readonly add: (event: StoredEvent) => void;
  /** Events with a position greater than `after`, in order; undefined when the first of them may not be here. */
  readonly after: (after: number, limit: number) => readonly StoredEvent[] | undefined;
};

/** A few commits; whoever is further behind is not following but catching up. */
const USUALLY_KEPT = 4096;

export const createRecentEvents = (kept = USUALLY_KEPT): RecentEvents => {
  let events: StoredEvent[] = [];
  /** Position of the first one. */
  let first = 0;
  return {
    add: (event) => {
      if (event.position !== first + events.length) {
        events = [];
        first = event.position;
      }
      // In halves, so that forgetting costs little for each event.
      if (events.length >= kept) {
        const gone = kept >> 1;
        events = events.slice(gone);
        first += gone;
      }
      events.push(event);
    },
    after: (after, limit) => {
      const start = after + 1 - first;
      return start >= 0 && start < events.length ? events.slice(start, start + limit) : undefined;
    },
  };
};
