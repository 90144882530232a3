/**
 * The one doorway of the KurrentDB client. Everything the house asks of a server is asked here, with a time-out of our own
 * (the client's reads ignore their deadline) and with errors turned into faults. Loaded only when a server is used.
 */

import { setTimeout as pause } from 'node:timers/promises';
import type { EventData, Filter, KurrentDBClient } from '@kurrent/kurrentdb-client';
import type { StoredEvent } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import type { KurrentAddress } from './kurrentAddress.ts';
import type {
  IdentifiedEvent,
  IdentifiedWrite,
  KurrentConnection,
  KurrentTiming,
  TogetherWay,
  Written,
} from './kurrentConnection.ts';
import { conflictIn, isLeaderChange, isStreamMissing, kurrentFault, withinTime } from './kurrentFaults.ts';
import type { ResolvedRecord, RetentionFinding } from './kurrentRecords.ts';
import { retentionOf, safeNumber, storedEventOf } from './kurrentRecords.ts';

export type ConnectOptions = {
  readonly address: KurrentAddress;
  /** Stream categories that are ours; without any, all but the system's streams. */
  readonly categories: readonly string[];
  readonly timing: KurrentTiming;
};

type Client = KurrentDBClient;

const LEADER_ATTEMPTS = 4;
const LEADER_PAUSE_MS = 250;
const FEED_BUFFER = 512;
const SEARCH_WINDOW = 512;

/** Asks again after a change of leader: such a call was turned away before anything happened. */
const withLeader = async <T>(act: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (thrown) {
      if (!isLeaderChange(thrown) || attempt === LEADER_ATTEMPTS) throw thrown;
    }
    await pause(LEADER_PAUSE_MS * attempt);
  }
};

/** What the server says it can do. The client keeps it to itself, so it is asked for by shape. */
type Capable = {
  readonly capabilities: Promise<{
    readonly serverVersion: string;
    readonly supports: (method: { readonly path: string }) => boolean;
  }>;
};

const STREAMS = '/kurrentdb.protocol.v2.streams.StreamsService';

const capabilitiesOf = async (client: Client): Promise<{ version: string; together: TogetherWay }> => {
  const server = await (client as unknown as Capable).capabilities;
  const can = (method: string): boolean => server.supports({ path: `${STREAMS}/${method}` });
  const together = can('AppendRecords') ? 'records' : can('AppendSession') ? 'session' : 'none';
  return { version: server.serverVersion, together };
};

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

const appendOne = (client: Client, write: IdentifiedWrite): Promise<Written> =>
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

const appendInOrder = (
  client: Client,
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

const appendSession = (client: Client, writes: readonly IdentifiedWrite[]): Promise<Written> =>
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

const appendMany = (client: Client, writes: readonly IdentifiedWrite[], way: TogetherWay): Promise<Written> => {
  if (way !== 'records') return appendSession(client, writes);
  const events = writes.flatMap((write) => write.events.map((event) => ({ ...event, stream: write.stream })));
  return appendInOrder(client, events, new Map(writes.map((write) => [write.stream, write.expected])));
};

const collect = async (records: AsyncIterable<ResolvedRecord>): Promise<readonly StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for await (const record of records) events.push(storedEventOf(record));
  return events;
};

const createReads = (client: Client, filter: Filter) => ({
  readStream: async (stream: string, from: number, limit: number): Promise<readonly StoredEvent[]> => {
    try {
      const fromRevision = BigInt(Math.max(0, from));
      return await collect(client.readStream(stream, { fromRevision, maxCount: limit, requiresLeader: true }));
    } catch (thrown) {
      if (isStreamMissing(thrown)) return [];
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

const readRetention = async (client: Client, categories: readonly string[]): Promise<readonly RetentionFinding[]> => {
  const prefixes = categories.length === 0 ? ['$$'] : categories.map((category) => `$$${category}-`);
  const filter: Filter = { filterOn: 'streamName', prefixes, checkpointInterval: 1 };
  const newest = new Map<string, RetentionFinding>();
  for await (const record of client.readAll({ filter })) {
    const finding = retentionOf(record);
    if (finding !== undefined) newest.set(finding.stream, finding);
  }
  return [...newest.values()].filter((finding) => finding.limits.length > 0);
};

const filterOf = (categories: readonly string[]): Filter =>
  categories.length === 0
    ? { filterOn: 'eventType', regex: '^[^$].*', checkpointInterval: 1, maxSearchWindow: SEARCH_WINDOW }
    : {
        filterOn: 'streamName',
        prefixes: categories.map((category) => `${category}-`),
        checkpointInterval: 1,
        maxSearchWindow: SEARCH_WINDOW,
      };

/** Loads the client and connects. Throws StoreFault `unavailable` when no server answers, `not-permitted`, `unsupported`. */
export const connectKurrent = async (options: ConnectOptions): Promise<KurrentConnection> => {
  const { address, categories, timing } = options;
  const { shown } = address;
  const call = async <T>(during: 'connect' | 'append' | 'read', ms: number, act: () => Promise<T>): Promise<T> => {
    const kind = during === 'append' ? 'unknown-outcome' : 'unavailable';
    const late = () => new StoreFault(kind, `Event store ${shown}: no answer within ${ms} ms`);
    try {
      return await withinTime(withLeader(act), ms, late);
    } catch (thrown) {
      throw kurrentFault(thrown, shown, during);
    }
  };
  const reading = <T>(act: () => Promise<T>) => call('read', timing.callMs, act);
  const appending = (act: () => Promise<Written>) => call('append', timing.callMs, act);

  const client = await openClient(address);
  const filter = filterOf(categories);
  const reads = createReads(client, filter);
  const { version, together } = await call('connect', timing.callMs, () => capabilitiesOf(client));
  /** Asked for before anything is sent: a server that does not answer this has not been given an append. */
  const reachable = () => call('connect', timing.callMs, () => capabilitiesOf(client));

  return {
    shown,
    serverVersion: version,
    together,
    append: async (write) => {
      await reachable();
      return appending(() => appendOne(client, write));
    },
    appendInOrder: async (events, expected) => {
      await reachable();
      return appending(() => appendInOrder(client, events, expected));
    },
    appendTogether: async (writes) => {
      await reachable();
      return appending(() => appendMany(client, writes, together));
    },
    readStream: (stream, from, limit) => reading(() => reads.readStream(stream, from, limit)),
    readAll: (after, limit) => reading(() => reads.readAll(after, limit)),
    newest: () => reading(reads.newest),
    feed: (after) =>
      client.subscribeToAll(
        { fromPosition: after < 0 ? 'start' : place(after), filter, requiresLeader: true },
        { highWaterMark: FEED_BUFFER },
      ),
    retentionFindings: () => call('read', timing.walkMs, () => readRetention(client, categories)),
    close: () => client.dispose(),
  };
};

/** The client's own messages may repeat the address with its password, so they are not passed on from here. */
const openClient = async (address: KurrentAddress): Promise<Client> => {
  const { KurrentDBClient } = await import('@kurrent/kurrentdb-client');
  try {
    return KurrentDBClient.connectionString(address.url);
  } catch {
    throw new StoreFault('unsupported', `Event store ${address.shown}: the client does not understand its address`);
  }
};
