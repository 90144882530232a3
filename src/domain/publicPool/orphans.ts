/**
 * Public addresses as the clusters report them, compared with what the pool says (cloud spec 5.7). Only other modes than EDGE
 * report them; a lasting difference is settled in favour of the cluster. Pure: counts in, counts and verdicts out; the
 * caller keeps the counts, which may be lost without harm.
 */
import type { Decision } from '../decider.ts';
import { parseIpv4 } from '../ipv4.ts';
import type { PublicPoolEvent } from '../publicPool.ts';
import { isRefusal } from '../refusals.ts';
import { completePublic, unassignPublic } from './assign.ts';
import { recordOf } from './lookups.ts';
import { applyPublicPool, branchOfPool, type PublicPoolState } from './state.ts';

/** `address instanceAddress` -> reports in which they differed, since they last agreed. */
export type OrphanCounts = ReadonlyMap<string, number>;

/** `instanceAddress` is `0.0.0.0` when the cluster has the address with no instance. */
export type ReportedAddress = { readonly address: string; readonly instanceAddress: string };

export type OrphanRules = {
  /** cloud.addresses.maxkillorphans: more reports than that and the address is reclaimed. */
  readonly maxReports: number;
  /** cloud.addresses.orphangrace: an address unchanged for longer may be adopted by the instance that shows it, ms. */
  readonly graceMs: number;
  /** Now, ms. */
  readonly at: number;
  /** The running instance with this private address. */
  readonly runningAt: (instanceAddress: string) => string | undefined;
};

export type OrphanVerdicts = {
  readonly counts: OrphanCounts;
  /** To be taken from wherever the pool has them: `reclaimOrphan`. */
  readonly reclaim: readonly string[];
  /** To be given to the running instance that shows them: `restorePublic`. */
  readonly adopt: readonly { readonly address: string; readonly instanceId: string }[];
};

const keyOf = ({ address, instanceAddress }: ReportedAddress): string => `${address} ${instanceAddress}`;

/**
 * What to do about addresses that a cluster says it has and the pool does not give to that instance: those reported so often
 * enough are taken back or adopted, the others are counted.
 */
export const judgeOrphans = (
  state: PublicPoolState,
  counts: OrphanCounts,
  reports: readonly ReportedAddress[],
  rules: OrphanRules,
): OrphanVerdicts => {
  let left = new Map(counts);
  const reclaim: string[] = [];
  const adopt: { address: string; instanceId: string }[] = [];
  for (const report of reports) {
    const key = keyOf(report);
    if (agrees(state, report)) {
      left = new Map(forgetOrphan(left, report.address));
      continue;
    }
    const claimant = claimantOf(state, report, rules);
    const seen = (left.get(key) ?? 0) + 1;
    if (claimant === undefined && seen <= rules.maxReports) left.set(key, seen);
    else left.delete(key);
    if (claimant !== undefined) adopt.push({ address: report.address, instanceId: claimant });
    else if (seen > rules.maxReports) reclaim.push(report.address);
  }
  return { counts: left, reclaim, adopt };
};

/** Both know the instance, or both know of none. */
const agrees = (state: PublicPoolState, { address, instanceAddress }: ReportedAddress): boolean => {
  const record = recordOf(state, address);
  const known = record?.state === 'assigned' ? record.instanceAddress : '0.0.0.0';
  return known === instanceAddress;
};

/** The instance that may keep an address which the pool has as free or merely allocated, unchanged for long enough. */
const claimantOf = (state: PublicPoolState, report: ReportedAddress, rules: OrphanRules): string | undefined => {
  const record = recordOf(state, report.address);
  if (record !== undefined && record.state !== 'allocated') return undefined;
  const idle = state.idle.get(parseIpv4(report.address) ?? -1);
  const since = record?.since ?? idle?.since ?? Number.NEGATIVE_INFINITY;
  return rules.at - since > rules.graceMs ? rules.runningAt(report.instanceAddress) : undefined;
};

/** Allocating an address starts its counting anew, and so does a report that agrees. */
export const forgetOrphan = (counts: OrphanCounts, address: string): OrphanCounts =>
  new Map([...counts].filter(([key]) => !key.startsWith(`${address} `)));

/** Clears the mark, unassigns, and a system address goes back to the pool; what is not assigned is left alone. */
export const reclaimOrphan = (state: PublicPoolState, address: string): Decision<PublicPoolEvent> => {
  const record = recordOf(state, address);
  if (record === undefined) return [];
  const branch = branchOfPool(state);
  const completed = record.pending && record.state !== 'impending' ? completePublic(state, address) : [];
  if (isRefusal(completed)) return completed;
  for (const event of completed) applyPublicPool(branch, event, { time: 0, revision: 0, commandId: '' });
  if ((recordOf(branch, address)?.state ?? 'allocated') === 'allocated') return completed;
  const unassigned = unassignPublic(branch, { address, pending: false });
  return isRefusal(unassigned) ? unassigned : [...completed, ...unassigned];
};
