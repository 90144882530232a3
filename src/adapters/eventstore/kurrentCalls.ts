/**
 * The calls the house makes to a KurrentDB server, each in the client's words: appends whose conflict is an answer, pages of
 * events, a feed, the limits on streams. No time-outs and no faults here; those are the doorway's, which runs these.
 */
import type { StoredEvent } from '../../domain/eventStore.ts';
import type { EventData, Filter, KurrentClient, ServerSubscription } from './kurrent.ts';
import type { IdentifiedEvent, IdentifiedWrite, KurrentFeed, TogetherWay, Written } from './kurrentConnection.ts';
import { conflictIn, isStreamMissing } from './kurrentFaults.ts';
import type { ResolvedRecord, RetentionFinding } from './kurrentRecords.ts';
import { retentionOf, safeNumber, storedEventOf } from './kurrentRecords.ts';

const FEED_BUFFER = 512;
const SEARCH_WINDOW = 512;

const eventDataOf = (event: IdentifiedEvent): EventData => ({
  id: event.id,
  contentType: 'application/json',
  type: event.type,
  data: event.data as Record<string, unknown>,
  metadata: event.metadata as Record<string, unknown>,
});

const expectedState = (expected: number): 'no_stream' | bigint => (expected < 0 ? 'no_stream' : BigInt(expected));

const place = (position: number) => ({ commit: BigInt(position), prepare: BigInt(position) });

/** A conflict is an answer; everything else that goes wrong is thrown as the client threw it. */
const orConflict = async (write: () => Promise<Written>): Promise<Written> => {
  try {
    return await write();
  } catch (thrown) {
    const conflict = conflictIn(thrown);
    if (conflict === undefined) throw thrown;
    return { kind: 'conflict', ...conflict };
  }
};

export const appendOne = (client: KurrentClient, write: IdentifiedWrite): Promise<Written> =>
  orConflict(async () => {
    const result = await client.appendToStream(write.stream, write.events.map(eventDataOf), {
      streamState: expectedState(write.expected),
      requiresLeader: true,
    });
    const position = safeNumber(result.position?.commit);
    return { kind: 'written', position, revisions: [Number(result.nextExpectedRevision)] };
  });

type Placed = IdentifiedEvent & { readonly stream: string };
type Answers = readonly { readonly streamName: string; readonly revision: bigint }[];

/** Last revisions in the order of `streams`. The server's position is that of its transaction, so it is not passed on. */
const writtenOf = (responses: Answers, streams: readonly string[]): Written => {
  const revisions = new Map(responses.map((response) => [response.streamName, Number(response.revision)]));
  return { kind: 'written', position: undefined, revisions: streams.map((stream) => revisions.get(stream) ?? -1) };
};

export const appendInOrder = (
  client: KurrentClient,
  events: readonly Placed[],
  expected: ReadonlyMap<string, number>,
): Promise<Written> =>
  orConflict(async () => {
    const { responses } = await client.appendRecords(
      events.map((event) => ({ streamName: event.stream, record: eventDataOf(event) })),
      [...expected].map(([streamName, revision]) => ({
        type: 'stream_state',
        streamName,
        expectedState: expectedState(revision),
      })),
    );
    return writtenOf(responses, [...expected.keys()]);
  });

const appendSession = (client: KurrentClient, writes: readonly IdentifiedWrite[]): Promise<Written> =>
  orConflict(async () => {
    const { responses } = await client.multiStreamAppend(
      writes.map(({ stream, expected, events }) => ({
        streamName: stream,
        expectedState: expectedState(expected),
        events: events.map(eventDataOf),
      })),
    );
    return writtenOf(
      responses,
      writes.map(({ stream }) => stream),
    );
  });

export const appendMany = async (
  client: KurrentClient,
  writes: readonly IdentifiedWrite[],
  checks: readonly IdentifiedWrite[],
  way: TogetherWay,
): Promise<Written> => {
  if (way !== 'records') return appendSession(client, writes);
  const events = writes.flatMap((write) => write.events.map((event) => ({ ...event, stream: write.stream })));
  const expected = new Map([...writes, ...checks].map((one) => [one.stream, one.expected]));
  const written = await appendInOrder(client, events, expected);
  return written.kind === 'written' ? { ...written, revisions: written.revisions.slice(0, writes.length) } : written;
};

const collect = async (records: AsyncIterable<ResolvedRecord>): Promise<readonly StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for await (const record of records) events.push(storedEventOf(record));
  return events;
};

export const createReads = (client: KurrentClient, filter: Filter) => ({
  readStream: async (stream: string, from: number, limit: number): Promise<readonly StoredEvent[]> => {
    try {
      const fromRevision = BigInt(Math.max(0, from));
      return await collect(client.readStream(stream, { fromRevision, maxCount: limit, requiresLeader: true }));
    } catch (thrown) {
      if (isStreamMissing(thrown)) return [];
      throw thrown;
    }
  },
  lastRevision: async (stream: string): Promise<number> => {
    const backwards = { direction: 'backwards', fromRevision: 'end', maxCount: 1 } as const;
    try {
      const [last] = await collect(client.readStream(stream, { ...backwards, requiresLeader: true }));
      return last?.revision ?? -1;
    } catch (thrown) {
      if (isStreamMissing(thrown)) return -1;
      throw thrown;
    }
  },
  /** A server's page starts with the event at the position asked for, ours with the one after. */
  readAll: async (after: number, limit: number): Promise<readonly StoredEvent[]> => {
    const fromPosition = after < 0 ? 'start' : place(after);
    const maxCount = after < 0 ? limit : limit + 1;
    const events = await collect(client.readAll({ fromPosition, maxCount, filter, requiresLeader: true }));
    return events.filter((event) => event.position > after).slice(0, limit);
  },
  newest: async (): Promise<StoredEvent | undefined> => {
    const backwards = { direction: 'backwards', fromPosition: 'end', maxCount: 1 } as const;
    return (await collect(client.readAll({ ...backwards, filter, requiresLeader: true })))[0];
  },
});

export const readRetention = async (
  client: KurrentClient,
  categories: readonly string[],
): Promise<readonly RetentionFinding[]> => {
  const prefixes = categories.length === 0 ? ['$$'] : categories.map((category) => `$$${category}-`);
  const filter: Filter = { filterOn: 'streamName', prefixes, checkpointInterval: 1 };
  const newest = new Map<string, RetentionFinding>();
  for await (const record of client.readAll({ filter })) {
    const finding = retentionOf(record);
    if (finding !== undefined) newest.set(finding.stream, finding);
  }
  return [...newest.values()].filter((finding) => finding.limits.length > 0);
};

export const filterOf = (categories: readonly string[]): Filter =>
  categories.length === 0
    ? { filterOn: 'eventType', regex: '^[^$].*', checkpointInterval: 1, maxSearchWindow: SEARCH_WINDOW }
    : {
        filterOn: 'streamName',
        prefixes: categories.map((category) => `${category}-`),
        checkpointInterval: 1,
        maxSearchWindow: SEARCH_WINDOW,
      };

/** A live feed behind a position. It is ended without waiting: a stream that hangs could not be waited for. */
export const openFeed = (client: KurrentClient, filter: Filter, after: number): KurrentFeed => {
  const fromPosition = after < 0 ? 'start' : place(after);
  const subscription: ServerSubscription = client.subscribeToAll(
    { fromPosition, filter, requiresLeader: true },
    { highWaterMark: FEED_BUFFER },
  );
  return {
    read: () => (subscription.read() as ResolvedRecord | null) ?? undefined,
    watch: (readable, ended) => {
      subscription.on('readable', readable);
      subscription.on('error', ended);
      subscription.on('end', () => ended());
      subscription.on('close', () => ended());
    },
    end: () => {
      subscription.unsubscribe().catch(() => {});
      subscription.destroy();
    },
  };
};
