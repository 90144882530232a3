/**
 * Brings the kernel from what it holds to what a plan wants. In the ordinary case that is the difference of two plans in one
 * transaction; after a start, a foreign edit or a failure it is the difference between what is really there and what should
 * be. The stamp inside the ruleset says which document the rules are; it moves in the same transaction as the rules.
 */
import { type Announcement, afterwards, type Cut, hostItems, narrowed } from '../../../projections/plan/afterwards.ts';
import { hostKey } from '../../../projections/plan/host.ts';
import type { Plan } from '../../../projections/plan/model.ts';
import { type AppliedStamp, type Ruleset, rulesetOf, rulesetText } from '../../../projections/plan/ruleset.ts';
import { transactionLines } from '../../../projections/plan/transaction.ts';
import type { ReadStamp } from '../documentReader.ts';
import { changedGroups, findCulprits, withoutGroups } from './culprit.ts';
import type { HostState } from './hostState.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { cutsBetween } from './liveCuts.ts';
import { type Difference, differences, type LiveRuleset, repairLines } from './liveRuleset.ts';
import type { Nft, NftAnswer } from './nft.ts';

export type Programmed = {
  /** The plan the kernel now follows: the wanted one, or one with some groups held back. */
  readonly plan: Plan;
  /** Why not everything went in; absent when all did. */
  readonly refusal?: { readonly reason: string; readonly detail: string };
  readonly differences: readonly string[];
  /** The kernel did not hold what was remembered of it: the differences are somebody else's, and the change itself. */
  readonly isSurprise?: true;
  readonly problems: readonly string[];
  readonly announcements: readonly Announcement[];
  readonly cuts: readonly Cut[];
  readonly narrowed: ReadonlySet<string>;
};

export type Programmer = {
  readonly program: (plan: Plan, stamp: ReadStamp) => Promise<Programmed>;
  /** Compares everything, puts right what differs, says what it was; undefined before anything was programmed. */
  readonly inspect: () => Promise<Programmed | undefined>;
  /** The stamp the kernel's rules carry. */
  readonly kernelStamp: () => Promise<AppliedStamp | undefined>;
};

/** What one attempt came to; `refused` is the kernel's word. */
type Attempt = { readonly refused: string } | Programmed;

type Bench = {
  readonly nft: Nft;
  readonly host: HostState;
  readonly ledger: Ledger;
  /** What the kernel holds as far as we know; unknown at the start and after a failure. */
  held: { readonly plan: Plan; readonly stamp: ReadStamp } | undefined;
  /** What the kernel would list for a plan, as long as nobody asks for another. */
  reference: { readonly plan: Plan; readonly ruleset: LiveRuleset } | undefined;
};

export const createProgrammer = (nft: Nft, host: HostState): Programmer => {
  const bench: Bench = { nft, host, ledger: createLedger(nft), held: undefined, reference: undefined };
  return {
    program: async (plan, stamp) => {
      const result = await attempt(bench, plan, stamp);
      return 'refused' in result ? around(bench, plan, stamp, result.refused) : result;
    },
    inspect: async () => {
      if (bench.held === undefined) return undefined;
      const { plan, stamp } = bench.held;
      const result = await afresh(bench, plan, stamp);
      return 'refused' in result ? nothingDone(plan, result.refused) : result;
    },
    kernelStamp: async () => bench.ledger.learn(await nft.live()),
  };
};

const attempt = (bench: Bench, plan: Plan, stamp: ReadStamp): Promise<Attempt> =>
  bench.held === undefined ? afresh(bench, plan, stamp) : onwards(bench, bench.held.plan, plan, stamp);

const still = { announcements: [], cuts: [], narrowed: new Set<string>(), differences: [], problems: [] } as const;

const nothingDone = (plan: Plan, detail: string): Programmed => ({
  ...still,
  plan,
  refusal: { reason: 'kernel-refused', detail },
});

type Settled = {
  readonly answer: NftAnswer;
  readonly found: readonly Difference[];
  readonly cuts: readonly Cut[];
};

/** From what is really there: nothing, a repair, or everything anew. */
const settleRules = async (bench: Bench, plan: Plan, stamp: ReadStamp): Promise<Settled> => {
  const { nft, ledger } = bench;
  const wanted = rulesetOf(plan);
  const [live, early] = await Promise.all([
    nft.live(),
    bench.held === undefined ? undefined : referenceOf(bench, plan, wanted),
  ]);
  const carried = ledger.learn(live);
  const reference = live === undefined ? undefined : (early ?? (await referenceOf(bench, plan, wanted)));
  if (live === undefined || reference === undefined) {
    return { answer: await ledger.replace(wanted, stamp), found: [], cuts: [] };
  }
  const found = differences(live, reference);
  if (found.length === 0 && carried !== undefined && isSameStamp(carried, stamp))
    return { answer: { done: true }, found, cuts: [] };
  const cuts = cutsBetween(live, reference);
  const lines = repairLines(found, wanted, live);
  const repaired = lines === undefined ? undefined : await ledger.commit(lines, stamp);
  return { answer: repaired?.done === true ? repaired : await ledger.replace(wanted, stamp), found, cuts };
};

const referenceOf = async (bench: Bench, plan: Plan, wanted: Ruleset): Promise<LiveRuleset | undefined> => {
  if (bench.reference?.plan === plan) return bench.reference.ruleset;
  const ruleset = await bench.nft.reference(rulesetText(wanted));
  bench.reference = ruleset === undefined ? undefined : { plan, ruleset };
  return ruleset;
};

/** Everything compared, whatever was remembered. Host state is only changed behind rules that stand. */
const afresh = async (bench: Bench, plan: Plan, stamp: ReadStamp): Promise<Attempt> => {
  const [{ answer, found, cuts }, change] = await Promise.all([
    settleRules(bench, plan, stamp),
    bench.host.compare(hostItems(plan)),
  ]);
  if (!answer.done) return { refused: answer.reason };
  const problems = await bench.host.apply(change);
  bench.held = { plan, stamp };
  return {
    ...still,
    plan,
    problems,
    cuts,
    differences: [
      ...found.map(({ where, detail }) => `${where}: ${detail}`),
      ...change.added.map((item) => `${hostKey(item)}: missing or wrong`),
      ...change.removed.map((item) => `${hostKey(item)}: nobody asked for it`),
    ],
    announcements: afterwards(undefined, plan).announcements,
  };
};

/**
 * Rules and host state change side by side: whichever is first, what is not complete is closed, because the rules drop what
 * they do not know and host state admits nothing. When the kernel refuses the rules, the host goes back to the old plan.
 */
const onwards = async (bench: Bench, from: Plan, plan: Plan, stamp: ReadStamp): Promise<Attempt> => {
  const lines = transactionLines(from, plan);
  const after = afterwards(from, plan);
  const [answer, problems] = await Promise.all([bench.ledger.commit(lines, stamp), bench.host.apply(after.host)]);
  if (!answer.done) {
    await bench.host.apply(await bench.host.compare(hostItems(from)));
    return { refused: answer.reason };
  }
  bench.held = { plan, stamp };
  bench.reference = undefined;
  return {
    ...still,
    plan,
    problems,
    announcements: after.announcements,
    cuts: after.cuts,
    narrowed: lines.length === 0 ? still.narrowed : narrowed(from, plan),
  };
};

/**
 * The kernel said no: without the guilty groups, under the old stamp, because this is not the whole document. When no group
 * is to blame the kernel may not hold what was remembered, because somebody else was there: then from what is really there.
 */
const around = async (bench: Bench, plan: Plan, stamp: ReadStamp, reason: string): Promise<Programmed> => {
  const before = bench.held;
  const guilty = await findCulprits(changedGroups(before?.plan, plan), (back) => {
    const trial = withoutGroups(before?.plan, plan, back);
    return before === undefined
      ? bench.ledger.wouldReplace(rulesetOf(trial), stamp)
      : bench.ledger.wouldCommit(transactionLines(before.plan, trial), stamp);
  });
  if (guilty === undefined || guilty.size === 0) {
    bench.held = undefined;
    const again = before === undefined ? { refused: reason } : await afresh(bench, plan, stamp);
    return 'refused' in again ? nothingDone(before?.plan ?? plan, reason) : { ...again, isSurprise: true };
  }
  const trial = withoutGroups(before?.plan, plan, guilty);
  const result = await attempt(bench, trial, before?.stamp ?? { version: '' });
  if ('refused' in result) return nothingDone(before?.plan ?? plan, reason);
  const detail = `rules of ${[...guilty].join(', ')} stay as they were: ${reason}`;
  return { ...result, refusal: { reason: 'kernel-refused', detail } };
};

const isSameStamp = (a: AppliedStamp, b: ReadStamp): boolean =>
  a.epoch === b.epoch && a.position === b.position && a.version === b.version;
