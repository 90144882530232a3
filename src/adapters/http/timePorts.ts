/** What the routes of the time machine need from the house. Answers are plain JSON; their shapes are in `shapes/timeMachine.ts`. */
import type { Command } from '../../domain/commands.ts';
import type { CommandContext } from '../../domain/recorded.ts';
import type { Refusal } from '../../domain/refusals.ts';
import type { EdgeOptions } from '../../projections/reachability/explanation.ts';
import type { Moment } from './ports.ts';

export type Shown = { readonly [member: string]: unknown };
type Asked = Promise<Shown | Refusal>;

type LineQuery = {
  readonly cluster: string;
  readonly at?: Moment;
  readonly match?: string;
  readonly after: number;
  readonly limit: number;
};

type PlanQuery = { readonly planId: string; readonly commands: readonly Command[]; readonly context: CommandContext };
type RevertQuery = {
  readonly event: string;
  readonly reason: string;
  readonly planId: string;
  readonly context: CommandContext;
};

export type TimeMachinePort = {
  readonly moment: (at: Moment) => Asked;
  readonly diff: (query: {
    readonly from: Moment;
    readonly to?: Moment;
    readonly cluster?: string;
    readonly context?: number;
  }) => Asked;
  readonly blame: (query: LineQuery) => Asked;
  readonly gone: (query: LineQuery & { readonly since: Moment }) => Asked;
  readonly why: (query: {
    readonly source: string;
    readonly destination: string;
    readonly traffic: string;
    readonly at?: Moment;
    readonly edge: EdgeOptions;
  }) => Asked;
  readonly history: (query: { readonly subject: string; readonly after: number; readonly limit: number }) => Asked;
  readonly trace: (id: string) => Asked;
  readonly without: (query: {
    readonly events: readonly string[];
    readonly at?: Moment;
    readonly cluster?: string;
  }) => Asked;
  readonly plan: (query: PlanQuery, sources: readonly string[], edge: EdgeOptions) => Asked;
  readonly apply: (query: PlanQuery & { readonly token: string; readonly resume: boolean }) => Asked;
  readonly planRevert: (query: RevertQuery) => Asked;
  readonly revert: (query: RevertQuery) => Asked;
  readonly verify: (onProgress: (done: number, of: number) => void) => Promise<Shown>;
  /** Documents in use against documents made from the log alone. */
  readonly recompute: (onProgress: (done: number, of: number) => void) => Promise<Shown>;
  readonly progress: () => Shown;
};

export type AuditPort = {
  readonly publicKey: () => string;
  /** Signs what is new; refused when the log was found not to be what was signed before. */
  readonly checkpoint: () => Promise<Shown | Refusal | undefined>;
  readonly checkpoints: () => readonly Shown[];
  readonly bundle: (from: number, to: number) => Promise<AsyncIterable<string> | Refusal>;
  readonly check: (onProgress: (done: number, of: number) => void) => Promise<Shown>;
};

export type TimePorts = { readonly time: TimeMachinePort; readonly audit: AuditPort };
