/**
 * The cloud controller (CLC): its core, its delivery and its HTTP door, started in this order and stopped in reverse.
 * Constructions only; every rule lives in its room.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createControlPlane } from '../adapters/controlPlane/controlPlane.ts';
import { createOrphanBook } from '../adapters/controlPlane/orphanBook.ts';
import { createSightings } from '../adapters/controlPlane/sightings.ts';
import type { KeyRecord } from '../adapters/http/auth.ts';
import { admins, type Mount } from '../adapters/http/route.ts';
import type { HttpOptions, HttpServer } from '../adapters/http/server.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { type AgentSource, createAgentFigures } from '../adapters/telemetry/agentFigures.ts';
import { withFigures } from '../adapters/telemetry/commandFigures.ts';
import { createHopTimes } from '../adapters/telemetry/hopTimes.ts';
import { addProcessFigures, createMetrics } from '../adapters/telemetry/metrics.ts';
import { createRecentEvents } from '../adapters/telemetry/recentEvents.ts';
import type { Command } from '../domain/commands.ts';
import type { EventStore } from '../domain/eventStore.ts';
import { isRefusal, type Refusal } from '../domain/refusals.ts';
import type { Network } from '../projections/network/views.ts';
import { createCloudCore, houseContext } from './cloudCore.ts';
import { createCloudDelivery } from './cloudDelivery.ts';
import { createCloudTime } from './cloudTime.ts';
import { clusterPollingPart } from './clusterPolling.ts';
import { consoleDoor } from './consoleDoor.ts';
import { createDeliveredLog } from './deliveredLog.ts';
import type { DeliveryLanes, SharedLanes } from './deliveryLanes.ts';
import { createDenials } from './denials.ts';
import type { Journal } from './journal.ts';
import { keysReloadPart } from './keysReload.ts';
import { progressLine } from './progress.ts';
import { type Role, roleOf } from './role.ts';
import { awakened, type Known, type Remembered, type Snapshot } from './snapshot.ts';
import { createSnapshotWatch } from './snapshotWatch.ts';
import { createTailGuard } from './tailGuard.ts';
import type { WireKeys } from './wireKeys.ts';

export type CloudRoleOptions = {
  readonly settings: Settings;
  readonly store: EventStore;
  /** For people: where the log is. */
  /** For people: without a password. */
  readonly storeUrl: string;
  readonly keys: WireKeys;
  readonly journal: Journal;
  readonly now: () => number;
  readonly version: string;
  readonly apiKeys: readonly KeyRecord[];
  /** What the house wishes as soon as it can, e.g. the registration of the embedded cluster. */
  readonly firstWishes: readonly Command[];
  /** Where snapshots lie, and what the newest one knows; absent for logs that are read from the beginning at every start. */
  readonly snapshot?: { readonly files: Snapshot; readonly begun: Remembered | undefined } | undefined;
  readonly lanes: DeliveryLanes;
  /** Agents of this process whose kernel counts. */
  readonly agents: readonly AgentSource[];
  /** This process must not go on. */
  readonly onLost: (reason: string) => void;
};

/** How long the door waits for a cluster controller to have taken its document. */
const PATIENCE_MS = 150;

const QUEUES = '/admin/queues';

/** The queue behind the lanes, for administrators. */
const queueMount = ({ board }: SharedLanes): Mount => ({ path: QUEUES, access: admins, serve: board(QUEUES) });

/** A key may save up what it does not use for two seconds. */
const rateLimitIn = (settings: Settings): Pick<HttpOptions, 'rateLimit'> => {
  const perSecond = settings.number('requests-per-second');
  return perSecond === 0 ? {} : { rateLimit: { perSecond, burst: 2 * perSecond } };
};

export const cloudRole = (options: CloudRoleOptions): Role => {
  const { settings, store, keys, journal, now, version } = options;
  const begun = options.snapshot?.begun;
  const delivered = createDeliveredLog(begun?.delivered);
  const recent = createRecentEvents();
  const progress = progressLine('reading the log');
  /** Position of the newest event when the reading began. */
  let logEnd = -1;
  const guard = createTailGuard({
    ...{ store, journal, folder: settings.text('data'), onLost: options.onLost, begun: begun?.mark },
    everyMs: settings.number('checkpoint-seconds') * 1000,
  });
  const core = createCloudCore({
    store,
    cloud: settings.text('cloud'),
    ...{ begun, bases: options.snapshot?.files.bases },
    observers: [delivered.note, recent.note],
    onStored: (events) => guard.observe(events),
    onProgress: (events) => progress.show(events, { at: core.projector.health().position, end: logEnd }),
    onFault: (fault) => journal.fault('the projection stopped; the last good documents stay', fault),
  });
  const sightings = createSightings();
  const { projector } = core;
  let pushed: () => void = () => undefined;
  const onePush = new Promise<void>((resolve) => {
    pushed = resolve;
  });
  /** Loading what the door is made of stops everything else, and documents are more urgent: one of them goes first. */
  const firstPush = async (network: Network): Promise<void> => {
    if (options.lanes.shared !== undefined || Object.values(network.clusters).length === 0) return;
    await Promise.race([onePush, pause(PATIENCE_MS, undefined, { ref: false })]);
  };
  const delivery = createCloudDelivery({
    ...{ settings, keys, journal, now, store, core, sightings, recent },
    lanes: options.lanes,
    onPushed: (cluster, { outcome }, tookMs) => {
      pushed();
      hops.pushed(cluster, outcome, tookMs);
    },
  });
  const { ledger } = delivery;
  const metrics = createMetrics({
    network: projector.network,
    health: projector.health,
    convergence: ledger.all,
    now,
  });
  addProcessFigures(metrics.registry);
  const executor = withFigures(core.executor, metrics.registry, () => performance.now());
  const figures = createAgentFigures(metrics.registry, options.agents);
  const hops = createHopTimes({ registry: metrics.registry, recent, now });
  const controlPlane = createControlPlane({
    store,
    executor,
    index: core.index,
    history: core.history,
    sightings,
    orphans: createOrphanBook({
      ...{ cloud: settings.text('cloud'), transactor: core.transactor, network: projector.network },
      carryOut: (wish) => executor.execute(wish, houseContext('orphans', now())),
    }),
    network: projector.network,
    reached: projector.reached,
    latestDocument: delivery.board.latest,
    documentAt: core.keeper.glance,
    wanted: delivery.board.wanted,
    convergence: ledger.all,
    report: ledger.report,
    watchConvergence: ledger.watch,
    dryRun: core.dryRun,
    checks: () => {
      const { state, fault = '', position } = projector.health();
      const lanes = delivery.lanes.health();
      return [
        { name: 'projection', ok: state === 'in-sync', detail: fault || `${state} at position ${position}` },
        // Without the lanes of others this process delivers by itself.
        { name: 'lanes', ...lanes, isVital: options.lanes.shared === undefined },
        // What is sent follows from the log as it is; whether that is the log that was signed for is a person's question.
        { name: 'proof', ...past.proofHealth(), isVital: false },
      ];
    },
    metrics: async () => {
      await figures.take();
      return metrics.text();
    },
    now,
  });
  const past = createCloudTime({
    ...{ store, core, journal, now, settings, cloud: settings.text('cloud'), folder: settings.text('data') },
    convergence: ledger.all,
  });
  const web = consoleDoor(settings);
  const doorOptions: HttpOptions = {
    host: settings.text('host'),
    port: settings.number('port'),
    controlPlane,
    extraRoutes: past.routes,
    mounts: [...web.mounts, ...(options.lanes.shared === undefined ? [] : [queueMount(options.lanes.shared)])],
    ...web.home,
    version,
    keys: options.apiKeys,
    insecure: settings.flag('insecure'),
    tlsInFront: settings.flag('tls-in-front'),
    allowedHosts: settings.list('known-as'),
    ...rateLimitIn(settings),
    onDenied: createDenials(journal, now),
    now,
    onFault: (fault) => journal.fault('a request failed', fault),
  };
  let door: HttpServer | undefined;

  const wishFirst = async (): Promise<readonly string[]> => {
    for (const command of options.firstWishes) {
      const done: unknown | Refusal = await core.executor.execute(command, houseContext('edgelog', now()));
      if (isRefusal(done)) journal.note('refused at start', { command: command.type, ...done });
    }
    return [];
  };

  /** Before anything is sent: a log that lost its tail, or got lower positions by moving, goes on in an epoch of its own. */
  const openEpoch = async (): Promise<readonly string[]> => {
    const { epoch } = projector.network();
    const verdict = guard.verdict() === 'intact' && delivered.movedIn() === epoch ? 'moved' : guard.verdict();
    if (verdict !== 'intact') {
      const reason = `the event log is not what it was (${verdict})`;
      journal.note('a new epoch is opened', { reason });
      const wish: Command = { type: 'RaiseEpoch', reason, atLeast: guard.rememberedEpoch() + 1 };
      const done = await core.executor.execute(wish, houseContext('edgelog', now()));
      if (isRefusal(done)) throw new Error(`cannot open a new epoch: ${done.detail}`);
      await projector.reached(done.position);
    }
    await guard.keepEpoch(projector.network().epoch);
    projector.watch(({ network }) => void guard.keepEpoch(network.epoch));
    guard.start();
    return [];
  };

  const known = (): Known | undefined => {
    const [network, mark] = [projector.network(), guard.mark()];
    if (mark === undefined || mark.position !== network.position) return undefined;
    const { events } = projector.health();
    const document = core.keeper.standing(network);
    return { network, mark, events, audit: core.index.kept(), delivered: delivered.kept(), document };
  };
  const snapshots =
    options.snapshot === undefined
      ? []
      : [
          createSnapshotWatch({
            ...{ snapshot: options.snapshot.files, begun: begun?.mark, known, journal, now, onLost: options.onLost },
            asleep: begun && (() => awakened(begun)),
            position: () => projector.network().position,
            watch: (onEvents) => projector.watch(onEvents),
          }),
        ];

  return roleOf('clc', [
    {
      name: 'event log',
      about: 'the truth; closed last',
      start: async () => [`event log           ${options.storeUrl}`],
      stop: store.close,
    },
    {
      name: 'tail guard',
      about: 'remembers the end of the log outside of it, and notices when it is gone',
      start: async () => {
        await guard.open();
        return [];
      },
      stop: guard.stop,
    },
    {
      name: 'projection',
      about: 'folds the whole log into the network; what follows starts when it is in sync',
      start: async () => {
        logEnd = (await store.head())?.position ?? -1;
        projector.start();
        await projector.inSync;
        progress.done(projector.health().events);
        return [];
      },
      stop: projector.stop,
    },
    {
      name: 'epoch',
      about: 'opens a new one when the log lost its tail, before anything is sent',
      start: openEpoch,
    },
    {
      name: 'hop times',
      about: 'measures each hop from the event to the node',
      start: async () => {
        projector.watch(({ events }) => hops.projected(events));
        ledger.watch((cluster) => {
          const status = ledger.of(cluster);
          if (status !== undefined) hops.changed(status);
        });
        return [];
      },
    },
    ...delivery.parts(delivered),
    past.part,
    clusterPollingPart({
      ...{ settings, keys, now, journal, ledger, network: projector.network },
      ...{ lastHeard: sightings.lastHeard, execute: controlPlane.execute },
    }),
    ...snapshots,
    {
      name: 'HTTP door',
      about: 'commands, reads, event stream and pages for people',
      start: async () => {
        await firstPush(projector.network());
        const { createHttpServer } = await import('../adapters/http/server.ts');
        door = createHttpServer(doorOptions);
        const { host, port } = await door.start();
        return [`API                 http://${host}:${port}  (OpenAPI at /openapi.json)`, ...web.lines(host, port)];
      },
      stop: async () => door?.stop(),
    },
    keysReloadPart(settings.text('keys-file'), (keys) => door?.replaceKeys(keys), journal),
    {
      name: 'first wishes',
      about: 'what the settings say about the cloud, e.g. its embedded cluster; news only once',
      start: wishFirst,
    },
  ]);
};
