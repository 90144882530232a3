/**
 * The root's `version`: eight hex digits out of the epoch and the position a document reflects. Within one epoch different
 * positions never share a version until 2^32 positions apart, so a node daemon that skips versions it knows never skips a
 * change (node spec 3.1); a hash of the content could not promise that. Another epoch shifts all of them, because after a
 * restore the same positions may stand for other events.
 */
import type { DocumentStamp } from './model.ts';

/** Odd, so that consecutive epochs lie far apart. */
const epochStride = 0x9e3779b1;

/** `epoch` and `position` are whole numbers, `position` -1 before the first event. */
export const stampOf = (epoch: number, position: number): DocumentStamp => ({
  version: ((Math.imul(epoch, epochStride) + (position % 0x100000000)) >>> 0).toString(16).padStart(8, '0'),
  epoch,
  position,
});
