/**
 * The one doorway of the KurrentDB client. Everything the house asks of a server is asked through here, with a time-out of
 * our own (the client's reads ignore their deadline) and with errors turned into faults. The package is loaded only when a
 * server is used.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { AllStreamSubscription, EventData, Filter, KurrentDBClient } from '@kurrent/kurrentdb-client';
import { StoreFault } from '../../domain/eventStore.ts';
import type { KurrentAddress } from './kurrentAddress.ts';
import {
  appendInOrder,
  appendMany,
  appendOne,
  createReads,
  filterOf,
  openFeed,
  readRetention,
} from './kurrentCalls.ts';
import type { KurrentConnection, KurrentTiming, TogetherWay, Written } from './kurrentConnection.ts';
import { isDropped, isLeaderChange, kurrentFault, withinTime } from './kurrentFaults.ts';

/** The client's types, for the one file that speaks its language. */
export type { EventData, Filter };
export type KurrentClient = KurrentDBClient;
export type ServerSubscription = AllStreamSubscription;

export type ConnectOptions = {
  readonly address: KurrentAddress;
  /** Stream categories that are ours; without any, all but the system's streams. */
  readonly categories: readonly string[];
  readonly timing: KurrentTiming;
};

const ATTEMPTS = 4;
const PAUSE_MS = 60;

/**
 * Asks again where that is safe: any call that a change of leader turned away before anything happened, and reads that a
 * dropped connection interrupted (the first call after a drop always fails).
 */
const persistently = async <T>(act: () => Promise<T>, reads: boolean): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (thrown) {
      const safe = isLeaderChange(thrown) || (reads && isDropped(thrown));
      if (!safe || attempt === ATTEMPTS) throw thrown;
    }
    await pause(PAUSE_MS * attempt * attempt);
  }
};

/** What the server says it can do. The client keeps it to itself, so it is asked for by shape. */
type Capable = {
  readonly capabilities: Promise<{
    readonly serverVersion: string;
    readonly supports: (method: { readonly path: string }) => boolean;
  }>;
};

const STREAMS = '/event_store.client.streams.Streams';
const STREAMS_V2 = '/kurrentdb.protocol.v2.streams.StreamsService';

type Abilities = { readonly version: string; readonly together: TogetherWay; readonly pipelined: boolean };

const abilitiesOf = async (client: KurrentClient): Promise<Abilities> => {
  const server = await (client as unknown as Capable).capabilities;
  const can = (path: string): boolean => server.supports({ path });
  const session = can(`${STREAMS_V2}/AppendSession`) ? 'session' : 'none';
  return {
    version: server.serverVersion,
    together: can(`${STREAMS_V2}/AppendRecords`) ? 'records' : session,
    pipelined: can(`${STREAMS}/BatchAppend`),
  };
};

/** Loads the client and connects. Throws StoreFault `unavailable` when no server answers, `not-permitted`, `unsupported`. */
export const connectKurrent = async (options: ConnectOptions): Promise<KurrentConnection> => {
  const { address, categories, timing } = options;
  const { shown } = address;
  const call = async <T>(during: 'connect' | 'append' | 'read', ms: number, act: () => Promise<T>): Promise<T> => {
    const kind = during === 'append' ? 'unknown-outcome' : 'unavailable';
    const late = () => new StoreFault(kind, `Event store ${shown}: no answer within ${ms} ms`);
    try {
      return await withinTime(persistently(act, during !== 'append'), ms, late);
    } catch (thrown) {
      throw kurrentFault(thrown, shown, during);
    }
  };
  const reading = <T>(act: () => Promise<T>) => call('read', timing.callMs, act);
  const appending = (act: () => Promise<Written>) => call('append', timing.callMs, act);

  const client = await openClient(address);
  const filter = filterOf(categories);
  const reads = createReads(client, filter);
  const { version, together, pipelined } = await call('connect', timing.callMs, () => abilitiesOf(client));
  /** Asked for before anything is sent: a server that does not answer this has not been given an append. */
  const reachable = () => call('connect', timing.callMs, () => abilitiesOf(client));

  return {
    shown,
    serverVersion: version,
    together,
    pipelined,
    append: async (write) => {
      await reachable();
      return appending(() => appendOne(client, write));
    },
    appendInOrder: async (events, expected) => {
      await reachable();
      return appending(() => appendInOrder(client, events, expected));
    },
    appendTogether: async (writes, checks) => {
      await reachable();
      return appending(() => appendMany(client, writes, checks, together));
    },
    readStream: (stream, from, limit) => reading(() => reads.readStream(stream, from, limit)),
    lastRevision: (stream) => reading(() => reads.lastRevision(stream)),
    readAll: (after, limit) => reading(() => reads.readAll(after, limit)),
    newest: () => reading(reads.newest),
    feed: (after) => openFeed(client, filter, after),
    retentionFindings: () => call('read', timing.walkMs, () => readRetention(client, categories)),
    close: () => client.dispose(),
  };
};

/** The client's own messages may repeat the address with its password, so they are not passed on from here. */
const openClient = async (address: KurrentAddress): Promise<KurrentClient> => {
  const { KurrentDBClient } = await import('@kurrent/kurrentdb-client');
  try {
    return KurrentDBClient.connectionString(address.url);
  } catch {
    throw new StoreFault('unsupported', `Event store ${address.shown}: the client does not understand its address`);
  }
};
