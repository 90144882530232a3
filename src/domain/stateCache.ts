/**
 * States of aggregates as they were last folded, kept up with the log. A state may run ahead of the log by decisions whose
 * appends are under way; if one of those fails the state is worth nothing and is forgotten. Streams on which others keep
 * writing are marked contended: on them nobody runs ahead, so that a lost race costs only what the winner has written.
 */
import { decodeRecorded } from './codec.ts';
import { type Aggregate, streamOf } from './decider.ts';
import type { EventStore, StoredEvent } from './eventStore.ts';
import type { DomainEvent } from './events.ts';

export type AnyAggregate = Aggregate<unknown, DomainEvent>;

export type Entry = {
  readonly stream: string;
  readonly aggregate: AnyAggregate;
  state: unknown;
  revision: number;
  /** Appends under way that concern this state; each resolves when it is over and the state is right again, or forgotten. */
  readonly pending: Set<Promise<unknown>>;
  failed: boolean;
  /** Who wrote the event at `revision`, while that is not yet in the log. */
  tail: { readonly commandId: string; readonly index: number } | undefined;
};

/** What has to be loaded before a body can go on. */
export type Missing = { readonly missing: { readonly aggregate: AnyAggregate; readonly id: string } };
export const isMissing = (x: unknown): x is Missing => typeof x === 'object' && x !== null && 'missing' in x;

const PAGE = 1000;
/** Successful appends on a stream after a lost race before it counts as quiet again. */
const CONTENDED_FOR = 64;

export type StateCache = {
  readonly find: (stream: string) => Entry | undefined;
  /** The first state of a stream nobody seems to have written to; whatever rests on it is checked by an append. */
  readonly begin: (aggregate: AnyAggregate, stream: string) => Entry | undefined;
  readonly load: (missing: Missing) => Promise<void>;
  /** Reads what others have written since. Only for states that do not run ahead. */
  readonly catchUp: (entry: Entry) => Promise<void>;
  readonly forget: (entries: Iterable<Entry>) => void;
  /** Marks the entry as the one used last. */
  readonly touch: (entry: Entry) => void;
  readonly trim: () => void;
  readonly raced: (entries: Iterable<Entry>) => void;
  readonly calmed: (entries: Iterable<Entry>) => void;
  readonly isContended: (entry: Entry) => boolean;
  /** No stream is contended. */
  readonly isCalm: () => boolean;
  readonly observe: (events: readonly StoredEvent[]) => void;
  readonly size: () => number;
};

const applyStored = (entry: Entry, stored: StoredEvent): void => {
  const recorded = decodeRecorded(stored);
  entry.aggregate.apply(entry.state, recorded.event, recorded);
  entry.revision = stored.revision;
  entry.tail = undefined;
};

const emptyEntry = (aggregate: AnyAggregate, stream: string): Entry => ({
  ...{ stream, aggregate, state: aggregate.initial(), revision: -1 },
  ...{ pending: new Set(), failed: false, tail: undefined },
});

type ReadStore = Pick<EventStore, 'readStream' | 'seemsNew'>;

export const createStateCache = (store: ReadStore, maxEntries: number): StateCache => {
  const entries = new Map<string, Entry>();
  const loading = new Map<string, Promise<void>>();
  const contended = new Map<string, number>();

  const catchUp = async (entry: Entry): Promise<void> => {
    for (;;) {
      const page = await store.readStream(entry.stream, entry.revision + 1, PAGE);
      for (const stored of page) if (stored.revision === entry.revision + 1) applyStored(entry, stored);
      if (page.length < PAGE) return;
    }
  };

  const fold = async (aggregate: AnyAggregate, stream: string): Promise<void> => {
    const entry = emptyEntry(aggregate, stream);
    await catchUp(entry);
    entries.set(stream, entry);
  };

  const begin: StateCache['begin'] = (aggregate, stream) => {
    if (loading.has(stream) || store.seemsNew?.(stream) !== true) return undefined;
    const entry = emptyEntry(aggregate, stream);
    entries.set(stream, entry);
    return entry;
  };

  const load: StateCache['load'] = ({ missing: { aggregate, id } }) => {
    const stream = streamOf(aggregate.category, id);
    const running = loading.get(stream) ?? fold(aggregate, stream).finally(() => loading.delete(stream));
    loading.set(stream, running);
    return running;
  };

  const observe: StateCache['observe'] = (events) => {
    for (const stored of events) {
      const entry = entries.get(stored.stream);
      if (entry === undefined || stored.revision <= entry.revision || entry.pending.size > 0) continue;
      if (stored.revision === entry.revision + 1) applyStored(entry, stored);
      else entries.delete(stored.stream);
    }
  };

  return {
    find: (stream) => entries.get(stream),
    begin,
    load,
    catchUp,
    forget: (gone) => {
      for (const entry of gone) {
        entry.failed = true;
        if (entries.get(entry.stream) === entry) entries.delete(entry.stream);
      }
    },
    touch: (entry) => {
      // Who was used last matters only when somebody has to go, which is not soon.
      if (entries.size * 2 < maxEntries || entries.get(entry.stream) !== entry) return;
      entries.delete(entry.stream);
      entries.set(entry.stream, entry);
    },
    trim: () => {
      if (entries.size <= maxEntries) return;
      for (const [stream, entry] of entries) {
        if (entry.pending.size === 0) entries.delete(stream);
        if (entries.size <= maxEntries * 0.9) return;
      }
    },
    raced: (those) => {
      for (const { stream } of those) contended.set(stream, CONTENDED_FOR);
    },
    calmed: (those) => {
      if (contended.size === 0) return;
      for (const { stream } of those) {
        const left = (contended.get(stream) ?? 0) - 1;
        if (left > 0) contended.set(stream, left);
        else contended.delete(stream);
      }
    },
    isCalm: () => contended.size === 0,
    isContended: ({ stream }) => contended.size > 0 && contended.has(stream),
    observe,
    size: () => entries.size,
  };
};
