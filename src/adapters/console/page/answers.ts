/** What the page reads of the API's answers: exactly the members it shows, as `/openapi.json` describes them. */
import type { Rule } from '../../../domain/rule.ts';

export type Problem = {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly next: string;
};

export type Caller = { readonly actor: string; readonly role: string; readonly account: string | null };

export type Status = {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
  readonly position: number;
  readonly time: string | null;
  readonly epoch: number;
  readonly configured: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly converged: boolean | null;
};

export type NodeProgress = {
  readonly node: string;
  readonly accepted: number | null;
  readonly applied: number | null;
  readonly agent: string;
  readonly ageMs: number | null;
  readonly refusal: { readonly reason: string; readonly detail: string } | null;
  readonly converged: boolean | null;
};

export type ClusterProgress = {
  readonly cluster: string;
  readonly epoch: number;
  readonly wanted: number | null;
  readonly published: number | null;
  readonly delivered: number | null;
  readonly applied: number | null;
  readonly lagMs: number | null;
  readonly failuresInARow: number;
  readonly lastFailure: { readonly reason: string; readonly detail: string } | null;
  readonly converged: boolean | null;
  readonly nodes: readonly NodeProgress[];
};

export type Convergence = { readonly converged: boolean | null; readonly clusters: readonly ClusterProgress[] };

export type Cluster = {
  readonly name: string;
  readonly state: string;
  readonly host: string;
  readonly nodes: readonly { readonly name: string }[];
};

export type Instance = {
  readonly instanceId: string;
  readonly account: string;
  readonly cluster: string;
  readonly node: string | null;
  readonly state: string;
  readonly stateSince: string;
  readonly groups: readonly string[];
  readonly macAddress: string | null;
  readonly privateAddress: string | null;
  readonly publicAddress: string | null;
  readonly createdAt: number;
  readonly changedAt: number;
};

export type Group = {
  readonly groupId: string;
  readonly account: string;
  readonly name: string;
  readonly description: string;
  readonly rules: readonly (Rule & { readonly at: number })[];
  readonly members: readonly string[];
  readonly createdAt: number;
};

/** `size` is what the ranges hold; `outside` are in use although no range holds them any more. */
type PoolUse = { readonly size: number; readonly free: number; readonly outside: number };

export type PublicPool = PoolUse & {
  readonly allocated: number;
  readonly assigned: number;
  /** Of any state: a cluster may still answer for the former holder. */
  readonly dirty: number;
};

export type PrivatePool = PoolUse & {
  readonly cluster: string;
  readonly held: number;
  readonly quarantined: number;
  readonly sharedWith: readonly string[];
};

export type AddressPools = { readonly public: PublicPool; readonly private: readonly PrivatePool[] };

export type LogEvent = {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly actor: string;
  readonly correlationId: string;
  readonly data: { readonly [member: string]: unknown };
};

/** An event as the time machine names it, with its sentence. */
export type Told = {
  readonly position: number;
  readonly eventId: string;
  readonly type: string;
  readonly time: string;
  readonly actor: string;
  readonly text: string;
  readonly reason: string | null;
};

export type Moment = { readonly position: number; readonly event: Told | null; readonly text: string };

export type Difference = {
  readonly from: number;
  readonly to: number;
  readonly same: boolean;
  readonly changes: readonly {
    readonly kind: 'came' | 'went' | 'changed';
    readonly subject: string;
    readonly text: string;
    readonly by: Told | null;
  }[];
  readonly more: number;
  readonly documents: readonly {
    readonly cluster: string;
    readonly same: boolean;
    readonly lines: readonly { readonly sign: string; readonly text: string }[];
  }[];
};

export type Delivery = { readonly position: number; readonly time: string; readonly version: number };

export type Why = {
  readonly position: number;
  readonly verdict: string;
  readonly hops: readonly {
    readonly code: string;
    readonly text: string;
    readonly subject?: string;
    readonly by: Told | null;
  }[];
  readonly rule: { readonly groupId: string; readonly text: string; readonly by: Told | null } | null;
  readonly reached: {
    readonly cluster: string;
    readonly node: string | null;
    readonly needs: number;
    readonly delivered: Delivery | null;
    readonly applied: boolean | null;
    readonly text: string;
  } | null;
};

export type Trace = {
  readonly found: { readonly as: string; readonly id: string };
  readonly command: {
    readonly commandId: string;
    readonly actor: string;
    readonly correlationId: string;
    readonly time: string;
  } | null;
  readonly events: readonly Told[];
  readonly clusters: readonly {
    readonly cluster: string;
    readonly version: number | null;
    readonly delivered: Delivery | null;
    readonly deliveredAfterMs: number | null;
    readonly nodes: readonly {
      readonly node: string;
      readonly applied: boolean | null;
      readonly version: number | null;
      readonly reportedAt: string | null;
    }[];
  }[];
};

export type History = { readonly subject: string; readonly events: readonly Told[] };
