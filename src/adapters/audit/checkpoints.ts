/**
 * Signed checkpoints: at this position the log had so many events and this root. Kept in a file of their own beside the log,
 * one line each, and handed to whoever prints or carries them elsewhere: only what lies outside the log can show that the
 * log's tail is gone.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { arePeaks, canonical, isSignedBy, type Peaks, rootOf } from './bundleProof.ts';
import type { SigningKey } from './signingKey.ts';

export type Checkpoint = {
  readonly cloud: string;
  /** Events up to here. */
  readonly size: number;
  readonly position: number;
  readonly root: string;
  readonly peaks: readonly string[];
  /** ISO. */
  readonly signedAt: string;
  readonly key: string;
  readonly signature: string;
};

/** What a journal calls the line that holds a checkpoint whole. */
export const CHECKPOINT_NOTE = 'checkpoint of the log';

const textOf = ({ signature: _signature, ...body }: Checkpoint): string =>
  canonical({ edgelog: 'checkpoint', version: 1, ...body });

export const signed = (key: SigningKey, body: Omit<Checkpoint, 'key' | 'signature'>): Checkpoint => {
  const unsigned = { ...body, key: key.id, signature: '' };
  return { ...unsigned, signature: key.sign(textOf(unsigned)) };
};

export const lineOf = (checkpoint: Checkpoint): string =>
  canonical({ edgelog: 'checkpoint', version: 1, ...checkpoint });

export const isGenuine = (checkpoint: Checkpoint, publicKey: string): boolean =>
  isSignedBy(publicKey, textOf(checkpoint), checkpoint.signature) && rootOf(peaksOf(checkpoint)) === checkpoint.root;

export const peaksOf = ({ size, peaks }: Checkpoint): Peaks => ({ size, hashes: peaks });

/** Undefined for a line that is no checkpoint. */
export const checkpointOf = (line: string): Checkpoint | undefined => {
  try {
    const { edgelog, version, ...body } = JSON.parse(line) as Checkpoint & { edgelog?: string; version?: number };
    const isOne = edgelog === 'checkpoint' && version === 1 && arePeaks(body.size, body.peaks);
    return isOne && typeof body.signature === 'string' && lineOf(body) === line ? body : undefined;
  } catch {
    return undefined;
  }
};

/** `broken` counts lines that are no checkpoints, e.g. the last one after a crash. */
export const readCheckpoints = (
  file: string,
): { readonly checkpoints: readonly Checkpoint[]; readonly broken: number } => {
  if (!existsSync(file)) return { checkpoints: [], broken: 0 };
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const checkpoints = lines.flatMap((line) => checkpointOf(line) ?? []);
  return { checkpoints, broken: lines.length - checkpoints.length };
};

/** Durable when it returns. */
export const writeCheckpoint = (file: string, checkpoint: Checkpoint): void => {
  const isTorn =
    existsSync(file) && !readFileSync(file).subarray(-1).equals(Buffer.from('\n')) && readFileSync(file).length > 0;
  const handle = openSync(file, 'a', 0o644);
  try {
    writeSync(handle, `${isTorn ? '\n' : ''}${lineOf(checkpoint)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};
