/** Temporary folders for tests, removed when the test that asked for one ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Folder = { readonly file: (name: string) => string; readonly remove: () => void };

export const createFolder = (): Folder => {
  const path = mkdtempSync(join(tmpdir(), 'edgelog-store-'));
  return {
    file: (name) => join(path, name),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
};
