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

export type KurrentAppend = (commandId: string, writes: readonly StreamWrite[]) => Promise<AppendOutcome>;

/** The writes of one command: those that add events, and those that only check where a stream is. */
type Parts = { readonly adding: readonly IdentifiedWrite[]; readonly checking: readonly IdentifiedWrite[] };

/** What commands of unknown outcome tried to write; the oldest are forgotten first. Their next append looks before it writes. */
const createUnsettled = () => {
  const kept = 10_000;
  const commands = new Map<string, Parts>();
  return {
    of: (commandId: string): Parts | undefined => commands.get(commandId),
    add: (commandId: string, parts: Parts): void => {
      if (!commands.has(commandId)) commands.set(commandId, parts);
      const [oldest] = commands.keys();
      if (commands.size > kept && oldest !== undefined) commands.delete(oldest);
    },
    remove: (commandId: string): void => {
      commands.delete(commandId);
    },
  };
};

/** Where the last event of each stream that was written stands. */
type Places = ReadonlyMap<string, EventPlace>;
type Step =
  /** `repeated`: some of it was in the log before, from an earlier try or another control plane's. */
  | { readonly kind: 'placed'; readonly places: Places; readonly repeated?: true }
  | { readonly kind: 'conflict'; readonly stream: string; readonly actual: number };

const NOWHERE: Places = new Map();

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
): Promise<Places> => {
  const last = writes.length - 1;
  const revision = written.revisions[last] ?? -1;
  const position = written.position ?? (await positionAt(connection, writes[last]?.stream ?? '', revision));
  return new Map(writes.map(({ stream }, index) => [stream, { revision: written.revisions[index] ?? -1, position }]));
};

const stepOf = async (
  connection: KurrentConnection,
  writes: readonly IdentifiedWrite[],
  written: Written,
): Promise<Step> =>
  written.kind === 'conflict' ? written : { kind: 'placed', places: await placesOf(connection, writes, written) };

/** One after the other; a conflict stops the row, and what was written before it stays. */
const writeInTurn = async (connection: KurrentConnection, writes: readonly IdentifiedWrite[]): Promise<Step> => {
  const places = new Map<string, EventPlace>();
  for (const write of writes) {
    const step = await stepOf(connection, [write], await connection.append(write));
    if (step.kind === 'conflict') return step;
    for (const [stream, place] of step.places) places.set(stream, place);
  }
  return { kind: 'placed', places };
};

/** The first stream that is not where it is expected. Before 26.1 this is asked just before the append, not within it. */
const movedStream = async (connection: KurrentConnection, checks: readonly IdentifiedWrite[]): Promise<Step> => {
  for (const { stream, expected } of checks) {
    const actual = await connection.lastRevision(stream);
    if (actual !== expected) return { kind: 'conflict', stream, actual };
  }
  return { kind: 'placed', places: NOWHERE };
};

const write = async (connection: KurrentConnection, { adding, checking }: Parts): Promise<Step> => {
  const [only] = adding;
  if (connection.together === 'records' && checking.length > 0 && only !== undefined) {
    return stepOf(connection, adding, await connection.appendTogether(adding, checking));
  }
  const checked = await movedStream(connection, checking);
  if (checked.kind === 'conflict' || only === undefined) return checked;
  if (adding.length === 1 || connection.together === 'none') return writeInTurn(connection, adding);
  return stepOf(connection, adding, await connection.appendTogether(adding, []));
};

/**
 * Counts writes that are in the log already as done and writes the others; undefined when none of them is there. A command
 * decided anew may expect another revision than its first try, whose events are where that one expected them.
 */
const writeMissing = async (
  connection: KurrentConnection,
  { adding, checking }: Parts,
  earlier: Parts | undefined,
): Promise<Step | undefined> => {
  const found = new Map<string, EventPlace>();
  for (const one of adding) {
    const before = earlier?.adding.find((each) => each.stream === one.stream) ?? one;
    const place = (await placeOf(connection, one)) ?? (await placeOf(connection, before));
    if (place !== undefined) found.set(one.stream, place);
  }
  if (found.size === 0) return undefined;
  const missing = adding.filter((one) => !found.has(one.stream));
  if (missing.length === 0) return { kind: 'placed', places: found, repeated: true };
  const step = await write(connection, { adding: missing, checking });
  return step.kind === 'conflict'
    ? step
    : { kind: 'placed', places: new Map([...found, ...step.places]), repeated: true };
};

const partsOf = (commandId: string, writes: readonly StreamWrite[]): Parts => {
  const all = writes.map((one) => identified(commandId, one));
  return { adding: all.filter((one) => one.events.length > 0), checking: all.filter((one) => one.events.length === 0) };
};

const outcomeOf = (writes: readonly StreamWrite[], step: Step): AppendOutcome => {
  if (step.kind === 'conflict') {
    const expected = writes.find((one) => one.stream === step.stream)?.expected ?? -1;
    return { outcome: 'conflict', stream: step.stream, expected, actual: step.actual };
  }
  const appended = appendedAt(
    writes.map((one) => step.places.get(one.stream) ?? { revision: one.expected, position: -1 }),
  );
  return step.repeated === undefined ? appended : { ...appended, repeated: true };
};

export const createKurrentAppend = (connection: KurrentConnection): KurrentAppend => {
  const unsettled = createUnsettled();

  const settle = async (parts: Parts, earlier: Parts | undefined): Promise<Step> => {
    const known = earlier === undefined ? undefined : await writeMissing(connection, parts, earlier);
    const step = known ?? (await write(connection, parts));
    if (step.kind === 'placed') return step;
    return (await writeMissing(connection, parts, earlier)) ?? step;
  };

  return async (commandId, writes) => {
    const parts = partsOf(commandId, writes);
    const earlier = unsettled.of(commandId);
    try {
      const step = await settle(parts, earlier);
      unsettled.remove(commandId);
      return outcomeOf(writes, step);
    } catch (thrown) {
      const unknown = thrown instanceof StoreFault && thrown.kind === 'unknown-outcome';
      if (unknown) unsettled.add(commandId, parts);
      if (unknown || earlier === undefined) throw thrown;
      throw doubtful(connection, 'an earlier append of this command may have been taken', thrown);
    }
  };
};
