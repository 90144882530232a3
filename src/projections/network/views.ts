/**
 * The network as it should be: the one read model every answer comes from. All of it follows from the log alone.
 * Each leaf remembers the position of the event that set it (`at`), which is what blame and why stand on.
 * Large maps are canonical tries (`../trie.ts`) whose unchanged parts keep their identity; identity is the dirty flag.
 */
import type { NodeRecord } from '../../domain/cluster.ts';
import type { ConfigurationMembers } from '../../domain/configuration/members.ts';
import type { InstanceState } from '../../domain/instanceStates.ts';
import type { AddressInFlight } from '../../domain/networking/dispatcher.ts';
import type { Rule } from '../../domain/securityGroup.ts';
import type { Trie } from '../trie.ts';

export type InstanceView = {
  id: string;
  account: string;
  cluster: string;
  groups: readonly string[];
  macAddress: string;
  privateAddress: string;
  reservation: string;
  publicAddress?: string;
  /** Its public address is still dirty from an earlier holder: no document shows it yet (cloud spec 5.6). */
  publicHidden?: true;
  addressing: 'public' | 'private';
  state: InstanceState;
  node?: string;
  /** Position of the event that made it, of the newest one that changed any member, and of those that set single members. */
  createdAt: number;
  at: number;
  stateAt: number;
  placedAt?: number;
  publicAt?: number;
  privateAt: number;
  /** Time of the event that set the state, ms. */
  stateTime: number;
  /** Revision of the instance's stream: its ETag. */
  revision: number;
};

export type RuleView = { rule: Rule; at: number };

export type GroupView = {
  id: string;
  account: string;
  name: string;
  description: string;
  rules: RuleView[];
  /** Instance id -> position of the joining event. Members of all states that still count (cloud spec 6.9). */
  members: Trie<number>;
  /** Members that are in the document (not torn down). */
  liveMembers: number;
  createdAt: number;
  at: number;
  revision: number;
};

export type ClusterView = {
  name: string;
  component: string;
  host: string;
  address: string;
  endpoint: string;
  /** Its address changes when its host's name comes to mean another one. */
  followsHost?: boolean;
  state: 'registered' | 'enabled' | 'disabled';
  reason?: string;
  mode?: string;
  /** Position of the report that changed the mode last. */
  modeAt?: number;
  nodes: NodeRecord[];
  nodesAt: number;
  /** Node name -> instance id -> position of the placing event; also nodes that are not (yet) reported. */
  placements: Record<string, Trie<number>>;
  createdAt: number;
  at: number;
  revision: number;
};

export type PrivateAddressView = {
  address: string;
  cluster: string;
  instanceId: string;
  reservation: string;
  state: 'pending' | 'extant' | 'quarantined';
  at: number;
  time: number;
};

/** The event that unassigned an address: its position, and its revision in the stream of the pool. */
export type DirtyMark = { at: number; revision: number };

export type PublicAddressView = {
  address: string;
  state: 'unallocated' | 'allocated' | 'impending' | 'assigned';
  pending: boolean;
  /** `nobody`, `system` or an account. */
  owner: string;
  instanceId?: string;
  instanceAddress?: string;
  /** Where it is assigned. */
  cluster?: string;
  /** By cluster; while any is there no document shows the address. */
  dirty: Record<string, DirtyMark>;
  at: number;
  time: number;
};

export type ConfigurationView = { text: string; members: ConfigurationMembers; at: number };

export type PropertyView = { value: string; at: number };

/**
 * Newest position that touched a section of the documents; versions are made of these (`../documentVersion.ts`). `heads`:
 * what all documents say of a cluster besides its nodes; `clusters`, by name: a cluster's nodes and what is placed on them;
 * `nearby`, by name: instances and groups of a document that shows only what concerns that cluster. A position may stand
 * here although no byte changed, never the other way round.
 */
export type Touched = {
  configuration: number;
  instances: number;
  groups: number;
  heads: number;
  clusters: Record<string, number>;
  nearby: Record<string, number>;
};

export type Network = {
  /** Newest event folded in, -1 when none. */
  position: number;
  /** Its time, ms. */
  time: number;
  epoch: number;
  epochAt: number;
  configuration: ConfigurationView | null;
  /** Revision of the configuration stream: the configuration's ETag. */
  configurationRevision: number;
  properties: Record<string, PropertyView>;
  clusters: Record<string, ClusterView>;
  instances: Trie<InstanceView>;
  groups: Trie<GroupView>;
  privateAddresses: Trie<PrivateAddressView>;
  publicRanges: readonly string[];
  publicRangesAt: number;
  publicAddresses: Trie<PublicAddressView>;
  /** Transitions of public addresses whose message to the cluster is not answered yet, by address (generic mode). */
  inFlight: Record<string, AddressInFlight & { at: number }>;
  /** Instance -> public address that was assigned to it before its own first event: pools are written first. */
  assignedEarly: Record<string, string>;
  /** Addresses that are released and not free yet. */
  quarantine: Trie<true>;
  /** Group and cluster (`../pairs.ts`) -> how many live instances of the cluster are in the group. */
  presence: Trie<number>;
  /** Group that a rule names and group that has the rule. */
  namedBy: Trie<true>;
  touched: Touched;
};
