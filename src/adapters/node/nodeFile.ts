/**
 * The file of a node that others read: replaced whole however small the change, so that a node which gets many takes fewer and
 * larger ones.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { replaceFile } from '../shared/atomicFile.ts';

export type NodeFile = {
  readonly path: string;
  /** Durable when it resolves. Rests first when the last replacement is not long ago. */
  readonly replace: (pieces: readonly Uint8Array[]) => Promise<void>;
};

/** Pause after writing the file, in parts of how long that took, and at most: changes that come meanwhile are one. */
const REST = 4;
const LONGEST_REST_MS = 500;

export const createNodeFile = (path: string): NodeFile => {
  let restUntil = 0;
  return {
    path,
    replace: async (pieces) => {
      const rest = restUntil - performance.now();
      if (rest > 0) await pause(rest);
      const begun = performance.now();
      await replaceFile(path, pieces);
      const ended = performance.now();
      restUntil = ended + Math.min(LONGEST_REST_MS, (ended - begun) * REST);
    },
  };
};
