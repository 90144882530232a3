/**
 * Files that are always whole: a reader sees the old content or the new, never a part, and a power cut keeps one of them.
 * Temporary file in the same folder, fsync, rename, fsync of the folder.
 */
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Bytes per write call: many small pieces are gathered so that a document of thousands of buffers costs few calls. */
const GATHER = 1 << 20;

const writePieces = async (file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> => {
  let gathered: Uint8Array[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    if (gathered.length > 0) await file.writev(gathered);
    gathered = [];
    size = 0;
  };
  for (const piece of pieces) {
    gathered.push(piece);
    size += piece.byteLength;
    if (size >= GATHER || gathered.length >= 512) await flush();
  }
  await flush();
};

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Replaces the file at `path`. Rejects with the system's error (ENOSPC, EROFS, ...); the old file is then untouched. */
export const replaceFile = async (path: string, pieces: readonly Uint8Array[], mode = 0o600): Promise<void> => {
  const folder = dirname(path);
  const temporary = join(folder, `.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await writePieces(file, pieces);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
};

/** Undefined when there is no such file. */
export const readIfThere = async (path: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

export const ensureFolder = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
};
