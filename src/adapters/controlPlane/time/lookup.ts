/** Finds events by the audit index and reads them from the log: one by one where they are few, page by page where not. */
import { decodeRecorded } from '../../../domain/codec.ts';
import type { EventStore } from '../../../domain/eventStore.ts';
import type { DomainEvent } from '../../../domain/events.ts';
import type { Recorded } from '../../../domain/recorded.ts';
import { type AuditIndex, type AuditKey, upperBound } from '../../../projections/audit.ts';

export type Lookup = {
  readonly eventAt: (position: number) => Promise<Recorded<DomainEvent> | undefined>;
  /** Those of the positions that are events, ascending. */
  readonly eventsAt: (positions: Iterable<number>) => Promise<readonly Recorded<DomainEvent>[]>;
  /** Events found under a key with positions in (after, to], ascending. */
  readonly eventsUnder: (
    key: AuditKey,
    value: string,
    after: number,
    to: number,
  ) => Promise<readonly Recorded<DomainEvent>[]>;
  /** The newest event under a key with a position in (after, to] that suits. */
  readonly newestUnder: (
    key: AuditKey,
    value: string,
    span: { readonly after: number; readonly to: number },
    suits: (event: DomainEvent) => boolean,
  ) => Promise<Recorded<DomainEvent> | undefined>;
  readonly positionsUnder: (key: AuditKey, value: string, after: number, to: number) => readonly number[];
};

const PAGE = 1_000;
/** Where positions lie this close, a page costs less than asking for each. */
const DENSE = 8;

/** The event at a position; undefined where there is none. */
export const readEventAt = async (
  store: Pick<EventStore, 'readAll'>,
  position: number,
): Promise<Recorded<DomainEvent> | undefined> => {
  if (position < 0) return undefined;
  const [stored] = await store.readAll(position - 1, 1);
  return stored === undefined || stored.position !== position ? undefined : decodeRecorded(stored);
};

export const createLookup = (store: Pick<EventStore, 'readAll'>, index: AuditIndex): Lookup => {
  const eventAt: Lookup['eventAt'] = (position) => readEventAt(store, position);

  const inPages = async (
    wanted: ReadonlySet<number>,
    from: number,
    to: number,
  ): Promise<readonly Recorded<DomainEvent>[]> => {
    const found: Recorded<DomainEvent>[] = [];
    for (let after = from - 1; after < to; ) {
      const page = await store.readAll(after, PAGE);
      for (const stored of page) if (wanted.has(stored.position)) found.push(decodeRecorded(stored));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.position;
    }
    return found;
  };

  const eventsAt: Lookup['eventsAt'] = async (positions) => {
    const wanted = [...new Set(positions)].filter((position) => position >= 0).sort((a, b) => a - b);
    const [first, last] = [wanted[0], wanted.at(-1)];
    if (first === undefined || last === undefined) return [];
    if (last - first < wanted.length * DENSE) return inPages(new Set(wanted), first, last);
    const found: Recorded<DomainEvent>[] = [];
    for (const position of wanted) {
      const event = await eventAt(position);
      if (event !== undefined) found.push(event);
    }
    return found;
  };

  const positionsUnder: Lookup['positionsUnder'] = (key, value, after, to) => {
    const positions = index.positions(key, value);
    return positions.slice(upperBound(positions, after), upperBound(positions, to));
  };

  return {
    eventAt,
    eventsAt,
    positionsUnder,
    eventsUnder: (key, value, after, to) => eventsAt(positionsUnder(key, value, after, to)),
    newestUnder: async (key, value, { after, to }, suits) => {
      const positions = positionsUnder(key, value, after, to);
      for (let i = positions.length - 1; i >= 0; i -= 1) {
        const recorded = await eventAt(positions[i] as number);
        if (recorded !== undefined && suits(recorded.event)) return recorded;
      }
      return undefined;
    },
  };
};
