/**
 * What the house knows about an event beyond its content, and what it knows about the wish that led to it.
 * Times are milliseconds since 1970 UTC and always come in from outside; nothing here reads a clock.
 */

export type Role = 'viewer' | 'operator' | 'admin' | 'auditor';

/** Who wishes, when, and on behalf of what. `commandId` is unique per wish; repeating a wish repeats its id. */
export type CommandContext = {
  readonly commandId: string;
  readonly actor: string;
  /** Administrators see and change all accounts. */
  readonly admin: boolean;
  readonly at: number;
  readonly correlationId: string;
  readonly causationId?: string;
  /** Where the wish came in, e.g. `http`, `cli`, `reconciler`. */
  readonly source?: string;
  /** W3C trace context, carried along unread. */
  readonly traceparent?: string;
  /** Why, in the words of whoever wishes it; kept with every event the wish makes. */
  readonly reason?: string;
  /** Digest of the wish's content: a repeated command id with another content is refused. */
  readonly fingerprint?: string;
};

export type Recorded<E> = {
  readonly event: E;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly time: number;
  readonly actor: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly commandId: string;
  readonly traceparent?: string;
  readonly fingerprint?: string;
  readonly reason?: string;
};
