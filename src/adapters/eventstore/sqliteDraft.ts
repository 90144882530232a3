/**
 * The log as one write transaction sees it: what is known to be committed, and over it what the transaction has added so far.
 * Becomes knowledge when the transaction is committed and vanishes when it is not. Must only be used while one is open.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { EventPlace, LogView } from './appendPlan.ts';
import type { SerialisedEvent } from './appendRequest.ts';
import type { SqliteKnowledge } from './sqliteKnowledge.ts';
import { checksumOf } from './sqliteRows.ts';

export type SqliteDraft = {
  readonly view: LogView;
  readonly insert: (id: string, stream: string, event: SerialisedEvent) => EventPlace;
  /** Events added by the transaction. */
  readonly size: () => number;
  readonly committed: () => void;
  readonly abandoned: () => void;
};

type Addition = { readonly id: string; readonly number: number; readonly place: EventPlace };
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

export const createSqliteDraft = (db: DatabaseSync, knowledge: SqliteKnowledge): SqliteDraft => {
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

  return {
    view: {
      placeOf: (eventId) => additions.get(eventId)?.place ?? knowledge.placeOf(eventId),
      lastRevision: (stream) => tailOf(stream).revision,
    },
    insert: (id, stream, event) => {
      const tail = tailOf(stream);
      const number = tail.number ?? createStream(stream);
      const position = knowledge.lastPosition() + additions.size + 1;
      const revision = tail.revision + 1;
      const { type, data, metadata } = event;
      const checksum = checksumOf({ position, id, stream, revision, type, data, metadata });
      addEvent.run(position, id, number, revision, type, data, metadata, checksum);
      tails.set(stream, { number, revision });
      additions.set(id, { id, number, place: { position, revision } });
      return { position, revision };
    },
    size: () => additions.size,
    committed: () => {
      for (const { number, name } of newStreams) knowledge.learnStream(number, name);
      for (const { id, number, place } of additions.values()) knowledge.learnEvent(id, number, place);
      clear();
    },
    abandoned: () => {
      knowledge.doubt();
      clear();
    },
  };
};
