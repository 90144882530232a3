/**
 * What the agent is told and what it says of itself.
 */
import type { NodeOptions, Plan, PlanNote } from '../../../projections/plan/model.ts';
import type { ReadStamp } from '../documentReader.ts';
import type { Count, InstanceTraffic } from './metering.ts';
import type { Tools } from './tool.ts';

export type AgentMode = 'kernel' | 'plan';

export type DocumentMark = ReadStamp;

export type Drift = { readonly at: number; readonly found: readonly string[]; readonly repaired: boolean };

export type AgentReport = {
  readonly accepted: DocumentMark | null;
  readonly applied: DocumentMark | null;
  readonly mode: AgentMode;
  readonly refusal?: { readonly reason: string; readonly detail: string };
  /** What a node that never had a document for itself waits for; nothing is wrong. */
  readonly waiting?: string;
  readonly drift?: readonly Drift[];
  readonly at: number;
};

export type AgentStatus = AgentReport & {
  readonly node: string | null;
  readonly instances: number;
  readonly notes: readonly PlanNote[];
  /** What could not be done beside the rules, in words. */
  readonly problems: readonly string[];
  readonly dhcpAnswers: number;
  /** Milliseconds of the last change: reading, planning, programming. */
  readonly took: { readonly read: number; readonly plan: number; readonly program: number } | null;
};

export type AgentSettings = {
  /** The document, as the node controller writes it. */
  readonly file: string;
  /** The names or addresses this node may be listed by. */
  readonly nodeNames: readonly string[];
  /** For `agent-status.json`, `plan.nft`, and the boot gate file under `net/`. */
  readonly statusFolder: string;
  readonly mode: AgentMode;
  readonly options?: Partial<NodeOptions>;
  readonly dhcp?: 'internal' | 'dnsmasq' | 'off';
  /** Forget tracked flows that the new rules would not let begin. */
  readonly cutRevoked?: boolean;
  /** Seconds between full comparisons of the kernel with the plan; 0 for never. */
  readonly driftSeconds?: number;
  readonly tools?: Partial<Tools>;
  readonly now: () => number;
  readonly onReport: (report: AgentReport) => void;
};

export type Agent = {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly status: () => AgentStatus;
  readonly traffic: () => Promise<readonly InstanceTraffic[]>;
  readonly drops: () => Promise<Readonly<Record<string, Count>>>;
  /** Compares kernel and plan now. */
  readonly inspect: () => Promise<void>;
  /** The plan in force, for `explain`. */
  readonly plan: () => Plan | undefined;
};
