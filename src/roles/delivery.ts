/**
 * The half of delivery that control planes and workers have in common: from their own network to the newest document, to the
 * cluster controller, to the delivery log. Whoever nudges and whoever answers is not its business.
 */
import { createDeliveryRecorder } from '../adapters/broadcast/deliveryRecorder.ts';
import { createDocumentBoard } from '../adapters/broadcast/documentBoard.ts';
import type { LaneWork } from '../adapters/broadcast/lanes.ts';
import { createLedger } from '../adapters/broadcast/ledger.ts';
import { createRelay, type PushOutcome } from '../adapters/broadcast/relay.ts';
import type { Projector } from '../adapters/projector/projector.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import type { RecentEvents } from '../adapters/telemetry/recentEvents.ts';
import { type DeliveryEvent, deliveryAggregate, noteDeliveries } from '../domain/deliveryLog.ts';
import type { EventStore } from '../domain/eventStore.ts';
import { isRefusal } from '../domain/refusals.ts';
import type { Transactor } from '../domain/transact.ts';
import { settingsIn } from '../projections/documentInputs.ts';
import type { DocumentKeeper } from '../projections/documentKeeper.ts';
import { type ClusterDocument, documentVersion, wantsDocument } from '../projections/documents.ts';
import { nearbyVersion } from '../projections/documentVersion.ts';
import type { Network } from '../projections/network/views.ts';
import { caughtUp } from './caughtUp.ts';
import { houseContext } from './cloudCore.ts';
import { createCloudPush } from './cloudPush.ts';
import type { Journal } from './journal.ts';
import type { WireKeys } from './wireKeys.ts';

export type DeliveryOptions = {
  readonly settings: Settings;
  readonly keys: WireKeys;
  readonly journal: Journal;
  readonly now: () => number;
  readonly store: Pick<EventStore, 'head'>;
  readonly projector: Pick<Projector, 'network' | 'reached'>;
  readonly transactor: Pick<Transactor, 'transact'>;
  readonly recent: RecentEvents;
  readonly keeper: DocumentKeeper;
  /** What a new document sets off. */
  readonly nudge: (cluster: string) => void;
  readonly onPushed?: (cluster: string, outcome: PushOutcome, tookMs: number) => void;
  /** How long deliveries are gathered before they are written down; short where other processes wait to know, ms. */
  readonly recordEveryMs: number;
};

export type Delivery = ReturnType<typeof createDelivery>;

const deliveryOf = (document: ClusterDocument, reportsItself: boolean): DeliveryEvent => {
  const { cluster, epoch, version, digest, dialect, byteLength: bytes } = document;
  const known = { type: 'DocumentDelivered', cluster, epoch, version, digest, dialect, bytes } as const;
  return reportsItself ? { ...known, controller: 'edgelog' } : known;
};

type OnPushed = NonNullable<DeliveryOptions['onPushed']>;

/** The board counts what arrived; whoever else is interested gets everything. */
const told =
  (arrived: (cluster: string, tookMs: number) => void, also: OnPushed | undefined): OnPushed =>
  (cluster, outcome, tookMs) => {
    if (outcome.outcome === 'delivered') arrived(cluster, tookMs);
    also?.(cluster, outcome, tookMs);
  };

export const createDelivery = (options: DeliveryOptions) => {
  const { settings, keys, journal, now, projector, transactor, recent } = options;
  const { network } = projector;
  const ledger = createLedger(now);
  const board = createDocumentBoard<Network, ClusterDocument>(ledger, {
    clusters: (shown) => Object.keys(shown.clusters).filter((cluster) => wantsDocument(shown, cluster)),
    version: (shown, cluster) => (wantsDocument(shown, cluster) ? documentVersion(shown, cluster) : undefined),
    epoch: (shown) => shown.epoch,
    position: (shown) => shown.position,
    nearest: nearbyVersion,
    make: options.keeper.documentOf,
    nudge: options.nudge,
  });
  const sender = createCloudPush({
    ...{ settings, keys, now },
    cluster: (name) => network().clusters[name],
    cloudAddress: () => settingsIn(network())['edgelog.clc_address'],
    traceparent: ({ version }) => recent.traceOf(version),
  });
  const recorder = createDeliveryRecorder<DeliveryEvent>(
    (cluster, delivered) =>
      transactor.transact(houseContext('broadcaster', now()), (unit) => {
        const events = noteDeliveries(unit.read(deliveryAggregate, cluster), delivered);
        if (!isRefusal(events)) unit.write(deliveryAggregate, cluster, events);
        return {};
      }),
    (fault) => journal.fault('cannot record a delivery', fault),
    options.recordEveryMs,
  );
  /** Controllers that report what their nodes have are paced by their answers; others as Eucalyptus paces them. */
  const reportsItself = (cluster: string): boolean => ledger.of(cluster)?.reportsItself === true;
  const relay = createRelay<ClusterDocument>(ledger, {
    latest: board.due,
    push: sender.push,
    onDelivered: (document, isOurs) => recorder.note(deliveryOf(document, isOurs)),
    onPushed: told(board.pushed, options.onPushed),
    minIntervalMs: (cluster) =>
      reportsItself(cluster) ? 0 : settingsIn(network())['cloud.network.min_broadcast_interval'] * 1000,
    // A nudge comes every period; half of one is enough to tell it from the answer to the last.
    // Controllers that report are asked again only where that is a few bytes: one that lost something then says so.
    againAfterMs: (cluster) =>
      reportsItself(cluster) && !sender.takesDeltas(cluster) ? undefined : settings.number('periodic-seconds') * 500,
    maxBytes: () => settingsIn(network())['edgelog.document.max_bytes'],
    now,
  });

  /** For nudges from other processes: they may be about what this one has not read yet. */
  const workWhenCaughtUp: LaneWork = async (cluster, signal) => {
    await caughtUp(options);
    await relay.work(cluster, signal);
  };

  return {
    ledger,
    board,
    relay,
    workWhenCaughtUp,
    reportsItself,
    /** Documents that their controllers have from before this process started need not be sent whole. */
    assumeDelivered: (): void => {
      for (const cluster of board.clusters()) {
        const document = sender.takesDeltas(cluster) ? board.latest(cluster) : undefined;
        if (document !== undefined && ledger.delivered(cluster)?.digest === document.digest) sender.assume(document);
      }
    },
    stop: async (): Promise<void> => {
      board.stop();
      await recorder.stop();
      await sender.close();
    },
  };
};
