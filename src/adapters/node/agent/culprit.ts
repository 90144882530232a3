/**
 * When the kernel refuses a transaction: which groups it is about. Halves the changed groups until single ones remain, asking
 * the kernel each time without committing. What is not to blame goes in; the guilty keep their last good rules, or none.
 */
import type { GroupPiece, Plan } from '../../../projections/plan/model.ts';

/** Groups that are not the same object in both plans, in order. */
export const changedGroups = (before: Plan | undefined, after: Plan): string[] =>
  [...after.groups]
    .filter(([id, piece]) => piece.chain !== undefined && before?.groups.get(id) !== piece)
    .map(([id]) => id);

/** The plan with these groups' rules as they were before, or closed where there was nothing before. */
export const withoutGroups = (before: Plan | undefined, after: Plan, held: ReadonlySet<string>): Plan => {
  const groups = new Map<string, GroupPiece>();
  for (const [id, piece] of after.groups) {
    groups.set(id, held.has(id) && piece.chain !== undefined ? heldBack(before?.groups.get(id), piece, after) : piece);
  }
  return { ...after, groups };
};

/** The old rules stay only while every set they look at is still there. */
const heldBack = (before: GroupPiece | undefined, now: GroupPiece, after: Plan): GroupPiece => {
  if (now.chain === undefined) return now;
  const sets = new Set([...after.groups.values()].flatMap(({ members }) => members?.set.name ?? []));
  for (const { name } of after.base.sets) sets.add(name);
  const chain = before?.chain;
  const stands = chain?.rules.every((rule) => [...rule.matchAll(/@(\S+)/g)].every(([, name]) => sets.has(name ?? '')));
  if (before === undefined || chain === undefined || stands !== true) {
    return { ...now, chain: { ...now.chain, rules: [] }, rules: [] };
  }
  return { ...now, chain, rules: before.rules };
};

/** Smallest set of groups without which `isTaken` says yes; undefined when the groups are not to blame. */
export const findCulprits = async (
  candidates: readonly string[],
  isTaken: (held: ReadonlySet<string>) => Promise<boolean>,
): Promise<Set<string> | undefined> => {
  if (!(await isTaken(new Set(candidates)))) return undefined;
  const guilty = new Set<string>();
  const search = async (suspects: readonly string[], others: readonly string[]): Promise<void> => {
    if (suspects.length === 0) return;
    if (await isTaken(new Set([...guilty, ...others]))) return;
    const [only] = suspects;
    if (suspects.length === 1 && only !== undefined) {
      guilty.add(only);
      return;
    }
    const half = suspects.length >> 1;
    const [left, right] = [suspects.slice(0, half), suspects.slice(half)];
    await search(left, [...right, ...others]);
    await search(right, others);
  };
  await search(candidates, []);
  return guilty;
};
