/** The cloud controller's time machine: its routes, the networks it keeps on the way, and the signed checkpoints of the log. */
import { join } from 'node:path';
import { type AuditTrail, createAuditTrail } from '../adapters/audit/auditTrail.ts';
import { CHECKPOINT_NOTE } from '../adapters/audit/checkpoints.ts';
import { openSigningKey } from '../adapters/audit/signingKey.ts';
import { createTimeMachine } from '../adapters/controlPlane/timeMachine.ts';
import type { Route } from '../adapters/http/route.ts';
import { auditRoutes } from '../adapters/http/routes/audit.ts';
import { planRoutes } from '../adapters/http/routes/plans.ts';
import { timeMachineRoutes } from '../adapters/http/routes/timeMachine.ts';
import type { TimePorts } from '../adapters/http/timePorts.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import type { EventStore } from '../domain/eventStore.ts';
import type { Convergence } from '../projections/convergence.ts';
import type { CloudCore } from './cloudCore.ts';
import type { Journal } from './journal.ts';
import { createProofWatch } from './proofWatch.ts';
import type { Part } from './role.ts';

export type CloudTimeOptions = {
  readonly store: EventStore;
  readonly core: CloudCore;
  readonly cloud: string;
  /** Where key and checkpoints are. */
  readonly folder: string;
  readonly convergence: () => Convergence;
  readonly journal: Journal;
  readonly now: () => number;
  readonly settings: Pick<Settings, 'number'>;
};

/** The whole log is read for it: only when everything else has started. */
const PROOF_AFTER_MS = 2_000;

export const timeRoutes = (ports: TimePorts): readonly Route[] => [
  ...timeMachineRoutes(ports.time),
  ...planRoutes(ports.time),
  ...auditRoutes(ports),
];

export const createCloudTime = (options: CloudTimeOptions) => {
  const { store, core, cloud, folder, convergence, journal, now, settings } = options;
  const { index, history, projector, keeper } = core;
  const time = createTimeMachine({
    ...{ store, index, history, cloud, convergence, now },
    network: projector.network,
    documentAt: keeper.glance,
    reached: projector.reached,
  });
  let opened: AuditTrail | undefined;
  /** Opened at the first need, never when the house only prints itself. */
  const trail = (): AuditTrail => {
    opened ??= createAuditTrail({
      ...{ store, cloud, now },
      key: openSigningKey(folder),
      file: join(folder, 'checkpoints.jsonl'),
      // Whole, so that the line of a journal shipped elsewhere can be held against a bundle.
      onCheckpoint: (checkpoint) => journal.note(CHECKPOINT_NOTE, checkpoint),
      every: settings.number('proof-events'),
    });
    return opened;
  };
  const audit: TimePorts['audit'] = {
    publicKey: () => trail().publicKey,
    // What was found not to be what was signed for is not signed over, whoever asks.
    checkpoint: async () => proof.refusal() ?? trail().checkpoint(),
    checkpoints: () => trail().checkpoints(),
    bundle: (from, to) => trail().bundle(from, to),
    check: async (onProgress) => {
      const found = await trail().check(onProgress);
      proof.found(found);
      return found;
    },
  };
  const proof = createProofWatch(() => trail().check(() => undefined, true), journal);
  let timer: NodeJS.Timeout | undefined;
  let toProve: NodeJS.Timeout | undefined;
  let unwatch: () => void = () => undefined;
  const sign = async (inBackground: boolean): Promise<void> => {
    if (proof.maySign()) await trail().checkpoint(inBackground);
  };
  const signSoon = (): void => void sign(true).catch((fault) => journal.fault('no checkpoint could be signed', fault));
  const part: Part = {
    name: 'time machine',
    about: 'keeps networks of the past at hand, and signs the log now and then',
    start: async () => {
      trail();
      unwatch = projector.watch(({ network }) => history.offer(network));
      toProve = setTimeout(proof.start, PROOF_AFTER_MS);
      const everyMs = settings.number('proof-seconds') * 1000;
      if (everyMs > 0) timer = setInterval(signSoon, everyMs);
      return [];
    },
    stop: async () => {
      clearInterval(timer);
      clearTimeout(toProve);
      unwatch();
      proof.stop();
      await sign(false);
    },
  };
  return { part, routes: timeRoutes({ time, audit }), proofHealth: proof.health };
};
