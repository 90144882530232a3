/**
 * The network documents as the nodes have them: files below the data folder where they are on this machine, with the moment
 * each was replaced; otherwise the document the API serves.
 */
import { existsSync, type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const FILE = 'global_network_info.xml';

export type NodeFiles = {
  /** Undefined: the files are not on this machine. */
  readonly folder: string | undefined;
  /** Node -> text of its document; empty where there is none yet. */
  readonly read: () => Promise<ReadonlyMap<string, string>>;
  /** Node -> when its file was last replaced, on the clock of `performance.now()`. */
  readonly replacedAt: () => ReadonlyMap<string, number>;
  readonly close: () => void;
};

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return '';
    throw fault;
  });

/** The first folder that has a place for every node. */
export const findFolder = (candidates: readonly (string | undefined)[], nodes: readonly string[]): string | undefined =>
  candidates
    .flatMap((data) => (data === undefined || data === '' ? [] : [resolve(data, 'nodes')]))
    .find((folder) => nodes.length > 0 && nodes.every((node) => existsSync(join(folder, node))));

/** Watches folders, not files: a file that is replaced is another one each time. */
export const openNodeFiles = (folder: string, nodes: readonly string[]): NodeFiles => {
  const replaced = new Map<string, number>();
  const watchers: readonly FSWatcher[] = nodes.map((node) =>
    watch(join(folder, node), (_what, name) => {
      if (name === FILE) replaced.set(node, performance.now());
    }),
  );
  return {
    folder,
    read: async () =>
      new Map(await Promise.all(nodes.map(async (node) => [node, await textOf(join(folder, node, FILE))] as const))),
    replacedAt: () => replaced,
    close: () => {
      for (const watcher of watchers) watcher.close();
    },
  };
};

/** The same from the API: what nodes have once they say so, without the moment a file was replaced. */
export const servedDocument = (name: string, fetchDocument: () => Promise<string>): NodeFiles => ({
  folder: undefined,
  read: async () => new Map([[name, await fetchDocument()]]),
  replacedAt: () => new Map(),
  close: () => undefined,
});
