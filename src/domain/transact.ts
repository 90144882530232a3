/**
 * Load, decide, append at the revision decided on, and decide again when somebody else was first. A unit of work may read and
 * write several streams; its body is synchronous and pure, so it can be run again at any time. What it only read is checked by
 * the append as well: nothing it rests on may have changed.
 *
 * A decision is folded into the cached states as soon as its append is under way, so that the next one need not wait for the
 * disk; nothing is acknowledged, accepted or refused, before everything it rests on is durable. If an append fails, every
 * state it touched is forgotten and whoever built on it decides again.
 */
import { encode, metadataOf } from './codec.ts';
import { type Aggregate, streamOf } from './decider.ts';
import { type EventStore, type StoredEvent, StoreFault, type StreamWrite } from './eventStore.ts';
import type { DomainEvent } from './events.ts';
import type { CommandContext, Recorded } from './recorded.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';
import { type AnyAggregate, createStateCache, type Entry, isMissing, type Missing } from './stateCache.ts';

/** What a body may do: read aggregates, and write events to those it has read. Reads never see the unit's own writes. */
export type Unit = {
  readonly context: CommandContext;
  readonly read: <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string) => S;
  /** Last revision the state read by `read` contains, -1 for a stream that does not exist. */
  readonly revision: <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string) => number;
  readonly write: <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string, events: readonly E[]) => void;
};

/** `position` is -1 when nothing was appended; `events` are those appended, in order. */
export type Transacted<R> = {
  readonly result: R;
  readonly position: number;
  readonly events: readonly DomainEvent[];
};

type Body<R extends object> = (unit: Unit) => R | Refusal;

/** What is written down beside the last event, so that the answer can be given again; undefined: nothing. */
type Answer<R> = (result: R, events: readonly DomainEvent[]) => string | undefined;

export type Transactor = {
  /** Throws StoreFault when the store fails; refuses with `too-contended` when others keep winning. */
  readonly transact: <R extends object>(
    context: CommandContext,
    body: Body<R>,
    answer?: Answer<R>,
  ) => Promise<Transacted<R> | Refusal>;
  /** Decides without appending: what `transact` would write now. */
  readonly rehearse: <R extends object>(context: CommandContext, body: Body<R>) => Promise<Transacted<R> | Refusal>;
  /** Tells of events as they are read from the log, so that states others have written to are not kept stale. */
  readonly observe: (events: readonly StoredEvent[]) => void;
  readonly cached: () => number;
};

type PlannedWrite = { readonly entry: Entry; readonly events: DomainEvent[] };
type Attempt<R> = {
  readonly value: R | Refusal;
  readonly answer: string | undefined;
  readonly touched: ReadonlySet<Entry>;
  readonly writes: ReadonlyMap<Entry, PlannedWrite>;
};
/** `lost`: somebody else was first. `early`: something had to be loaded, or it was another's turn. */
type Tried<R> = Transacted<R> | Refusal | 'lost' | 'early';

const ATTEMPTS = 64;
const MAX_ENTRIES = 100_000;

const shell = (event: DomainEvent, entry: Entry, context: CommandContext): Recorded<DomainEvent> => ({
  event,
  id: '',
  stream: entry.stream,
  revision: entry.revision,
  position: -1,
  time: context.at,
  actor: context.actor,
  correlationId: context.correlationId,
  causationId: context.causationId ?? context.commandId,
  commandId: context.commandId,
});

const fold = ({ entry, events }: PlannedWrite, context: CommandContext): void => {
  for (const event of events) {
    entry.revision += 1;
    entry.aggregate.apply(entry.state, event, shell(event, entry, context));
  }
  entry.tail = { commandId: context.commandId, index: events.length - 1 };
};

/** Where a state stands, for the store to check: by its revision, and while it runs ahead also by who got it there. */
const standing = ({ stream, revision, pending, tail }: Entry): Omit<StreamWrite, 'events'> =>
  pending.size > 0 && tail !== undefined ? { stream, expected: revision, after: tail } : { stream, expected: revision };

/** Resolves when all appends under way that concern these states are over; true if none of them failed. */
const settled = async (touched: ReadonlySet<Entry>): Promise<boolean> => {
  const waits: Promise<boolean>[] = [];
  for (const entry of touched) waits.push(...entry.pending);
  if (waits.length > 0) await Promise.all(waits);
  for (const entry of touched) if (entry.failed) return false;
  return true;
};

const eventsOf = (writes: ReadonlyMap<Entry, PlannedWrite>): readonly DomainEvent[] =>
  [...writes.values()].flatMap(({ events }) => events);

const entriesOf = (writes: readonly PlannedWrite[]): readonly Entry[] => writes.map(({ entry }) => entry);

const repeated = (): Refusal =>
  refuse('command-repeated', 'This command was carried out already. Ask again to get its first answer.');

const contendedTooMuch = (): Refusal =>
  refuse('too-contended', `Gave up after ${ATTEMPTS} attempts: other writers were first each time. Try again.`);

export const createTransactor = (store: EventStore, options: { maxEntries?: number } = {}): Transactor => {
  const cache = createStateCache(store, options.maxEntries ?? MAX_ENTRIES);

  const attempt = <R extends object>(context: CommandContext, body: Body<R>, answer?: Answer<R>): Attempt<R> => {
    const touched = new Set<Entry>();
    const writes = new Map<Entry, PlannedWrite>();
    const entryFor = (aggregate: AnyAggregate, id: string): Entry => {
      const entry = cache.find(streamOf(aggregate.category, id));
      if (entry === undefined) throw { missing: { aggregate, id } } satisfies Missing;
      touched.add(entry);
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
    const said = isRefusal(value) ? undefined : answer?.(value, eventsOf(writes));
    return { value, answer: said, touched, writes };
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

  /** What does not run ahead is caught up; of the rest nobody knows how it will end. */
  const regain = async (touched: ReadonlySet<Entry>, mine: ReadonlySet<Entry>): Promise<void> => {
    for (const entry of touched) {
      const isAhead = entry.pending.size > (mine.has(entry) ? 1 : 0);
      if (isAhead) cache.forget([entry]);
      else await cache.catchUp(entry);
    }
  };

  /**
   * True when nobody else has changed what this attempt saw: a "no" and an "already so" must rest on the log as much as a
   * "yes" does. Asking writes nothing.
   */
  const unchanged = async (context: CommandContext, touched: ReadonlySet<Entry>): Promise<boolean> => {
    const checks = [...touched].map((entry) => ({ ...standing(entry), events: [] }));
    if (checks.length === 0) return true;
    const outcome = await store.append(`${context.commandId}/seen`, checks);
    if (outcome.outcome === 'appended') return true;
    cache.raced(touched);
    await regain(touched, new Set());
    return false;
  };

  const append = (context: CommandContext, { answer, writes }: Attempt<unknown>, seen: readonly Entry[]) => {
    const metadata = metadataOf(context);
    const last = eventsOf(writes).at(-1);
    const streamWrites: StreamWrite[] = [...writes.values()].map(({ entry, events }) => ({
      ...standing(entry),
      events: events.map((event) =>
        encode(event, event === last && answer !== undefined ? { ...metadata, answer } : metadata),
      ),
    }));
    const checks = seen.map((entry) => ({ ...standing(entry), events: [] }));
    return store.append(context.commandId, [...streamWrites, ...checks]);
  };

  /** Runs ahead: the states contain the decision before the log does. */
  const commitAhead = async <R>(context: CommandContext, made: Attempt<R>, result: R): Promise<Tried<R>> => {
    const writes = [...made.writes.values()];
    const written = entriesOf(writes);
    const seen = [...made.touched].filter((entry) => !made.writes.has(entry));
    const answer = append(context, made, seen);
    for (const planned of writes) fold(planned, context);
    const reached = written.map(({ revision }) => revision);
    const over = answer.then(
      (outcome) => outcome.outcome === 'appended',
      () => false,
    );
    for (const entry of written) {
      cache.touch(entry);
      entry.pending.add(over);
      over.finally(() => entry.pending.delete(over));
    }
    const outcome = await answer.catch((fault: unknown) => {
      cache.forget(written);
      throw fault;
    });
    const isMine = outcome.outcome === 'appended' && reached.every((revision, i) => revision === outcome.revisions[i]);
    if (isMine) return { result, position: outcome.position, events: writes.flatMap(({ events }) => events) };
    cache.forget(made.touched);
    if (outcome.outcome === 'appended') return repeated();
    cache.raced(written);
    return 'lost';
  };

  /** On contended streams: one at a time, folded after the append, caught up after a lost race. */
  const commitInTurn = async <R>(context: CommandContext, made: Attempt<R>, result: R): Promise<Tried<R>> => {
    const writes = [...made.writes.values()];
    const written = entriesOf(writes);
    const seen = [...made.touched].filter((entry) => !made.writes.has(entry));
    const before = writes.map(({ entry, events }) => entry.revision + events.length);
    let release: (succeeded: boolean) => void = () => {};
    const over = new Promise<boolean>((resolve) => {
      release = resolve;
    });
    // Said before it counts as under way: none of these states runs ahead.
    const answer = append(context, made, seen);
    for (const entry of written) entry.pending.add(over);
    try {
      const outcome = await answer;
      const isMine = outcome.outcome === 'appended' && before.every((revision, i) => revision === outcome.revisions[i]);
      if (isMine) {
        for (const planned of writes) fold(planned, context);
        cache.calmed(written);
        return { result, position: outcome.position, events: writes.flatMap(({ events }) => events) };
      }
      await regain(made.touched, new Set(written));
      return outcome.outcome === 'appended' ? repeated() : 'lost';
    } finally {
      for (const entry of written) entry.pending.delete(over);
      release(true);
    }
  };

  /** One try, from deciding to knowing. */
  const tryOnce = async <R extends object>(
    context: CommandContext,
    body: Body<R>,
    answer?: Answer<R>,
  ): Promise<Tried<R>> => {
    const made = attempted(context, body, answer);
    if (isMissing(made)) {
      await cache.load(made);
      return 'early';
    }
    const { value, touched, writes } = made;
    // Where the store cannot tell whose event it finds, nobody builds on an append that is not yet answered.
    const contended = [...touched].filter((entry) => !store.checksPredecessors || cache.isContended(entry));
    if (contended.some(({ pending }) => pending.size > 0)) {
      await settled(new Set(contended));
      return 'early';
    }
    if (isRefusal(value) || writes.size === 0) {
      const holds = (await settled(touched)) && (await unchanged(context, touched));
      if (!holds) return 'lost';
      return isRefusal(value) ? value : { result: value, position: -1, events: [] };
    }
    return contended.length > 0 ? commitInTurn(context, made, value) : commitAhead(context, made, value);
  };

  const transact: Transactor['transact'] = async (context, body, answer) => {
    // Loading and waiting for one's turn cost no attempt: both come to an end by themselves.
    for (let lost = 0; lost < ATTEMPTS; ) {
      const tried = await tryOnce(context, body, answer);
      cache.trim();
      if (tried !== 'lost' && tried !== 'early') return tried;
      if (tried === 'lost') lost += 1;
    }
    return contendedTooMuch();
  };

  const rehearse: Transactor['rehearse'] = async (context, body) => {
    let made = attempted(context, body);
    while (isMissing(made)) {
      await cache.load(made);
      made = attempted(context, body);
    }
    const { value, touched, writes } = made;
    if (!(await settled(touched))) throw new StoreFault('unavailable', 'What the rehearsal rests on was not stored');
    if (isRefusal(value)) return value;
    return { result: value, position: -1, events: [...writes.values()].flatMap(({ events }) => events) };
  };

  return { transact, rehearse, observe: cache.observe, cached: cache.size };
};
