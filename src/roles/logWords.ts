/**
 * Moving a log and backing it up, for the command line. What the stores cannot do is a "no" with its reason and what to do next,
 * never a fault of this program.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BackupOptions, CopyOptions, HookAnswer, HookRefusal, Words } from '../adapters/cli/hooks.ts';
import { copyLog } from '../adapters/eventstore/copy.ts';
import { openStore } from '../adapters/eventstore/open.ts';
import { backupSqliteLog } from '../adapters/eventstore/sqliteBackup.ts';
import { categories } from '../domain/aggregates.ts';
import { StoreFault, type StoreFaultKind } from '../domain/eventStore.ts';
import { documentsDiffer } from './documentsOfLogs.ts';

const SQLITE = 'sqlite:';
const NOBODY_ANSWERS = 3;

const nexts: { readonly [K in StoreFaultKind]?: string } = {
  unavailable: 'see that the store runs and the address is right, then start the same command again',
  'unknown-outcome': 'start the same command again: what is there is kept',
  corrupt: 'docs/operations/stores.md says what the message means',
};

/** A fault of a store is an answer: one line, what to do, and an exit code of its own for stores that do not answer. */
const refusalOf = ({ kind, message }: StoreFault): HookRefusal => {
  const isAway = kind === 'unavailable' || kind === 'closed' || kind === 'unknown-outcome';
  const next = nexts[kind];
  return {
    refused: `store-${kind}`,
    detail: /[.!?]$/.test(message) ? message : `${message}.`,
    ...(next === undefined ? {} : { next }),
    ...(isAway ? { exit: NOBODY_ANSWERS } : {}),
  };
};

const orRefused = async <A>(work: () => Promise<A>): Promise<A | HookRefusal> => {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof StoreFault) return refusalOf(fault);
    throw fault;
  }
};

const progressWords =
  (words: Words) => (progress: { stage: string; done: number; total: number; perSecond: number }) => {
    const percent = progress.total === 0 ? 100 : Math.min(100, Math.floor((100 * progress.done) / progress.total));
    words.progress(
      `${progress.stage}: ${progress.done} of ${progress.total} events (${percent} %), ${Math.round(progress.perSecond)}/s`,
    );
  };

/** Opening a file that is not there would make an empty log of a typing mistake. */
const mustBeThere = (url: string): void => {
  const file = url.startsWith(SQLITE) ? url.slice(SQLITE.length) : undefined;
  if (file === undefined || existsSync(file)) return;
  throw new StoreFault('unavailable', `Event log ${file}: there is none to copy`);
};

export const copyWords = (options: CopyOptions, words: Words): Promise<HookAnswer | HookRefusal> =>
  orRefused(async () => {
    mustBeThere(options.from);
    const from = await openStore(options.from, { insecure: options.insecure, categories });
    try {
      const to = await openStore(options.to, { insecure: options.insecure, categories });
      try {
        const report = await copyLog(from, to, { onProgress: progressWords(words) });
        const differing = await documentsDiffer(from, to);
        if (differing !== undefined) {
          return { refused: 'copy-differs', detail: `The rebuilt document of ${differing} differs.` };
        }
        const text = `${report.events} events in ${report.streams} streams, ${report.kept} were there before.\nBoth logs have the digest ${report.digest}; rebuilt documents are equal.`;
        return { exit: 0, text, data: report };
      } finally {
        await to.close();
      }
    } finally {
      await from.close();
    }
  });

/** The file of the log: what `--store` names, else that of the data folder. */
const logFileOf = ({ data, store }: BackupOptions): string => {
  if (store === undefined) return join(data, 'events.db');
  if (store.startsWith(SQLITE)) return store.slice(SQLITE.length);
  const detail =
    'Only logs in SQLite files are backed up here; for KurrentDB see docs/operations/stores.md, or use edgelog copy';
  throw new StoreFault('unsupported', detail);
};

export const backupWords = (options: BackupOptions): Promise<HookAnswer | HookRefusal> =>
  orRefused(async () => {
    const [file, target] = [logFileOf(options), resolve(options.target)];
    const { events, head } = await backupSqliteLog(file, target);
    const upTo = head === undefined ? '' : `, up to position ${head.position}`;
    const text = `${events} events${upTo}, each of them read and checked, in ${target}.`;
    return { exit: 0, text, data: { file: target, events, position: head?.position ?? null, id: head?.id ?? null } };
  });
