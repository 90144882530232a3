/**
 * What an append must look like before any store sees it: distinct streams, an expected revision each,
 * flat metadata, data that JSON can carry. The events are serialised here, once, so that a wish that cannot be written fails
 * alone and never takes down the batch it would have travelled in.
 */

import type { EventMetadata, JsonObject, NewEvent, StreamWrite } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import { eventIdOf } from './eventId.ts';

export type SerialisedEvent = { readonly type: string; readonly data: string; readonly metadata: string };

export type SerialisedWrite = {
  readonly stream: string;
  readonly expected: number;
  readonly events: readonly SerialisedEvent[];
  /** Of the events, one each. */
  readonly ids: readonly string[];
  /** The events as they were given, one each. */
  readonly given: readonly NewEvent[];
  /** Id of the event that must stand at `expected`. */
  readonly afterId?: string;
};

export type AppendRequest = { readonly commandId: string; readonly writes: readonly SerialisedWrite[] };

/** Bytes of one event's data as UTF-16 units; a KurrentDB record may not exceed 16 MiB either. */
export const MAX_DATA_LENGTH = 8 * 1024 * 1024;
const MAX_NAME_LENGTH = 512;

const unsupported = (message: string): StoreFault => new StoreFault('unsupported', message);

const checkName = (what: string, name: string): void => {
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) {
    throw unsupported(`Expected ${what} of 1 to ${MAX_NAME_LENGTH} characters, got ${name.length}`);
  }
  if (name.startsWith('$')) {
    throw unsupported(`Expected ${what} not to start with "$" (reserved by KurrentDB), got "${name}"`);
  }
};

const serialiseData = (stream: string, data: JsonObject): string => {
  const text = JSON.stringify(data);
  if (text === undefined || !text.startsWith('{')) {
    throw unsupported(`Expected the data of an event for "${stream}" to be a JSON object, got ${typeof data}`);
  }
  if (text.length > MAX_DATA_LENGTH) {
    throw unsupported(`Expected at most ${MAX_DATA_LENGTH} characters of data for "${stream}", got ${text.length}`);
  }
  return text;
};

const serialiseMetadata = (stream: string, metadata: EventMetadata): string => {
  for (const name in metadata) {
    const value: unknown = metadata[name];
    if (typeof value !== 'string') {
      throw unsupported(`Expected metadata "${name}" of an event for "${stream}" to be a string, got ${typeof value}`);
    }
  }
  return JSON.stringify(metadata);
};

/** The events of one command mostly share their metadata: the same object is written out once. */
const createMetadataText = () => {
  let known: EventMetadata | undefined;
  let text = '';
  return (stream: string, metadata: EventMetadata): string => {
    if (metadata === known) return text;
    text = serialiseMetadata(stream, metadata);
    known = metadata;
    return text;
  };
};

type LastId = { readonly commandId: string; readonly index: number; readonly id: string };

/** The id of the last event wished for in each stream: whoever rests on it names it again. Starts over when it is full. */
const IDS_KEPT = 2048;
const lastIds = new Map<string, LastId>();

const noteId = (stream: string, last: LastId): void => {
  if (lastIds.size >= IDS_KEPT) lastIds.clear();
  lastIds.set(stream, last);
};

const idOfAfter = (stream: string, { commandId, index }: NonNullable<StreamWrite['after']>): string => {
  const last = lastIds.get(stream);
  return last?.commandId === commandId && last.index === index ? last.id : eventIdOf(commandId, stream, index);
};

type MetadataText = ReturnType<typeof createMetadataText>;

const serialiseWrite = (commandId: string, write: StreamWrite, metadataText: MetadataText): SerialisedWrite => {
  const { stream, expected, after, events: given } = write;
  checkName('a stream name', stream);
  if (!Number.isSafeInteger(expected) || expected < -1) {
    throw unsupported(`Expected a revision of -1 or more for "${stream}", got ${expected}`);
  }
  const events: SerialisedEvent[] = [];
  const ids: string[] = [];
  for (const { type, data, metadata } of given) {
    checkName('an event type', type);
    ids.push(eventIdOf(commandId, stream, events.length));
    events.push({ type, data: serialiseData(stream, data), metadata: metadataText(stream, metadata) });
  }
  const afterId = after === undefined ? undefined : idOfAfter(stream, after);
  const id = ids.at(-1);
  if (id !== undefined) noteId(stream, { commandId, index: ids.length - 1, id });
  const made = { stream, expected, events, ids, given };
  return afterId === undefined ? made : { ...made, afterId };
};

/** Throws StoreFault `unsupported` for a wish no store could take; nothing has been written then. */
export const appendRequestOf = (commandId: string, writes: readonly StreamWrite[]): AppendRequest => {
  if (commandId.length === 0) throw unsupported('Expected a command id, got an empty one');
  if (writes.length === 0) throw unsupported('Expected at least one write, got none');
  if (writes.length > 1 && new Set(writes.map((write) => write.stream)).size !== writes.length) {
    throw unsupported(`Expected each stream once in an append, got ${writes.map((write) => write.stream).join(', ')}`);
  }
  const metadataText = createMetadataText();
  return { commandId, writes: writes.map((write) => serialiseWrite(commandId, write, metadataText)) };
};
