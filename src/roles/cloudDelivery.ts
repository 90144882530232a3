/** The cloud controller's outer half: from networks to documents to cluster controllers, and back to freed addresses. */
import { createDeliveryRecorder } from '../adapters/broadcast/deliveryRecorder.ts';
import { createDocumentBoard } from '../adapters/broadcast/documentBoard.ts';
import { createInProcessLanes } from '../adapters/broadcast/inProcessLanes.ts';
import { createLedger } from '../adapters/broadcast/ledger.ts';
import { createReconciler } from '../adapters/broadcast/reconciler.ts';
import { createRelay } from '../adapters/broadcast/relay.ts';
import { createResync } from '../adapters/broadcast/resync.ts';
import type { SightingsBook } from '../adapters/controlPlane/sightings.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { type DeliveryEvent, deliveryAggregate, noteDeliveries } from '../domain/deliveryLog.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { Recorded } from '../domain/recorded.ts';
import { isRefusal } from '../domain/refusals.ts';
import { settingsIn } from '../projections/documentInputs.ts';
import { type ClusterDocument, documentVersion, wantsDocument } from '../projections/documents.ts';
import type { Network } from '../projections/network/views.ts';
import { reconcile } from '../projections/reconcile.ts';
import { type CloudCore, houseContext } from './cloudCore.ts';
import { createCloudPush } from './cloudPush.ts';
import type { Journal } from './journal.ts';
import type { WireKeys } from './wireKeys.ts';

export type CloudDeliveryOptions = {
  readonly settings: Settings;
  readonly keys: WireKeys;
  readonly journal: Journal;
  readonly now: () => number;
  readonly core: CloudCore;
  readonly sightings: SightingsBook;
};

export type CloudDelivery = ReturnType<typeof createCloudDelivery>;

/** What the log says was delivered last, cluster by cluster. */
export const createDeliveredBefore = () => {
  const last = new Map<string, DeliveryEvent>();
  return {
    note: (events: readonly Recorded<DomainEvent>[]): void => {
      for (const { event } of events) if (event.type === 'DocumentDelivered') last.set(event.cluster, event);
    },
    all: (): Iterable<DeliveryEvent> => last.values(),
  };
};

const deliveryOf = ({ cluster, epoch, version, digest, dialect, byteLength }: ClusterDocument): DeliveryEvent => ({
  type: 'DocumentDelivered',
  cluster,
  epoch,
  version,
  digest,
  dialect,
  bytes: byteLength,
});

export const createCloudDelivery = (options: CloudDeliveryOptions) => {
  const { settings, keys, journal, now, core, sightings } = options;
  const network = core.projector.network;
  const ledger = createLedger(now);
  const lanes = createInProcessLanes();
  const board = createDocumentBoard<Network, ClusterDocument>(ledger, {
    clusters: (shown) => Object.keys(shown.clusters).filter((cluster) => wantsDocument(shown, cluster)),
    version: documentVersion,
    epoch: (shown) => shown.epoch,
    make: core.keeper.documentOf,
    nudge: lanes.nudge,
  });
  const sender = createCloudPush({
    settings,
    keys,
    now,
    cluster: (name) => network().clusters[name],
    cloudAddress: () => settingsIn(network())['edgelog.clc_address'],
  });
  const recorder = createDeliveryRecorder<DeliveryEvent>(
    (cluster, delivered) =>
      core.transactor.transact(houseContext('broadcaster', now()), (unit) => {
        const events = noteDeliveries(unit.read(deliveryAggregate, cluster), delivered);
        if (!isRefusal(events)) unit.write(deliveryAggregate, cluster, events);
        return {};
      }),
    (fault) => journal.fault('cannot record a delivery', fault),
  );
  /** Controllers that report what their nodes have are paced by their answers; others as Eucalyptus paces them. */
  const reportsItself = (cluster: string): boolean => (ledger.of(cluster)?.nodes.size ?? 0) > 0;
  const relay = createRelay<ClusterDocument>(ledger, {
    latest: board.latest,
    push: sender.push,
    onDelivered: (document) => recorder.note(deliveryOf(document)),
    minIntervalMs: (cluster) =>
      reportsItself(cluster) ? 0 : settingsIn(network())['cloud.network.min_broadcast_interval'] * 1000,
    maxBytes: () => settingsIn(network())['edgelog.document.max_bytes'],
    now,
  });
  const resync = createResync(
    lanes,
    {
      clusters: board.clusters,
      isBehind: (cluster) => ledger.delivered(cluster)?.version !== board.wanted(cluster),
      resend: (cluster) => {
        if (!reportsItself(cluster)) relay.resend(cluster);
      },
    },
    { everyMs: settings.number('resync-seconds') * 1000, allEveryMs: settings.number('periodic-seconds') * 1000 },
  );
  const reconciler = createReconciler({
    wishes: () =>
      reconcile({ network: network(), convergence: ledger.all(), wanted: board.wanted, sightings, now: now() }),
    carryOut: (wish) => core.executor.execute(wish, houseContext('reconciler', now())),
    onFault: (fault) => journal.fault('reconciliation failed', fault),
  });
  const unwatch = ledger.watch(() => reconciler.poke());

  return {
    ledger,
    board,
    lanes,
    /** Nothing is sent before this, and it is called only once in sync. */
    start: async (deliveredBefore: Iterable<DeliveryEvent>): Promise<void> => {
      for (const { cluster, epoch, version, digest } of deliveredBefore) {
        if (epoch === network().epoch) ledger.recall(cluster, { epoch, version, digest });
      }
      board.show(network());
      core.projector.watch((published) => board.show(published.network));
      await lanes.start(relay.work);
      resync.start();
      reconciler.start();
    },
    stop: async (): Promise<void> => {
      unwatch();
      resync.stop();
      await reconciler.stop();
      await lanes.stop();
      await recorder.stop();
      sender.close();
    },
  };
};
