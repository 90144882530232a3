/**
 * Load, decide, append at the revision decided on, and decide again when somebody else was first. A unit of work may read and
 * write several streams; its body is synchronous and pure, so it can be run again at any time.
 *
 * States are cached. A decision is folded into the cached states as soon as its append is under way, so that the next one need
 * not wait for the disk; nothing is acknowledged, accepted or refused, before everything it rests on is durable. If an append
 * fails, every state it touched is forgotten and whoever built on it decides again.
 */
import { decodeRecorded, encode, metadataOf } from './codec.ts';
import { type Aggregate, streamOf } from './decider.ts';
import { type EventStore, StoreFault, type StreamWrite } from './eventStore.ts';
import type { DomainEvent } from './events.ts';
import type { CommandContext, Recorded } from './recorded.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';

/** What a body may do: read aggregates, and write events to those it has read. Reads never see the unit's own writes. */
export type Unit = {
  readonly context: CommandContext;
  readonly read: <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string) => S;
  /** Last revision the state read by `read` contains, -1 for a stream that does not exist. */
  readonly revision: <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string) => number;
  readonly write: <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, id: string, events: readonly E[]) => void;
};

/** `position` is -1 when nothing was appended; `events` are those appended, in order. */
export type Transacted<R> = { readonly result: R; readonly position: number; readonly events: readonly DomainEvent[] };

export type Transactor = {
  /** Throws StoreFault when the store fails; refuses with `too-contended` when others keep winning. */
  readonly transact: <R extends object>(
    context: CommandContext,
    body: (unit: Unit) => R | Refusal,
  ) => Promise<Transacted<R> | Refusal>;
  /** Decides without appending: what `transact` would write now. */
  readonly rehearse: <R extends object>(
    context: CommandContext,
    body: (unit: Unit) => R | Refusal,
  ) => Promise<Transacted<R> | Refusal>;
  /** Tells of events as they are read from the log, so that states decided on by another control plane are not kept stale. */
  readonly observe: (events: readonly { readonly stream: string; readonly revision: number }[]) => void;
  readonly cached: () => number;
};

type AnyAggregate = Aggregate<unknown, DomainEvent>;
type Entry = {
  readonly stream: string;
  readonly aggregate: AnyAggregate;
  state: unknown;
  revision: number;
  /** Appends under way that this state already contains. */
  readonly pending: Set<Promise<boolean>>;
  failed: boolean;
};
type PlannedWrite = { readonly entry: Entry; readonly events: DomainEvent[] };
type Attempt<R> = {
  readonly value: R | Refusal;
  readonly touched: Set<Entry>;
  readonly writes: Map<Entry, PlannedWrite>;
};

/** `repeated`: the log had this command's events already, so this decision counts for nothing. */
type Commit =
  | { readonly kind: 'done'; readonly position: number }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'repeated' };

const PAGE = 1000;
const ATTEMPTS = 24;
const MAX_ENTRIES = 100_000;

/** Thrown by `read` when a state must be loaded first; caught only by `attempt`. */
type Missing = { readonly missing: { readonly aggregate: AnyAggregate; readonly id: string } };
const isMissing = (x: unknown): x is Missing => typeof x === 'object' && x !== null && 'missing' in x;

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

export const createTransactor = (store: EventStore, options: { maxEntries?: number } = {}): Transactor => {
  const entries = new Map<string, Entry>();
  const loading = new Map<string, Promise<void>>();
  const maxEntries = options.maxEntries ?? MAX_ENTRIES;

  const load = async (aggregate: AnyAggregate, stream: string): Promise<void> => {
    const state = aggregate.initial();
    let revision = -1;
    for (;;) {
      const page = await store.readStream(stream, revision + 1, PAGE);
      for (const stored of page) {
        const recorded = decodeRecorded(stored);
        aggregate.apply(state, recorded.event, recorded);
        revision = stored.revision;
      }
      if (page.length < PAGE) break;
    }
    entries.set(stream, { stream, aggregate, state, revision, pending: new Set(), failed: false });
  };

  const ensureLoaded = ({ missing }: Missing): Promise<void> => {
    const stream = streamOf(missing.aggregate.category, missing.id);
    const running = loading.get(stream);
    if (running !== undefined) return running;
    const started = load(missing.aggregate, stream).finally(() => loading.delete(stream));
    loading.set(stream, started);
    return started;
  };

  /** Forgets the longest unused states; those with appends under way stay. */
  const trim = (): void => {
    if (entries.size <= maxEntries) return;
    for (const [stream, entry] of entries) {
      if (entry.pending.size === 0) entries.delete(stream);
      if (entries.size <= maxEntries * 0.9) return;
    }
  };

  const attempt = <R extends object>(context: CommandContext, body: (unit: Unit) => R | Refusal): Attempt<R> => {
    const touched = new Set<Entry>();
    const writes = new Map<Entry, PlannedWrite>();
    const entryFor = (aggregate: AnyAggregate, id: string): Entry => {
      const stream = streamOf(aggregate.category, id);
      const entry = entries.get(stream);
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
    return { value, touched, writes };
  };

  /**
   * What the body makes of the cached states, or what has to be loaded first. Not async, and nothing may be awaited between
   * this and the append: a decision made meanwhile would rest on the same state and be appended behind it as if it knew.
   */
  const attempted = <R extends object>(context: CommandContext, body: (unit: Unit) => R | Refusal) => {
    try {
      return attempt(context, body);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      return thrown;
    }
  };

  /** Runs the body until all it reads is loaded. */
  const decided = async <R extends object>(
    context: CommandContext,
    body: (unit: Unit) => R | Refusal,
  ): Promise<Attempt<R>> => {
    for (;;) {
      try {
        return attempt(context, body);
      } catch (thrown) {
        if (!isMissing(thrown)) throw thrown;
        await ensureLoaded(thrown);
      }
    }
  };

  const foldAhead = (planned: PlannedWrite, context: CommandContext): void => {
    const { entry, events } = planned;
    for (const event of events) {
      entry.revision += 1;
      entry.aggregate.apply(entry.state, event, shell(event, entry, context));
    }
    // Young again: the map's order is the order of last use.
    entries.delete(entry.stream);
    entries.set(entry.stream, entry);
  };

  const forget = (touched: Iterable<Entry>): void => {
    for (const entry of touched) {
      entry.failed = true;
      if (entries.get(entry.stream) === entry) entries.delete(entry.stream);
    }
  };

  /** True when everything this attempt saw has become durable. */
  const settled = async (touched: ReadonlySet<Entry>): Promise<boolean> => {
    const waits: Promise<boolean>[] = [];
    for (const entry of touched) waits.push(...entry.pending);
    if (waits.length > 0) await Promise.all(waits);
    for (const entry of touched) if (entry.failed) return false;
    return true;
  };

  /** Appends; on anything but success the states written to are forgotten. */
  const commit = async (context: CommandContext, writes: readonly PlannedWrite[]): Promise<Commit> => {
    const metadata = metadataOf(context);
    const streamWrites: StreamWrite[] = writes.map(({ entry, events }) => ({
      stream: entry.stream,
      expected: entry.revision,
      events: events.map((event) => encode(event, metadata)),
    }));
    for (const planned of writes) foldAhead(planned, context);
    const reached = writes.map(({ entry }) => entry.revision);
    const answer = store.append(context.commandId, streamWrites);
    const durable = answer.then(
      (outcome) => outcome.outcome === 'appended',
      () => false,
    );
    for (const { entry } of writes) {
      entry.pending.add(durable);
      durable.finally(() => entry.pending.delete(durable));
    }
    try {
      const outcome = await answer;
      const mine = outcome.outcome === 'appended' && outcome.revisions.every((revision, i) => revision === reached[i]);
      if (mine) return { kind: 'done', position: outcome.position };
      forget(writes.map(({ entry }) => entry));
      return outcome.outcome === 'appended' ? { kind: 'repeated' } : { kind: 'conflict' };
    } catch (fault) {
      forget(writes.map(({ entry }) => entry));
      throw fault;
    }
  };

  const transact: Transactor['transact'] = async (context, body) => {
    for (let tries = 0; tries < ATTEMPTS; tries += 1) {
      let made = attempted(context, body);
      while (isMissing(made)) {
        await ensureLoaded(made);
        made = attempted(context, body);
      }
      const { value, touched, writes } = made;
      if (isRefusal(value)) {
        if (await settled(touched)) return value;
        continue;
      }
      if (writes.size === 0) {
        if (await settled(touched)) return { result: value, position: -1, events: [] };
        continue;
      }
      const planned = [...writes.values()];
      const done = await commit(context, planned);
      trim();
      // What was only read may have rested on an append that failed; what was written is checked by its revision.
      if (done.kind === 'done') {
        return { result: value, position: done.position, events: planned.flatMap(({ events }) => events) };
      }
      if (done.kind === 'repeated') {
        return refuse('command-repeated', 'This command was carried out already. Ask again to get its first answer.');
      }
    }
    return refuse(
      'too-contended',
      `Gave up after ${ATTEMPTS} attempts: other writers were first each time. Try again.`,
    );
  };

  const rehearse: Transactor['rehearse'] = async (context, body) => {
    const { value, touched, writes } = await decided(context, body);
    if (!(await settled(touched))) throw new StoreFault('unavailable', 'What the rehearsal rests on was not stored');
    if (isRefusal(value)) return value;
    return { result: value, position: -1, events: [...writes.values()].flatMap(({ events }) => events) };
  };

  const observe: Transactor['observe'] = (events) => {
    for (const { stream, revision } of events) {
      const entry = entries.get(stream);
      if (entry !== undefined && revision > entry.revision && entry.pending.size === 0) entries.delete(stream);
    }
  };

  return { transact, rehearse, observe, cached: () => entries.size };
};
