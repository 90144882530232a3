/**
 * What an append must look like before any store sees it: distinct streams, an expected revision each,
 * flat metadata, data that JSON can carry. The events are serialised here, once, so that a wish that cannot be written fails
 * alone and never takes down the batch it would have travelled in.
 */

import type { EventMetadata, JsonObject, StreamWrite } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';

export type SerialisedEvent = { readonly type: string; readonly data: string; readonly metadata: string };

export type SerialisedWrite = {
  readonly stream: string;
  readonly expected: number;
  readonly events: readonly SerialisedEvent[];
  readonly after?: StreamWrite['after'];
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
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') {
      throw unsupported(`Expected metadata "${name}" of an event for "${stream}" to be a string, got ${typeof value}`);
    }
  }
  return JSON.stringify(metadata);
};

const serialiseWrite = (write: StreamWrite): SerialisedWrite => {
  checkName('a stream name', write.stream);
  if (!Number.isSafeInteger(write.expected) || write.expected < -1) {
    throw unsupported(`Expected a revision of -1 or more for "${write.stream}", got ${write.expected}`);
  }
  const events = write.events.map((event) => {
    checkName('an event type', event.type);
    return {
      type: event.type,
      data: serialiseData(write.stream, event.data),
      metadata: serialiseMetadata(write.stream, event.metadata),
    };
  });
  const { stream, expected, after } = write;
  return after === undefined ? { stream, expected, events } : { stream, expected, events, after };
};

/** Throws StoreFault `unsupported` for a wish no store could take; nothing has been written then. */
export const appendRequestOf = (commandId: string, writes: readonly StreamWrite[]): AppendRequest => {
  if (commandId.length === 0) throw unsupported('Expected a command id, got an empty one');
  if (writes.length === 0) throw unsupported('Expected at least one write, got none');
  if (new Set(writes.map((write) => write.stream)).size !== writes.length) {
    throw unsupported(`Expected each stream once in an append, got ${writes.map((write) => write.stream).join(', ')}`);
  }
  return { commandId, writes: writes.map(serialiseWrite) };
};
