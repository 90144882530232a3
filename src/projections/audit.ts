/**
 * Where in the log to look: positions by subject, actor, stream, type and correlation, and what each command did. An index
 * over the log that only grows; the log stays the truth, and rebuilding this costs nothing but time.
 */
import type { DomainEvent } from '../domain/events.ts';
import type { Recorded } from '../domain/recorded.ts';
import { subjectsOf } from '../domain/subjects.ts';

export type AuditKey = 'subject' | 'actor' | 'stream' | 'type' | 'correlationId';

/** First and last position of a command's events, and the digest of what was wished. */
export type Receipt = { readonly first: number; readonly last: number; readonly fingerprint: string | undefined };

export type AuditIndex = {
  readonly note: (events: readonly Recorded<DomainEvent>[]) => void;
  /** Positions in ascending order; empty when nothing is known by that name. Not to be changed. */
  readonly positions: (key: AuditKey, value: string) => readonly number[];
  readonly receipt: (commandId: string) => Receipt | undefined;
  /** Position of the newest event not later than the time (ms), -1 when all are later. */
  readonly positionAt: (time: number) => number;
  readonly positionOf: (eventId: string) => number | undefined;
  readonly last: () => number;
};

const KEPT_RECEIPTS = 200_000;

/** Index of the first element greater than `value` in an ascending list. */
export const upperBound = (list: readonly number[], value: number): number => {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const createAuditIndex = (): AuditIndex => {
  const tables: { readonly [K in AuditKey]: Map<string, number[]> } = {
    subject: new Map(),
    actor: new Map(),
    stream: new Map(),
    type: new Map(),
    correlationId: new Map(),
  };
  const receipts = new Map<string, Receipt>();
  const eventIds = new Map<string, number>();
  /** Every event's position, and its time made monotone: a clock set back does not break the search. */
  const positions: number[] = [];
  const times: number[] = [];

  const add = (key: AuditKey, value: string, position: number): void => {
    const list = tables[key].get(value);
    if (list === undefined) tables[key].set(value, [position]);
    else if (list.at(-1) !== position) list.push(position);
  };

  const remember = (commandId: string, position: number, fingerprint: string | undefined): void => {
    const known = receipts.get(commandId);
    receipts.set(commandId, { first: known?.first ?? position, last: position, fingerprint });
    if (receipts.size > KEPT_RECEIPTS) {
      const oldest = receipts.keys().next().value;
      if (oldest !== undefined) receipts.delete(oldest);
    }
  };

  return {
    note: (events) => {
      for (const recorded of events) {
        const { position } = recorded;
        for (const subject of subjectsOf(recorded.event)) add('subject', subject, position);
        add('actor', recorded.actor, position);
        add('stream', recorded.stream, position);
        add('type', recorded.event.type, position);
        if (recorded.correlationId !== '') add('correlationId', recorded.correlationId, position);
        if (recorded.commandId !== '') remember(recorded.commandId, position, recorded.fingerprint);
        eventIds.set(recorded.id, position);
        positions.push(position);
        times.push(Math.max(recorded.time, times.at(-1) ?? 0));
      }
    },
    positions: (key, value) => tables[key].get(value) ?? [],
    receipt: (commandId) => receipts.get(commandId),
    positionAt: (time) => positions[upperBound(times, time) - 1] ?? -1,
    positionOf: (eventId) => eventIds.get(eventId),
    last: () => positions.at(-1) ?? -1,
  };
};
