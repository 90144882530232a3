/**
 * A worker: answers nudges from Redis with documents of its own projection. It takes no commands, serves no API and decides
 * nothing; any number of them may run, anywhere, and any of them may vanish.
 */
import { createProjector } from '../adapters/projector/projector.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { createRecentEvents } from '../adapters/telemetry/recentEvents.ts';
import type { EventStore } from '../domain/eventStore.ts';
import { createTransactor } from '../domain/transact.ts';
import { createDocumentKeeper } from '../projections/documentKeeper.ts';
import { createDeliveredLog } from './deliveredLog.ts';
import { createDelivery } from './delivery.ts';
import type { DeliveryLanes } from './deliveryLanes.ts';
import type { Journal } from './journal.ts';
import { progressLine } from './progress.ts';
import { type Role, roleOf } from './role.ts';
import { createTailGuard } from './tailGuard.ts';
import type { WireKeys } from './wireKeys.ts';

export type WorkerRoleOptions = {
  readonly settings: Settings;
  readonly store: EventStore;
  /** For people: where the log is. */
  /** For people: without a password. */
  readonly storeUrl: string;
  readonly keys: WireKeys;
  readonly journal: Journal;
  readonly now: () => number;
  readonly lanes: DeliveryLanes;
  /** This process must not go on. */
  readonly onLost: (reason: string) => void;
};

export const workerRole = (options: WorkerRoleOptions): Role => {
  const { settings, store, keys, journal, now } = options;
  const { lanes } = options.lanes;
  const transactor = createTransactor(store);
  const delivered = createDeliveredLog();
  const recent = createRecentEvents();
  const progress = progressLine('reading the log');
  const guard = createTailGuard({
    ...{ store, journal, folder: undefined, onLost: options.onLost },
    everyMs: settings.number('checkpoint-seconds') * 1000,
  });
  const projector = createProjector(store, {
    observers: [delivered.note, recent.note],
    onStored: (events) => {
      guard.observe(events);
      transactor.observe(events);
    },
    onProgress: progress.show,
    onFault: (fault) => journal.fault('the projection stopped; this worker sends what it last knew', fault),
  });
  const delivery = createDelivery({
    ...{ settings, keys, journal, now, store, projector, transactor, recent },
    keeper: createDocumentKeeper(),
    // The control plane nudges; whoever answers first waits until it has read what the nudge is about.
    nudge: () => undefined,
    recordEveryMs: 50,
  });
  return roleOf('worker', [
    {
      name: 'event log',
      about: 'the truth; closed last',
      start: async () => [`event log           ${options.storeUrl}`],
      stop: store.close,
    },
    {
      name: 'projection',
      about: 'folds the whole log into the network; what follows starts when it is in sync',
      start: async () => {
        projector.start();
        await projector.inSync;
        progress.done(projector.health().events);
        return [];
      },
      stop: projector.stop,
    },
    {
      name: 'tail guard',
      about: 'notices when the log lost its tail',
      start: async () => {
        guard.start();
        return [];
      },
      stop: guard.stop,
    },
    {
      name: 'delivery ledger',
      about: 'recalls from the log what was delivered, writes down what is',
      start: async () => {
        delivered.follow(delivery.ledger.recall);
        return [];
      },
      stop: delivery.stop,
    },
    {
      name: 'document board',
      about: 'makes the newest document of every cluster',
      start: async () => {
        delivery.board.show(projector.network());
        delivery.assumeDelivered();
        projector.watch((published) => delivery.board.show(published.network));
        return [];
      },
    },
    {
      name: 'lanes',
      about: 'answers nudges of control planes: pushes the newest document to the controller',
      start: async () => {
        await lanes.start(delivery.workWhenCaughtUp);
        return [`worker              ${lanes.health().detail}`];
      },
      stop: lanes.stop,
    },
  ]);
};
