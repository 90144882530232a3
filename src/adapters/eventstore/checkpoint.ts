/**
 * Where a follower of the log has got to, kept in a small file that is replaced as a whole: after a crash it holds the mark
 * before or the mark after, never a part of one. Writing the newest mark is enough; marks overtaken while the disk was busy are
 * left out.
 */

import { StoreFault } from '../../domain/eventStore.ts';
import { readIfThere, replaceFile } from '../shared/atomicFile.ts';
import type { LogMark } from './tail.ts';

export type CheckpointFile = {
  /** Undefined when there is none yet. Throws StoreFault `corrupt` for a file that is not a checkpoint. */
  readonly read: () => Promise<LogMark | undefined>;
  /** Resolves when this mark or a newer one is on the disk. */
  readonly write: (mark: LogMark) => Promise<void>;
};

const FORMAT = 1;

const isMark = (value: unknown): value is LogMark & { readonly format: number } =>
  typeof value === 'object' &&
  value !== null &&
  'format' in value &&
  value.format === FORMAT &&
  'position' in value &&
  Number.isSafeInteger(value.position) &&
  'revision' in value &&
  Number.isSafeInteger(value.revision) &&
  ['id', 'stream', 'runningHash'].every((name) => typeof (value as Record<string, unknown>)[name] === 'string');

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const createCheckpointFile = (file: string): CheckpointFile => {
  let newest: LogMark | undefined;
  let writing: Promise<void> | undefined;

  const writeNewest = async (): Promise<void> => {
    try {
      while (newest !== undefined) {
        const mark = newest;
        newest = undefined;
        await replaceFile(file, [Buffer.from(`${JSON.stringify({ format: FORMAT, ...mark })}\n`)]);
      }
    } finally {
      writing = undefined;
    }
  };

  return {
    read: async () => {
      const bytes = await readIfThere(file);
      if (bytes === undefined) return undefined;
      const value = parse(bytes.toString('utf8'));
      if (!isMark(value)) {
        throw new StoreFault(
          'corrupt',
          `Checkpoint ${file}: expected a mark of format ${FORMAT}, got ${bytes.length} bytes`,
        );
      }
      const { position, id, stream, revision, runningHash } = value;
      return { position, id, stream, revision, runningHash };
    },
    write: (mark) => {
      newest = mark;
      writing ??= writeNewest();
      return writing;
    },
  };
};
