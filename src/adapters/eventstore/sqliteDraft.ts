/**
 * The log as one write transaction sees it: what is known to be committed, and over it what the transaction has added so far.
 * Becomes knowledge when the transaction is committed and vanishes when it is not. Must only be used while one is open.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { StoredEvent } from '../../domain/eventStore.ts';
import type { EventPlace, LogView } from './appendPlan.ts';
import type { SerialisedEvent, SerialisedWrite } from './appendRequest.ts';
import type { RecentEvents } from './recentEvents.ts';
import type { SqliteKnowledge } from './sqliteKnowledge.ts';
import { checksumOf } from './sqliteRows.ts';

export type SqliteDraft = {
  readonly view: LogView;
  /** Adds the events of a write at the end of its stream and says where the last one stands. */
  readonly insert: (write: Inserted) => EventPlace;
  /** Events added by the transaction. */
  readonly size: () => number;
  readonly committed: () => void;
  readonly abandoned: () => void;
};

export type Inserted = Pick<SerialisedWrite, 'stream' | 'ids' | 'events' | 'given'>;

/** `revision` and `position` are those of the stored event. */
type Addition = { readonly number: number; readonly stored: StoredEvent };
type Tail = { readonly number: number | undefined; readonly revision: number };

/** Numbers of streams looked up lately; the map starts over when it is full. */
const NUMBERS_KEPT = 50_000;

const createNumbers = (knowledge: SqliteKnowledge) => {
  const known = new Map<string, number>();
  return (stream: string): number | undefined => {
    const number = known.get(stream) ?? knowledge.numberOf(stream);
    if (number === undefined) return undefined;
    if (known.size >= NUMBERS_KEPT) known.clear();
    known.set(stream, number);
    return number;
  };
};

export const createSqliteDraft = (db: DatabaseSync, knowledge: SqliteKnowledge, recent: RecentEvents): SqliteDraft => {
  const addStream = db.prepare('INSERT INTO streams (name) VALUES (?)');
  const addEvent = db.prepare(
    'INSERT INTO events (position, id, stream, revision, type, data, metadata, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const numberOf = createNumbers(knowledge);
  const additions = new Map<string, Addition>();
  const tails = new Map<string, Tail>();
  const newStreams: { readonly number: number; readonly name: string }[] = [];

  const tailOf = (stream: string): Tail => {
    const drafted = tails.get(stream);
    if (drafted !== undefined) return drafted;
    const number = numberOf(stream);
    return { number, revision: number === undefined ? -1 : knowledge.lastRevision(number) };
  };

  const createStream = (name: string): number => {
    const number = Number(addStream.run(name).lastInsertRowid);
    newStreams.push({ number, name });
    return number;
  };

  const clear = (): void => {
    additions.clear();
    tails.clear();
    newStreams.length = 0;
  };

  const insert = ({ stream, ids, events, given }: Inserted): EventPlace => {
    const tail = tailOf(stream);
    const number = tail.number ?? createStream(stream);
    let { revision } = tail;
    let position = knowledge.lastPosition() + additions.size;
    for (let index = 0; index < events.length; index += 1) {
      const { type, data, metadata } = events[index] as SerialisedEvent;
      const id = ids[index] ?? '';
      revision += 1;
      position += 1;
      const checksum = checksumOf({ position, id, stream, revision, type, data, metadata });
      addEvent.run(position, id, number, revision, type, data, metadata, checksum);
      const told = given[index] ?? { data: {}, metadata: {} };
      const stored = { id, stream, revision, position, type, data: told.data, metadata: told.metadata };
      additions.set(id, { number, stored });
    }
    tails.set(stream, { number, revision });
    return { position, revision };
  };

  return {
    view: {
      placeOf: (eventId) => additions.get(eventId)?.stored ?? knowledge.placeOf(eventId),
      lastRevision: (stream) => tailOf(stream).revision,
    },
    insert,
    size: () => additions.size,
    committed: () => {
      for (const { number, name } of newStreams) knowledge.learnStream(number, name);
      for (const { number, stored } of additions.values()) {
        knowledge.learnEvent(stored.id, number, stored);
        recent.add(stored);
      }
      clear();
    },
    abandoned: () => {
      knowledge.doubt();
      clear();
    },
  };
};
