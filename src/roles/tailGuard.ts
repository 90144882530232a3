/**
 * Watches that the log does not lose its tail. What was seen of it is remembered outside of it, with the newest epoch; a log
 * that is found shorter or other at start gets a new epoch, so that its documents are newer than anything sent from the lost
 * part. A log that loses its tail under a running process ends the process: what it knows is of a log that is gone.
 */
import { join } from 'node:path';
import { createCheckpointFile } from '../adapters/eventstore/checkpoint.ts';
import {
  checkTail,
  createTailWatch,
  type LogMark,
  type TailVerdict,
  type TailWatch,
} from '../adapters/eventstore/tail.ts';
import { readIfThere, replaceFile } from '../adapters/shared/atomicFile.ts';
import type { EventStore, StoredEvent } from '../domain/eventStore.ts';
import type { Journal } from './journal.ts';

export type TailGuardOptions = {
  /** Where to remember; undefined for processes that need not raise an epoch. */
  readonly folder: string | undefined;
  readonly store: Pick<EventStore, 'head' | 'readStream'>;
  readonly everyMs: number;
  /** Where reading begins, if not with the first event; the log has that event. */
  readonly begun?: LogMark | undefined;
  readonly journal: Journal;
  /** The log lost its tail while it was followed. */
  readonly onLost: (reason: string) => void;
};

export type TailGuard = {
  /** Reads what is remembered; to be called before the first event. */
  readonly open: () => Promise<void>;
  readonly observe: (events: readonly StoredEvent[]) => void;
  /** Of the newest event observed. */
  readonly mark: () => LogMark | undefined;
  /** What became of the remembered tail, once the log was read to its end. */
  readonly verdict: () => TailVerdict;
  /** The newest epoch this process ever worked in, 0 if unknown. */
  readonly rememberedEpoch: () => number;
  readonly keepEpoch: (epoch: number) => Promise<void>;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

const epochIn = (bytes: Buffer | undefined): number => {
  const epoch = Number(bytes?.toString('utf8').trim() ?? '0');
  return Number.isSafeInteger(epoch) ? epoch : 0;
};

export const createTailGuard = (options: TailGuardOptions): TailGuard => {
  const { folder, store, everyMs, begun, journal, onLost } = options;
  const checkpoint = folder === undefined ? undefined : createCheckpointFile(join(folder, 'log-mark.json'));
  const epochFile = folder === undefined ? undefined : join(folder, 'newest-epoch');
  let tail: TailWatch = createTailWatch(undefined, begun);
  let epoch = 0;
  let written = -1;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  const remember = async (): Promise<void> => {
    const mark = tail.mark();
    if (mark === undefined || mark.position === written) return;
    await checkpoint?.write(mark);
    written = mark.position;
  };

  const look = async (): Promise<void> => {
    const mark = tail.mark();
    if (mark === undefined) return;
    const verdict = await checkTail(store, mark);
    if (verdict === 'intact') return remember();
    clearInterval(timer);
    onLost(
      `the event log is not what it was (${verdict} at position ${mark.position}); start again to open a new epoch`,
    );
  };

  const lookOnce = (): void => {
    looking ??= look()
      .catch((fault) => journal.fault('cannot look after the tail of the log', fault))
      .finally(() => {
        looking = undefined;
      });
  };

  return {
    open: async () => {
      tail = createTailWatch(await checkpoint?.read(), begun);
      epoch = epochFile === undefined ? 0 : epochIn(await readIfThere(epochFile));
    },
    observe: (events) => tail.observe(events),
    mark: () => tail.mark(),
    verdict: () => tail.verdict(),
    rememberedEpoch: () => epoch,
    keepEpoch: async (next) => {
      if (next <= epoch || epochFile === undefined) return;
      epoch = next;
      await replaceFile(epochFile, [Buffer.from(`${next}\n`)]);
    },
    start: () => {
      timer = setInterval(lookOnce, everyMs);
    },
    stop: async () => {
      clearInterval(timer);
      await looking;
      await remember().catch((fault) => journal.fault('cannot remember the end of the log', fault));
    },
  };
};
