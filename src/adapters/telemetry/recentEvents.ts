/**
 * When the newest events were wished and under which trace: what the way of a change is measured and followed by. Bounded; an
 * event that is no longer here has simply no trace any more.
 */
import type { Recorded } from '../../domain/recorded.ts';

export type RecentEvents = {
  readonly note: (events: readonly Recorded<unknown>[]) => void;
  /** Time of the event at the position, ms; undefined when it is too old. */
  readonly timeOf: (position: number) => number | undefined;
  /** W3C trace context of the wish behind the event, if it came with one. */
  readonly traceOf: (position: number) => string | undefined;
};

const KEPT = 4_096;

const trim = (map: Map<number, unknown>): void => {
  for (const oldest of map.keys()) {
    if (map.size <= KEPT) return;
    map.delete(oldest);
  }
};

export const createRecentEvents = (): RecentEvents => {
  const times = new Map<number, number>();
  const traces = new Map<number, string>();
  return {
    note: (events) => {
      for (const { position, time, traceparent } of events.slice(-KEPT)) {
        times.set(position, time);
        if (traceparent !== undefined) traces.set(position, traceparent);
      }
      trim(times);
      trim(traces);
    },
    timeOf: (position) => times.get(position),
    traceOf: (position) => traces.get(position),
  };
};
