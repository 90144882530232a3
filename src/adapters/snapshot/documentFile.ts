/**
 * The document of the whole cloud beside a snapshot, so that the first one after a start need not be rendered from nothing. It is
 * of the same moment as the network it is read with, and worth nothing without it; losing it costs a part of a second.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../domain/eventStore.ts';
import { entryWriter } from '../../projections/documentKeeper.ts';
import { type KeptFacts, keptFacts, keptTexts, type Standing } from '../../projections/keptRecords.ts';
import type { Network } from '../../projections/network/views.ts';
import { type Recalled, recalledDocument } from '../../projections/recalledDocument.ts';
import { type CacheFile, type CacheFlaw, isFlawed, readCacheFile, writeCacheFile } from './cacheFile.ts';

const fileIn = (folder: string): string => join(folder, 'document.cache');

export const writeDocument = async (folder: string, code: string, standing: Standing): Promise<void> => {
  const written: Parameters<typeof keptFacts>[1][number][] = [];
  function* bytes(): Generator<Uint8Array> {
    for (const [text, piece] of keptTexts(standing, entryWriter(standing.kept.parts.dialect))) {
      written.push([text.length, piece]);
      yield text;
    }
  }
  const { position, epoch } = standing.kept.network;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeCacheFile(fileIn(folder), bytes(), () => {
    const document = keptFacts(standing, written) as unknown as JsonObject;
    return { code, position, epoch, document };
  });
};

export type DocumentFile = CacheFile | CacheFlaw | undefined;

export const readDocument = (folder: string): Promise<DocumentFile> => readCacheFile(fileIn(folder));

/** The document of this network, which must not change any more; or why the file is none. */
export const documentOf = (file: DocumentFile, code: string, network: Network): Recalled | CacheFlaw => {
  if (file === undefined) return { flaw: 'there is none' };
  if (isFlawed(file)) return file;
  const { facts, body } = file;
  if (facts['code'] !== code) return { flaw: 'another program made it' };
  if (facts['position'] !== network.position || facts['epoch'] !== network.epoch) {
    return { flaw: 'it is of another moment' };
  }
  try {
    return recalledDocument(facts['document'] as unknown as KeptFacts, body, network);
  } catch (thrown) {
    return { flaw: (thrown as Error).message };
  }
};
