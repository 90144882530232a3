/**
 * The stamps inside the ruleset: every transaction adds one with the next serial, the highest says what the rules are. Old
 * ones go with the next transaction that deletes something anyway, because a deletion costs the kernel a grace period.
 */
import { type AppliedStamp, type Ruleset, rulesetText } from '../../../projections/plan/ruleset.ts';
import { transactionText } from '../../../projections/plan/transaction.ts';
import type { ReadStamp } from '../documentReader.ts';
import type { LiveRuleset } from './liveRuleset.ts';
import type { Nft, NftAnswer } from './nft.ts';

export type Ledger = {
  /** Takes up the stamps the kernel has; answers the newest. */
  readonly learn: (live: LiveRuleset | undefined) => AppliedStamp | undefined;
  /** These lines and the next stamp, in one transaction. */
  readonly commit: (lines: readonly string[], stamp: ReadStamp) => Promise<NftAnswer>;
  /** A whole ruleset and the next stamp, in one transaction. */
  readonly replace: (ruleset: Ruleset, stamp: ReadStamp) => Promise<NftAnswer>;
  /** Would the kernel take it? Nothing is changed. */
  readonly wouldCommit: (lines: readonly string[], stamp: ReadStamp) => Promise<boolean>;
  readonly wouldReplace: (ruleset: Ruleset, stamp: ReadStamp) => Promise<boolean>;
};

export const createLedger = (nft: Nft): Ledger => {
  let serial = 0;
  let stale: number[] = [];
  const next = (stamp: ReadStamp): AppliedStamp => ({ serial: serial + 1, ...stamp });
  const committed = (isAlone: boolean): void => {
    serial += 1;
    stale = isAlone ? [serial] : [...stale, serial];
  };
  return {
    learn: (live) => {
      const newest = live?.stamps.toSorted((a, b) => b.serial - a.serial)[0];
      stale = (live?.stamps ?? []).map((stamp) => stamp.serial);
      serial = Math.max(serial, newest?.serial ?? 0);
      return newest;
    },
    commit: async (lines, stamp) => {
      const { text, purges } = transactionText(lines, next(stamp), stale);
      const answer = await nft.apply(text);
      if (answer.done) committed(purges);
      return answer;
    },
    replace: async (ruleset, stamp) => {
      const answer = await nft.apply(rulesetText(ruleset, next(stamp)));
      if (answer.done) committed(true);
      return answer;
    },
    wouldCommit: async (lines, stamp) => (await nft.check(transactionText(lines, next(stamp), stale).text)).done,
    wouldReplace: async (ruleset, stamp) => (await nft.check(rulesetText(ruleset, next(stamp)))).done,
  };
};
