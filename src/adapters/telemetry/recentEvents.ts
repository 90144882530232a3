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

/** One place for each position modulo the number kept: a later event takes the place of an earlier one. */
export const createRecentEvents = (): RecentEvents => {
  const positions = new Float64Array(KEPT).fill(-1);
  const times = new Float64Array(KEPT);
  const traces = new Array<string | undefined>(KEPT).fill(undefined);
  const placeOf = (position: number): number | undefined => {
    const place = position % KEPT;
    return positions[place] === position ? place : undefined;
  };
  return {
    note: (events) => {
      for (let index = Math.max(0, events.length - KEPT); index < events.length; index += 1) {
        const { position, time, traceparent } = events[index] as Recorded<unknown>;
        const place = position % KEPT;
        positions[place] = position;
        times[place] = time;
        traces[place] = traceparent;
      }
    },
    timeOf: (position) => {
      const place = placeOf(position);
      return place === undefined ? undefined : times[place];
    },
    traceOf: (position) => {
      const place = placeOf(position);
      return place === undefined ? undefined : traces[place];
    },
  };
};
