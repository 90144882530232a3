/**
 * What an append does to a log, decided before anything is written: the same rules for every store that keeps its own log.
 * A command of which events are there already is done, whatever it expects or wishes to write now; otherwise every stream must
 * be where it is expected, or nothing at all is written. Pure: it only looks at the view it is given.
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

/** `stands`: only checked, and where it should be. */
export type PlannedWrite =
  | { readonly kind: 'stands'; readonly last: EventPlace }
  | { readonly kind: 'write'; readonly write: SerialisedWrite };

export type Conflict = Extract<AppendOutcome, { outcome: 'conflict' }>;

type Appended = Extract<AppendOutcome, { outcome: 'appended' }>;

export type AppendPlan =
  | { readonly kind: 'conflict'; readonly conflict: Conflict }
  | { readonly kind: 'repeated'; readonly outcome: AppendOutcome }
  | PlannedAppend;
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

/** At the revision expected and, where the writer rests on an event of its own, with that very event there. */
const isWhereExpected = (view: LogView, { stream, expected, afterId }: SerialisedWrite): boolean =>
  view.lastRevision(stream) === expected && (afterId === undefined || view.placeOf(afterId)?.revision === expected);

/**
 * Where a command is that is in the log already; undefined when none of it is. Its append was all or nothing: what is wished
 * for now and is not there was decided otherwise this time, by somebody who did not know, and must not be added.
 */
const repeatedOf = (view: LogView, { commandId, writes }: AppendRequest): AppendOutcome | undefined => {
  const isThere = writes.some(({ ids: [first] }) => first !== undefined && view.placeOf(first) !== undefined);
  if (!isThere) return undefined;
  const places = writes.map((write): EventPlace => {
    const last = write.events.length === 0 ? undefined : lastPlaceOf(view, commandId, write);
    return last ?? { revision: write.expected, position: -1 };
  });
  return { ...appendedAt(places), repeated: true };
};

export const planAppend = (view: LogView, request: AppendRequest): AppendPlan => {
  const repeated = repeatedOf(view, request);
  if (repeated !== undefined) return { kind: 'repeated', outcome: repeated };
  const writes: PlannedWrite[] = [];
  for (const write of request.writes) {
    const { stream, expected, events } = write;
    if (!isWhereExpected(view, write)) {
      const actual = view.lastRevision(stream);
      return { kind: 'conflict', conflict: { outcome: 'conflict', stream, expected, actual } };
    }
    const stands = { kind: 'stands', last: { revision: expected, position: -1 } } as const;
    writes.push(events.length === 0 ? stands : { kind: 'write', write });
  }
  return { kind: 'planned', writes };
};

/** The answer of an append of which every write ended at the given place, in order. */
export const appendedAt = (places: readonly EventPlace[]): Appended => {
  let position = -1;
  const revisions: number[] = [];
  for (const place of places) {
    position = Math.max(position, place.position);
    revisions.push(place.revision);
  }
  return { outcome: 'appended', position, revisions };
};
