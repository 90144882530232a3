/**
 * Everything a start needs besides the network: where in the log it stands, what was delivered, and the audit index. It is of
 * the same moment as one file of `networkFiles.ts`, and worth nothing without it.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../domain/eventStore.ts';
import type { KeptAudit } from '../../projections/audit.ts';
import { type CacheFlaw, isFlawed, readCacheFile, writeCacheFile } from './cacheFile.ts';

/** What the log was like at the moment; `runningHash` covers every event up to it. */
export type StartMark = {
  readonly position: number;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly runningHash: string;
};

export type Start = {
  readonly mark: StartMark;
  /** How many events lead there. */
  readonly events: number;
  readonly audit: KeptAudit;
  /** Whatever else has to be remembered, as JSON. */
  readonly others: Json;
};

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** In pieces, so that writing a long one gives turns to others. */
const PIECE = 64 * 1024;

function* piecesOf(arrays: readonly Float64Array[]): Generator<Uint8Array> {
  for (const array of arrays) {
    const bytes = bytesOf(array);
    for (let from = 0; from < bytes.length; from += PIECE) yield bytes.subarray(from, from + PIECE);
  }
}

const fileIn = (folder: string): string => join(folder, 'start.cache');

export const writeStart = async (folder: string, code: string, start: Start): Promise<void> => {
  const { mark, events, audit, others } = start;
  const { columns, runs, words } = audit;
  const facts: JsonObject = {
    ...{ code, mark, events, others, words },
    columns: columns.map(({ length }) => length),
    runs: runs.map(({ length }) => length),
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeCacheFile(fileIn(folder), piecesOf([...columns, ...runs]), facts);
};

type Facts = {
  readonly code: string;
  readonly mark: StartMark;
  readonly events: number;
  readonly others: Json;
  readonly words: readonly string[];
  readonly columns: readonly number[];
  readonly runs: readonly number[];
};

const isFacts = (facts: JsonObject): facts is JsonObject & Facts =>
  ['mark', 'events', 'words', 'columns', 'runs'].every((name) => facts[name] !== undefined);

/** Reads numbers off the body, one array after the other. */
const reading = (body: Buffer) => {
  let at = 0;
  return (length: number): Float64Array => {
    const array = new Float64Array(length);
    body.copy(bytesOf(array), 0, at, at + array.byteLength);
    at += array.byteLength;
    return array;
  };
};

/** Undefined when there is none. */
export const readStart = async (folder: string, code: string): Promise<Start | CacheFlaw | undefined> => {
  const file = await readCacheFile(fileIn(folder));
  if (file === undefined || isFlawed(file)) return file;
  const { facts, body } = file;
  if (facts['code'] !== code) return { flaw: 'another program made it' };
  if (!isFacts(facts)) return { flaw: 'it lacks what a start needs' };
  const { mark, events, others, words } = facts;
  const next = reading(body);
  const columns = facts.columns.map(next);
  return { mark, events, others, audit: { columns, runs: facts.runs.map(next), words } };
};
