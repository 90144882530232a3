/**
 * One cluster (partition): its registration, whether its controller is enabled, the address of that controller, and the
 * nodes it reports. Stream `cluster-<name>`.
 */

/** `name` is the host part of the node controller's address; `endpoint` its URL when known. */
export type NodeRecord = { readonly name: string; readonly endpoint?: string };

export type ClusterEvent =
  /** `address` is the IPv4 the host resolved to when registered; `host` stays as written. */
  | {
      readonly type: 'ClusterRegistered';
      readonly cluster: string;
      readonly component: string;
      readonly host: string;
      readonly address: string;
      readonly endpoint: string;
    }
  | { readonly type: 'ClusterAddressResolved'; readonly cluster: string; readonly address: string }
  | { readonly type: 'ClusterEnabled'; readonly cluster: string }
  | { readonly type: 'ClusterDisabled'; readonly cluster: string; readonly reason: string }
  | { readonly type: 'ClusterDeregistered'; readonly cluster: string }
  /** The whole list of nodes the cluster has, sorted by name. */
  | { readonly type: 'ClusterNodesReported'; readonly cluster: string; readonly nodes: readonly NodeRecord[] }
  | { readonly type: 'ClusterNodesForgotten'; readonly cluster: string; readonly nodes: readonly string[] }
  | { readonly type: 'ClusterModeReported'; readonly cluster: string; readonly mode: string };
