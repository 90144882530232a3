/**
 * Who gets a whole document first, when many are due at once: the one asked for first goes alone, the others follow when it has
 * been answered, or after a while. All at once, each would have to wait for all; one that does not answer holds up nobody for
 * longer than that.
 */
import { setTimeout as pause } from 'node:timers/promises';

export type HeadStart = <T>(send: () => Promise<T>) => Promise<T>;

export const createHeadStart = (longestMs: number): HeadStart => {
  let first: Promise<unknown> | undefined;
  return async (send) => {
    if (first !== undefined) {
      await first;
      return send();
    }
    const sent = send();
    const settled = sent.then(
      () => undefined,
      () => undefined,
    );
    const over = new AbortController();
    const late = pause(longestMs, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
    first = Promise.race([settled, late]).then(() => {
      over.abort();
      first = undefined;
    });
    return sent;
  };
};
