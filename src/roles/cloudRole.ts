/**
 * The cloud controller (CLC): its core, its delivery and its front, started in this order and stopped in reverse.
 * Constructions only; every rule lives in its room.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createSightings } from '../adapters/controlPlane/sightings.ts';
import type { KeyRecord } from '../adapters/http/auth.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import type { AgentSource } from '../adapters/telemetry/agentFigures.ts';
import { createRecentEvents } from '../adapters/telemetry/recentEvents.ts';
import type { Command } from '../domain/commands.ts';
import type { EventStore } from '../domain/eventStore.ts';
import { isRefusal, type Refusal } from '../domain/refusals.ts';
import { createCloudCore, houseContext } from './cloudCore.ts';
import { createCloudDelivery } from './cloudDelivery.ts';
import type { CloudFront } from './cloudFront.ts';
import { createDeliveredLog } from './deliveredLog.ts';
import type { DeliveryLanes } from './deliveryLanes.ts';
import type { Journal } from './journal.ts';
import { progressLine } from './progress.ts';
import { type Part, type Role, roleOf } from './role.ts';
import { type Known, type Remembered, type Snapshot, wakerOf } from './snapshot.ts';
import { createSnapshotWatch } from './snapshotWatch.ts';
import { createTailGuard } from './tailGuard.ts';
import type { WireKeys } from './wireKeys.ts';

export type CloudRoleOptions = {
  readonly settings: Settings;
  readonly store: EventStore;
  /** For people: where the log is, without a password. */
  readonly storeUrl: string;
  readonly keys: WireKeys;
  readonly journal: Journal;
  readonly now: () => number;
  readonly version: string;
  readonly apiKeys: readonly KeyRecord[];
  /** What the house wishes as soon as it can, e.g. the registration of the embedded cluster. */
  readonly firstWishes: readonly Command[];
  /** Where snapshots lie, and what the newest one knows; absent for logs that are read from the beginning at every start. */
  readonly snapshot?: { readonly files: Snapshot; readonly takeUp: () => Remembered | undefined } | undefined;
  readonly lanes: DeliveryLanes;
  /** Agents of this process whose kernel counts. */
  readonly agents: readonly AgentSource[];
  /** This process must not go on. */
  readonly onLost: (reason: string) => void;
};

/** How long the front waits for a cluster controller to have taken its document. */
const PATIENCE_MS = 250;

/** What is loaded late (`cloudFront.ts`), in start order. */
const FRONT = {
  'hop times': 'measures each hop from the event to the node',
  'time machine': 'keeps networks of the past at hand, and signs the log now and then',
  'cluster polling':
    'asks clusters whose controllers do not report by themselves for their networks, nodes and instances',
  'HTTP door': 'commands, reads, event stream and pages for people',
  keys: 'reads the file of API keys again on SIGHUP',
} as const;

export type FrontPart = keyof typeof FRONT;

type Pushed = Parameters<CloudFront['pushed']>;

/** The front when it is first needed, and what it has to know of the time before. */
const createLateFront = (load: () => Promise<CloudFront>) => {
  let front: CloudFront | undefined;
  let loading: Promise<CloudFront> | undefined;
  const early: Pushed[] = [];
  const loaded = async (): Promise<CloudFront> => {
    loading ??= load();
    front = await loading;
    for (const push of early.splice(0)) front.pushed(...push);
    return front;
  };
  const part = ([name, about]: [string, string]): Part => ({
    name,
    about,
    start: async () => (await (await loaded()).parts[name as FrontPart].start?.()) ?? [],
    stop: async () => front?.parts[name as FrontPart].stop?.(),
  });
  return {
    parts: Object.entries(FRONT).map(part),
    pushed: (...push: Pushed): void => {
      if (front === undefined) early.push(push);
      else front.pushed(...push);
    },
  };
};

export const cloudRole = (options: CloudRoleOptions): Role => {
  const { settings, store, keys, journal, now } = options;
  // No function below may speak of it: it would hold what was remembered for as long as the process lives.
  const begun = options.snapshot?.takeUp();
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
  /** Loading the front stops everything else, and documents are more urgent: one of them goes first. */
  const firstPush = async (): Promise<void> => {
    if (options.lanes.shared !== undefined || Object.values(projector.network().clusters).length === 0) return;
    await Promise.race([onePush, pause(PATIENCE_MS, undefined, { ref: false })]);
  };
  const delivery = createCloudDelivery({
    ...{ settings, keys, journal, now, store, core, sightings, recent },
    lanes: options.lanes,
    onPushed: (cluster, { outcome }, tookMs) => {
      pushed();
      front.pushed(cluster, outcome, tookMs);
    },
  });
  const front = createLateFront(async () => {
    await firstPush();
    const { createCloudFront } = await import('./cloudFront.ts');
    return createCloudFront({ ...options, core, delivery, sightings, recent });
  });

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
            ...{ asleep: begun && wakerOf(begun), position: () => projector.network().position },
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
    ...delivery.parts(delivered),
    ...snapshots,
    ...front.parts,
    {
      name: 'first wishes',
      about: 'what the settings say about the cloud, e.g. its embedded cluster; news only once',
      start: wishFirst,
    },
  ]);
};
