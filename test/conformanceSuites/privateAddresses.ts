/**
 * Suites of this file: allocator. Scripts against the private pool alone. The suite knows no quarantine: what is released
 * here has been passed by everyone at once. `!must-not-be-enumerated` stands for a range that faults when it is looked at.
 */
import { isDeepStrictEqual } from 'node:util';
import { type IpRange, parseRange } from '../../src/domain/ipRange.ts';
import { parseIpv4 } from '../../src/domain/ipv4.ts';
import {
  associatePrivate,
  awsNames,
  expireReported,
  freePrivate,
  type PrivatePoolEvent,
  type PrivatePoolState,
  privatePoolAggregate,
  releasePrivate,
  reservePrivate,
  verifyPrivate,
} from '../../src/domain/privatePool.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import { recordedOf } from './recordedOf.ts';
import {
  type Case,
  passed,
  type Suites,
  same,
  textMember,
  textsMember,
  unknownOperation,
  type Verdict,
} from './verdict.ts';

type Step = { readonly [member: string]: unknown };
type Script = {
  readonly pool: PrivatePoolState;
  readonly names: Map<string, string>;
  readonly settings: Case;
  now: number;
  reservations: number;
};
type Outcome = { readonly ok: boolean; readonly error?: string; readonly address?: string };

const minute = 60_000;

const allocator = (c: Case): Verdict => {
  const script = { pool: privatePoolAggregate.initial(), names: new Map(), settings: c, now: 0, reservations: 0 };
  if (!Array.isArray(c['steps'])) throw new Error('malformed case: expected a list at "steps"');
  for (const [index, step] of c['steps'].entries()) {
    const verdict = play(script, step as Step);
    if (!verdict.passed) return { passed: false, expected: { step: index, is: verdict.expected }, got: verdict.got };
  }
  return passed;
};

const play = (script: Script, step: Step): Verdict => {
  switch (step['op']) {
    case 'allocate':
      return allocate(script, step);
    case 'preallocate':
      return preallocate(script, step);
    case 'associate':
      return associate(script, step);
    case 'verify':
      return same(step['expect'], verifyPrivate(script.pool, addressOf(script, step), ownerOf(step)));
    case 'release':
      return release(script, step);
    case 'count':
      return same(step['expect'], script.pool.held.size);
    case 'advance':
      script.now += Number(step['minutes'] ?? 0) * minute + Number(step['seconds'] ?? 0) * 1000;
      return passed;
    case 'report':
      return report(script, step);
    default:
      return unknownOperation(step['op']);
  }
};

const fold = (script: Script, events: readonly PrivatePoolEvent[]): void => {
  for (const event of events) privatePoolAggregate.apply(script.pool, event, recordedOf(event, { time: script.now }));
};

/** `$x` is what an earlier step called x. */
const addressOf = (script: Script, step: Step): string => {
  const text = textMember(step, 'address');
  if (!text.startsWith('$')) return text;
  const known = script.names.get(text.slice(1));
  if (known === undefined) throw new Error(`malformed case: no earlier step is called ${text}`);
  return known;
};

const ownerOf = (step: Step): string | null => (typeof step['owner'] === 'string' ? step['owner'] : null);

const partitionOf = (step: Step): string => (typeof step['partition'] === 'string' ? step['partition'] : 'one');

const poolOf = (step: Step): readonly IpRange[] => {
  const texts = textsMember(step, 'pool');
  const ranges: IpRange[] = [];
  for (const [index, text] of texts.entries()) {
    const get = (): IpRange => {
      const range = parseRange(text);
      if (range === undefined) throw new Error(`the candidates reached ${text}, which must not be drawn`);
      return range;
    };
    Object.defineProperty(ranges, index, { enumerable: true, get });
  }
  return ranges;
};

const settingsOf = ({ settings, reservations }: Script) => {
  const strategy = textMember(settings, 'allocator');
  if (strategy !== 'random' && strategy !== 'first-free' && strategy !== 'fifo') {
    throw new Error(`malformed case: unknown allocator ${strategy}`);
  }
  const { partitionSize, loadFactor, partitionLoadFactor = loadFactor } = settings;
  return {
    strategy,
    seed: reservations,
    ...(typeof partitionSize === 'number' ? { partitionSize } : {}),
    ...(typeof partitionLoadFactor === 'number' ? { loadFactor: partitionLoadFactor } : {}),
  } as const;
};

const reserve = (script: Script, step: Step, ranges: readonly IpRange[], count: number): Outcome => {
  const requests = Array.from({ length: count }, () => {
    script.reservations += 1;
    return { instanceId: '', reservation: `r-${script.reservations}` };
  });
  const outcome = reservePrivate(script.pool, {
    cluster: partitionOf(step),
    ranges,
    requests,
    ...settingsOf(script),
  });
  if (isRefusal(outcome)) return { ok: false, error: awsNames[outcome.refused] ?? outcome.refused };
  fold(script, outcome.events);
  return { ok: true, address: outcome.grants[0]?.address ?? '' };
};

const allocate = (script: Script, step: Step): Verdict => {
  const repeat = typeof step['repeat'] === 'number' ? step['repeat'] : 1;
  const ranges = poolOf(step);
  for (let time = 0; time < repeat; time += 1) {
    const outcome = reserve(script, step, ranges, 1);
    const verdict = judge(step, outcome);
    if (!verdict.passed) return verdict;
    if (typeof step['as'] === 'string' && outcome.address !== undefined) script.names.set(step['as'], outcome.address);
  }
  return passed;
};

/** Compares the members that `expect` has; `within` is a list of ranges the address must lie in. */
const judge = (step: Step, outcome: Outcome): Verdict => {
  const { within, ...expected } = (step['expect'] ?? { ok: true }) as Step;
  const got = Object.fromEntries(Object.keys(expected).map((member) => [member, outcome[member as keyof Outcome]]));
  if (!isDeepStrictEqual(got, expected)) return { passed: false, expected: step['expect'], got: outcome };
  if (within === undefined) return passed;
  const address = parseIpv4(outcome.address ?? '') ?? -1;
  const inside = textsMember({ within }, 'within').some((text) => {
    const range = parseRange(text);
    return range !== undefined && range.lower <= address && address <= range.upper;
  });
  return inside ? passed : { passed: false, expected: step['expect'], got: outcome };
};

/** Takes every address of the pool. */
const preallocate = (script: Script, step: Step): Verdict => {
  const ranges = poolOf(step);
  const count = ranges.reduce((sum, { lower, upper }) => sum + upper - lower + 1, 0);
  return same({ ok: true }, { ok: reserve(script, step, ranges, count).ok });
};

const associate = (script: Script, step: Step): Verdict => {
  const outcome = associatePrivate(script.pool, {
    address: addressOf(script, step),
    instanceId: textMember(step, 'instance'),
    cluster: partitionOf(step),
  });
  if (isRefusal(outcome)) return judge(step, { ok: false, error: awsNames[outcome.refused] ?? outcome.refused });
  fold(script, outcome);
  return judge(step, { ok: true });
};

const release = (script: Script, step: Step): Verdict => {
  const released = releasePrivate(script.pool, {
    address: addressOf(script, step),
    owner: ownerOf(step),
    cause: 'released',
  });
  settle(script, released);
  return step['expect'] === undefined ? passed : judge(step, { ok: true });
};

const report = (script: Script, step: Step): Verdict => {
  const expired = expireReported(script.pool, {
    cluster: partitionOf(step),
    active: textsMember(step, 'activePrivateIps').map((text) => addressOf(script, { address: text })),
    at: script.now,
    timeoutMs: Number(script.settings['pendingTimeoutMinutes'] ?? 35) * minute,
  });
  settle(script, expired);
  return passed;
};

/** Folds releases and ends their quarantine. */
const settle = (script: Script, released: readonly PrivatePoolEvent[]): void => {
  fold(script, released);
  for (const { address, reservation } of released) {
    const freed = freePrivate(script.pool, { address, reservation, cause: 'converged' });
    if (isRefusal(freed)) throw new Error(`expected ${address} to become free, got ${freed.detail}`);
    fold(script, freed);
  }
};

export const suites: Suites = { allocator };
