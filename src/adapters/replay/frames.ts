/**
 * What the sandbox of a replay is told and what it answers: one JSON value per line over its standard input and output. It has
 * no other way in or out; whoever runs it hands it the events, so it needs no store, no socket and no file.
 */
import type { StoredEvent } from '../../domain/eventStore.ts';

/** Views touched by an event, with the value before and after; undefined stands for "not there". */
export type ViewChange = { readonly path: string; readonly before: unknown; readonly after: unknown };

/** A recorded delivery against the document rebuilt at its version. `rebuilt` is null when no document follows from the log. */
export type DeliveryCheck = {
  readonly position: number;
  readonly cluster: string;
  readonly epoch: number;
  readonly version: number;
  readonly recorded: string;
  readonly rebuilt: string | null;
};

export type ToSandbox =
  | { readonly kind: 'event'; readonly event: StoredEvent }
  /** Digests of all documents as they are now are to be answered. */
  | { readonly kind: 'digests' };

export type FromSandbox =
  | { readonly kind: 'checked'; readonly check: DeliveryCheck }
  | { readonly kind: 'digests'; readonly position: number; readonly documents: { readonly [cluster: string]: string } }
  | { readonly kind: 'step'; readonly position: number; readonly changes: readonly ViewChange[] }
  | { readonly kind: 'fault'; readonly position: number; readonly detail: string }
  | { readonly kind: 'end'; readonly events: number };
