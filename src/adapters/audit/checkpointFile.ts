/**
 * The file of checkpoints of a data folder: only ever appended to, read and checked as a whole when it is opened. A last line
 * that was cut short by a crash is cut off; anything else that is wrong is said and never mended.
 */
import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../../domain/eventStore.ts';
import { readIfThere } from '../shared/atomicFile.ts';
import type { AuditKey } from './auditKey.ts';
import {
  type Checkpoint,
  type CheckpointClaim,
  checkpointIn,
  checkpointLine,
  isSignedBy,
  lineHash,
  NO_PREVIOUS,
  signCheckpoint,
} from './checkpoint.ts';

export type CheckpointFile = {
  /** Oldest first. */
  readonly all: () => readonly Checkpoint[];
  /** What is wrong with the file, as a sentence; undefined when all of it holds. */
  readonly flaw: string | undefined;
  /** Signs the claim behind the newest line and writes it durably. */
  readonly append: (claim: Omit<CheckpointClaim, 'previous' | 'keyId'>) => Promise<Checkpoint>;
};

const parsed = (line: string): Json | undefined => {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
};

type Chain = { readonly checkpoints: readonly Checkpoint[]; readonly flaw: string | undefined };

/** The checkpoints of a file's lines up to the first that does not hold. */
export const readChain = (lines: readonly string[], publicKey: AuditKey['publicKey']): Chain => {
  const checkpoints: Checkpoint[] = [];
  let previous = NO_PREVIOUS;
  for (const [index, line] of lines.entries()) {
    const flawed = (what: string): Chain => ({ checkpoints, flaw: `Checkpoint ${index + 1} ${what}.` });
    const value = parsed(line);
    const checkpoint = value === undefined ? undefined : checkpointIn(value);
    if (checkpoint === undefined || checkpointLine(checkpoint) !== line) return flawed('has not the form of one');
    if (checkpoint.previous !== previous) return flawed('does not follow the one before it');
    if (!isSignedBy(checkpoint, publicKey)) return flawed('is not signed by this key');
    if (checkpoint.size < (checkpoints.at(-1)?.size ?? 0))
      return flawed('speaks of fewer events than the one before it');
    checkpoints.push(checkpoint);
    previous = lineHash(line);
  }
  return { checkpoints, flaw: undefined };
};

/** A line is whole when its end was written. */
const wholeLines = async (path: string): Promise<readonly string[]> => {
  const bytes = await readIfThere(path);
  if (bytes === undefined || bytes.length === 0) return [];
  const end = bytes.lastIndexOf(10) + 1;
  if (end < bytes.length) await truncate(path, end);
  return bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
};

export const openCheckpointFile = async (folder: string, key: AuditKey): Promise<CheckpointFile> => {
  const path = join(folder, 'checkpoints.jsonl');
  const lines = await wholeLines(path);
  const { checkpoints, flaw } = readChain(lines, key.publicKey);
  const kept = [...checkpoints];
  const last = lines.at(-1);
  let previous = last === undefined ? NO_PREVIOUS : lineHash(last);
  let writing: Promise<unknown> = Promise.resolve();

  const write = async (claim: Omit<CheckpointClaim, 'previous' | 'keyId'>): Promise<Checkpoint> => {
    const checkpoint = signCheckpoint({ ...claim, keyId: key.keyId, previous }, key);
    const line = checkpointLine(checkpoint);
    const file = await open(path, 'a', 0o600);
    try {
      await file.appendFile(`${line}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    previous = lineHash(line);
    kept.push(checkpoint);
    return checkpoint;
  };

  return {
    all: () => kept,
    flaw,
    append: (claim) => {
      const done = writing.then(() => write(claim));
      writing = done.catch(() => undefined);
      return done;
    },
  };
};
