/**
 * When a broadcast may start (cloud spec 3.2): idle means at once; otherwise strictly more than the minimum interval after the
 * last start; a request that a later start already covers starts nothing. Times are ms; a start in the same millisecond as
 * the request does not cover it.
 */

/** Eucalyptus looks every 100 ms whether the interval is over; whoever watches both sees the same rhythm. */
const LOOK_MS = 100;

export type Pace = {
  /** Start of the last broadcast, undefined before the first. */
  readonly lastStart: number | undefined;
  /** Newest request not yet covered by a start. */
  readonly requested: number | undefined;
};

export const idlePace: Pace = { lastStart: undefined, requested: undefined };

export const request = (pace: Pace, at: number): Pace => ({
  ...pace,
  requested: pace.requested === undefined ? at : Math.max(pace.requested, at),
});

/** When the next broadcast is due, undefined when none is wanted. */
export const dueAt = (pace: Pace, minIntervalMs: number): number | undefined => {
  if (pace.requested === undefined) return undefined;
  if (pace.lastStart === undefined || minIntervalMs <= 0) return pace.requested;
  return Math.max(pace.requested, pace.lastStart + minIntervalMs + LOOK_MS);
};

/** A start covers every request made before it. */
export const start = (pace: Pace, at: number): Pace => ({
  lastStart: at,
  requested: pace.requested !== undefined && pace.requested >= at && at !== pace.requested ? pace.requested : undefined,
});
