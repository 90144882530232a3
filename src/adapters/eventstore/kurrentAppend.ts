/**
 * Appending to KurrentDB so that repeating is safe: deterministic event ids, an expected revision on every write, and a look
 * at the log before anybody is told of a conflict that is only their own earlier success. Writes go together where the
 * server can do that, else one after the other.
 */

import type { AppendOutcome, StreamWrite } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import type { EventPlace } from './appendPlan.ts';
import { appendedAt } from './appendPlan.ts';
import { eventIdOf } from './eventId.ts';
import type { IdentifiedWrite, KurrentConnection, Written } from './kurrentConnection.ts';

const identified = (commandId: string, write: StreamWrite): IdentifiedWrite => ({
  stream: write.stream,
  expected: write.expected,
  events: write.events.map((event, index) => ({
    id: eventIdOf(commandId, write.stream, index),
    type: event.type,
    data: event.data,
    metadata: event.metadata,
  })),
});

/** Commands whose outcome is unknown; the oldest are forgotten first. Their next append looks before it writes. */
const createUnsettled = () => {
  const kept = 10_000;
  const commands = new Set<string>();
  return {
    has: (commandId: string): boolean => commands.has(commandId),
    add: (commandId: string): void => {
      commands.add(commandId);
      const [oldest] = commands;
      if (commands.size > kept && oldest !== undefined) commands.delete(oldest);
    },
    remove: (commandId: string): void => {
      commands.delete(commandId);
    },
  };
};

export type KurrentAppend = (commandId: string, writes: readonly StreamWrite[]) => Promise<AppendOutcome>;

type Step =
  | { readonly kind: 'placed'; readonly places: readonly EventPlace[] }
  | { readonly kind: 'conflict'; readonly stream: string; readonly actual: number };

/** Where the last event of a write stands, if the write is in the log where it was expected to go. */
const placeOf = async (connection: KurrentConnection, write: IdentifiedWrite): Promise<EventPlace | undefined> => {
  const found = await connection.readStream(write.stream, write.expected + 1, write.events.length);
  const same = found.length === write.events.length && found.every((event, at) => event.id === write.events[at]?.id);
  const last = found.at(-1);
  return same && last !== undefined ? { revision: last.revision, position: last.position } : undefined;
};

const doubtful = (connection: KurrentConnection, why: string, cause?: unknown): StoreFault =>
  new StoreFault('unknown-outcome', `Event store ${connection.shown}: ${why}`, { cause });

/** The server does not always tell a position (several streams, repeated writes); the event itself does. */
const positionAt = async (connection: KurrentConnection, stream: string, revision: number): Promise<number> => {
  const [event] = await connection.readStream(stream, revision, 1).catch((thrown: unknown) => {
    throw doubtful(connection, `revision ${revision} of "${stream}" was written, but cannot be read back`, thrown);
  });
  if (event !== undefined) return event.position;
  throw doubtful(connection, `expected revision ${revision} of "${stream}" just written, got nothing`);
};

const placesOf = async (
  connection: KurrentConnection,
  writes: readonly IdentifiedWrite[],
  written: Extract<Written, { kind: 'written' }>,
): Promise<readonly EventPlace[]> => {
  const last = writes.length - 1;
  const revision = written.revisions[last] ?? -1;
  const position = written.position ?? (await positionAt(connection, writes[last]?.stream ?? '', revision));
  return written.revisions.map((each) => ({ revision: each, position }));
};

const writeOnce = async (connection: KurrentConnection, writes: readonly IdentifiedWrite[]): Promise<Step> => {
  const [only] = writes;
  const written =
    writes.length === 1 && only !== undefined ? await connection.append(only) : await connection.appendTogether(writes);
  if (written.kind === 'conflict') return written;
  return { kind: 'placed', places: await placesOf(connection, writes, written) };
};

/** One after the other; a conflict stops the row, and what was written before it stays. */
const writeInTurn = async (connection: KurrentConnection, writes: readonly IdentifiedWrite[]): Promise<Step> => {
  const places: EventPlace[] = [];
  for (const write of writes) {
    const step = await writeOnce(connection, [write]);
    if (step.kind === 'conflict') return step;
    places.push(...step.places);
  }
  return { kind: 'placed', places };
};

const write = (connection: KurrentConnection, writes: readonly IdentifiedWrite[]): Promise<Step> =>
  connection.together === 'none' ? writeInTurn(connection, writes) : writeOnce(connection, writes);

/** Counts writes that are in the log already as done and writes the others. Undefined when none of them is there. */
const writeMissing = async (
  connection: KurrentConnection,
  writes: readonly IdentifiedWrite[],
): Promise<Step | undefined> => {
  const found = await Promise.all(writes.map((one) => placeOf(connection, one)));
  if (found.every((place) => place === undefined)) return undefined;
  const missing = writes.filter((_, index) => found[index] === undefined);
  const step: Step = missing.length === 0 ? { kind: 'placed', places: [] } : await write(connection, missing);
  if (step.kind === 'conflict') return step;
  const added = [...step.places];
  return { kind: 'placed', places: found.map((place) => place ?? added.shift() ?? { revision: -1, position: -1 }) };
};

export const createKurrentAppend = (connection: KurrentConnection): KurrentAppend => {
  const unsettled = createUnsettled();

  const settle = async (commandId: string, writes: readonly IdentifiedWrite[]): Promise<Step> => {
    const known = unsettled.has(commandId) ? await writeMissing(connection, writes) : undefined;
    const step = known ?? (await write(connection, writes));
    if (step.kind === 'placed') return step;
    return (await writeMissing(connection, writes)) ?? step;
  };

  return async (commandId, writes) => {
    try {
      const step = await settle(
        commandId,
        writes.map((one) => identified(commandId, one)),
      );
      unsettled.remove(commandId);
      if (step.kind === 'placed') return appendedAt(step.places);
      const expected = writes.find((one) => one.stream === step.stream)?.expected ?? -1;
      return { outcome: 'conflict', stream: step.stream, expected, actual: step.actual };
    } catch (thrown) {
      const unknown = thrown instanceof StoreFault && thrown.kind === 'unknown-outcome';
      if (unknown) unsettled.add(commandId);
      if (unknown || !unsettled.has(commandId)) throw thrown;
      throw doubtful(connection, 'an earlier append of this command may have been taken', thrown);
    }
  };
};
