/**
 * Write transactions on a SQLite log. A batch of appends is one transaction: each request is checked against the log as
 * the requests before it have left it, so one that conflicts is answered so and harms nobody. All or nothing reaches the
 * disk; when anything fails the whole transaction is rolled back and nothing is answered as appended.
 */

import type { DatabaseSync } from 'node:sqlite';
import type { AppendOutcome, StoredEvent } from '../../domain/eventStore.ts';
import type { EventPlace, PlannedWrite } from './appendPlan.ts';
import { appendedAt, planAppend } from './appendPlan.ts';
import type { AppendRequest } from './appendRequest.ts';
import { alreadyImported } from './importPlace.ts';
import type { RecentEvents } from './recentEvents.ts';
import type { Inserted, SqliteDraft } from './sqliteDraft.ts';
import { createSqliteDraft } from './sqliteDraft.ts';
import { sqliteFault } from './sqliteFaults.ts';
import type { SqliteKnowledge } from './sqliteKnowledge.ts';

export type SqliteWriter = {
  /** Throws SQLite's own error when another process holds the log, StoreFault for everything else. */
  readonly append: (batch: readonly AppendRequest[]) => readonly AppendOutcome[];
  readonly importAll: (events: readonly StoredEvent[]) => void;
};

const write = (draft: SqliteDraft, planned: PlannedWrite): EventPlace =>
  planned.kind === 'stands' ? planned.last : draft.insert(planned.write);

const appendOne = (draft: SqliteDraft, request: AppendRequest): AppendOutcome => {
  const plan = planAppend(draft.view, request);
  if (plan.kind === 'conflict') return plan.conflict;
  if (plan.kind === 'repeated') return plan.outcome;
  return appendedAt(plan.writes.map((planned) => write(draft, planned)));
};

/** An event as it was recorded elsewhere. */
const recorded = (event: StoredEvent): Inserted => {
  const { id, stream, type, data, metadata } = event;
  const written = { type, data: JSON.stringify(data), metadata: JSON.stringify(metadata) };
  return { stream, ids: [id], events: [written], given: [event] };
};

const importOne = (draft: SqliteDraft, event: StoredEvent): void => {
  if (alreadyImported(event, draft.view)) return;
  draft.insert(recorded(event));
};

export const createSqliteWriter = (
  db: DatabaseSync,
  file: string,
  knowledge: SqliteKnowledge,
  recent: RecentEvents,
): SqliteWriter => {
  const draft = createSqliteDraft(db, knowledge, recent);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');

  const abandon = (thrown: unknown, during: 'write' | 'commit'): unknown => {
    if (db.isTransaction) rollback.run();
    draft.abandoned();
    return sqliteFault(thrown, file, during);
  };

  /** Nothing to add needs no commit: what was found in the log is already durable. */
  const transaction = <T>(work: () => T): T => {
    begin.run();
    let during: 'write' | 'commit' = 'write';
    try {
      knowledge.refresh();
      const result = work();
      during = 'commit';
      (draft.size() > 0 ? commit : rollback).run();
      draft.committed();
      return result;
    } catch (thrown) {
      throw abandon(thrown, during);
    }
  };

  return {
    append: (batch) => transaction(() => batch.map((request) => appendOne(draft, request))),
    importAll: (events) =>
      transaction(() => {
        for (const event of events) importOne(draft, event);
      }),
  };
};
