/**
 * A store that takes events as they were recorded elsewhere: same ids, streams, revisions and order. Only moving a log
 * from one store to another uses it; commands never do.
 */
import type { EventStore, StoredEvent } from '../../domain/eventStore.ts';

export type ImportTarget = EventStore & {
  /**
   * Appends recorded events in the given order, durably. An event that is already at its place is passed over, so an
   * interrupted import may be repeated. Positions are the target's own. Throws StoreFault `not-permitted` when the place
   * of an event holds something else; events before it are kept.
   */
  readonly importEvents: (events: readonly StoredEvent[]) => Promise<void>;
};
