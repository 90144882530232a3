/**
 * Brings the kernel from what it holds to what a plan wants. In the ordinary case that is the difference of two plans in one
 * transaction; after a start, a foreign edit or a failure it is the difference between what is really there and what should
 * be. The stamp inside the ruleset says which document the rules are; it moves in the same transaction as the rules.
 */
import { type Announcement, afterwards, type Cut, hostItems, narrowed } from '../../../projections/plan/afterwards.ts';
import { hostKey } from '../../../projections/plan/host.ts';
import type { HostItem, Plan } from '../../../projections/plan/model.ts';
import { type AppliedStamp, type Ruleset, rulesetOf, rulesetText } from '../../../projections/plan/ruleset.ts';
import { transactionLines, transactionText } from '../../../projections/plan/transaction.ts';
import type { ReadStamp } from '../documentReader.ts';
import { changedGroups, findCulprits, withoutGroups } from './culprit.ts';
import type { HostState } from './hostState.ts';
import { type Difference, differences, type LiveRuleset, repairLines } from './liveRuleset.ts';
import type { Nft, NftAnswer } from './nft.ts';

export type Programmed = {
  /** The plan the kernel now follows: the wanted one, or one with some groups held back. */
  readonly plan: Plan;
  /** Why not everything went in; absent when all did. */
  readonly refusal?: { readonly reason: string; readonly detail: string };
  readonly differences: readonly string[];
  readonly problems: readonly string[];
  readonly announcements: readonly Announcement[];
  readonly cuts: readonly Cut[];
  readonly narrowed: ReadonlySet<string>;
  /** Statements sent, for the status. */
  readonly statements: number;
};

export type Programmer = {
  readonly program: (plan: Plan, stamp: ReadStamp) => Promise<Programmed>;
  /** Compares everything, puts right what differs, says what it was. */
  readonly inspect: () => Promise<Programmed | undefined>;
  /** The stamp the kernel's rules carry, read once at the start. */
  readonly kernelStamp: () => Promise<AppliedStamp | undefined>;
};

type Held = { plan: Plan; stamp: ReadStamp };

export const createProgrammer = (nft: Nft, host: HostState): Programmer => {
  let held: Held | undefined;
  let serial = 0;
  let stale: number[] = [];

  const nextStamp = (stamp: ReadStamp): AppliedStamp => ({ serial: serial + 1, ...stamp });
  const committed = (replaced: boolean, purged: boolean): void => {
    stale = replaced || purged ? [serial + 1] : [...stale, serial + 1];
    serial += 1;
  };

  const commit = async (lines: readonly string[], stamp: ReadStamp): Promise<NftAnswer> => {
    const text = transactionText(lines, nextStamp(stamp), stale);
    const answer = await nft.apply(text);
    if (answer.done)
      committed(
        false,
        stale.some((old) => text.includes(`delete element ip edge gen { ${old}`)),
      );
    return answer;
  };

  const replace = async (plan: Plan, stamp: ReadStamp): Promise<NftAnswer> => {
    const answer = await nft.apply(rulesetText(rulesetOf(plan), nextStamp(stamp)));
    if (answer.done) committed(true, true);
    return answer;
  };

  const learnStamps = (live: LiveRuleset | undefined): AppliedStamp | undefined => {
    stale = (live?.stamps ?? []).map((stamp) => stamp.serial);
    const newest = live?.stamps.toSorted((a, b) => b.serial - a.serial)[0];
    serial = Math.max(serial, newest?.serial ?? 0);
    return newest;
  };

  /** From what is really there: nothing, a repair, or everything anew. */
  const settle = async (plan: Plan, stamp: ReadStamp) => {
    const wanted: Ruleset = rulesetOf(plan);
    const live = await nft.live();
    const carried = learnStamps(live);
    if (live === undefined) {
      return { answer: await replace(plan, stamp), found: [] as Difference[], statements: wanted.chains.size };
    }
    const reference = await nft.reference(rulesetText(wanted));
    if (reference === undefined) {
      return { answer: await replace(plan, stamp), found: [], statements: wanted.chains.size };
    }
    const found = differences(live, reference);
    if (found.length === 0 && carried !== undefined && sameStamp(carried, stamp)) {
      return { answer: { done: true } as NftAnswer, found, statements: 0 };
    }
    const lines = repairLines(found, wanted, live);
    const repaired = lines === undefined ? undefined : await commit(lines, stamp);
    const answer = repaired?.done === true ? repaired : await replace(plan, stamp);
    return { answer, found, statements: lines?.length ?? wanted.chains.size };
  };

  const settleHost = async (plan: Plan) => {
    const change = await host.compare(hostItems(plan));
    const problems = await host.apply(change);
    return { change, problems };
  };

  /** Everything compared, whatever was remembered. */
  const afresh = async (plan: Plan, stamp: ReadStamp): Promise<Programmed | NftAnswer> => {
    const { answer, found, statements } = await settle(plan, stamp);
    if (!answer.done) return answer;
    const { change, problems } = await settleHost(plan);
    held = { plan, stamp };
    return {
      plan,
      problems,
      statements,
      differences: [
        ...found.map(({ where, detail }) => `${where}: ${detail}`),
        ...change.added.map((item) => `${hostKey(item)}: missing or wrong`),
        ...change.removed.map((item) => `${hostKey(item)}: nobody asked for it`),
      ],
      announcements: afterwards(undefined, plan).announcements,
      cuts: [],
      narrowed: new Set(),
    };
  };

  const onwards = async (from: Held, plan: Plan, stamp: ReadStamp): Promise<Programmed | NftAnswer> => {
    const lines = transactionLines(from.plan, plan);
    const after = afterwards(from.plan, plan);
    const isEarly = ({ kind }: HostItem): boolean => kind === 'proxy' || kind === 'route';
    const early = after.host.removed.filter(isEarly);
    const late = after.host.removed.filter((item) => !isEarly(item));
    const problems = early.length === 0 ? [] : await host.apply({ removed: early, added: [] });
    const answer = await commit(lines, stamp);
    if (!answer.done) {
      await host.apply({ removed: [], added: early });
      return answer;
    }
    if (late.length + after.host.added.length > 0) {
      problems.push(...(await host.apply({ removed: late, added: after.host.added })));
    }
    held = { plan, stamp };
    return {
      plan,
      problems,
      differences: [],
      statements: lines.length,
      announcements: after.announcements,
      cuts: after.cuts,
      narrowed: lines.length === 0 ? new Set() : narrowed(from.plan, plan),
    };
  };

  const attempt = (plan: Plan, stamp: ReadStamp): Promise<Programmed | NftAnswer> =>
    held === undefined ? afresh(plan, stamp) : onwards(held, plan, stamp);

  /** Asks the kernel about plans with some groups held back, without committing any. */
  const isTaken = async (plan: Plan, stamp: ReadStamp): Promise<boolean> => {
    const text =
      held === undefined
        ? rulesetText(rulesetOf(plan), nextStamp(stamp))
        : transactionText(transactionLines(held.plan, plan), nextStamp(stamp), stale);
    return (await nft.check(text)).done;
  };

  const nothingDone = (plan: Plan, reason: string, detail: string): Programmed => ({
    plan: held?.plan ?? plan,
    refusal: { reason, detail },
    differences: [],
    problems: [],
    announcements: [],
    cuts: [],
    narrowed: new Set(),
    statements: 0,
  });

  /** The kernel said no: without the guilty groups, under the old stamp, because this is not the whole document. */
  const around = async (plan: Plan, stamp: ReadStamp, reason: string): Promise<Programmed> => {
    const before = held;
    const guilty = await findCulprits(changedGroups(before?.plan, plan), (back) =>
      isTaken(withoutGroups(before?.plan, plan, back), stamp),
    );
    if (guilty === undefined || guilty.size === 0) {
      held = undefined;
      return nothingDone(before?.plan ?? plan, 'kernel-refused', reason);
    }
    const result = await attempt(withoutGroups(before?.plan, plan, guilty), before?.stamp ?? { version: '' });
    if ('done' in result) return nothingDone(plan, 'kernel-refused', reason);
    const names = [...guilty].join(', ');
    return {
      ...result,
      refusal: { reason: 'kernel-refused', detail: `rules of ${names} stay as they were: ${reason}` },
    };
  };

  return {
    program: async (plan, stamp) => {
      const result = await attempt(plan, stamp);
      if (!('done' in result)) return result;
      return around(plan, stamp, result.done ? '' : result.reason);
    },
    inspect: async () => {
      if (held === undefined) return undefined;
      const { plan, stamp } = held;
      const result = await afresh(plan, stamp);
      return 'done' in result ? nothingDone(plan, 'kernel-refused', result.done ? '' : result.reason) : result;
    },
    kernelStamp: async () => learnStamps(await nft.live()),
  };
};

const sameStamp = (a: AppliedStamp, b: ReadStamp): boolean =>
  a.epoch === b.epoch && a.position === b.position && a.version === b.version;
