/**
 * What an append does to a log, decided before anything is written: the same rules for every store that keeps its own log.
 * A write whose events are there already (same command, same stream) counts as done, whatever revision it expects now; the
 * others must find their stream where they expect it, or nothing at all is written. Pure: it only looks at the view it is given.
 */
import type { AppendOutcome } from '../../domain/eventStore.ts';
import type { AppendRequest, SerialisedWrite } from './appendRequest.ts';
import { eventIdOf } from './eventId.ts';

export type EventPlace = { readonly revision: number; readonly position: number };

/** The log as one request sees it, including what earlier requests of the same transaction have added. */
export type LogView = {
  readonly placeOf: (eventId: string) => EventPlace | undefined;
  /** -1 when the stream does not exist. */
  readonly lastRevision: (stream: string) => number;
};

export type PlannedWrite =
  | { readonly kind: 'done'; readonly last: EventPlace }
  | { readonly kind: 'write'; readonly write: SerialisedWrite };

export type Conflict = Extract<AppendOutcome, { outcome: 'conflict' }>;

export type AppendPlan = { readonly kind: 'conflict'; readonly conflict: Conflict } | PlannedAppend;
export type PlannedAppend = { readonly kind: 'planned'; readonly writes: readonly PlannedWrite[] };

/** The last event that a command wrote to a stream, if it has written there: more or fewer than it wishes to write now. */
const lastPlaceOf = (view: LogView, commandId: string, { stream, ids }: SerialisedWrite): EventPlace | undefined => {
  let last: EventPlace | undefined;
  for (let index = 0; ; index += 1) {
    const place = view.placeOf(ids[index] ?? eventIdOf(commandId, stream, index));
    if (place === undefined) return last;
    last = place;
  }
};

/** A check of a stream whose command is in the log already holds: its answer was given when it was written. */
const isRepeated = (view: LogView, { writes }: AppendRequest): boolean =>
  writes.some(({ ids: [first] }) => first !== undefined && view.placeOf(first) !== undefined);

/** At the revision expected and, where the writer rests on an event of its own, with that very event there. */
const isWhereExpected = (view: LogView, { stream, expected, afterId }: SerialisedWrite): boolean =>
  view.lastRevision(stream) === expected && (afterId === undefined || view.placeOf(afterId)?.revision === expected);

export const planAppend = (view: LogView, request: AppendRequest): AppendPlan => {
  const writes: PlannedWrite[] = [];
  const repeated = request.writes.some(({ events }) => events.length === 0) && isRepeated(view, request);
  for (const write of request.writes) {
    if (write.events.length === 0 && (repeated || isWhereExpected(view, write))) {
      writes.push({ kind: 'done', last: { revision: write.expected, position: -1 } });
      continue;
    }
    const last = lastPlaceOf(view, request.commandId, write);
    if (last !== undefined) {
      writes.push({ kind: 'done', last });
      continue;
    }
    if (!isWhereExpected(view, write)) {
      const actual = view.lastRevision(write.stream);
      return {
        kind: 'conflict',
        conflict: { outcome: 'conflict', stream: write.stream, expected: write.expected, actual },
      };
    }
    writes.push({ kind: 'write', write });
  }
  return { kind: 'planned', writes };
};

/** The answer of an append of which every write ended at the given place, in order. */
export const appendedAt = (places: readonly EventPlace[]): AppendOutcome => ({
  outcome: 'appended',
  position: Math.max(...places.map((place) => place.position)),
  revisions: places.map((place) => place.revision),
});
