/**
 * Moving a log from one store to another: same ids, streams, revisions, content and order; positions are each store's own.
 * What is already in the target is compared and kept, so an interrupted copy is simply started again. At the end both logs are
 * read and compared as a whole; a copy that was not proven equal is not reported as one.
 */

import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { EventStore, StoredEvent } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import type { ImportTarget } from './importTarget.ts';

export type CopyStage = 'comparing' | 'copying' | 'verifying';

export type CopyProgress = {
  readonly stage: CopyStage;
  /** Events dealt with in this stage. */
  readonly done: number;
  /** How many there seem to be, from how far the positions reach; exact at the end. */
  readonly total: number;
  readonly perSecond: number;
};

export type CopyReport = {
  readonly events: number;
  readonly streams: number;
  /** Events that were in the target before. */
  readonly kept: number;
  /** SHA-256 over id, stream, revision, type, data and metadata of every event in order: equal on both sides. */
  readonly digest: string;
};

export type CopyOptions = {
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Milliseconds that only grow. */
  readonly clock?: () => number;
};

const PAGE = 1000;

type Source = Pick<EventStore, 'readAll' | 'head'>;

/** The events of a log in pages, from the start. */
async function* pagesOf(store: Source, after = -1): AsyncGenerator<readonly StoredEvent[]> {
  let position = after;
  for (;;) {
    const events = await store.readAll(position, PAGE);
    const last = events.at(-1);
    if (last === undefined) return;
    yield events;
    position = last.position;
  }
}

const createMeter = (stage: CopyStage, end: number, { onProgress, clock = () => performance.now() }: CopyOptions) => {
  const started = clock();
  let done = 0;
  return (events: readonly StoredEvent[]): void => {
    done += events.length;
    const reached = events.at(-1)?.position ?? end;
    const total = reached >= end ? done : Math.max(done, Math.round((done * end) / Math.max(1, reached)));
    const seconds = Math.max(0.001, (clock() - started) / 1000);
    onProgress?.({ stage, done, total, perSecond: Math.round(done / seconds) });
  };
};

const differs = (ordinal: number, expected: StoredEvent, got: StoredEvent): StoreFault =>
  new StoreFault(
    'not-permitted',
    `Copy refused: event ${ordinal} of the target is ${got.id} of "${got.stream}", expected ${expected.id} of "${expected.stream}"`,
  );

const tooMany = (): StoreFault =>
  new StoreFault('not-permitted', 'Copy refused: the target holds more events than the source');

/** Position in the source of the last event that the target has too, and how many there are. */
const commonStart = async (
  from: Source,
  to: Source,
  options: CopyOptions,
): Promise<{ after: number; kept: number }> => {
  const meter = createMeter('comparing', (await to.head())?.position ?? 0, options);
  let after = -1;
  let kept = 0;
  for await (const there of pagesOf(to)) {
    const here = await from.readAll(after, there.length);
    if (here.length < there.length) throw tooMany();
    for (const [index, event] of there.entries()) {
      const expected = here[index];
      if (expected !== undefined && expected.id !== event.id) throw differs(kept + index + 1, expected, event);
    }
    after = here.at(-1)?.position ?? after;
    kept += there.length;
    meter(there);
  }
  return { after, kept };
};

const addMissing = async (from: Source, to: ImportTarget, after: number, options: CopyOptions): Promise<void> => {
  const meter = createMeter('copying', (await from.head())?.position ?? 0, options);
  for await (const events of pagesOf(from, after)) {
    await to.importEvents(events);
    meter(events);
  }
};

const digestEvent = (hash: Hash, event: StoredEvent): void => {
  const metadata = Object.entries(event.metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  hash.update(`${JSON.stringify([event.id, event.stream, event.revision, event.type, event.data, metadata])}\n`);
};

type Summary = { readonly events: number; readonly streams: ReadonlyMap<string, number>; readonly digest: string };

const summarise = async (store: Source, upTo: number, options: CopyOptions): Promise<Summary> => {
  const hash = createHash('sha256');
  const streams = new Map<string, number>();
  const meter = createMeter('verifying', (await store.head())?.position ?? 0, options);
  let events = 0;
  for await (const page of pagesOf(store)) {
    const counted = page.slice(0, upTo - events);
    for (const event of counted) {
      digestEvent(hash, event);
      streams.set(event.stream, event.revision);
    }
    events += counted.length;
    meter(page);
    if (events >= upTo) break;
  }
  return { events, streams, digest: hash.digest('hex') };
};

const ensureEqual = (source: Summary, target: Summary): void => {
  for (const [stream, revision] of source.streams) {
    const got = target.streams.get(stream) ?? -1;
    if (got === revision) continue;
    throw new StoreFault(
      'corrupt',
      `Copy failed: expected "${stream}" at revision ${revision} in the target, got ${got}`,
    );
  }
  if (source.events === target.events && source.digest === target.digest) return;
  throw new StoreFault(
    'corrupt',
    `Copy failed: expected ${source.events} events with digest ${source.digest}, got ${target.events} with ${target.digest}`,
  );
};

/**
 * Copies all of `from` that `to` does not have. Throws StoreFault `not-permitted` when the target holds something else, and
 * `corrupt` when the two are not equal in the end. Events that the source gains meanwhile are left for the next run.
 */
export const copyLog = async (from: Source, to: ImportTarget, options: CopyOptions = {}): Promise<CopyReport> => {
  const { after, kept } = await commonStart(from, to, options);
  await addMissing(from, to, after, options);
  const target = await summarise(to, Number.MAX_SAFE_INTEGER, options);
  const source = await summarise(from, target.events, options);
  ensureEqual(source, target);
  return { events: target.events, streams: target.streams.size, kept, digest: target.digest };
};
