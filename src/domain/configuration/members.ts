/**
 * The members of the network configuration document, named as they are written (cloud spec 1.2 and 1.11). Absent means
 * absent: there are no nulls and no undefined members. Types only, and the questions everyone asks of them.
 */

/** Which members are known: those of Eucalyptus 4.0, or also those that came up to 4.4. */
export type ConfigurationProfile = '4.0' | '4.4';

/** A subnet as written: a definition, or a reference by `Name` alone. */
export type SubnetMembers = {
  readonly Name?: string;
  readonly Subnet?: string;
  readonly Netmask?: string;
  readonly Gateway?: string;
};

/** A definition with everything that a subnet needs; the texts are dotted quads once parsed. */
export type CompleteSubnet = {
  readonly Name?: string;
  readonly Subnet: string;
  readonly Netmask: string;
  readonly Gateway: string;
};

export type ClusterMembers = {
  readonly Name: string;
  readonly MacPrefix?: string;
  readonly Subnet?: SubnetMembers;
  /** Ranges. An empty list is not the same as none (cloud spec 1.6). */
  readonly PrivateIps?: readonly string[];
};

export type ConfigurationMembers = {
  /** 4.1 and later; the mode of this product is EDGE. */
  readonly Mode?: string;
  readonly InstanceDnsDomain?: string;
  readonly InstanceDnsServers?: readonly string[];
  readonly MacPrefix?: string;
  /** 4.1 and later. */
  readonly PublicGateway?: string;
  /** Ranges. Required in a posted document. */
  readonly PublicIps?: readonly string[];
  /** Ranges. */
  readonly PrivateIps?: readonly string[];
  readonly Subnets?: readonly SubnetMembers[];
  readonly Clusters?: readonly ClusterMembers[];
};

/** After `populate`: every cluster carries what it uses; one without `Subnet` is unresolved. */
export type PopulatedCluster = Omit<ClusterMembers, 'Subnet'> & { readonly Subnet?: CompleteSubnet };
export type PopulatedConfiguration = Omit<ConfigurationMembers, 'Clusters'> & {
  readonly Clusters: readonly PopulatedCluster[];
};

/** By which name clusters refer to a top-level subnet: its `Name`, or its `Subnet` value when it has none. */
export const referenceName = (subnet: SubnetMembers): string | undefined => subnet.Name || subnet.Subnet;

/** The definition if nothing is missing. */
export const completeSubnet = (subnet: SubnetMembers): CompleteSubnet | undefined => {
  const { Name, Subnet, Netmask, Gateway } = subnet;
  if (!Subnet || !Netmask || !Gateway) return undefined;
  return { ...(Name === undefined ? {} : { Name }), Subnet, Netmask, Gateway };
};

/** Where to look for a member of a populated cluster in the posted document; generated entries are not in it. */
export const clusterPath = (posted: ConfigurationMembers, index: number, member: keyof ClusterMembers): string =>
  index < (posted.Clusters?.length ?? 0) ? `Clusters[${index}].${member}` : 'Clusters';
