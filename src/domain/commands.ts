/**
 * Every wish there is, imperative. Doors (HTTP, command line, batch) make these after validating their form; what they mean
 * is decided in `execute.ts` and the aggregates. Ids and times come in from outside.
 */

/** A permission as wished: not yet split by source, names not yet resolved (cloud spec 6.5). */
export type PermissionWish = {
  /** `tcp`, `udp`, `icmp`, or a protocol number as text; `-1` all. */
  readonly protocol?: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly cidrs?: readonly string[];
  readonly groups?: readonly { readonly groupId?: string; readonly groupName?: string; readonly account?: string }[];
};

/** One instance as its cluster sees it (cloud spec 7.4). */
export type InstanceReport = {
  readonly instanceId: string;
  readonly state: 'Pending' | 'Extant' | 'Teardown';
  readonly account?: string;
  readonly node?: string;
  readonly macAddress?: string;
  readonly privateAddress?: string;
  readonly publicAddress?: string;
  readonly groups?: readonly string[];
};

export type Command =
  // configuration
  | {
      readonly type: 'PostConfiguration';
      readonly text: string /** Token of a dry run: refused as stale if the world moved. */;
      readonly token?: string;
    }
  | { readonly type: 'ClearConfiguration' }
  | { readonly type: 'ChangeProperty'; readonly name: string; readonly value: string }
  /** Several at once, all or none; null sets one back to its default. */
  | { readonly type: 'ChangeProperties'; readonly values: { readonly [name: string]: string | null } }
  | { readonly type: 'ResetProperty'; readonly name: string }
  // clusters
  | {
      readonly type: 'RegisterCluster';
      readonly cluster: string;
      readonly component: string;
      readonly host: string;
      readonly address: string;
      readonly endpoint: string;
      /** The address was looked up and may change with the host's name. */
      readonly followsHost?: boolean;
    }
  /** The host's name of its controller means this address now. */
  | { readonly type: 'ResolveCluster'; readonly cluster: string; readonly address: string }
  | { readonly type: 'EnableCluster'; readonly cluster: string }
  | { readonly type: 'DisableCluster'; readonly cluster: string; readonly reason: string }
  | { readonly type: 'DeregisterCluster'; readonly cluster: string }
  | {
      readonly type: 'ReportNodes';
      readonly cluster: string;
      readonly nodes: readonly { readonly name: string; readonly endpoint?: string }[];
    }
  | {
      readonly type: 'ForgetNodes';
      readonly cluster: string;
      readonly nodes: readonly string[];
      /** Only those that the cluster has left out of its reports for too long. */
      readonly expired?: true;
    }
  | { readonly type: 'ReportMode'; readonly cluster: string; readonly mode: string }
  /** All instances the cluster sees: what it leaves out it no longer has. */
  | { readonly type: 'ReportInstances'; readonly cluster: string; readonly instances: readonly InstanceReport[] }
  /** Generic mode: the public addresses a cluster has, and the private ones they lead to; EDGE clusters have none to report. */
  | {
      readonly type: 'ReportAddresses';
      readonly cluster: string;
      readonly addresses: readonly { readonly address: string; readonly instanceAddress?: string }[];
    }
  /** One instance out of a report of instances. */
  | { readonly type: 'ReportInstance'; readonly cluster: string; readonly instance: InstanceReport }
  /** The cluster's newest report leaves this instance out. */
  | { readonly type: 'MissInstance'; readonly cluster: string; readonly instanceId: string }
  // public addresses
  | { readonly type: 'AllocateAddress'; readonly account: string; readonly address?: string }
  | { readonly type: 'ReleaseAddress'; readonly account: string; readonly address: string }
  | {
      readonly type: 'AssociateAddress';
      readonly account: string;
      readonly address: string;
      readonly instanceId: string;
    }
  | { readonly type: 'DisassociateAddress'; readonly account: string; readonly address: string }
  /** The operator's lever, and the reconciler's: a quarantined or dirty address becomes free. */
  | {
      readonly type: 'FreeAddress';
      readonly address: string;
      /** The cluster that has passed it (public addresses are dirty per cluster); absent means all of them. */
      readonly cluster?: string;
      readonly reservation?: string;
      /** Only dirty marks set up to this revision of the pool's stream: a newer one has not been passed yet. */
      readonly upToRevision?: number;
      readonly cause: 'converged' | 'operator' | 'deregistered' | 'limit';
      readonly reason: string;
    }
  /** The cluster answered an address message (generic mode): the transition in flight is complete. */
  | {
      readonly type: 'CompleteAddress';
      readonly address: string;
      /** Which message was answered; whatever is in flight when absent. */
      readonly answered?: { readonly instanceId: string; readonly message: 'assign' | 'unassign' };
    }
  /** The address has been impending for too long: its instance was never placed. */
  | { readonly type: 'ExpireImpending'; readonly address: string; readonly instanceId: string }
  /** Reports of clusters have contradicted the pool for too long: the address is taken from whoever has it (cloud spec 5.7). */
  | { readonly type: 'ReclaimAddress'; readonly address: string }
  /** A running instance has shown a free or merely allocated address for long enough: it is its own. */
  | { readonly type: 'AdoptAddress'; readonly address: string; readonly instanceId: string }
  | { readonly type: 'ExpireReservation'; readonly address: string; readonly reservation: string }
  // security groups
  | {
      readonly type: 'CreateSecurityGroup';
      readonly account: string;
      readonly groupId: string;
      readonly name: string;
      readonly description: string;
    }
  | {
      readonly type: 'DeleteSecurityGroup';
      readonly account: string;
      readonly groupId?: string;
      readonly name?: string;
    }
  | {
      readonly type: 'AuthorizeIngress';
      readonly account: string;
      readonly groupId?: string;
      readonly name?: string;
      readonly permissions: readonly PermissionWish[];
    }
  | {
      readonly type: 'RevokeIngress';
      readonly account: string;
      readonly groupId?: string;
      readonly name?: string;
      readonly permissions: readonly PermissionWish[];
    }
  // instances
  | {
      readonly type: 'RunInstances';
      readonly account: string;
      readonly cluster: string;
      readonly instanceIds: readonly string[];
      /** Ids (`sg-…`) or names in the account; none means the account's default group. */
      readonly groups: readonly string[];
      readonly addressing: 'public' | 'private';
      /** Place at once on this node. */
      readonly node?: string;
    }
  /** `account`, here and below: only if it is this account's instance; of anybody's when absent. */
  | { readonly type: 'AbortRun'; readonly instanceId: string; readonly account?: string }
  | {
      readonly type: 'PlaceInstance';
      readonly instanceId: string;
      readonly node: string;
      readonly macAddress?: string;
      readonly privateAddress?: string;
    }
  | { readonly type: 'MarkRunning'; readonly instanceId: string }
  | { readonly type: 'StopInstance'; readonly instanceId: string; readonly account?: string }
  | { readonly type: 'MarkStopped'; readonly instanceId: string }
  | { readonly type: 'StartInstance'; readonly instanceId: string; readonly node?: string; readonly account?: string }
  | { readonly type: 'TerminateInstance'; readonly instanceId: string; readonly account?: string }
  | { readonly type: 'MarkTerminated'; readonly instanceId: string }
  /** A time-out ran off for this instance: what follows depends on its state (cloud spec 7.4). */
  | { readonly type: 'ExpireInstance'; readonly instanceId: string }
  // the log itself
  | { readonly type: 'RaiseEpoch'; readonly reason: string; readonly atLeast?: number };

export type CommandType = Command['type'];

export type CommandOf<T extends CommandType> = Extract<Command, { readonly type: T }>;
