/**
 * Events as KurrentDB hands them out, and as the house stores them. Positions are the server's commit positions as numbers;
 * one beyond 2^53 is refused, not rounded. An event of ours that is not JSON with flat metadata is a fault, never skipped.
 */

import type { EventMetadata, JsonObject, StoredEvent } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';

/** The part of the client's resolved event that we look at. */
export type ResolvedRecord = {
  readonly event?:
    | {
        readonly id: string;
        readonly streamId: string;
        readonly revision: bigint;
        readonly type: string;
        readonly isJson: boolean;
        readonly data: unknown;
        readonly metadata?: unknown;
        readonly position?: { readonly commit: bigint } | undefined;
      }
    | undefined;
  readonly commitPosition?: bigint | undefined;
};

type Recorded = NonNullable<ResolvedRecord['event']>;

/** Undefined for what a server says instead of a position it does not know (all bits set). */
export const safeNumber = (value: bigint | undefined): number | undefined =>
  value !== undefined && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;

const positionOf = (record: ResolvedRecord, event: Recorded): number => {
  const position = safeNumber(event.position?.commit ?? record.commitPosition);
  if (position !== undefined) return position;
  throw new StoreFault(
    'unsupported',
    `Expected the position of event ${event.id} below 2^53, got ${event.position?.commit}; servers before 22.6 tell none`,
  );
};

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** Servers add `$schema.…` to records written through the newer protocol; it is theirs, not ours. */
const SERVER_NAMES = '$schema.';

const metadataOf = (event: Recorded, position: number): EventMetadata => {
  const written = event.metadata ?? {};
  if (!isObject(written)) throw damaged(event, position, 'metadata that is not an object');
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(written)) {
    if (name.startsWith(SERVER_NAMES)) continue;
    if (typeof value !== 'string') throw damaged(event, position, `metadata "${name}" that is not text`);
    metadata[name] = value;
  }
  return metadata;
};

const damaged = (event: Recorded, position: number, finding: string): StoreFault =>
  new StoreFault('corrupt', `Event ${event.id} of "${event.streamId}" at position ${position} has ${finding}`, {
    position,
  });

/** Throws StoreFault `corrupt` for an event that is not of our making, `unsupported` for a position we cannot hold. */
export const storedEventOf = (record: ResolvedRecord): StoredEvent => {
  const { event } = record;
  if (event === undefined) throw new StoreFault('corrupt', 'Expected an event, got a link to one that is gone');
  const position = positionOf(record, event);
  if (!event.isJson || !isObject(event.data)) throw damaged(event, position, 'data that is not a JSON object');
  return {
    id: event.id,
    stream: event.streamId,
    revision: Number(event.revision),
    position,
    type: event.type,
    data: event.data as JsonObject,
    metadata: metadataOf(event, position),
  };
};

export type RetentionFinding = { readonly stream: string; readonly limits: readonly string[] };

/** Stream metadata by which a server may drop events by itself; `$tb` is what a soft delete leaves. */
const LIMITS = ['$maxAge', '$maxCount', '$tb'];

/** What a `$$stream` metadata event says about dropping events of its stream. */
export const retentionOf = (record: ResolvedRecord): RetentionFinding | undefined => {
  const { event } = record;
  if (event === undefined || !event.streamId.startsWith('$$')) return undefined;
  const data = isObject(event.data) ? event.data : {};
  return { stream: event.streamId.slice(2), limits: LIMITS.filter((name) => data[name] !== undefined) };
};
