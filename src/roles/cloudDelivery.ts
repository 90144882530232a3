/** The cloud controller's outer half: from networks to nudges to cluster controllers, and back to freed addresses. */
import { createAddressMessages } from '../adapters/broadcast/addressMessages.ts';
import { createHostWatch } from '../adapters/broadcast/hostWatch.ts';
import { createLaneWatch } from '../adapters/broadcast/laneWatch.ts';
import { createReconciler } from '../adapters/broadcast/reconciler.ts';
import { failureIn, type PushOutcome } from '../adapters/broadcast/relay.ts';
import { createResync } from '../adapters/broadcast/resync.ts';
import type { SightingsBook } from '../adapters/controlPlane/sightings.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import type { RecentEvents } from '../adapters/telemetry/recentEvents.ts';
import type { EventStore } from '../domain/eventStore.ts';
import { dispatch } from '../domain/networking/dispatcher.ts';
import { isRefusal } from '../domain/refusals.ts';
import { activeNetworkIn } from '../projections/activeNetwork.ts';
import { alarmIn, emergencyIn } from '../projections/alarms.ts';
import { settingsIn } from '../projections/documentInputs.ts';
import { reconcile, reconcileProgress } from '../projections/reconcile.ts';
import { createAddressPush } from './addressPush.ts';
import { type CloudCore, houseContext } from './cloudCore.ts';
import type { DeliveredLog } from './deliveredLog.ts';
import { createDelivery } from './delivery.ts';
import type { DeliveryLanes } from './deliveryLanes.ts';
import type { Journal } from './journal.ts';
import type { Part } from './role.ts';
import type { WireKeys } from './wireKeys.ts';

export type CloudDeliveryOptions = {
  readonly settings: Settings;
  readonly keys: WireKeys;
  readonly journal: Journal;
  readonly now: () => number;
  readonly store: Pick<EventStore, 'head'>;
  readonly core: CloudCore;
  readonly sightings: SightingsBook;
  readonly lanes: DeliveryLanes;
  readonly recent: RecentEvents;
  readonly onPushed?: (cluster: string, outcome: PushOutcome, tookMs: number) => void;
};

export type CloudDelivery = ReturnType<typeof createCloudDelivery>;

export const createCloudDelivery = (options: CloudDeliveryOptions) => {
  const { settings, journal, now, core, sightings } = options;
  const { lanes, shared } = options.lanes;
  const { projector, transactor } = core;
  const { network } = projector;
  const delivery = createDelivery({
    ...options,
    ...{ projector, transactor, keeper: core.keeper },
    nudge: lanes.nudge,
    recordEveryMs: shared === undefined ? 1_000 : 50,
  });
  const { ledger, board, relay } = delivery;

  const takeOver = (cluster: string): void => {
    journal.note('nobody answers a lane; it is answered here', { cluster });
    shared?.insist(cluster);
  };
  const laneWatch = createLaneWatch({
    look: async (cluster) => shared?.look(cluster),
    onUnanswered: takeOver,
    onFailing: (cluster, failures, lastFailure) => ledger.failing(cluster, failures, failureIn(lastFailure)),
  });
  const resync = createResync(
    lanes,
    {
      clusters: board.clusters,
      isBehind: (cluster) => ledger.delivered(cluster)?.version !== board.wanted(cluster),
      resend: (cluster) => {
        if (shared === undefined && !delivery.reportsItself(cluster)) relay.resend(cluster);
      },
      onBehind: (clusters) => void laneWatch.round(clusters),
    },
    { everyMs: settings.number('resync-seconds') * 1000, allEveryMs: settings.number('periodic-seconds') * 1000 },
  );
  const reconciler = createReconciler({
    wishes: (occasion) => {
      const inputs = { network: network(), convergence: ledger.all(), wanted: board.wanted, sightings, now: now() };
      return occasion === 'progress' ? reconcileProgress(inputs) : reconcile(inputs);
    },
    carryOut: (wish) => core.executor.execute(wish, houseContext('reconciler', now())),
    onFault: (fault) => journal.fault('reconciliation failed', fault),
  });
  const unwatch = ledger.watch(() => reconciler.poke());
  const addressPush = createAddressPush({
    ...{ settings, keys: options.keys, now },
    cluster: (name) => network().clusters[name],
    cloudAddress: () => settingsIn(network())['edgelog.clc_address'],
    epoch: () => network().epoch,
  });
  const addressMessages = createAddressMessages({
    inFlight: () => Object.values(network().inFlight),
    dispatch: (change) => dispatch(change, activeNetworkIn(network()), network().clusters[change.cluster]?.state),
    send: addressPush.send,
    complete: async ({ address, instanceId, change: message }) => {
      const wish = { type: 'CompleteAddress', address, answered: { instanceId, message } } as const;
      const done = await core.executor.execute(wish, houseContext('dispatcher', now()));
      if (isRefusal(done)) throw new Error(`${done.refused}: ${done.detail}`);
    },
    atOnce: () => settingsIn(network())['cloud.cluster.requestworkers'],
    onFailure: ({ address, cluster, change }, reason) =>
      journal.note('a cluster has not answered a message about an address', { address, cluster, change, reason }),
  });

  const hostWatch = createHostWatch({
    hosts: () =>
      Object.values(network().clusters).flatMap(({ name: cluster, host, address, followsHost }) =>
        followsHost ? [{ cluster, host, address }] : [],
      ),
    resolve: async (host) => (await import('../adapters/http/server.ts')).lookUp(host),
    moved: (cluster, address) =>
      core.executor.execute({ type: 'ResolveCluster', cluster, address }, houseContext('resolver', now())),
    onLost: ({ cluster, host, address }) =>
      journal.note('a host name means nothing; its last known address stays', { cluster, host, address }),
  });

  /** Nothing is sent before these start, and they start only once in sync. */
  const parts = (delivered: DeliveredLog): readonly Part[] => [
    {
      name: 'delivery ledger',
      about: 'recalls from the log what was delivered, writes down what is',
      start: async () => {
        delivered.follow(ledger.recall);
        return [];
      },
      stop: delivery.stop,
    },
    {
      name: 'document board',
      about: 'makes the newest document of every cluster, nudges the lanes of those that changed',
      start: async () => {
        board.show(network());
        delivery.assumeDelivered();
        projector.watch((published) => board.show(published.network));
        return [];
      },
    },
    {
      name: 'lanes',
      about: 'one per cluster: whoever answers a nudge pushes the newest document to its controller',
      start: async () => {
        await lanes.start(shared === undefined ? relay.work : delivery.workWhenCaughtUp);
        return [];
      },
      stop: lanes.stop,
    },
    {
      name: 'resync loop',
      about: 'nudges clusters that are behind, and now and then all of them',
      start: async () => {
        resync.start();
        return [];
      },
      stop: async () => resync.stop(),
    },
    {
      name: 'host watch',
      about: 'follows the names of controllers’ hosts, notes those that mean nothing and what else needs an eye',
      start: async () => {
        hostWatch.start();
        projector.watch(({ events }) => {
          for (const recorded of events) {
            for (const alarm of [alarmIn(recorded.event), emergencyIn(recorded)]) {
              if (alarm === undefined) continue;
              journal.note(alarm.text, { alarm: alarm.alarm, position: recorded.position });
            }
          }
        });
        return [];
      },
      stop: hostWatch.stop,
    },
    {
      name: 'address messages',
      about: 'where EDGE is not in force: tells clusters of public addresses until they have answered',
      start: async () => {
        addressMessages.look();
        projector.watch(addressMessages.look);
        return [];
      },
      stop: async () => {
        await addressMessages.stop();
        addressPush.close();
      },
    },
    {
      name: 'reconciler',
      about: 'wishes what follows from time and from what nodes have applied: freed addresses, time-outs',
      start: async () => {
        reconciler.start();
        return [];
      },
      stop: async () => {
        unwatch();
        await reconciler.stop();
      },
    },
  ];

  return { ledger, board, lanes, parts };
};
