/**
 * When a receiver that never says what it has in force took which version. After a while it is taken for done; under constant
 * change that must not start anew with each version, so the way is remembered, a step a second.
 */

export type Milestone = { readonly version: number; readonly at: number };

/** Ascending by version and time. */
export type Milestones = readonly Milestone[];

const STEP_MS = 1_000;
const KEPT = 128;

/** Takes note of a version that was taken at a time (ms). Older versions are no news. */
export const reach = (milestones: Milestones, version: number, at: number): Milestones => {
  const last = milestones.at(-1);
  if (last !== undefined && version <= last.version) return milestones;
  const before = milestones.at(-2);
  const isCrowded = last !== undefined && before !== undefined && last.at - before.at < STEP_MS;
  return [...(isCrowded ? milestones.slice(0, -1) : milestones.slice(-KEPT + 1)), { version, at }];
};

/** The newest version taken no later than the time, null when there is none. */
export const reachedBy = (milestones: Milestones, at: number): number | null =>
  milestones.findLast((milestone) => milestone.at <= at)?.version ?? null;
