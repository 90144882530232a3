/** Answers questions about the log by the audit index: the rarest filter says where to look, the rest is checked there. */
import { decodeRecorded } from '../../domain/codec.ts';
import type { EventStore } from '../../domain/eventStore.ts';
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { subjectsOf } from '../../domain/subjects.ts';
import { type AuditIndex, type AuditKey, upperBound } from '../../projections/audit.ts';

export type EventFilter = {
  readonly after: number;
  readonly limit: number;
  readonly stream?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly actor?: string;
  readonly correlationId?: string;
  /** Times in ms, inclusive. */
  readonly from?: number;
  readonly to?: number;
};

export type EventAnswer = { readonly events: readonly Recorded<DomainEvent>[]; readonly next: number | null };

const SCAN_PAGE = 1000;
const KEYS: readonly AuditKey[] = ['subject', 'stream', 'correlationId', 'type', 'actor'];

const matches = (recorded: Recorded<DomainEvent>, filter: EventFilter): boolean =>
  (filter.stream === undefined || recorded.stream === filter.stream) &&
  (filter.type === undefined || recorded.event.type === filter.type) &&
  (filter.actor === undefined || recorded.actor === filter.actor) &&
  (filter.correlationId === undefined || recorded.correlationId === filter.correlationId) &&
  (filter.from === undefined || recorded.time >= filter.from) &&
  (filter.to === undefined || recorded.time <= filter.to) &&
  (filter.subject === undefined || subjectsOf(recorded.event).includes(filter.subject));

/** The shortest list of positions any filter leads to; undefined when only times (or nothing) are asked for. */
const shortest = (index: AuditIndex, filter: EventFilter): readonly number[] | undefined => {
  const lists = KEYS.flatMap((key) => {
    const value = filter[key];
    return value === undefined ? [] : [index.positions(key, value)];
  });
  return lists.sort((a, b) => a.length - b.length)[0];
};

const eventAt = async (store: EventStore, position: number): Promise<Recorded<DomainEvent> | undefined> => {
  const [stored] = await store.readAll(position - 1, 1);
  return stored === undefined || stored.position !== position ? undefined : decodeRecorded(stored);
};

const byPositions = async (
  store: EventStore,
  positions: readonly number[],
  filter: EventFilter,
): Promise<EventAnswer> => {
  const events: Recorded<DomainEvent>[] = [];
  for (let i = upperBound(positions, filter.after); i < positions.length; i += 1) {
    const recorded = await eventAt(store, positions[i] as number);
    if (recorded === undefined || !matches(recorded, filter)) continue;
    events.push(recorded);
    if (events.length === filter.limit) return { events, next: i + 1 < positions.length ? recorded.position : null };
  }
  return { events, next: null };
};

const byScan = async (store: EventStore, filter: EventFilter): Promise<EventAnswer> => {
  const events: Recorded<DomainEvent>[] = [];
  let after = filter.after;
  for (;;) {
    const page = await store.readAll(after, SCAN_PAGE);
    for (const stored of page) {
      const recorded = decodeRecorded(stored);
      if (!matches(recorded, filter)) continue;
      events.push(recorded);
      if (events.length === filter.limit) return { events, next: recorded.position };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < SCAN_PAGE) return { events, next: null };
    after = last.position;
  }
};

/** Events in position order after `filter.after`; `next` is where to go on, null at the end. */
export const queryEvents = (store: EventStore, index: AuditIndex, filter: EventFilter): Promise<EventAnswer> => {
  const positions = shortest(index, filter);
  if (positions !== undefined) return byPositions(store, positions, filter);
  const start = filter.from === undefined ? filter.after : Math.max(filter.after, index.positionAt(filter.from - 1));
  return byScan(store, { ...filter, after: start });
};
