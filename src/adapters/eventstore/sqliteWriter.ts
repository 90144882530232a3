/**
 * Write transactions on a SQLite log. A batch of appends is one transaction: each request is checked against the log as
 * the requests before it have left it, so one that conflicts is answered so and harms nobody. All or nothing reaches the
 * disk; when anything fails the whole transaction is rolled back and nothing is answered as appended.
 */

import type { DatabaseSync } from 'node:sqlite';
import type { AppendOutcome, StoredEvent } from '../../domain/eventStore.ts';
import type { EventPlace, PlannedWrite } from './appendPlan.ts';
import { appendedAt, planAppend } from './appendPlan.ts';
import type { AppendRequest, SerialisedEvent } from './appendRequest.ts';
import { alreadyImported } from './importPlace.ts';
import type { SqliteDraft } from './sqliteDraft.ts';
import { createSqliteDraft } from './sqliteDraft.ts';
import { sqliteFault } from './sqliteFaults.ts';
import type { SqliteKnowledge } from './sqliteKnowledge.ts';

export type SqliteWriter = {
  /** Throws SQLite's own error when another process holds the log, StoreFault for everything else. */
  readonly append: (batch: readonly AppendRequest[]) => readonly AppendOutcome[];
  readonly importAll: (events: readonly StoredEvent[]) => void;
};

const write = (draft: SqliteDraft, planned: PlannedWrite): EventPlace => {
  if (planned.kind === 'done') return planned.last;
  let last: EventPlace = { revision: planned.write.expected, position: 0 };
  for (const [index, event] of planned.write.events.entries()) {
    last = draft.insert(planned.ids[index] ?? '', planned.write.stream, event);
  }
  return last;
};

const appendOne = (draft: SqliteDraft, request: AppendRequest): AppendOutcome => {
  const plan = planAppend(draft.view, request);
  if (plan.kind === 'conflict') return plan.conflict;
  return appendedAt(plan.writes.map((planned) => write(draft, planned)));
};

const serialised = (event: StoredEvent): SerialisedEvent => ({
  type: event.type,
  data: JSON.stringify(event.data),
  metadata: JSON.stringify(event.metadata),
});

const importOne = (draft: SqliteDraft, event: StoredEvent): void => {
  if (alreadyImported(event, draft.view)) return;
  draft.insert(event.id, event.stream, serialised(event));
};

export const createSqliteWriter = (db: DatabaseSync, file: string, knowledge: SqliteKnowledge): SqliteWriter => {
  const draft = createSqliteDraft(db, knowledge);
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
