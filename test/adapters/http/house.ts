/**
 * A whole control plane for stories: the real log (in memory), deciders, projection, history and documents, with a clock that
 * moves by hand. Only the wire to controllers is left out; what they would answer is told to the ledger by the story.
 */
import { createDocumentBoard } from '../../../src/adapters/broadcast/documentBoard.ts';
import { createLedger } from '../../../src/adapters/broadcast/ledger.ts';
import { createControlPlane } from '../../../src/adapters/controlPlane/controlPlane.ts';
import { createSightings } from '../../../src/adapters/controlPlane/sightings.ts';
import { createMemoryStore } from '../../../src/adapters/eventstore/memory.ts';
import type { ControlPlane } from '../../../src/adapters/http/ports.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import type { EventStore } from '../../../src/domain/eventStore.ts';
import {
  type ClusterDocument,
  documentVersion,
  fullDocument,
  wantsDocument,
} from '../../../src/projections/documents.ts';
import type { Network } from '../../../src/projections/network/views.ts';
import { type CloudCore, createCloudCore } from '../../../src/roles/cloudCore.ts';

export type House = {
  readonly store: EventStore;
  readonly core: CloudCore;
  readonly controlPlane: ControlPlane;
  readonly now: () => number;
  readonly pass: (seconds: number) => void;
  /** Resolves when the read model and the board show everything up to the position. */
  readonly reached: (position: number) => Promise<void>;
  /** A cluster controller says true to the latest document. */
  readonly deliver: (cluster: string) => void;
  readonly stop: () => Promise<void>;
};

const openBoard = (ledger: ReturnType<typeof createLedger>) =>
  createDocumentBoard<Network, ClusterDocument>(ledger, {
    clusters: (network) => Object.keys(network.clusters).filter((cluster) => wantsDocument(network, cluster)),
    version: (shown, cluster) => (wantsDocument(shown, cluster) ? documentVersion(shown, cluster) : undefined),
    epoch: (network) => network.epoch,
    position: (network) => network.position,
    nearest: documentVersion,
    make: fullDocument,
    nudge: () => undefined,
  });

export const openHouse = async (): Promise<House> => {
  let time = Date.UTC(2026, 2, 1, 2, 0, 0);
  const now = (): number => time;
  const store = createMemoryStore();
  const core = createCloudCore({
    store,
    cloud: 'main',
    observers: [],
    onProgress: () => undefined,
    onFault: (fault) => {
      throw fault;
    },
  });
  const { projector } = core;
  const ledger = createLedger(now);
  const board = openBoard(ledger);
  projector.start();
  await projector.inSync;
  board.show(projector.network());
  projector.watch(({ network }) => board.show(network));
  const metrics = createMetrics({ network: projector.network, health: projector.health, convergence: ledger.all, now });
  const controlPlane = createControlPlane({
    ...{ store, executor: core.executor, index: core.index, history: core.history, sightings: createSightings() },
    ...{
      network: projector.network,
      reached: projector.reached,
      latestDocument: board.latest,
      documentAt: fullDocument,
    },
    ...{ wanted: board.wanted, convergence: ledger.all, report: ledger.report, watchConvergence: ledger.watch },
    ...{ dryRun: core.dryRun, metrics: metrics.text, now },
    checks: () => [
      { name: 'projection', ok: projector.health().state === 'in-sync', detail: projector.health().state },
    ],
  });
  return {
    store,
    core,
    controlPlane,
    now,
    pass: (seconds) => {
      time += seconds * 1000;
    },
    reached: projector.reached,
    deliver: (cluster) => {
      const document = board.latest(cluster);
      if (document === undefined) throw new Error(`Expected a document for ${cluster}, got none`);
      ledger.deliver(cluster, { epoch: document.epoch, version: document.version, digest: document.digest });
    },
    stop: async () => {
      await projector.stop();
      await store.close();
    },
  };
};
