/**
 * What the sandbox of a replay is told and what it answers: one JSON value per line over its standard input and output. It has
 * no other way in or out; whoever runs it hands it the events, so it needs no store, no socket and no file. Other code may
 * stand behind the same frames: change them only by adding.
 */
import type { StoredEvent } from '../../domain/eventStore.ts';
import type { Change } from '../../projections/timeMachine/changes.ts';

/** Digest of each cluster's document, null for one that gets none. */
export type Digests = { readonly [cluster: string]: string | null };

/** Frames after an event speak of the state behind that event. All but `event` are answered, in order. */
export type ToSandbox =
  | { readonly kind: 'event'; readonly event: StoredEvent }
  /** The digests of some clusters' documents, or of all that get one. */
  | { readonly kind: 'digests'; readonly clusters?: readonly string[] }
  /** Folds the event and tells what it changed. */
  | { readonly kind: 'step'; readonly event: StoredEvent };

export type FromSandbox =
  | { readonly kind: 'digests'; readonly position: number; readonly digests: Digests }
  | { readonly kind: 'changes'; readonly position: number; readonly changes: readonly Change[] }
  /** The code could not fold the event at this position; nothing follows. */
  | { readonly kind: 'fault'; readonly position: number; readonly detail: string };
