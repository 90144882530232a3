/**
 * One instance's life, as far as the network is concerned (cloud spec 7). Its public address is not recorded here: the
 * public pool is the one place that knows it.
 */

export type InstanceState = 'PENDING' | 'RUNNING' | 'SHUTTING_DOWN' | 'STOPPING' | 'STOPPED' | 'TERMINATED' | 'BURIED';

/** Why a step happened: wished by a user, reported by the cluster, or a time-out that ran off. */
export type LifecycleCause = 'requested' | 'reported' | 'timeout' | 'aborted';

export type InstanceEvent =
  | {
      readonly type: 'InstanceCreated';
      readonly instanceId: string;
      readonly account: string;
      readonly cluster: string;
      readonly groups: readonly string[];
      readonly macAddress: string;
      /** `0.0.0.0` when it has none yet (restored from a report without address). */
      readonly privateAddress: string;
      readonly reservation: string;
      readonly addressing: 'public' | 'private';
      /** True when a cluster reported it and the cloud had not known it. */
      readonly restored: boolean;
    }
  | { readonly type: 'InstancePlaced'; readonly instanceId: string; readonly node: string }
  | { readonly type: 'InstanceRunning'; readonly instanceId: string }
  | { readonly type: 'InstanceStopping'; readonly instanceId: string; readonly cause: LifecycleCause }
  | { readonly type: 'InstanceStopped'; readonly instanceId: string; readonly cause: LifecycleCause }
  /** Started again after STOPPED: PENDING with a new private address, not yet placed. */
  | {
      readonly type: 'InstanceStarted';
      readonly instanceId: string;
      readonly privateAddress: string;
      readonly reservation: string;
    }
  | { readonly type: 'InstanceShuttingDown'; readonly instanceId: string; readonly cause: LifecycleCause }
  | { readonly type: 'InstanceTerminated'; readonly instanceId: string; readonly cause: LifecycleCause }
  | { readonly type: 'InstanceBuried'; readonly instanceId: string }
  /** The record may be forgotten. */
  | { readonly type: 'InstanceForgotten'; readonly instanceId: string }
  /** What the cluster says differs from what was decided; nothing is overwritten (cloud spec 7.3). */
  | {
      readonly type: 'InstanceReportDiffered';
      readonly instanceId: string;
      readonly member: 'privateAddress' | 'macAddress';
      readonly expected: string;
      readonly reported: string;
    };
