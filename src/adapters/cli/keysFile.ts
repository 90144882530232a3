/**
 * Changes the file of API keys: whole file read, one record added or taken out, whole file replaced, readable by nobody else.
 * Keys themselves are never written here, only what the composition root makes of them.
 */
import { readIfThere, replaceFile } from '../shared/atomicFile.ts';
import type { ApiKeyRecord, ApiKeys } from './hooks.ts';

/** Throws when the file is there and is not a keys file; a file that is not there holds no keys. */
export const readKeys = async (file: string, keys: ApiKeys): Promise<readonly ApiKeyRecord[]> =>
  (await readIfThere(file)) === undefined ? [] : keys.read(file);

export const writeKeys = (file: string, records: readonly ApiKeyRecord[]): Promise<void> =>
  replaceFile(file, [new TextEncoder().encode(`${JSON.stringify({ keys: records }, null, 2)}\n`)]);
