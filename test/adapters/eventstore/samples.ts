/**
 * Events, commands and observers that the event store tests share. Deterministic: names come from counters, never from chance.
 */
import type {
  EventStore,
  NewEvent,
  StoredEvent,
  StreamWrite,
  Subscription,
  SubscriptionObserver,
} from '../../../src/domain/eventStore.ts';

export const sampleEvent = (note: string): NewEvent => ({
  type: 'AddressReserved',
  data: { note, address: '10.111.0.12', nested: { list: [1, null, true, 'zwölf', '\u{1f4e6}'] } },
  metadata: { $correlationId: `correlation-${note}`, $causationId: `cause-${note}`, actor: 'tester' },
});

export const writeOf = (stream: string, expected: number, ...notes: string[]): StreamWrite => ({
  stream,
  expected,
  events: notes.map(sampleEvent),
});

export const notesOf = (events: readonly StoredEvent[]): readonly string[] =>
  events.map((event) => String(event.data['note']));

/** Reads the whole log in pages of the given size. */
export const readWhole = async (store: EventStore, page = 100, after = -1): Promise<readonly StoredEvent[]> => {
  const all: StoredEvent[] = [];
  for (;;) {
    const events = await store.readAll(all.at(-1)?.position ?? after, page);
    if (events.length === 0) return all;
    all.push(...events);
  }
};

/** An observer that keeps what it is given, and lets a test wait until that satisfies it. */
export const createWitness = (onEvents: SubscriptionObserver['onEvents'] = () => {}) => {
  const seen: StoredEvent[] = [];
  const faults: Error[] = [];
  let caughtUp = 0;
  const waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];
  const look = (): void => {
    for (const one of waiting.splice(0)) {
      if (one.holds()) one.resolve();
      else waiting.push(one);
    }
  };
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ holds, resolve });
      look();
    });
  const observer: SubscriptionObserver = {
    onEvents: async (events) => {
      await onEvents(events);
      seen.push(...events);
      look();
    },
    onCaughtUp: () => {
      caughtUp += 1;
      look();
    },
    onFault: (fault) => {
      faults.push(fault);
      look();
    },
  };
  return {
    observer,
    seen,
    faults,
    caughtUp: () => caughtUp,
    until,
    untilSeen: (count: number) => until(() => seen.length >= count),
    untilCaughtUp: () => until(() => caughtUp > 0),
    untilFault: () => until(() => faults.length > 0),
  };
};

/** Runs a subscription for the time of `act` and stops it whatever happens. */
export const whileSubscribed = async (subscription: Subscription, act: () => Promise<void>): Promise<void> => {
  try {
    await act();
  } finally {
    await subscription.stop();
  }
};
