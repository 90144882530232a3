/**
 * KurrentDB (EventStoreDB) as the event store of more than one machine: the port's promises kept with the server's means.
 * Only events of our categories are seen; an append to any other is refused, because nobody would ever see it.
 */

import type { StoredEvent } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import { appendRequestOf } from './appendRequest.ts';
import type { ImportTarget } from './importTarget.ts';
import { connectKurrent } from './kurrent.ts';
import { kurrentAddressOf } from './kurrentAddress.ts';
import { createKurrentAppend } from './kurrentAppend.ts';
import type { KurrentConnection, KurrentTiming } from './kurrentConnection.ts';
import { createKurrentImport } from './kurrentImport.ts';
import { createAppendOrder } from './kurrentOrder.ts';
import type { FollowTiming } from './kurrentSubscription.ts';
import { startKurrentSubscription } from './kurrentSubscription.ts';
import { createSubscriptionSet } from './subscriptionSet.ts';

export type KurrentStoreOptions = {
  readonly url: string;
  /** Stream categories that are ours; without any, all but the system's streams. */
  readonly categories?: readonly string[];
  /** Allows plain or unverified transport and the default password. */
  readonly insecure?: boolean;
  readonly timing?: Partial<KurrentTiming & FollowTiming>;
};

const TIMING: KurrentTiming & FollowTiming = {
  callMs: 10_000,
  walkMs: 120_000,
  silenceMs: 30_000,
  firstPauseMs: 100,
  longestPauseMs: 10_000,
};

/** An audit stream from which the server drops events by itself is no audit stream. */
const refuseRetention = async (connection: KurrentConnection): Promise<void> => {
  const findings = await connection.retentionFindings();
  if (findings.length === 0) return;
  const shown = findings.slice(0, 5).map(({ stream, limits }) => `${stream} (${limits.join(', ')})`);
  throw new StoreFault(
    'not-permitted',
    `Event store ${connection.shown}: expected streams that keep every event, got limits on ${findings.length}: ${shown.join('; ')}`,
  );
};

/**
 * Connects and checks before it returns: address, transport, that the server answers, that no stream of ours drops events.
 * Throws StoreFault.
 */
export const openKurrentStore = async (options: KurrentStoreOptions): Promise<ImportTarget> => {
  const { categories = [], insecure = false } = options;
  const timing = { ...TIMING, ...options.timing };
  const connection = await connectKurrent({ address: kurrentAddressOf(options.url, insecure), categories, timing });
  try {
    await refuseRetention(connection);
  } catch (thrown) {
    await connection.close();
    throw thrown;
  }
  return createKurrentStore(connection, categories, timing);
};

const createKurrentStore = (
  connection: KurrentConnection,
  categories: readonly string[],
  timing: FollowTiming,
): ImportTarget => {
  const subscriptions = createSubscriptionSet();
  const order = createAppendOrder(connection.pipelined);
  const append = createKurrentAppend(connection);
  const importEvents = createKurrentImport(connection);
  let closed = false;

  const ensureOpen = (): void => {
    if (closed) throw new StoreFault('closed', `Event store ${connection.shown} is closed`);
  };
  const ensureOurs = (streams: readonly string[]): void => {
    const foreign = streams.find(
      (stream) => categories.length > 0 && !categories.some((category) => stream.startsWith(`${category}-`)),
    );
    if (foreign === undefined) return;
    throw new StoreFault('unsupported', `Expected a stream of ${categories.join(', ')}, got "${foreign}"`);
  };
  const reading = async <T>(read: () => Promise<T>): Promise<T> => {
    ensureOpen();
    return read();
  };

  return {
    atomicAcrossStreams: connection.together !== 'none',
    checksPredecessors: false,
    append: async (commandId, writes) => {
      ensureOpen();
      appendRequestOf(commandId, writes);
      const streams = writes.map((write) => write.stream);
      ensureOurs(streams);
      return order.run(streams, streams.length > 1, () => append(commandId, writes));
    },
    readStream: (stream, from, limit) => reading(() => connection.readStream(stream, from, limit)),
    readAll: (after, limit) => reading(() => connection.readAll(after, limit)),
    head: () =>
      reading(async () => {
        const newest = await connection.newest();
        return newest === undefined ? undefined : { position: newest.position, id: newest.id };
      }),
    subscribe: (after, observer) => {
      ensureOpen();
      return subscriptions.add(startKurrentSubscription(connection, timing, after, observer));
    },
    importEvents: async (events: readonly StoredEvent[]) => {
      ensureOpen();
      ensureOurs(events.map((event) => event.stream));
      await importEvents(events);
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await subscriptions.stopAll();
      await connection.close();
    },
  };
};
