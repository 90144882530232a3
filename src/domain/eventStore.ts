/**
 * The event store port: what the house needs from a log, said by the side that needs it. Adapters implement it and one
 * contract suite runs on all of them. It carries wire events (plain JSON) and knows nothing of what they mean.
 * Every append names the revision it expects; there is no way to append "at any revision".
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };
export type JsonObject = { readonly [member: string]: Json };

/** Flat strings only (multi-stream appends of KurrentDB require it). `$correlationId` and `$causationId` keep their usual names. */
export type EventMetadata = { readonly [name: string]: string };

export type NewEvent = { readonly type: string; readonly data: JsonObject; readonly metadata: EventMetadata };

/** `revision` counts from 0 in its stream, `position` grows along the whole log (gaps allowed, never reused). */
export type StoredEvent = NewEvent & {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
};

/**
 * `expected` is the revision of the stream's last event, -1 if the stream must not exist yet. Without events it only checks:
 * what was decided on that stream's state is appended only if nobody has changed it.
 */
export type StreamWrite = {
  readonly stream: string;
  readonly expected: number;
  readonly events: readonly NewEvent[];
  /**
   * Whose event the one at `expected` must be, for decisions that rest on an append not yet answered: if that one loses its
   * race, a stranger's event may stand at the same revision. Only stores with `checksPredecessors` take it.
   */
  readonly after?: { readonly commandId: string; readonly index: number };
};

/**
 * `appended`: durable. `position` is that of the last event written, `revisions` the new last revision of each write in order.
 * `conflict`: nothing was written; `stream` is at `actual`. An append repeated with the same command id after an unknown
 * outcome answers `appended` with the first answer's figures. `repeated`: nothing was written because events of this command
 * were there already, which somebody else may have decided otherwise; a store that cannot tell leaves it out.
 */
export type AppendOutcome =
  | {
      readonly outcome: 'appended';
      readonly position: number;
      readonly revisions: readonly number[];
      readonly repeated?: true;
    }
  | { readonly outcome: 'conflict'; readonly stream: string; readonly expected: number; readonly actual: number };

export type StoreFaultKind = 'unavailable' | 'unknown-outcome' | 'not-permitted' | 'corrupt' | 'closed' | 'unsupported';

/** Thrown, never returned: the store itself failed. `position` is set when `kind` is `corrupt` and the place is known. */
export class StoreFault extends Error {
  readonly kind: StoreFaultKind;
  readonly position: number | undefined;
  constructor(kind: StoreFaultKind, message: string, options: { position?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'StoreFault';
    this.kind = kind;
    this.position = options.position;
  }
}

export type SubscriptionObserver = {
  /** Events in position order; the next batch is delivered only after the returned promise resolves. */
  readonly onEvents: (events: readonly StoredEvent[]) => void | Promise<void>;
  /** Everything that was in the log when the subscription started (or resumed) has been delivered. May be called again after a resume. */
  readonly onCaughtUp: () => void | Promise<void>;
  /** The subscription ended and will not resume by itself (fault in the store or thrown by the observer). */
  readonly onFault: (fault: Error) => void;
};

export type Subscription = { readonly stop: () => Promise<void> };

/** The newest event of the log, or undefined when it is empty. */
export type LogHead = { readonly position: number; readonly id: string } | undefined;

export type EventStore = {
  /** True when one `append` of several streams is one transaction; when false, writes are applied in order, each by itself. */
  readonly atomicAcrossStreams: boolean;
  /** True when `after` of a write is checked together with its revision. */
  readonly checksPredecessors: boolean;
  /**
   * Appends all writes durably or none. Event ids are derived from `commandId`, the stream and the event's index, so that
   * repeating is safe. Throws StoreFault.
   */
  readonly append: (commandId: string, writes: readonly StreamWrite[]) => Promise<AppendOutcome>;
  /** At most `limit` events of one stream from revision `from` on, in order; empty when there are none. */
  readonly readStream: (stream: string, from: number, limit: number) => Promise<readonly StoredEvent[]>;
  /**
   * True when, as far as this process knows, the stream has no events. Costs nothing and may be wrong where others write too:
   * what rests on it must be appended, or checked, at revision -1. False, or absent, says nothing.
   */
  readonly seemsNew?: (stream: string) => boolean;
  /** At most `limit` events with position greater than `after`, in position order. */
  readonly readAll: (after: number, limit: number) => Promise<readonly StoredEvent[]>;
  readonly head: () => Promise<LogHead>;
  /** Catch-up subscription to the whole log (only our categories), starting after the given position (-1: from the start). */
  readonly subscribe: (after: number, observer: SubscriptionObserver) => Subscription;
  readonly close: () => Promise<void>;
};
