/**
 * What an answer about reachability is made of: a verdict, and the hops that led to it with reason codes that never change
 * their meaning. Shapes only.
 */
import type { Rule } from '../../domain/rule.ts';

/**
 * | code | meaning |
 * |---|---|
 * | `source-instance`, `destination-instance` | the end is this instance, placed on this node |
 * | `source-is-outside` | nobody in the cloud holds the source address |
 * | `destination-is-outside` | nobody in the cloud holds the destination address; what leaves is not filtered |
 * | `elastic-translation` | an elastic address is replaced by its holder's private one, or a private one by its elastic one |
 * | `masquerade` | the source is replaced by its node's own public address |
 * | `same-group`, `source-group`, `cidr-match` | what let it in |
 * | `partly-allowed` | a rule allows a part of what was asked for, which is not enough |
 * | `default-deny` | no rule of the destination's groups lets it in |
 * | `no-such-source`, `no-such-destination` | there is no such instance, or nobody holds that address of the cloud |
 * | `address-dirty` | the elastic address is assigned, but still withheld from all documents |
 * | `address-unassigned` | the elastic address is assigned to nobody |
 * | `instance-not-live` | the instance is in no document: stopped, terminated |
 * | `not-placed` | the instance is on no node that its cluster reports |
 * | `not-programmable` | no MAC, no usable private address or no group: it is left out |
 * | `cluster-not-in-document` | its cluster is not enabled or has no subnet |
 * | `private-from-public` | from the public side only elastic addresses are reached |
 * | `private-source-on-public-wire` | a private source never enters from the public side |
 * | `gateway`, `metadata-service` | answered by the source's own node |
 * | `loopback` | it never leaves the instance |
 * | `transit` | neither end is in this cloud |
 */
export type HopCode =
  | 'source-instance'
  | 'source-is-outside'
  | 'destination-instance'
  | 'destination-is-outside'
  | 'elastic-translation'
  | 'masquerade'
  | 'same-group'
  | 'source-group'
  | 'cidr-match'
  | 'partly-allowed'
  | 'default-deny'
  | 'no-such-source'
  | 'no-such-destination'
  | 'address-dirty'
  | 'address-unassigned'
  | 'instance-not-live'
  | 'not-placed'
  | 'not-programmable'
  | 'cluster-not-in-document'
  | 'private-from-public'
  | 'private-source-on-public-wire'
  | 'gateway'
  | 'metadata-service'
  | 'loopback'
  | 'transit';

/** `at` is the position of the newest event this hop rests on; `subject` an instance, group or address. */
export type Hop = {
  readonly code: HopCode;
  readonly text: string;
  readonly subject?: string;
  readonly at?: number;
};

export type RuleAt = { readonly groupId: string; readonly rule: Rule; readonly at: number };

/**
 * `decidedBy` is the node whose filter gives the verdict (the destination's); absent when none is asked. `restsOn` is the
 * newest position among the hops: a node that has applied a document of that position or later decides so, too.
 */
export type Explanation = {
  readonly verdict: 'allowed' | 'denied';
  readonly hops: readonly Hop[];
  readonly rule?: RuleAt;
  readonly decidedBy?: { readonly cluster: string; readonly node: string };
  readonly restsOn: number;
};

/** How the nodes are built, as far as it decides who reaches whom. */
export type EdgeOptions = {
  /** Members of one group reach each other without a rule (always so in Eucalyptus 4.0). */
  readonly sameGroupTraffic: boolean;
  /** Instances without an elastic address leave with their node's public address. */
  readonly masquerade: boolean;
  /** With two wires a node can tell the public side from the private one. */
  readonly wires: 'one' | 'two';
  /** By which wire an outside source comes; absent: private subnets by the private one, everybody else by the public one. */
  readonly sourceWire?: 'public' | 'private';
};

export const defaultEdgeOptions: EdgeOptions = { sameGroupTraffic: false, masquerade: false, wires: 'two' };
