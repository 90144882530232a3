/**
 * Write transactions on a SQLite log. A batch of appends is one transaction: each request is checked against the log as
 * the requests before it have left it, so one that conflicts is answered so and harms nobody. All or nothing reaches the
 * disk; when anything fails the whole transaction is rolled back and nothing is answered as appended.
 */

import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AppendOutcome, StoredEvent } from '../../domain/eventStore.ts';
import type { EventPlace, PlannedWrite } from './appendPlan.ts';
import { appendedAt, planAppend } from './appendPlan.ts';
import type { AppendRequest, SerialisedEvent } from './appendRequest.ts';
import { alreadyImported } from './importPlace.ts';
import { sqliteFault } from './sqliteFaults.ts';
import type { SqliteLog } from './sqliteLog.ts';
import { createSqliteLog } from './sqliteLog.ts';

export type SqliteWriter = {
  /** Learns which event ids are in the log, letting others have their turns; needed once before the first transaction. */
  readonly prepare: () => Promise<void>;
  /** Throws SQLite's own error when another process holds the log, StoreFault for everything else. */
  readonly append: (batch: readonly AppendRequest[]) => readonly AppendOutcome[];
  readonly importAll: (events: readonly StoredEvent[]) => void;
};

const write = (log: SqliteLog, planned: PlannedWrite): EventPlace => {
  if (planned.kind === 'done') return planned.last;
  let last: EventPlace = { revision: planned.write.expected, position: 0 };
  for (const [index, event] of planned.write.events.entries()) {
    last = log.insert(planned.ids[index] ?? '', planned.write.stream, event);
  }
  return last;
};

const appendOne = (log: SqliteLog, request: AppendRequest): AppendOutcome => {
  const plan = planAppend(log.view, request);
  if (plan.kind === 'conflict') return plan.conflict;
  return appendedAt(plan.writes.map((planned) => write(log, planned)));
};

const serialised = (event: StoredEvent): SerialisedEvent => ({
  type: event.type,
  data: JSON.stringify(event.data),
  metadata: JSON.stringify(event.metadata),
});

const importOne = (log: SqliteLog, event: StoredEvent): void => {
  if (alreadyImported(event, log.view)) return;
  log.insert(event.id, event.stream, serialised(event));
};

export const createSqliteWriter = (db: DatabaseSync, file: string): SqliteWriter => {
  const log = createSqliteLog(db, file);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');

  const abandon = (thrown: unknown, during: 'write' | 'commit'): unknown => {
    if (db.isTransaction) rollback.run();
    log.forget();
    return sqliteFault(thrown, file, during);
  };

  /** Nothing to add needs no commit: what was found in the log is already durable. */
  const transaction = <T>(work: () => T): T => {
    begin.run();
    let during: 'write' | 'commit' = 'write';
    try {
      log.refresh();
      const result = work();
      during = 'commit';
      (log.added() > 0 ? commit : rollback).run();
      log.keep();
      return result;
    } catch (thrown) {
      throw abandon(thrown, during);
    }
  };

  return {
    prepare: async () => {
      while (log.load()) await nextTurn();
    },
    append: (batch) => transaction(() => batch.map((request) => appendOne(log, request))),
    importAll: (events) =>
      transaction(() => {
        for (const event of events) importOne(log, event);
      }),
  };
};
