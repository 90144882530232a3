/**
 * What the house asks of a KurrentDB server, in the house's own words. The doorway `kurrent.ts` implements it with the client;
 * everything else here knows only these types. Every call may throw StoreFault and nothing else.
 */
import type { EventMetadata, JsonObject, StoredEvent } from '../../domain/eventStore.ts';
import type { ResolvedRecord, RetentionFinding } from './kurrentRecords.ts';

/** Records of the server in log order, as they come. */
export type KurrentFeed = {
  /** The next record that has arrived. */
  readonly read: () => ResolvedRecord | undefined;
  /** `readable` may be called at any time, `ended` perhaps more than once. */
  readonly watch: (readable: () => void, ended: (error?: Error) => void) => void;
  readonly end: () => void;
};

export type IdentifiedEvent = {
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: EventMetadata;
};
export type IdentifiedWrite = {
  readonly stream: string;
  readonly expected: number;
  readonly events: readonly IdentifiedEvent[];
};

/** `position` is undefined when the server did not tell it. */
export type Written =
  | { readonly kind: 'written'; readonly position: number | undefined; readonly revisions: readonly number[] }
  | { readonly kind: 'conflict'; readonly stream: string; readonly actual: number };

/** `records` keeps the given order across streams (26.1), `session` is one atomic write per stream (25.1). */
export type TogetherWay = 'records' | 'session' | 'none';

export type KurrentTiming = {
  /** An append or a page of events must be answered within this time. */
  readonly callMs: number;
  /** A walk through the whole log (retention check) must bring something within this time. */
  readonly walkMs: number;
};

export type KurrentConnection = {
  readonly shown: string;
  readonly serverVersion: string;
  readonly together: TogetherWay;
  /** Single appends travel one after the other on one connection (21.10). */
  readonly pipelined: boolean;
  readonly append: (write: IdentifiedWrite) => Promise<Written>;
  /**
   * Adds events of several streams in exactly this order, if each stream is at the revision given. Only for `records`.
   * `revisions` are those of the streams of `expected`, -1 for one that got no event.
   */
  readonly appendInOrder: (
    events: readonly (IdentifiedEvent & { readonly stream: string })[],
    expected: ReadonlyMap<string, number>,
  ) => Promise<Written>;
  /**
   * All or nothing, only where `together` is not `none`. `checks` are streams that are only looked at, within the same
   * transaction; only `records` can do that. `revisions` are those of `writes`.
   */
  readonly appendTogether: (writes: readonly IdentifiedWrite[], checks: readonly IdentifiedWrite[]) => Promise<Written>;
  /** -1 for a stream that does not exist. */
  readonly lastRevision: (stream: string) => Promise<number>;
  readonly readStream: (stream: string, from: number, limit: number) => Promise<readonly StoredEvent[]>;
  readonly readAll: (after: number, limit: number) => Promise<readonly StoredEvent[]>;
  readonly newest: () => Promise<StoredEvent | undefined>;
  /** A live feed of the whole log after a position. */
  readonly feed: (after: number) => KurrentFeed;
  readonly retentionFindings: () => Promise<readonly RetentionFinding[]>;
  readonly close: () => Promise<void>;
};
