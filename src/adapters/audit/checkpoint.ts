/**
 * A signed statement about the log: so many events, this root. Each names the hash of the one before, so that none can be
 * taken out of their file unnoticed. Its line is its only form: canonical JSON, byte for byte.
 */
import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import type { Json } from '../../domain/eventStore.ts';
import type { AuditKey } from './auditKey.ts';
import { canonicalJson } from './canonical.ts';

export type CheckpointClaim = {
  /** Events in the tree. */
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** Position of the newest of them, -1 for none. */
  readonly position: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly keyId: string;
  /** SHA-256 of the line before in its file, hex; 64 zeros for the first. */
  readonly previous: string;
};

/** `signature` is Base64. */
export type Checkpoint = CheckpointClaim & { readonly signature: string };

export const NO_PREVIOUS = '0'.repeat(64);

/** A signature made for another purpose can never pass for one of a checkpoint. */
const PURPOSE = 'edgelog checkpoint 1\n';

const signedBytes = ({ size, root, position, time, keyId, previous }: CheckpointClaim): Buffer =>
  Buffer.from(PURPOSE + canonicalJson({ size, root, position, time, keyId, previous }));

export const signCheckpoint = (claim: CheckpointClaim, { privateKey }: Pick<AuditKey, 'privateKey'>): Checkpoint => ({
  ...claim,
  signature: sign(null, signedBytes(claim), privateKey).toString('base64'),
});

export const isSignedBy = (checkpoint: Checkpoint, publicKey: KeyObject): boolean =>
  verify(null, signedBytes(checkpoint), publicKey, Buffer.from(checkpoint.signature, 'base64'));

/** Without the line's end. */
export const checkpointLine = (checkpoint: Checkpoint): string => canonicalJson(checkpoint);

export const lineHash = (line: string): string => createHash('sha256').update(line).digest('hex');

const isCount = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && Number(value) >= least;
const isHex = (value: unknown, digits: number): value is string =>
  typeof value === 'string' && value.length === digits && /^[0-9a-f]*$/.test(value);
const signatureForm = /^[A-Za-z0-9+/]{86}==$/;

const members = 'keyId position previous root signature size time';

/** The checkpoint in a value, or undefined when a member is missing, too much or of another form. */
export const checkpointIn = (value: Json): Checkpoint | undefined => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const found = value as { readonly [member: string]: Json };
  if (Object.keys(found).sort().join(' ') !== members) return undefined;
  const { size, root, position, time, keyId, previous, signature } = found;
  if (!isCount(size, 0) || !isCount(position, -1) || !isCount(time, 0)) return undefined;
  if (!isHex(root, 64) || !isHex(keyId, 16) || !isHex(previous, 64)) return undefined;
  if (typeof signature !== 'string' || !signatureForm.test(signature)) return undefined;
  if (Buffer.from(signature, 'base64').toString('base64') !== signature) return undefined;
  return { size, root, position, time, keyId, previous, signature };
};
