/**
 * The time machine as its doors see it: every state the network ever had, what differs between two of them, who made it so, and
 * what would be if. It reads the log and never changes it, but for `apply` and `revert`, which append like any wish.
 */

import type { EventStore } from '../../domain/eventStore.ts';
import { isRefusal, type Refusal } from '../../domain/refusals.ts';
import type { AuditIndex } from '../../projections/audit.ts';
import type { Convergence } from '../../projections/convergence.ts';
import type { ClusterDocument } from '../../projections/documents.ts';
import type { Network } from '../../projections/network/views.ts';
import { defaultEdgeOptions, type EdgeOptions } from '../../projections/reachability/explanation.ts';
import type { History, Moment, Replaying } from './history.ts';
import { type Author, authorOf } from './time/author.ts';
import { type BlameQuery, blameOf, goneOf } from './time/blaming.ts';
import { type ChronicleQuery, chronicleOf } from './time/chronicle.ts';
import { type DifferenceQuery, differenceOf } from './time/difference.ts';
import { type PlanReport, reportOf } from './time/impact.ts';
import { createLookup } from './time/lookup.ts';
import { type ApplyQuery, apply, type PlanQuery, type PlanScene, rehearse } from './time/planning.ts';
import { verify } from './time/proving.ts';
import { type WhyQuery, whyOf } from './time/reasons.ts';
import { recompute } from './time/recomputing.ts';
import { planRevert, type RevertQuery, revert } from './time/reverting.ts';
import { type WithoutQuery, withoutOf } from './time/sandbox.ts';
import { traceOf } from './time/tracing.ts';

export type TimeMachinePorts = {
  readonly store: EventStore;
  readonly index: AuditIndex;
  readonly history: History;
  readonly cloud: string;
  readonly network: () => Network;
  readonly documentAt: (network: Network, cluster: string) => ClusterDocument | undefined;
  readonly convergence: () => Convergence;
  readonly reached: (position: number) => Promise<void>;
  readonly now: () => number;
};

/** Which event a moment was taken to mean, so that nobody need guess. */
export type MomentTaken = {
  readonly position: number;
  /** How many events share the millisecond asked for; the last of them was taken. */
  readonly sameTime: number;
  readonly event: Author | null;
  readonly text: string;
};

export type TimeMachine = ReturnType<typeof createTimeMachine>;

const momentText = (position: number, sameTime: number, event: Author | null): string => {
  const after = event === null ? `position ${position}` : `${event.type} at position ${position}`;
  return sameTime > 1
    ? `${sameTime} events share that millisecond; the state is that after the last of them, ${after}.`
    : `The state is that after ${after}.`;
};

export const createTimeMachine = (ports: TimeMachinePorts) => {
  const scene: PlanScene = { ...ports, lookup: createLookup(ports.store, ports.index) };

  const moment = async (at: Moment): Promise<MomentTaken | Refusal> => {
    const located = await scene.history.locate(at);
    if (isRefusal(located)) return located;
    const recorded = await scene.lookup.eventAt(located.position);
    const event = recorded === undefined ? null : authorOf(recorded);
    return { ...located, event, text: momentText(located.position, located.sameTime, event) };
  };

  const plan = async (
    query: PlanQuery,
    sources: readonly string[],
    edge: EdgeOptions = defaultEdgeOptions,
  ): Promise<PlanReport | Refusal> => {
    const rehearsal = await rehearse(scene, query);
    return isRefusal(rehearsal) ? rehearsal : reportOf(scene, query.planId, rehearsal, { sources, edge });
  };

  return {
    moment,
    diff: (query: DifferenceQuery) => differenceOf(scene, query),
    blame: (query: BlameQuery) => blameOf(scene, query),
    gone: (query: BlameQuery & { readonly since: Moment }) => goneOf(scene, query),
    why: (query: WhyQuery) => whyOf(scene, query),
    history: (query: ChronicleQuery) => chronicleOf(scene, query),
    trace: (id: string) => traceOf(scene, id),
    plan,
    apply: (query: ApplyQuery) => apply(scene, query),
    planRevert: (query: RevertQuery) => planRevert(scene, query),
    revert: (query: RevertQuery) => revert(scene, query),
    without: (query: WithoutQuery) => withoutOf(scene, query),
    verify: (onProgress: (done: number, of: number) => void) => verify(scene, onProgress),
    recompute: (onProgress: (done: number, of: number) => void) => recompute(scene, onProgress),
    progress: (): { readonly replaying: Replaying; readonly kept: readonly number[] } => ({
      replaying: scene.history.replaying(),
      kept: scene.history.kept(),
    }),
  };
};
