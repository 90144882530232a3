/**
 * Suites of this file: broadcast-coalescing, broadcast-fanout. Coalescing runs the product's pacing on a virtual clock. Fan-out
 * runs the product's lanes and relay, with a controller at the other end that answers when the script says so.
 */
import { mock } from 'node:test';
import { createInProcessLanes } from '../../src/adapters/broadcast/inProcessLanes.ts';
import { createLedger } from '../../src/adapters/broadcast/ledger.ts';
import { createRelay, type PushOutcome } from '../../src/adapters/broadcast/relay.ts';
import { dueAt, idlePace, request, start } from '../../src/domain/pacing.ts';
import {
  type Case,
  numberMember,
  objectMember,
  passed,
  type Suite,
  type Suites,
  same,
  unknownOperation,
  type Verdict,
} from './verdict.ts';

const startsOf = (requests: readonly number[], minIntervalMs: number): readonly number[] => {
  const starts: number[] = [];
  let pace = idlePace;
  const startUntil = (now: number): void => {
    for (let due = dueAt(pace, minIntervalMs); due !== undefined && due <= now; due = dueAt(pace, minIntervalMs)) {
      starts.push(due);
      pace = start(pace, due);
    }
  };
  for (const at of requests) {
    startUntil(at - 1);
    pace = request(pace, at);
    startUntil(at);
  }
  startUntil(Number.MAX_SAFE_INTEGER);
  return starts;
};

const coalescing: Suite = (c) => {
  const requests = (c['requestTimesMs'] ?? []) as readonly number[];
  const expected = objectMember(c, 'expected');
  const wanted = (expected['broadcastStartMs'] ?? []) as readonly number[];
  const tolerance = Number(expected['toleranceMs'] ?? 0);
  const got = startsOf(requests, numberMember(c, 'minIntervalSeconds') * 1000);
  const close = got.length === wanted.length && got.every((at, i) => Math.abs(at - (wanted[i] ?? 0)) <= tolerance);
  return close ? passed : { passed: false, expected: wanted, got };
};

type Step = { readonly [member: string]: unknown };
type Document = { cluster: string; epoch: number; version: number; digest: string; byteLength: number };

/** Eucalyptus forgets a call that was not answered for three minutes (cloud spec 3.4). */
const FORGOTTEN_MS = 180_000;

const createWorld = () => {
  let version = 0;
  let enabled: readonly string[] = [];
  let held = new Set<string>();
  let failing = new Set<string>();
  const open = new Map<string, (outcome: PushOutcome) => void>();
  const sent: Document[] = [];
  const ledger = createLedger(Date.now);
  const lanes = createInProcessLanes({ random: () => 0 });
  const relay = createRelay<Document>(ledger, {
    latest: (cluster) =>
      enabled.includes(cluster) ? { cluster, epoch: 1, version, digest: String(version), byteLength: 1 } : undefined,
    push: (document) => {
      sent.push(document);
      if (failing.delete(document.cluster)) {
        return Promise.resolve({ outcome: 'failed', reason: 'fault', detail: 'as the script says' });
      }
      if (!held.delete(document.cluster)) return Promise.resolve({ outcome: 'delivered' });
      return new Promise((resolve) => {
        open.set(document.cluster, resolve);
        setTimeout(() => resolve({ outcome: 'failed', reason: 'timeout', detail: 'no answer' }), FORGOTTEN_MS);
      });
    },
    onDelivered: () => undefined,
    minIntervalMs: () => 0,
    maxBytes: () => 1_000_000,
    now: Date.now,
  });
  const names = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
  return {
    start: () => lanes.start(relay.work),
    stop: () => {
      for (const answer of open.values()) answer({ outcome: 'delivered' });
      return lanes.stop();
    },
    broadcast: (step: Step): void => {
      enabled = names(step['enabled']);
      held = new Set(names(step['hold']));
      failing = new Set(names(step['fail']));
      version += 1;
      for (const cluster of enabled) lanes.nudge(cluster);
    },
    complete: (cluster: string): void => open.get(cluster)?.({ outcome: 'delivered' }),
    fail: (cluster: string): void =>
      open.get(cluster)?.({ outcome: 'failed', reason: 'fault', detail: 'as the script says' }),
    takeSent: (): readonly Document[] => sent.splice(0),
    version: () => version,
  };
};

type World = ReturnType<typeof createWorld>;

/** Lets everything that is due now run; timers only run when the script advances the clock. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

const durations: readonly (readonly [string, number])[] = [
  ['ms', 1],
  ['milliseconds', 1],
  ['seconds', 1000],
  ['minutes', 60_000],
];

const durationOf = (step: Step): number =>
  durations.reduce((sum, [unit, factor]) => sum + Number(step[unit] ?? 0) * factor, 0);

const STEPS = 200;

/** In small steps, so that what one timer sets off may set the next. */
const advance = async (ms: number): Promise<void> => {
  for (let i = 0; i < STEPS; i += 1) {
    mock.timers.tick(ms / STEPS);
    await settle();
  }
};

const checkSent = (world: World, step: Step): Verdict | undefined => {
  const sent = world.takeSent();
  const wanted = [...((step['partitions'] ?? []) as readonly string[])].sort();
  const verdict = same(wanted, [...new Set(sent.map(({ cluster }) => cluster))].sort());
  if (!verdict.passed || step['payload'] !== 'latest') return verdict.passed ? undefined : verdict;
  const stale = wanted.filter(
    (cluster) => sent.findLast((one) => one.cluster === cluster)?.version !== world.version(),
  );
  return stale.length === 0 ? undefined : { passed: false, expected: 'the latest document', got: `stale for ${stale}` };
};

/** Broadcasts start further apart than the minimum interval (cloud spec 3.2): a failed push has been tried again by then. */
const APART_MS = 5_100;

const take = async (world: World, step: Step): Promise<Verdict | undefined> => {
  const partition = String(step['partition'] ?? '');
  switch (step['op'] ?? step['check']) {
    case 'broadcast':
      if (world.version() > 0) await advance(APART_MS);
      world.broadcast(step);
      break;
    case 'complete':
      world.complete(partition);
      break;
    case 'fail':
      world.fail(partition);
      break;
    case 'advance':
      await advance(durationOf(step));
      break;
    // Ours has no tick: deadlines and retries run on timers of their own.
    case 'clockTick':
      break;
    case 'sentTo':
      return checkSent(world, step);
    default:
      return unknownOperation(step['op'] ?? step['check']);
  }
  await settle();
  return undefined;
};

const fanout: Suite = async (c: Case) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  const world = createWorld();
  try {
    await world.start();
    for (const step of (c['steps'] ?? []) as readonly Step[]) {
      const verdict = await take(world, step);
      if (verdict !== undefined) return verdict;
    }
    return passed;
  } finally {
    await world.stop();
    mock.timers.reset();
  }
};

export const suites: Suites = { 'broadcast-coalescing': coalescing, 'broadcast-fanout': fanout };
