/**
 * The embedded event store: one SQLite file, WAL, synchronous=FULL, group commit on the main thread. An append is answered
 * after fsync and not before; a crash at any moment loses nothing that was answered. Several processes may open the file:
 * the write lock orders them, and each notices what the others have added. Positions count from 1 without gaps.
 */

import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { AppendOutcome, StoredEvent } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import type { AppendRequest } from './appendRequest.ts';
import { appendRequestOf } from './appendRequest.ts';
import { createChanges } from './changes.ts';
import { createGroupCommit, patiently } from './groupCommit.ts';
import type { ImportTarget } from './importTarget.ts';
import { createHurry } from './readAhead.ts';
import { createRecentEvents, type RecentEvents } from './recentEvents.ts';
import { isBusy, sqliteFault } from './sqliteFaults.ts';
import { openSqliteFile } from './sqliteFile.ts';
import type { SqliteKnowledge } from './sqliteKnowledge.ts';
import { createSqliteKnowledge } from './sqliteKnowledge.ts';
import type { SqliteReader } from './sqliteReader.ts';
import { createSqliteReader } from './sqliteReader.ts';
import type { SqliteWriter } from './sqliteWriter.ts';
import { createSqliteWriter } from './sqliteWriter.ts';
import { startSubscription } from './subscription.ts';
import { createSubscriptionSet } from './subscriptionSet.ts';

/** Events in one transaction: large enough for full speed, small enough that a commit stays within some milliseconds. */
const BATCH_CAP = 4096;
/** How long an append waits for another process that keeps writing. */
const WRITE_PATIENCE_MS = 5000;
/** How soon a subscription notices what another process has appended. Own appends are announced at once. */
const POLL_MS = 50;

export type SqliteStoreOptions = { readonly file: string };

/** Watches for commits of other connections to the file, only while `needed`. */
const watchOthers = (db: DatabaseSync, needed: () => boolean, announce: () => void) => {
  const query = db.prepare('PRAGMA data_version');
  const version = (): number => Number(query.get()?.['data_version']);
  let timer: NodeJS.Timeout | undefined;
  let seen = version();
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  const look = (): void => {
    const current = version();
    if (current !== seen) announce();
    seen = current;
    if (!needed()) stop();
  };
  return {
    start: (): void => {
      timer ??= setInterval(look, POLL_MS);
    },
    look,
    stop,
  };
};

/** Rows looked at before others have their turn, and how long they have it while nobody waits for the knowledge. */
const SLICE = 2000;
const REST_MS = 4;
/** Who has just caught up has documents to send, which are more urgent. */
const LEARN_AFTER_MS = 500;

/**
 * Knowledge of the whole log is gathered once, in slices, so that others have their turns meanwhile: at the latest when the
 * first append waits for it, and from `begin` on at leisure.
 */
const createLearning = (knowledge: SqliteKnowledge, isClosed: () => boolean) => {
  let underWay: Promise<void> | undefined;
  let hasBegun = false;
  const learn = async (): Promise<void> => {
    while (knowledge.learnSlice(SLICE)) await nextTurn();
  };
  const learned = (): Promise<void> => {
    underWay ??= learn().catch((thrown: unknown) => {
      underWay = undefined;
      throw thrown;
    });
    return underWay;
  };
  const atLeisure = async (): Promise<void> => {
    await pause(LEARN_AFTER_MS, undefined, { ref: false });
    do {
      await pause(REST_MS, undefined, { ref: false });
    } while (!isClosed() && underWay === undefined && knowledge.learnSlice(SLICE));
  };
  const begin = (): void => {
    if (hasBegun) return;
    hasBegun = true;
    // Whatever is wrong with the log is said to whoever needs it.
    atLeisure().catch(() => undefined);
  };
  return { learned, begin };
};

type Learned = () => Promise<void>;

/** A request without events is a check, and costs about as much as one event. */
const eventsIn = ({ writes }: AppendRequest): number => writes.reduce((sum, { events }) => sum + events.length, 1);

/** The writer behind group commit: waits for other processes, speaks in faults, announces what it has added. */
const createCommits = (writer: SqliteWriter, file: string, learned: Learned, announce: () => void) => {
  const write = async <T>(act: () => T): Promise<T> => {
    try {
      await learned();
      return await patiently(act, isBusy, WRITE_PATIENCE_MS);
    } catch (thrown) {
      throw sqliteFault(thrown, file, 'write');
    } finally {
      // Who waits for the answer gets it first: what follows the log does much more with the news than passing it on.
      process.nextTick(announce);
    }
  };
  const appends = createGroupCommit<AppendRequest, AppendOutcome>(
    (batch) => write(() => writer.append(batch)),
    BATCH_CAP,
    eventsIn,
  );
  const imports = createGroupCommit<readonly StoredEvent[], void>(
    (pages) => write(() => pages.map((events) => writer.importAll(events))),
    1,
  );
  return {
    append: appends.submit,
    importEvents: imports.submit,
    drained: async (): Promise<void> => {
      await Promise.all([appends.drained(), imports.drained()]);
    },
  };
};

/** Reads that are refused after `close` and fail as faults. */
const createReads = (
  reader: SqliteReader,
  recent: RecentEvents,
  file: string,
  { learned, ensureOpen }: { readonly learned: Learned; readonly ensureOpen: () => void },
) => {
  const read = async <T>(act: () => T): Promise<T> => {
    ensureOpen();
    try {
      return act();
    } catch (thrown) {
      throw sqliteFault(thrown, file, 'read');
    }
  };
  return {
    readStream: async (stream: string, from: number, limit: number) => {
      await read(learned);
      return read(() => reader.readStream(stream, from, limit));
    },
    readAll: (after: number, limit: number) => read(() => reader.readAll(after, limit)),
    /** For those who follow: what was committed here a moment ago is still at hand. */
    readNext: (after: number, limit: number) => read(() => recent.after(after, limit) ?? reader.readAll(after, limit)),
    head: () => read(reader.head),
  };
};

/**
 * Opens or creates the log in `file`. Throws StoreFault: `corrupt` (damaged, cut short, not a database; with the position
 * where it is known), `unsupported` (schema of a newer program), `not-permitted` (read-only), `unavailable`.
 */
export const openSqliteStore = async ({ file }: SqliteStoreOptions): Promise<ImportTarget> => {
  const db = openSqliteFile(file);
  let closed = false;
  const ensureOpen = (): void => {
    if (closed) throw new StoreFault('closed', `Event log ${file} is closed`);
  };
  const changes = createChanges();
  const subscriptions = createSubscriptionSet();
  const others = watchOthers(db, () => subscriptions.size() > 0, changes.announce);
  const knowledge = createSqliteKnowledge(db, file);
  const { learned, begin } = createLearning(knowledge, () => closed);
  const recent = createRecentEvents();
  const commits = createCommits(createSqliteWriter(db, file, knowledge, recent), file, learned, changes.announce);
  const reader = createSqliteReader(db, file, knowledge);
  const { readNext, ...reads } = createReads(reader, recent, file, { learned, ensureOpen });
  const followed = { head: reads.head, readAll: readNext, listen: changes.listen };

  return {
    atomicAcrossStreams: true,
    checksPredecessors: true,
    ...reads,
    seemsNew: (stream) => knowledge.isCurrent() && knowledge.numberOf(stream) === undefined,
    // Whoever asks for the end of the log wants it now; those who follow it here are told at the same moment.
    head: async () => {
      ensureOpen();
      others.look();
      return reads.head();
    },
    append: async (commandId, writes) => {
      ensureOpen();
      return commits.append(appendRequestOf(commandId, writes));
    },
    subscribe: (after, observer) => {
      ensureOpen();
      others.start();
      const hurry = createHurry(file, (reader.head()?.position ?? 0) - Math.max(0, after), followed.readAll);
      const onCaughtUp = (): void | Promise<void> => {
        hurry.arrived();
        begin();
        return observer.onCaughtUp();
      };
      const log = { ...followed, readAll: hurry.readAll };
      const subscription = startSubscription(log, after, { ...observer, onCaughtUp }, hurry.arrived);
      return subscriptions.add(subscription);
    },
    importEvents: async (events) => {
      ensureOpen();
      await commits.importEvents(events);
    },
    close: async () => {
      if (closed) return;
      closed = true;
      others.stop();
      await Promise.all([subscriptions.stopAll(), commits.drained()]);
      db.close();
    },
  };
};
