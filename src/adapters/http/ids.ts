/**
 * Ids the door hands out: command ids from Idempotency-Keys, and ids of things a command creates. Everything is derived
 * from the command's id, so that a repeated request means the same things again.
 */
import { createHash } from 'node:crypto';

/** A UUID (version 8, RFC 9562) of the first 128 bits of SHA-256 over the parts, each framed by its length. */
export const derivedUuid = (...parts: readonly string[]): string => {
  const digest = digestOf(...parts);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** Eight hex digits for the `index`-th new thing of a command; `attempt` counts how often the id before was taken. */
export const derivedDigits = (commandId: string, index: number, attempt: number): string =>
  digestOf(commandId, String(index), String(attempt)).toString('hex', 0, 4);

/** Digest of a wish's content, to notice when a key comes back with another one. */
export const fingerprintOf = (...parts: readonly (string | Uint8Array)[]): string =>
  digestOf(...parts).toString('base64url');

const digestOf = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest();
};
