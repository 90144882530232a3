/**
 * States of aggregates as they were last folded, kept up with the log and never too many. What is worth nothing any more is
 * forgotten, and said to be so to whoever still holds it. It decides nothing and appends nothing.
 */
import { streamOf } from './decider.ts';
import type { EventStore, StoredEvent } from './eventStore.ts';
import { type AnyAggregate, applyStored, catchUp, type Entry, emptyEntry } from './stateEntry.ts';

/** What has to be loaded before a body can go on. */
export type Missing = { readonly missing: { readonly aggregate: AnyAggregate; readonly id: string } };
export const isMissing = (x: unknown): x is Missing => typeof x === 'object' && x !== null && 'missing' in x;

export type StateCache = {
  readonly find: (stream: string) => Entry | undefined;
  /** The first state of a stream nobody seems to have written to; whatever rests on it is checked by an append. */
  readonly begin: (aggregate: AnyAggregate, stream: string) => Entry | undefined;
  readonly load: (missing: Missing) => Promise<void>;
  /**
   * After a lost race: what does not run ahead, but for appends of `mine`, reads what others have written since; of the rest
   * nobody knows how it will end, and it is forgotten.
   */
  readonly regain: (touched: ReadonlySet<Entry>, mine: ReadonlySet<Entry>) => Promise<void>;
  readonly forget: (entries: Iterable<Entry>) => void;
  /** Marks the entry as the one used last. */
  readonly touch: (entry: Entry) => void;
  readonly trim: () => void;
  readonly observe: (events: readonly StoredEvent[]) => void;
  readonly size: () => number;
};

type ReadStore = Pick<EventStore, 'readStream' | 'seemsNew'>;

/** Folds streams from their beginning, each once however many ask for it at the same time. */
const createLoading = (store: ReadStore, keep: (entry: Entry) => void) => {
  const underway = new Map<string, Promise<void>>();
  const fold = async (aggregate: AnyAggregate, stream: string): Promise<void> => {
    const entry = emptyEntry(aggregate, stream);
    await catchUp(store, entry);
    keep(entry);
  };
  const load: StateCache['load'] = ({ missing: { aggregate, id } }) => {
    const stream = streamOf(aggregate.category, id);
    const running = underway.get(stream) ?? fold(aggregate, stream).finally(() => underway.delete(stream));
    underway.set(stream, running);
    return running;
  };
  return { load, isUnderway: (stream: string): boolean => underway.has(stream) };
};

/** Those used longest ago go first, and none with appends under way. */
const dropOldest = (entries: Map<string, Entry>, most: number): void => {
  for (const [stream, entry] of entries) {
    if (entry.pending.size === 0) entries.delete(stream);
    if (entries.size <= most) return;
  }
};

export const createStateCache = (store: ReadStore, maxEntries: number): StateCache => {
  const entries = new Map<string, Entry>();
  const keep = (entry: Entry): void => {
    entries.set(entry.stream, entry);
  };
  const loading = createLoading(store, keep);

  const begin: StateCache['begin'] = (aggregate, stream) => {
    if (loading.isUnderway(stream) || store.seemsNew?.(stream) !== true) return undefined;
    const entry = emptyEntry(aggregate, stream);
    keep(entry);
    return entry;
  };

  const observe: StateCache['observe'] = (events) => {
    for (const stored of events) {
      const entry = entries.get(stored.stream);
      if (entry === undefined || stored.revision <= entry.revision || entry.pending.size > 0) continue;
      if (stored.revision === entry.revision + 1) applyStored(entry, stored);
      else entries.delete(stored.stream);
    }
  };

  const forget: StateCache['forget'] = (gone) => {
    for (const entry of gone) {
      entry.failed = true;
      if (entries.get(entry.stream) === entry) entries.delete(entry.stream);
    }
  };

  const regain: StateCache['regain'] = async (touched, mine) => {
    for (const entry of touched) {
      const isAhead = entry.pending.size > (mine.has(entry) ? 1 : 0);
      if (isAhead) forget([entry]);
      else await catchUp(store, entry);
    }
  };

  return {
    ...{ begin, regain, forget, observe },
    load: loading.load,
    find: (stream) => entries.get(stream),
    touch: (entry) => {
      // Who was used last matters only when somebody has to go, which is not soon.
      if (entries.size * 2 < maxEntries || entries.get(entry.stream) !== entry) return;
      entries.delete(entry.stream);
      entries.set(entry.stream, entry);
    },
    trim: () => {
      if (entries.size > maxEntries) dropOldest(entries, maxEntries * 0.9);
    },
    size: () => entries.size,
  };
};
