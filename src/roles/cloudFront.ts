/**
 * What the cloud controller is to people and programs: control plane, figures, time machine, polling, HTTP door. Loading it
 * stops everything else for a while, so it is loaded behind the first document. Constructions only; every rule lives in its
 * room.
 */
import { createControlPlane } from '../adapters/controlPlane/controlPlane.ts';
import { createOrphanBook } from '../adapters/controlPlane/orphanBook.ts';
import type { SightingsBook } from '../adapters/controlPlane/sightings.ts';
import { admins, type Mount } from '../adapters/http/route.ts';
import { createHttpServer, type HttpOptions, type HttpServer } from '../adapters/http/server.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { createAgentFigures } from '../adapters/telemetry/agentFigures.ts';
import { withFigures } from '../adapters/telemetry/commandFigures.ts';
import { createHopTimes, type HopTimes } from '../adapters/telemetry/hopTimes.ts';
import { addProcessFigures, createMetrics } from '../adapters/telemetry/metrics.ts';
import type { RecentEvents } from '../adapters/telemetry/recentEvents.ts';
import { type CloudCore, houseContext } from './cloudCore.ts';
import type { CloudDelivery } from './cloudDelivery.ts';
import type { CloudRoleOptions, FrontPart } from './cloudRole.ts';
import { createCloudTime } from './cloudTime.ts';
import { clusterPollingPart } from './clusterPolling.ts';
import { consoleDoor } from './consoleDoor.ts';
import type { SharedLanes } from './deliveryLanes.ts';
import { createDenials } from './denials.ts';
import { keysReloadPart } from './keysReload.ts';
import type { Part } from './role.ts';

export type CloudFrontOptions = CloudRoleOptions & {
  readonly core: CloudCore;
  readonly delivery: CloudDelivery;
  readonly sightings: SightingsBook;
  readonly recent: RecentEvents;
};

export type CloudFront = {
  readonly parts: { readonly [P in FrontPart]: Pick<Part, 'start' | 'stop'> };
  readonly pushed: HopTimes['pushed'];
};

const QUEUES = '/admin/queues';

/** The queue behind the lanes, for administrators. */
const queueMounts = (shared: SharedLanes | undefined): readonly Mount[] =>
  shared === undefined ? [] : [{ path: QUEUES, access: admins, serve: shared.board(QUEUES) }];

/** A key may save up what it does not use for two seconds. */
const rateLimitIn = (settings: Settings): Pick<HttpOptions, 'rateLimit'> => {
  const perSecond = settings.number('requests-per-second');
  return perSecond === 0 ? {} : { rateLimit: { perSecond, burst: 2 * perSecond } };
};

type Time = ReturnType<typeof createCloudTime>;

const checksOf =
  ({ core, delivery, lanes }: CloudFrontOptions, time: Time) =>
  () => {
    const { state, fault = '', position } = core.projector.health();
    return [
      { name: 'projection', ok: state === 'in-sync', detail: fault || `${state} at position ${position}` },
      // Without the lanes of others this process delivers by itself.
      { name: 'lanes', ...delivery.lanes.health(), isVital: lanes.shared === undefined },
      // What is sent follows from the log as it is; whether that is the log that was signed for is a person's question.
      { name: 'proof', ...time.proofHealth(), isVital: false },
    ];
  };

type Executor = Pick<CloudCore['executor'], 'execute'>;

const orphansOf = ({ settings, core, now }: CloudFrontOptions, executor: Executor) =>
  createOrphanBook({
    ...{ cloud: settings.text('cloud'), transactor: core.transactor, network: core.projector.network },
    carryOut: (wish) => executor.execute(wish, houseContext('orphans', now())),
  });

const controlPlaneOf = (options: CloudFrontOptions, time: Time) => {
  const { store, core, delivery, sightings, agents, now } = options;
  const { ledger, board } = delivery;
  const { projector, index, history, keeper, dryRun } = core;
  const { network, reached, health } = projector;
  const metrics = createMetrics({ ...{ network, health, now }, convergence: ledger.all });
  addProcessFigures(metrics.registry);
  const executor = withFigures(core.executor, metrics.registry, () => performance.now());
  const figures = createAgentFigures(metrics.registry, agents);
  const controlPlane = createControlPlane({
    ...{ store, executor, index, history, sightings, network, reached, dryRun, now },
    orphans: orphansOf(options, executor),
    latestDocument: board.latest,
    documentAt: keeper.glance,
    wanted: board.wanted,
    convergence: ledger.all,
    report: ledger.report,
    watchConvergence: ledger.watch,
    checks: checksOf(options, time),
    metrics: async () => {
      await figures.take();
      return metrics.text();
    },
  });
  return { controlPlane, registry: metrics.registry };
};

type ControlPlane = ReturnType<typeof controlPlaneOf>['controlPlane'];

const doorOf = (options: CloudFrontOptions, controlPlane: ControlPlane, time: Time) => {
  const { settings, journal, now, version } = options;
  const web = consoleDoor(settings);
  let door: HttpServer | undefined;
  const doorOptions: HttpOptions = {
    host: settings.text('host'),
    port: settings.number('port'),
    controlPlane,
    extraRoutes: time.routes,
    mounts: [...web.mounts, ...queueMounts(options.lanes.shared)],
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
  return {
    replaceKeys: (keys: CloudRoleOptions['apiKeys']): void => door?.replaceKeys(keys),
    start: async (): Promise<readonly string[]> => {
      door = createHttpServer(doorOptions);
      const { host, port } = await door.start();
      return [`API                 http://${host}:${port}  (OpenAPI at /openapi.json)`, ...web.lines(host, port)];
    },
    stop: async (): Promise<void> => door?.stop(),
  };
};

const watchHops = (hops: HopTimes, { core, delivery: { ledger } }: CloudFrontOptions): void => {
  core.projector.watch(({ events }) => hops.projected(events));
  ledger.watch((cluster) => {
    const status = ledger.of(cluster);
    if (status !== undefined) hops.changed(status);
  });
};

export const createCloudFront = (options: CloudFrontOptions): CloudFront => {
  const { settings, store, keys, journal, now, core, recent, sightings } = options;
  const { ledger } = options.delivery;
  const time = createCloudTime({
    ...{ store, core, journal, now, settings, cloud: settings.text('cloud'), folder: settings.text('data') },
    convergence: ledger.all,
  });
  const { controlPlane, registry } = controlPlaneOf(options, time);
  const hops = createHopTimes({ registry, recent, now });
  const door = doorOf(options, controlPlane, time);
  return {
    pushed: hops.pushed,
    parts: {
      'hop times': {
        start: async () => {
          watchHops(hops, options);
          return [];
        },
      },
      'time machine': time.part,
      'cluster polling': clusterPollingPart({
        ...{ settings, keys, now, journal, ledger, network: core.projector.network },
        ...{ lastHeard: sightings.lastHeard, execute: controlPlane.execute },
      }),
      'HTTP door': door,
      keys: keysReloadPart(settings.text('keys-file'), door.replaceKeys, journal),
    },
  };
};
