/**
 * One try of a unit of work: its body runs on the cached states and says what it would write and what it has looked at.
 * Nothing is changed by it, so it may be made again at any time.
 */
import { type Aggregate, streamOf } from './decider.ts';
import type { DomainEvent } from './events.ts';
import type { CommandContext } from './recorded.ts';
import { isRefusal, type Refusal } from './refusals.ts';
import { isMissing, type Missing, type StateCache } from './stateCache.ts';
import type { AnyAggregate, Entry } from './stateEntry.ts';

/** What a body may do: read aggregates, and write events to those it has read. Reads never see the unit's own writes. */
export type Unit = {
  readonly context: CommandContext;
  readonly read: <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string) => S;
  /** Last revision the state read by `read` contains, -1 for a stream that does not exist. */
  readonly revision: <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string) => number;
  readonly write: <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string, events: readonly E[]) => void;
};

export type Body<R extends object> = (unit: Unit) => R | Refusal;

/** What is written down beside the last event, so that the answer can be given again; undefined: nothing. */
export type Answer<R> = (result: R, events: readonly DomainEvent[]) => string | undefined;

export type PlannedWrite = { readonly entry: Entry; readonly events: DomainEvent[] };
export type Attempt<R> = {
  readonly value: R | Refusal;
  readonly answer: string | undefined;
  readonly touched: ReadonlySet<Entry>;
  readonly writes: ReadonlyMap<Entry, PlannedWrite>;
  /** Of all writes, in order. */
  readonly events: readonly DomainEvent[];
};
export const NONE: readonly never[] = [];

const eventsOf = (writes: ReadonlyMap<Entry, PlannedWrite>): readonly DomainEvent[] => {
  const events: DomainEvent[] = [];
  for (const planned of writes.values()) events.push(...planned.events);
  return events;
};

/** A body asks for the same few streams again and again: the first of them need no search among all. */
const LOOKED_AT = 12;
type Looked = { readonly aggregate: AnyAggregate; readonly id: string; readonly entry: Entry };

type Attempter = <R extends object>(context: CommandContext, body: Body<R>, answer?: Answer<R>) => Attempt<R> | Missing;

export const attemptOn = (cache: Pick<StateCache, 'find' | 'begin'>): Attempter => {
  const attempt = <R extends object>(context: CommandContext, body: Body<R>, answer?: Answer<R>): Attempt<R> => {
    const touched = new Set<Entry>();
    const writes = new Map<Entry, PlannedWrite>();
    const looked: Looked[] = [];
    const entryFor = (aggregate: AnyAggregate, id: string): Entry => {
      for (const one of looked) if (one.id === id && one.aggregate === aggregate) return one.entry;
      const stream = streamOf(aggregate.category, id);
      const entry = cache.find(stream) ?? cache.begin(aggregate, stream);
      if (entry === undefined) throw { missing: { aggregate, id } } satisfies Missing;
      touched.add(entry);
      if (looked.length < LOOKED_AT) looked.push({ aggregate, id, entry });
      return entry;
    };
    const value = body({
      context,
      read: (aggregate, id) => entryFor(aggregate as unknown as AnyAggregate, id).state as never,
      revision: (aggregate, id) => entryFor(aggregate as unknown as AnyAggregate, id).revision,
      write: (aggregate, id, events) => {
        if (events.length === 0) return;
        const entry = entryFor(aggregate as unknown as AnyAggregate, id);
        const planned = writes.get(entry);
        if (planned === undefined) writes.set(entry, { entry, events: [...events] });
        else planned.events.push(...events);
      },
    });
    const events = isRefusal(value) || writes.size === 0 ? NONE : eventsOf(writes);
    const said = isRefusal(value) ? undefined : answer?.(value, events);
    return { value, answer: said, touched, writes, events };
  };

  /**
   * What the body makes of the cached states, or what has to be loaded first. Not async, and nothing may be awaited between
   * this and the append: a decision made meanwhile would rest on the same state and be appended behind it as if it knew.
   */
  const attempted = <R extends object>(
    context: CommandContext,
    body: Body<R>,
    answer?: Answer<R>,
  ): Attempt<R> | Missing => {
    try {
      return attempt(context, body, answer);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      return thrown;
    }
  };

  return attempted;
};
