/**
 * The network information document as plain data: what one cluster's controllers and nodes are told.
 * It is complete, never a delta (cloud spec 2.1). This file only holds the shapes; rendering to bytes is `render.ts`,
 * reading bytes back belongs to the node's adapter. Nothing here may depend on time, locale or insertion order.
 */

/** Which consumers the bytes are for: eucanetd of 4.0 and 4.1, of 4.4, or both at once (node spec 0). */
export type Dialect = 'superset' | '4.0' | '4.4';

/** Dotted quads. The `name` attribute in the document is always the `subnet` value. */
export type SubnetEntry = { readonly subnet: string; readonly netmask: string; readonly gateway: string };

/** `name` is the host part of the node controller's address as its cluster registered it. */
export type NodeEntry = { readonly name: string; readonly instanceIds: readonly string[] };

export type ClusterEntry = {
  readonly name: string;
  readonly subnet: SubnetEntry;
  readonly enabledCCIp: string;
  readonly macPrefix: string;
  /** Ranges as written in the configuration, or derived from the subnet. */
  readonly privateIps: readonly string[];
  readonly nodes: readonly NodeEntry[];
};

export type ConfigurationEntry = {
  /** Written only in the dialects that know it. */
  readonly mode: 'EDGE';
  readonly publicIps: readonly string[];
  readonly enabledCLCIp: string;
  readonly instanceDNSDomain: string;
  readonly instanceDNSServers: readonly string[];
  readonly publicGateway?: string;
  /** Subnets the cloud owns but no cluster uses. */
  readonly subnets: readonly SubnetEntry[];
  readonly clusters: readonly ClusterEntry[];
};

export type InstanceEntry = {
  readonly id: string;
  readonly ownerId: string;
  readonly macAddress?: string;
  /** Absent while unset or dirty. */
  readonly publicIp?: string;
  readonly privateIp: string;
  readonly securityGroups: readonly string[];
};

/**
 * One source of one rule. `cidr` is canonical `a.b.c.d/n`; a group source names the group's id and its owner's account.
 * `absent` marks a group that is not in this document; what each dialect makes of it is said in `written.ts`.
 */
export type RuleSource =
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'group'; readonly groupId: string; readonly ownerId: string; readonly absent?: true };

/**
 * `protocol` is the IANA number (1 icmp, 6 tcp, 17 udp). For tcp and udp `low`..`high` are ports, inclusive;
 * for icmp they are type and code, -1 meaning any; for other protocols both are -1.
 */
export type RuleEntry = {
  readonly protocol: number;
  readonly low: number;
  readonly high: number;
  readonly source: RuleSource;
};

export type GroupEntry = { readonly id: string; readonly ownerId: string; readonly rules: readonly RuleEntry[] };

export type NetworkDocument = {
  readonly configuration: ConfigurationEntry;
  /** Sorted by id. */
  readonly instances: readonly InstanceEntry[];
  /** Sorted by id. */
  readonly securityGroups: readonly GroupEntry[];
};

/**
 * The root's attributes. `version` is 8 lower case hex digits that change with every change of content: eucanetd of 4.3 and
 * later skips a document whose first 8 version characters it knows (node spec 3.1). `epoch` and `position` are ours; both
 * generations of eucanetd pass over attributes they do not know. A 4.0 document carries none of them.
 */
export type DocumentStamp = { readonly version: string; readonly epoch?: number; readonly position?: number };
