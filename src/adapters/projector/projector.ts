/**
 * Keeps one network up to date with the log: catches up bare, announces being in sync, then publishes a new immutable network
 * per batch. Nothing leaves before it is in sync: half a replay sent to a node would look like a mass deletion. An event that
 * cannot be decoded or folded stops it with its reason; what was published last stays.
 */
import { decodeRecorded } from '../../domain/codec.ts';
import type { EventStore, StoredEvent, Subscription } from '../../domain/eventStore.ts';
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { createNetworkRunner } from '../../projections/network/runner.ts';
import type { Network } from '../../projections/network/views.ts';

export type Published = { readonly network: Network; readonly events: readonly Recorded<DomainEvent>[] };

export type ProjectorHealth = {
  readonly state: 'catching-up' | 'in-sync' | 'stopped';
  readonly position: number;
  readonly events: number;
  readonly fault?: string;
};

export type Projector = {
  readonly start: () => void;
  readonly stop: () => Promise<void>;
  /** Resolves when in sync for the first time; rejects when the projection stopped before. */
  readonly inSync: Promise<void>;
  readonly network: () => Network;
  /** Called in order with every batch once in sync, and once with an empty batch on getting there. Returns how to stop. */
  readonly watch: (onPublished: (published: Published) => void) => () => void;
  /** Resolves when everything up to the position has been folded. */
  readonly reached: (position: number) => Promise<void>;
  readonly health: () => ProjectorHealth;
};

/** A network that is nobody else's yet, and how many events led to it. */
export type ProjectorStart = { readonly network: Network; readonly events: number };

export type ProjectorOptions = {
  /** Where to begin; without it with the first event. Not held: it would be for as long as the process lives. */
  readonly from?: ProjectorStart | undefined;
  /** Every event in order from where it begins, also while catching up. They must not change it. */
  readonly observers?: readonly ((events: readonly Recorded<DomainEvent>[]) => void)[];
  readonly onStored?: (events: readonly StoredEvent[]) => void;
  /** What stopped it once it was in sync; before that `inSync` rejects with it. */
  readonly onFault?: (fault: Error) => void;
  readonly onProgress?: (events: number) => void;
};

type Waiter = { readonly position: number; readonly wake: () => void };

export const createProjector = (store: EventStore, options: ProjectorOptions = {}): Projector => {
  const { from, onStored, onFault: onStopped, onProgress, observers = [] } = options;
  const runner = createNetworkRunner(from?.network);
  const watchers = new Set<(published: Published) => void>();
  let waiters: Waiter[] = [];
  let subscription: Subscription | undefined;
  let health: ProjectorHealth = {
    state: 'catching-up',
    position: from?.network.position ?? -1,
    events: from?.events ?? 0,
  };
  let settle: { resolve: () => void; reject: (fault: Error) => void } = { resolve: () => {}, reject: () => {} };
  const inSync = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  inSync.catch(() => undefined);

  const publish = (events: readonly Recorded<DomainEvent>[]): void => {
    const published = { network: runner.network(), events };
    for (const watcher of [...watchers]) watcher(published);
  };

  const wake = (position: number): void => {
    if (waiters.length === 0) return;
    const due = waiters.filter((waiter) => waiter.position <= position);
    waiters = waiters.filter((waiter) => waiter.position > position);
    for (const waiter of due) waiter.wake();
  };

  const onEvents = (stored: readonly StoredEvent[]): void => {
    const last = stored.at(-1);
    if (last === undefined) return;
    onStored?.(stored);
    const events = stored.map(decodeRecorded);
    for (const observer of observers) observer(events);
    runner.fold(events);
    health = { ...health, position: last.position, events: health.events + events.length };
    if (runner.isLive()) publish(events);
    else onProgress?.(health.events);
    wake(last.position);
  };

  const onCaughtUp = (): void => {
    if (runner.isLive()) return;
    runner.goLive();
    health = { ...health, state: 'in-sync' };
    publish([]);
    settle.resolve();
  };

  const onFault = (fault: Error): void => {
    health = { ...health, state: 'stopped', fault: fault.message };
    settle.reject(fault);
    if (runner.isLive()) onStopped?.(fault);
  };

  return {
    start: () => {
      subscription = store.subscribe(health.position, { onEvents, onCaughtUp, onFault });
    },
    stop: async () => {
      await subscription?.stop();
    },
    inSync,
    network: runner.network,
    watch: (onPublished) => {
      watchers.add(onPublished);
      return () => watchers.delete(onPublished);
    },
    reached: (position) =>
      health.position >= position
        ? Promise.resolve()
        : new Promise((wakeUp) => {
            waiters.push({ position, wake: wakeUp });
          }),
    health: () => health,
  };
};
