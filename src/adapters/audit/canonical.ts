/**
 * The bytes of an event that are signed for: canonical JSON in the manner of RFC 8785, so that two readers of the same event
 * hash the same bytes however their store or their transport wrote it. It must never depend on the order in which members came.
 */
import type { Json, StoredEvent } from '../../domain/eventStore.ts';

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Members sorted by UTF-16 code units, no white space, numbers and strings as ECMAScript writes them (RFC 8785, 3.2). */
export const canonicalJson = (value: Json): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value as { readonly [member: string]: Json })
    .sort(([a], [b]) => byCodeUnits(a, b))
    .map(([member, content]) => `${JSON.stringify(member)}:${canonicalJson(content)}`);
  return `{${members.join(',')}}`;
};

/** Everything the log says about an event, its place included. */
export const canonicalEvent = (event: StoredEvent): string => {
  const { id, stream, revision, position, type, data, metadata } = event;
  return canonicalJson({ id, stream, revision, position, type, data, metadata });
};
