/**
 * What the HTTP door needs from the house. `main.ts` puts it together; nothing here says how it is done.
 */
import type { Command } from '../../domain/commands.ts';
import type { DomainEvent } from '../../domain/events.ts';
import type { CommandContext, Recorded } from '../../domain/recorded.ts';
import type { Refusal } from '../../domain/refusals.ts';
import type { Dialect } from '../../projections/document/model.ts';
import type { Network } from '../../projections/network/views.ts';

/** `position` is that of the last event the command made; when it made none, that of the newest event its answer rests on. */
export type Accepted = {
  readonly accepted: true;
  readonly position: number;
  readonly events: number;
  /** What the caller wants to know (ids, addresses, warnings), plain JSON. */
  readonly result: { readonly [member: string]: unknown };
  /** True when the same command id had been carried out before and this is its first answer. */
  readonly repeated: boolean;
};

/** A moment in the log: a position, a time in ms, or an event id. */
export type Moment = { readonly position: number } | { readonly time: number } | { readonly eventId: string };

export type ServedDocument = {
  readonly cluster: string;
  readonly epoch: number;
  /** Position the document reflects. */
  readonly version: number;
  /** The root's 8 hex digits. */
  readonly stamp: string;
  readonly digest: string;
  readonly dialect: Dialect;
  readonly byteLength: number;
  readonly pieces: readonly Uint8Array[];
};

/** Status words of the glossary: each means one thing. `null` is unknown and never shown as good. */
export type NodeConvergence = {
  readonly node: string;
  readonly accepted: number | null;
  readonly applied: number | null;
  /** `kernel`: an agent programs the kernel; `plan`: it only plans; `none`: nobody applies; `unknown`: cannot tell. */
  readonly agent: 'kernel' | 'plan' | 'none' | 'unknown';
  readonly ageMs: number | null;
  readonly refusal: { readonly reason: string; readonly detail: string } | null;
  readonly traceparent: string | null;
  readonly converged: boolean | null;
};

export type ClusterConvergence = {
  readonly cluster: string;
  readonly epoch: number;
  readonly wanted: number | null;
  readonly published: number | null;
  readonly delivered: number | null;
  readonly applied: number | null;
  readonly lagPositions: number | null;
  readonly lagMs: number | null;
  readonly failuresInARow: number;
  readonly lastFailure: { readonly reason: string; readonly detail: string; readonly at: number } | null;
  readonly converged: boolean | null;
  readonly nodes: readonly NodeConvergence[];
};

export type EventQuery = {
  /** Only events behind this position, and before that one. */
  readonly after: number;
  readonly before?: number;
  readonly order?: 'oldest' | 'newest';
  readonly limit: number;
  readonly stream?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly actor?: string;
  readonly correlationId?: string;
  /** Times in ms, inclusive, by the clock of the log, which never goes back. */
  readonly from?: number;
  readonly to?: number;
};

export type EventPage = {
  readonly events: readonly Recorded<DomainEvent>[];
  /** Where to go on: the next `after`, or with the newest first the next `before`; null when there are no more. */
  readonly next: number | null;
};

export type WaitLevel = 'projected' | 'published' | 'delivered' | 'applied';

/** What a node controller's relay says of its downstreams. Numbers are positions; `epoch` fences them. */
export type NodeReport = {
  readonly node: string;
  readonly epoch: number;
  readonly accepted: number | null;
  readonly applied: number | null;
  readonly agent: 'kernel' | 'plan' | 'none' | 'unknown';
  readonly at: number;
  /** How long ago that was by the clock of who reports; clocks differ. */
  readonly ageMs?: number;
  /** Orders the reports of one process; without it nothing that was reported is taken back. */
  readonly said?: { readonly by: string; readonly turn: number };
  readonly traceparent?: string;
  readonly refusal?: { readonly reason: string; readonly detail: string };
};

/**
 * The caller's If-Match: the command is refused as `stale-revision` unless the stream of `category` and `id` is at
 * `revision` when it is decided. Without an id it is the cloud's only stream of that category.
 */
export type Precondition = { readonly category: string; readonly id?: string; readonly revision: number };

export type ControlPlane = {
  readonly execute: (
    command: Command,
    context: CommandContext,
    precondition?: Precondition,
  ) => Promise<Accepted | Refusal>;
  /** What the command would do, deciding without appending. */
  readonly dryRun: (
    command: Command,
    context: CommandContext,
  ) => Promise<{ readonly [member: string]: unknown } | Refusal>;
  /** The newest network, or that of a moment. A refusal for moments outside the log. */
  readonly network: (at?: Moment) => Promise<Network | Refusal>;
  readonly document: (cluster: string, at?: Moment) => Promise<ServedDocument | Refusal>;
  readonly convergence: (cluster?: string) => readonly ClusterConvergence[];
  readonly events: (query: EventQuery) => Promise<EventPage>;
  /** Calls back with events after the position as they come; returns how to stop. */
  readonly follow: (
    after: number,
    onEvents: (events: readonly Recorded<DomainEvent>[]) => void | Promise<void>,
    /** It ended by itself, and why. */
    onFault: (fault: Error) => void,
  ) => () => void;
  /** Resolves when every cluster touched has reached the level for the position, or at the time-out with what is missing. */
  readonly waitFor: (
    position: number,
    level: WaitLevel,
    timeoutMs: number,
  ) => Promise<{
    readonly reached: boolean;
    readonly missing: readonly { readonly cluster: string; readonly node?: string; readonly at: number | null }[];
  }>;
  readonly report: (cluster: string, reports: readonly NodeReport[]) => void;
  readonly health: () => {
    readonly live: boolean;
    readonly ready: boolean;
    readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
  };
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
};
