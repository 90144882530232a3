/**
 * What the agent remembers while it runs, and the two ways it is told to others: the short report that travels upward, and
 * the status for people on the node.
 */
import type { Refusal } from '../../../domain/refusals.ts';
import type { Plan } from '../../../projections/plan/model.ts';
import type { ReadStamp } from '../documentReader.ts';
import type { Accepted } from './acceptance.ts';
import type { AgentReport, AgentSettings, AgentStatus, Drift } from './agentModel.ts';

export type AgentState = {
  accepted: Accepted | undefined;
  applied: ReadStamp | undefined;
  refusal: Refusal | undefined;
  waiting: string | undefined;
  drift: readonly Drift[];
  problems: readonly string[];
  /** The plan the kernel follows. */
  plan: Plan | undefined;
  /** The newest plan and its stamp, in force or not. */
  wanted: { readonly plan: Plan; readonly stamp: ReadStamp } | undefined;
  /** The bytes looked at last, good or bad. */
  seen: Buffer | undefined;
  /** Ports that were there and set up, so that a change of theirs is somebody else's. */
  readonly ports: Set<string>;
  /** Which file was looked at last; undefined when it was so young that it may have changed since without a trace. */
  file: string | undefined;
  took: AgentStatus['took'];
};

export const emptyState = (): AgentState => ({
  accepted: undefined,
  applied: undefined,
  refusal: undefined,
  waiting: undefined,
  drift: [],
  problems: [],
  plan: undefined,
  wanted: undefined,
  seen: undefined,
  ports: new Set(),
  file: undefined,
  took: null,
});

const keptDrifts = 20;

export const rememberDrift = (state: AgentState, drift: Drift): void => {
  state.drift = [drift, ...state.drift].slice(0, keptDrifts);
};

export const reportOf = (state: AgentState, { mode, now }: AgentSettings): AgentReport => ({
  accepted: state.accepted?.stamp ?? null,
  applied: mode === 'plan' ? null : (state.applied ?? null),
  mode,
  ...(state.refusal === undefined ? {} : { refusal: { reason: state.refusal.refused, detail: state.refusal.detail } }),
  ...(state.waiting === undefined ? {} : { waiting: state.waiting }),
  ...(state.drift.length === 0 ? {} : { drift: state.drift }),
  at: now(),
});

export const statusOf = (state: AgentState, settings: AgentSettings, dhcpAnswers: number): AgentStatus => ({
  ...reportOf(state, settings),
  node: state.plan?.node ?? null,
  instances: state.plan?.instances.size ?? 0,
  notes: state.wanted?.plan.notes ?? [],
  problems: state.problems,
  dhcpAnswers,
  took: state.took,
});

/** The stamp an agent before this one said it had accepted; undefined when the text does not say. */
export const acceptedIn = (status: string): ReadStamp | undefined => {
  let accepted: unknown;
  try {
    accepted = (JSON.parse(status) as { readonly accepted?: unknown } | null)?.accepted;
  } catch {
    return undefined;
  }
  if (typeof accepted !== 'object' || accepted === null) return undefined;
  const { version, epoch, position } = accepted as Readonly<Record<string, unknown>>;
  if (typeof version !== 'string') return undefined;
  const isOrdered = Number.isSafeInteger(epoch) && Number.isSafeInteger(position);
  return isOrdered ? { version, epoch: Number(epoch), position: Number(position) } : { version };
};
