/**
 * Whether a word that came up is to be believed: sealed by the pinned key for this very listener, lately, and not heard before.
 * A word heard twice could make a node look as it once was.
 */
import { type Refusal, refuse } from '../../domain/refusals.ts';
import { createSealCheck } from './seal.ts';

/** Undefined when the word is to be believed. */
export type WordCheck = (body: Uint8Array, seal: string | undefined) => Refusal | undefined;

/** Longer than a seal lives with all skew. */
const REMEMBERED_MS = 600_000;
const MOST_REMEMBERED = 50_000;

const createOnce = (now: () => number) => {
  const heard = new Map<string, number>();
  return (seal: string): boolean => {
    if (heard.has(seal)) return false;
    for (const [old, at] of heard) {
      if (at + REMEMBERED_MS > now() && heard.size < MOST_REMEMBERED) break;
      heard.delete(old);
    }
    heard.set(seal, now());
    return true;
  };
};

/** One for each listener; `path` is what seals must name. Throws a fault for a certificate that cannot be read. */
export const createWordCheck = (certificatePem: string, path: string, now: () => number): WordCheck => {
  const check = createSealCheck(certificatePem, path, now);
  const isFirst = createOnce(now);
  return (body, seal) => {
    const refused = check(body, seal, path);
    if (refused !== undefined) return refused;
    return isFirst(seal ?? '') ? undefined : refuse('seal-refused', 'it was heard before');
  };
};
