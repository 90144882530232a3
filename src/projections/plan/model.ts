/**
 * The plan of one node: everything its kernel, its DHCP server and its neighbours must be told, as plain data that follows
 * from one document and one node's name. Pieces are keyed by group and by instance and keep their identity while nothing
 * they depend on changes; identity is how a difference is found. Nothing here may know about processes, files or time.
 */
import type { RuleEntry } from '../document/model.ts';

/**
 * One protection each, with all its layers. The lab leaves out exactly one at a time and sends the same packets again, to
 * show that the packets were stopped by this and by nothing else.
 */
export const guardNames = [
  'sourceMac',
  'sourceIp',
  'arpSender',
  'dhcpServer',
  'dhcpChaddr',
  'etherTypes',
  'portIsolation',
  'portDelivery',
  'barePort',
  'unprogrammedPort',
  'publicSpoof',
  'fabricSpoof',
  'publicDirect',
  'transit',
  'nodeInput',
  'defaultDeny',
  'midstream',
  'replies',
  'metadata',
  'metadataSource',
  'elasticIn',
  'elasticOut',
  'staleTranslation',
  'privateUntranslated',
  'neighbourProxy',
] as const;
export type GuardName = (typeof guardNames)[number];

/** How this node is built. Interface names are the kernel's (15 characters at most). */
export type NodeOptions = {
  /** The bridge the instances' ports hang on. It carries no frame from port to port: the node routes. */
  readonly bridge: string;
  /** The same on every node, outside the instances' MAC space, so that an instance keeps its gateway when it moves. */
  readonly gatewayMac: string;
  readonly publicInterface: string;
  readonly privateInterface: string;
  /** What the names of instance ports begin with. Every port named so is dead until a plan knows it. */
  readonly portPrefix: string;
  /** Eucalyptus 4.0 always lets members of one group reach each other; AWS only by rule, which is the default. */
  readonly sameGroupTraffic: boolean;
  /** Instances without an elastic address leave with the node's public address instead of their private one. */
  readonly masquerade: boolean;
  /** Instead of the document's cloud controller. */
  readonly metadataAddress?: string;
  readonly metadataPort: number;
  /** Which clusters' subnets are on this node's private wire. */
  readonly fabricRoutes: 'own' | 'all' | 'none';
  readonly leaseSeconds: number;
  /** Told to instances by DHCP when present. */
  readonly mtu?: number;
  /** For tests only: leave out exactly this protection. */
  readonly without?: GuardName;
};

export const defaultNodeOptions: NodeOptions = {
  bridge: 'br-edge',
  gatewayMac: 'ee:d9:e0:00:00:01',
  publicInterface: 'pub0',
  privateInterface: 'up0',
  portPrefix: 'vn_',
  sameGroupTraffic: false,
  masquerade: false,
  metadataPort: 8773,
  fabricRoutes: 'own',
  leaseSeconds: 86_400,
};

export type TableName = 'bridge edge' | 'inet edge' | 'arp edge' | 'ip edge';
export const tableNames: readonly TableName[] = ['bridge edge', 'inet edge', 'arp edge', 'ip edge'];

/** `definition` is what stands between the braces, without elements. */
export type SetPiece = {
  readonly table: TableName;
  readonly name: string;
  readonly kind: 'set' | 'map';
  readonly definition: string;
};

/** `hook` is present for base chains: `type … hook … priority …; policy …;`. */
export type ChainPiece = {
  readonly table: TableName;
  readonly name: string;
  readonly hook?: string;
  readonly rules: readonly string[];
};

/** One element of a set or map, in nft's words; `key` alone deletes it. */
export type Element = {
  readonly table: TableName;
  readonly set: string;
  readonly key: string;
  readonly value?: string;
};

export type BasePiece = {
  readonly counters: readonly { readonly table: TableName; readonly name: string }[];
  readonly sets: readonly SetPiece[];
  readonly chains: readonly ChainPiece[];
  readonly elements: readonly Element[];
  readonly host: readonly HostItem[];
};

/** Kernel state beside the rules. Everything that can carry a tag carries protocol 201. */
export type HostItem =
  | { readonly kind: 'bridge'; readonly name: string; readonly mac: string }
  /** `port` names the instance port it belongs to; `ifThere` is for switches of kernel parts that may not be loaded. */
  | {
      readonly kind: 'sysctl';
      readonly key: string;
      readonly value: string;
      readonly port?: string;
      readonly ifThere?: true;
    }
  | { readonly kind: 'address'; readonly address: string; readonly device: string }
  | { readonly kind: 'route'; readonly destination: string; readonly device: string; readonly source?: string }
  | { readonly kind: 'neighbour'; readonly address: string; readonly mac: string; readonly device: string }
  | { readonly kind: 'proxy'; readonly address: string; readonly device: string }
  | {
      readonly kind: 'port';
      readonly port: string;
      readonly mac: string;
      readonly bridge: string;
      readonly isolated: boolean;
      readonly locked: boolean;
    };

/** A local instance whose addresses have passed every check. MAC in lower case. */
export type LocalInstance = {
  readonly id: string;
  readonly port: string;
  readonly mac: string;
  readonly privateIp: string;
  readonly publicIp?: string;
  readonly groups: readonly string[];
};

/** What the DHCP server tells one MAC. The network's part is `Plan.network`. */
export type Lease = { readonly mac: string; readonly address: string; readonly instanceId: string };

export type InstancePiece = {
  readonly instance: LocalInstance;
  readonly elements: readonly Element[];
  readonly chain: ChainPiece;
  readonly host: readonly HostItem[];
  readonly lease: Lease;
};

/** A rule of a group together with what became of it; `match` is absent when it cannot be emitted. */
export type PlannedRule = {
  readonly entry: RuleEntry;
  /** Place in the document's list, from 0. */
  readonly index: number;
  readonly match?: string;
  readonly problem?: string;
};

export type GroupPiece = {
  readonly id: string;
  /** The members' addresses, private and public, of the whole cloud; present when a rule here looks at them. */
  readonly members?: { readonly set: SetPiece; readonly addresses: ReadonlySet<string> };
  /** Present when an instance of this node is a member. */
  readonly chain?: ChainPiece;
  readonly rules: readonly PlannedRule[];
};

/** The network as DHCP and the ruleset's fixed part need it. */
export type NodeNetwork = {
  readonly cluster: string;
  readonly gateway: string;
  readonly netmask: string;
  readonly subnet: string;
  readonly prefix: number;
  readonly dnsServers: readonly string[];
  readonly domain: string;
  readonly metadataAddress: string;
  /** Canonical CIDRs that are never translated between each other. */
  readonly privateCidrs: readonly string[];
  readonly fabricCidrs: readonly string[];
  /** The cloud's elastic addresses as disjoint ranges in nft's words, in order; empty where the document lists none. */
  readonly elasticRanges: readonly string[];
};

/** Something in the document that this node leaves out, failing closed, without refusing the rest. */
export type PlanNote = {
  readonly kind: 'bad-rule' | 'unknown-group' | 'bad-instance' | 'bad-address';
  /** The id of the group or the instance. */
  readonly subject: string;
  readonly detail: string;
};

export type Plan = {
  readonly node: string;
  readonly options: NodeOptions;
  readonly network: NodeNetwork;
  readonly base: BasePiece;
  readonly instances: ReadonlyMap<string, InstancePiece>;
  readonly groups: ReadonlyMap<string, GroupPiece>;
  readonly notes: readonly PlanNote[];
};
