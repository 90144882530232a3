/**
 * When a snapshot is due, and what happens when the log before the one that was begun with is not what it should be. Losing a
 * snapshot costs the next start some time and nothing else, so that one that cannot be written is only noted.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { LogMark } from '../adapters/eventstore/tail.ts';
import type { Journal } from './journal.ts';
import type { Part } from './role.ts';
import type { Known, Snapshot } from './snapshot.ts';

export type SnapshotWatchOptions = {
  readonly snapshot: Snapshot;
  /** The mark that was begun with, undefined when the whole log was read. */
  readonly begun: LogMark | undefined;
  /** Everything that sleeps in what was begun with, step by step; throws at what is not what was written down. */
  readonly asleep?: (() => Generator<void>) | undefined;
  readonly wakeAfterMs?: number;
  /** Of the newest event. */
  readonly position: () => number;
  /** All of this moment; costs some milliseconds. Undefined while there is nothing to keep. */
  readonly known: () => Known | undefined;
  /** Calls back after every batch of events; returns how to stop. */
  readonly watch: (onEvents: () => void) => () => void;
  readonly journal: Journal;
  readonly now: () => number;
  /** The log is not the one that was begun with. */
  readonly onLost: (reason: string) => void;
};

/** Events after which a start from the log is so slow that it is worth a snapshot: a tenth of a second or more. */
const MANY = 20_000;
/** Where that many come within seconds, one in a while is enough: writing down takes from what they need. */
const AT_MOST_EVERY_MS = 15_000;
/** Fewer are worth it when nothing was written for a while. */
const SOME = 2_000;
const WHILE_MS = 300_000;
/** The log is read again only when what starts has started, and what sleeps has been looked at. */
const CHECK_AFTER_MS = 3_500;
/** What sleeps is looked at a little later than anything that waits for the start, a millisecond at a time. */
const WAKE_AFTER_MS = 1_500;
const STEP_MS = 1;
const REST_MS = 4;

/** Over at once when this is stopped. */
const rest = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(ms, undefined, { ref: false, signal }).catch(() => undefined);

/** A millisecond at a time, until all is seen; what was wrong with it, if anything was. */
const lookThrough = async (steps: Generator<void>, signal: AbortSignal): Promise<string | undefined> => {
  try {
    for (let isDone = false; !isDone && !signal.aborted; ) {
      const until = performance.now() + STEP_MS;
      while (!isDone && performance.now() < until) isDone = steps.next().done === true;
      await rest(REST_MS, signal);
    }
  } catch (thrown) {
    return `the snapshot is not what it says: ${(thrown as Error).message}`;
  }
  return undefined;
};

export const createSnapshotWatch = (options: SnapshotWatchOptions): Part => {
  const {
    snapshot,
    begun,
    asleep,
    wakeAfterMs = WAKE_AFTER_MS,
    position,
    known,
    watch,
    journal,
    now,
    onLost,
  } = options;
  const ended = new AbortController();
  let written = { position: begun?.position ?? -1, at: now() };
  let writing: Promise<void> | undefined;
  let restUntil = 0;
  let unwatch: () => void = () => undefined;
  let checking: Promise<void> | undefined;

  const write = (): void => {
    const newest = known();
    if (newest === undefined || writing !== undefined) return;
    written = { position: newest.mark.position, at: now() };
    restUntil = now() + AT_MOST_EVERY_MS;
    writing = snapshot
      .write(newest)
      .catch((fault) => journal.fault('no snapshot could be written', fault))
      .finally(() => {
        writing = undefined;
      });
  };

  const behind = (): number => position() - Math.max(0, written.position);

  const look = (): void => {
    const isMany = behind() >= MANY && now() >= restUntil;
    if (isMany || (behind() >= SOME && now() - written.at >= WHILE_MS)) write();
  };

  /** What is wrong with what was begun with, looked for at leisure. */
  const flawIn = async (mark: LogMark): Promise<string | undefined> => {
    await rest(wakeAfterMs, ended.signal);
    const flaw = asleep && (await lookThrough(asleep(), ended.signal));
    if (flaw !== undefined) return flaw;
    await rest(CHECK_AFTER_MS, ended.signal);
    return snapshot.check(mark, ended.signal);
  };

  const check = async (mark: LogMark): Promise<void> => {
    const flaw = await flawIn(mark);
    if (flaw === undefined) return;
    await snapshot.drop();
    onLost(`${flaw}; start again to read all of it`);
  };

  return {
    name: 'snapshot',
    about: 'keeps what the next start needs in a cache, and looks whether the log before it is still the same',
    start: async () => {
      unwatch = watch(look);
      look();
      if (begun !== undefined) {
        checking = check(begun).catch((fault) => journal.fault('the log could not be checked', fault));
      }
      return [];
    },
    stop: async () => {
      unwatch();
      ended.abort();
      await checking;
      await writing;
      if (behind() >= SOME) write();
      await writing;
    },
  };
};
