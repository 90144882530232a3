/**
 * One file of a cache: a body and some facts about it, written aside and renamed, its sum checked when it is read. A file that
 * is not whole is no file; nothing here is ever the truth, so nothing is forced onto the disk either. Making the body may take
 * long: it is asked for piece by piece, with turns for others in between.
 */
import { open, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { JsonObject } from '../../domain/eventStore.ts';
import { readIfThere } from '../shared/atomicFile.ts';

export type CacheFile = { readonly facts: JsonObject; readonly body: Buffer };

/** Why a file cannot be used. */
export type CacheFlaw = { readonly flaw: string };

export const isFlawed = (x: object): x is CacheFlaw => 'flaw' in x;

const FORMAT = 1;
/** Bytes made between two turns: about a millisecond's work. */
const TURN = 64 * 1024;
const LINE_BREAK = 10;

type Trailer = { readonly format: number; readonly length: number; readonly sum: number; readonly facts: JsonObject };

const isTrailer = (value: unknown): value is Trailer =>
  typeof value === 'object' &&
  value !== null &&
  'format' in value &&
  value.format === FORMAT &&
  'length' in value &&
  'sum' in value &&
  'facts' in value &&
  typeof value.facts === 'object' &&
  value.facts !== null;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Replaces the file; resolves to its bytes. Facts that follow from the body are asked for when all of it is written. Rejects
 * with the system's error, and then the old file is as it was.
 */
export const writeCacheFile = async (
  path: string,
  body: Iterable<Uint8Array>,
  facts: JsonObject | (() => JsonObject),
): Promise<number> => {
  const temporary = `${path}.${process.pid}.tmp`;
  let [length, sum] = [0, 0];
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      let [gathered, size]: [Uint8Array[], number] = [[], 0];
      for (const piece of body) {
        gathered.push(piece);
        size += piece.byteLength;
        length += piece.byteLength;
        sum = crc32(piece, sum);
        if (size < TURN && gathered.length < 512) continue;
        await file.writev(gathered);
        [gathered, size] = [[], 0];
      }
      const known = typeof facts === 'function' ? facts() : facts;
      const trailer: Trailer = { format: FORMAT, length, sum, facts: known as JsonObject };
      await file.writev([...gathered, Buffer.from(`\n${JSON.stringify(trailer)}`)]);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (fault) {
    await rm(temporary, { force: true });
    throw fault;
  }
  return length;
};

/** Undefined when there is none. */
export const readCacheFile = async (path: string): Promise<CacheFile | CacheFlaw | undefined> => {
  const bytes = await readIfThere(path);
  if (bytes === undefined) return undefined;
  const end = bytes.lastIndexOf(LINE_BREAK);
  const trailer = end < 0 ? undefined : parsed(bytes.toString('utf8', end + 1));
  if (!isTrailer(trailer)) return { flaw: 'it is not whole, or of another format' };
  if (trailer.length !== end) return { flaw: `expected ${trailer.length} bytes, got ${end}` };
  const body = bytes.subarray(0, end);
  const sum = crc32(body);
  return sum === trailer.sum ? { facts: trailer.facts, body } : { flaw: `expected the sum ${trailer.sum}, got ${sum}` };
};
