/** Walks the log event by event with its Merkle tree growing beside it: at full speed, or so slowly that nobody notices. */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { EventStore } from '../../domain/eventStore.ts';
import { leafHash, noPeaks, type Peaks, withLeaf } from './bundleProof.ts';
import { type Checkpoint, peaksOf } from './checkpoints.ts';
import { eventLine } from './eventLine.ts';

/** The tree over all events up to a position. */
export type Place = { readonly peaks: Peaks; readonly position: number };

export type Log = Pick<EventStore, 'readAll'>;

export const PAGE = 1_000;

/** In the background: so few events at a time that nobody waits for them, and a rest that leaves it a twentieth of the time. */
const GENTLE_PAGE = 32;
const REST = 19;
const SHORTEST_REST_MS = 4;

const rested = (isUrgent: boolean, workedMs: number): Promise<unknown> =>
  isUrgent ? nextTurn() : pause(Math.max(SHORTEST_REST_MS, REST * workedMs), undefined, { ref: false });

export const start: Place = { peaks: noPeaks, position: -1 };

export const placeOf = (checkpoint: Checkpoint): Place => ({
  peaks: peaksOf(checkpoint),
  position: checkpoint.position,
});

/** From a place to the end of the log or to where `onLine` says no; the place reached. */
export const walk = async (
  log: Log,
  from: Place,
  onLine: (place: Place, line: string) => boolean,
  isUrgent: () => boolean = () => true,
): Promise<Place> => {
  let place = from;
  for (;;) {
    const begun = performance.now();
    const page = await log.readAll(place.position, isUrgent() ? PAGE : GENTLE_PAGE);
    for (const stored of page) {
      const line = eventLine(stored);
      const next = { peaks: withLeaf(place.peaks, leafHash(line)), position: stored.position };
      if (!onLine(next, line)) return place;
      place = next;
    }
    if (page.length === 0) return place;
    await rested(isUrgent(), performance.now() - begun);
  }
};
