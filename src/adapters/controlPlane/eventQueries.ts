/**
 * Answers questions about the log by the audit index: forward from a place, or the newest first. The rarest filter says where to
 * look, the others are checked in the index too, and only what is answered is read from the log.
 */
import { decodeRecorded } from '../../domain/codec.ts';
import type { EventStore } from '../../domain/eventStore.ts';
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { subjectsOf } from '../../domain/subjects.ts';
import { type AuditIndex, type AuditKey, upperBound } from '../../projections/audit.ts';
import { readEventAt } from './time/lookup.ts';

export type EventFilter = {
  /** Only events behind this position. */
  readonly after: number;
  /** Only events before this position; left out: up to the end of the log. */
  readonly before?: number;
  readonly order?: 'oldest' | 'newest';
  readonly limit: number;
  readonly stream?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly actor?: string;
  readonly correlationId?: string;
  /** Times in ms, inclusive, by the clock of the log: where that clock was set back, it stands still. */
  readonly from?: number;
  readonly to?: number;
};

export type EventAnswer = { readonly events: readonly Recorded<DomainEvent>[]; readonly next: number | null };

/** Positions between which to look, neither of them included. */
type Span = { readonly after: number; readonly before: number };
type Question = { readonly store: EventStore; readonly index: AuditIndex; readonly filter: EventFilter };

const SCAN_PAGE = 1000;
const KEYS: readonly AuditKey[] = ['subject', 'stream', 'correlationId', 'type', 'actor'];

/** The index may know a stranger by the same name: whoever reads looks. */
const matches = (recorded: Recorded<DomainEvent>, filter: EventFilter): boolean =>
  (filter.stream === undefined || recorded.stream === filter.stream) &&
  (filter.type === undefined || recorded.event.type === filter.type) &&
  (filter.actor === undefined || recorded.actor === filter.actor) &&
  (filter.correlationId === undefined || recorded.correlationId === filter.correlationId) &&
  (filter.subject === undefined || subjectsOf(recorded.event).includes(filter.subject));

/** What was appended since the index last looked is later than any time it knows. */
const spanOf = (index: AuditIndex, { after, before = Number.POSITIVE_INFINITY, from, to }: EventFilter): Span => {
  const last = to === undefined ? index.last() : index.positionAt(to);
  return {
    after: from === undefined ? after : Math.max(after, index.positionAt(from - 1)),
    before: last === index.last() ? before : Math.min(before, last + 1),
  };
};

const has = (positions: readonly number[], position: number): boolean =>
  positions[upperBound(positions, position) - 1] === position;

type Candidates = {
  /** In the span, ascending: by the filter that passes least. */
  readonly positions: readonly number[];
  /** Whether all other filters pass it too. */
  readonly passes: (position: number) => boolean;
};

/** Where the filters lead; undefined when only times (or nothing) are asked for. */
const candidatesOf = ({ index, filter }: Question, { after, before }: Span): Candidates | undefined => {
  const lists = KEYS.flatMap((key) => {
    const value = filter[key];
    return value === undefined ? [] : [index.positions(key, value)];
  });
  const [rarest, ...others] = lists.toSorted((a, b) => a.length - b.length);
  if (rarest === undefined) return undefined;
  return {
    positions: rarest.slice(upperBound(rarest, after), upperBound(rarest, before - 1)),
    passes: (position) => others.every((list) => has(list, position)),
  };
};

const byCandidates = async (question: Question, { positions, passes }: Candidates): Promise<EventAnswer> => {
  const { filter } = question;
  const inOrder = filter.order === 'newest' ? positions.toReversed() : positions;
  const events: Recorded<DomainEvent>[] = [];
  for (const [i, position] of inOrder.entries()) {
    const recorded = passes(position) ? await readEventAt(question.store, position) : undefined;
    if (recorded === undefined || !matches(recorded, filter)) continue;
    events.push(recorded);
    if (events.length === filter.limit) return { events, next: i + 1 < inOrder.length ? position : null };
  }
  return { events, next: null };
};

/** Everything in the span, from its start. */
const forward = async ({ store, filter }: Question, { after, before }: Span): Promise<EventAnswer> => {
  const events: Recorded<DomainEvent>[] = [];
  for (let start = after; ; ) {
    const wanted = Math.min(SCAN_PAGE, filter.limit - events.length);
    const page = await store.readAll(start, wanted);
    const inside = page.filter(({ position }) => position < before);
    events.push(...inside.map(decodeRecorded));
    if (inside.length < wanted) return { events, next: null };
    start = inside.at(-1)?.position ?? start;
    if (events.length === filter.limit) return { events, next: start };
  }
};

/** Everything in the span, from its end: the index knows which positions there are, so one read gives them all. */
const backward = async ({ store, index, filter }: Question, { after, before }: Span): Promise<EventAnswer> => {
  const inSpan = (upTo: number, many: number): readonly number[] =>
    index.positionsBefore(upTo, many).filter((position) => position > after);
  const positions = inSpan(before, filter.limit);
  const [lowest] = positions;
  if (lowest === undefined) return { events: [], next: null };
  const page = await store.readAll(lowest - 1, positions.length);
  return { events: page.map(decodeRecorded).toReversed(), next: inSpan(lowest, 1).length > 0 ? lowest : null };
};

/**
 * Events between `filter.after` and `filter.before`, in the order asked for. `next` is where to go on: the next `after`, or
 * with the newest first the next `before`; null when there are no more.
 */
export const queryEvents = (store: EventStore, index: AuditIndex, filter: EventFilter): Promise<EventAnswer> => {
  const question = { store, index, filter };
  const span = spanOf(index, filter);
  const candidates = candidatesOf(question, span);
  if (candidates !== undefined) return byCandidates(question, candidates);
  return filter.order === 'newest' ? backward(question, span) : forward(question, span);
};
