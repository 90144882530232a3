/**
 * What follows from one plan giving way to another, beside the rules themselves: host state to take away and to add,
 * addresses to announce on the wires, tracked connections that outlive their right to exist.
 */
import { inMergedRanges, rangesOf } from '../../domain/ipRange.ts';
import { parseIpv4 } from '../../domain/ipv4.ts';
import { type HostChange, hostChange } from './host.ts';
import type { HostItem, Plan } from './model.ts';

/**
 * Tracked flows to forget: those begun towards an address, those answered to it, those to or from a gone instance. `soon`
 * when nothing but forgetting ends them; all others are dead already, by the rules or with their port, and only take up room.
 */
export type Cut = {
  readonly field: 'orig-src' | 'orig-dst' | 'reply-src' | 'reply-dst';
  readonly address: string;
  readonly soon: boolean;
};

export type Announcement = { readonly address: string; readonly device: string };

export type Afterwards = {
  readonly host: HostChange;
  readonly announcements: readonly Announcement[];
  readonly cuts: readonly Cut[];
};

export const afterwards = (before: Plan | undefined, after: Plan): Afterwards => {
  const host = hostChange(changedHost(before, after), changedHost(after, before));
  return { host, announcements: announced(host.added), cuts: before === undefined ? [] : cutsOf(before, after) };
};

const changedHost = (plan: Plan | undefined, other: Plan | undefined): HostItem[] => {
  if (plan === undefined) return [];
  const items = plan.base === other?.base ? [] : [...plan.base.host];
  for (const [id, piece] of plan.instances) if (piece !== other?.instances.get(id)) items.push(...piece.host);
  return items;
};

/** Every host item of a plan. */
export const hostItems = (plan: Plan): HostItem[] => changedHost(plan, undefined);

const announced = (added: readonly HostItem[]): Announcement[] =>
  added.flatMap((item) => (item.kind === 'proxy' ? [{ address: item.address, device: item.device }] : []));

/**
 * Of an instance that is gone: what it began and what it answered, translated or not; nothing of it passes any more, unless
 * its address has another holder at once. Of an elastic address that is not its own any more: what came in by it and what
 * went out as it; the rules know it by its pair, going out only where the pool is known.
 */
const cutsOf = (before: Plan, after: Plan): Cut[] => {
  const cuts: Cut[] = [];
  const pool = rangesOf(after.network.elasticRanges);
  const holders = new Set([...after.instances.values()].map(({ instance }) => instance.privateIp));
  for (const [id, old] of before.instances) {
    const now = after.instances.get(id);
    if (now === old) continue;
    const { privateIp, publicIp } = old.instance;
    if (now === undefined || now.instance.privateIp !== privateIp) {
      const soon = holders.has(privateIp);
      cuts.push({ field: 'orig-src', address: privateIp, soon }, { field: 'reply-src', address: privateIp, soon });
    } else if (publicIp !== undefined && publicIp !== now.instance.publicIp) {
      const soon = !inMergedRanges(pool, parseIpv4(publicIp) ?? 0);
      cuts.push({ field: 'orig-dst', address: publicIp, soon: false }, { field: 'reply-dst', address: publicIp, soon });
    }
  }
  return cuts;
};

/** Local instances whose admission may have become narrower: whose groups, rules or peers are not the same objects. */
export const narrowed = (before: Plan, after: Plan): ReadonlySet<string> => {
  const groups = new Set<string>();
  for (const [id, piece] of before.groups) if (after.groups.get(id) !== piece) groups.add(id);
  const affected = new Set<string>();
  for (const [id, piece] of after.instances) {
    const looksAt = piece.instance.groups.flatMap((group) => [
      group,
      ...sourcesOf(after, group),
      ...sourcesOf(before, group),
    ]);
    if (before.instances.get(id) !== piece || looksAt.some((group) => groups.has(group))) {
      affected.add(piece.instance.privateIp);
    }
  }
  return affected;
};

const sourcesOf = (plan: Plan, group: string): string[] =>
  plan.groups.get(group)?.rules.flatMap(({ entry: { source } }) => (source.kind === 'group' ? [source.groupId] : [])) ??
  [];
