/**
 * Load, decide, append at the revision decided on, and decide again when somebody else was first. A unit of work may read and
 * write several streams; its body is synchronous and pure, so it can be run again at any time. What it only read is checked by
 * the append as well: nothing it rests on may have changed.
 *
 * A decision is folded into the cached states as soon as its append is under way, so that the next one need not wait for the
 * disk; nothing is acknowledged, accepted or refused, before everything it rests on is durable. If an append fails, every
 * state it touched is forgotten and whoever built on it decides again.
 */
import { type Answer, type Attempt, attemptOn, type Body, NONE, type PlannedWrite } from './attempt.ts';
import { encode, metadataOf } from './codec.ts';
import { type AppendOutcome, type EventStore, type StoredEvent, StoreFault, type StreamWrite } from './eventStore.ts';
import type { DomainEvent } from './events.ts';
import type { CommandContext, Recorded } from './recorded.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';
import { createStateCache, type Entry, isMissing } from './stateCache.ts';

export type { Unit } from './attempt.ts';

/** `position` is -1 when nothing was appended; `events` are those appended, in order. */
export type Transacted<R> = {
  readonly result: R;
  readonly position: number;
  readonly events: readonly DomainEvent[];
};

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
  const waits: Promise<unknown>[] = [];
  for (const entry of touched) waits.push(...entry.pending);
  if (waits.length > 0) await Promise.all(waits);
  for (const entry of touched) if (entry.failed) return false;
  return true;
};

/** Appended now and by us, and each stream ends where it must when nobody else has written there. */
const isOwn = (outcome: AppendOutcome, reached: readonly number[]): boolean =>
  outcome.outcome === 'appended' &&
  outcome.repeated !== true &&
  reached.every((revision, i) => revision === outcome.revisions[i]);

const early = (): 'early' => 'early';

const repeated = (): Refusal =>
  refuse('command-repeated', 'This command was carried out already. Ask again to get its first answer.');

const contendedTooMuch = (): Refusal =>
  refuse('too-contended', `Gave up after ${ATTEMPTS} attempts: other writers were first each time. Try again.`);

export const createTransactor = (store: EventStore, options: { maxEntries?: number } = {}): Transactor => {
  const cache = createStateCache(store, options.maxEntries ?? MAX_ENTRIES);
  const attempted = attemptOn(cache);

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

  /** What was only read is checked beside what is written. */
  const append = (context: CommandContext, made: Attempt<unknown>): Promise<AppendOutcome> => {
    const metadata = metadataOf(context);
    const { answer, writes, touched } = made;
    const last = made.events.at(-1);
    const lastMetadata = answer === undefined ? metadata : { ...metadata, answer };
    const streamWrites: StreamWrite[] = [];
    for (const { entry, events } of writes.values()) {
      const encoded = events.map((event) => encode(event, event === last ? lastMetadata : metadata));
      streamWrites.push({ ...standing(entry), events: encoded });
    }
    for (const entry of touched) if (!writes.has(entry)) streamWrites.push({ ...standing(entry), events: NONE });
    return store.append(context.commandId, streamWrites);
  };

  /** Runs ahead: the states contain the decision before the log does. */
  const commitAhead = <R>(context: CommandContext, made: Attempt<R>, result: R): Promise<Tried<R>> => {
    const { writes, touched, events } = made;
    const written = [...writes.keys()];
    const answer = append(context, made);
    for (const planned of writes.values()) fold(planned, context);
    const reached = written.map(({ revision }) => revision);
    const close = (): void => {
      for (const entry of written) entry.pending.delete(over);
    };
    const tried = answer.then(
      (outcome): Tried<R> => {
        close();
        if (isOwn(outcome, reached) && 'position' in outcome) return { result, position: outcome.position, events };
        cache.forget(touched);
        if (outcome.outcome === 'appended') return repeated();
        cache.raced(written);
        return 'lost';
      },
      (fault: unknown) => {
        close();
        cache.forget(written);
        throw fault;
      },
    );
    const over: Promise<unknown> = tried.catch(() => undefined);
    for (const entry of written) {
      cache.touch(entry);
      entry.pending.add(over);
    }
    return tried;
  };

  /** On contended streams: one at a time, folded after the append, caught up after a lost race. */
  const commitInTurn = async <R>(context: CommandContext, made: Attempt<R>, result: R): Promise<Tried<R>> => {
    const { writes, touched, events } = made;
    const written = [...writes.keys()];
    const reached = [...writes.values()].map((planned) => planned.entry.revision + planned.events.length);
    let release: () => void = () => {};
    const over = new Promise<void>((resolve) => {
      release = resolve;
    });
    // Said before it counts as under way: none of these states runs ahead.
    const answer = append(context, made);
    for (const entry of written) entry.pending.add(over);
    try {
      const outcome = await answer;
      if (isOwn(outcome, reached) && 'position' in outcome) {
        for (const planned of writes.values()) fold(planned, context);
        cache.calmed(written);
        return { result, position: outcome.position, events };
      }
      await regain(touched, new Set(written));
      return outcome.outcome === 'appended' ? repeated() : 'lost';
    } finally {
      for (const entry of written) entry.pending.delete(over);
      release();
    }
  };

  /** The answer to an attempt that writes nothing: it must rest on the log as it is. */
  const conclude = async <R extends object>(
    context: CommandContext,
    { value, touched }: Attempt<R>,
  ): Promise<Tried<R>> => {
    const holds = (await settled(touched)) && (await unchanged(context, touched));
    if (!holds) return 'lost';
    return isRefusal(value) ? value : { result: value, position: -1, events: NONE };
  };

  /** Where the store cannot tell whose event it finds, nobody builds on an append that is not yet answered. */
  const contendedOf = (touched: ReadonlySet<Entry>): readonly Entry[] =>
    store.checksPredecessors && cache.isCalm()
      ? NONE
      : [...touched].filter((entry) => !store.checksPredecessors || cache.isContended(entry));

  /** One try, from deciding to knowing. */
  const tryOnce = <R extends object>(context: CommandContext, body: Body<R>, answer?: Answer<R>): Promise<Tried<R>> => {
    const made = attempted(context, body, answer);
    if (isMissing(made)) return cache.load(made).then(early);
    const { value, touched, writes } = made;
    const contended = contendedOf(touched);
    if (contended.some(({ pending }) => pending.size > 0)) return settled(new Set(contended)).then(early);
    if (isRefusal(value) || writes.size === 0) return conclude(context, made);
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
    const { value, touched, events } = made;
    if (!(await settled(touched))) throw new StoreFault('unavailable', 'What the rehearsal rests on was not stored');
    return isRefusal(value) ? value : { result: value, position: -1, events };
  };

  return { transact, rehearse, observe: cache.observe, cached: cache.size };
};
