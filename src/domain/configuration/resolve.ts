/**
 * Configuration + cloud properties + registered clusters -> what is in force, every default applied (cloud spec 1.6): what
 * the network document and the private pools are made from. Pure; called when the configuration, a property or the
 * registration of a cluster changes, not for every event.
 */
import { type IpRange, rangesOf } from '../ipRange.ts';
import type { EffectiveProperties } from '../properties.ts';
import { type Refusal, refuse } from '../refusals.ts';
import {
  type CompleteSubnet,
  type ConfigurationMembers,
  completeSubnet,
  type PopulatedCluster,
  type PopulatedConfiguration,
} from './members.ts';
import { populate } from './populate.ts';

/** Texts of the cloud properties that resolution falls back to. */
export type ResolutionDefaults = {
  /** `cloud.vmstate.instance_subdomain` */
  readonly instanceSubdomain: string;
  /** `system.dns.nameserveraddress` */
  readonly nameservers: string;
  /** `cloud.vmstate.mac_prefix` */
  readonly macPrefix: string;
};

export const resolutionDefaults = (properties: EffectiveProperties): ResolutionDefaults => ({
  instanceSubdomain: properties['cloud.vmstate.instance_subdomain'],
  nameservers: properties['system.dns.nameserveraddress'],
  macPrefix: properties['cloud.vmstate.mac_prefix'],
});

/** `name` is absent when an inline subnet has none; the document always names a subnet by its value. */
export type ResolvedSubnet = {
  readonly name?: string;
  readonly subnet: string;
  readonly netmask: string;
  readonly gateway: string;
};

export type ResolvedCluster = {
  readonly name: string;
  readonly macPrefix: string;
  readonly subnet: ResolvedSubnet;
  /** Ranges as written, or derived from the subnet. */
  readonly privateIps: readonly string[];
};

export type ResolvedConfiguration = {
  /** False when no configuration has been posted: there is no EDGE network then, only defaults. */
  readonly configured: boolean;
  readonly instanceDnsDomain: string;
  readonly instanceDnsServers: readonly string[];
  readonly publicIps: readonly string[];
  readonly publicGateway?: string;
  /** Subnets the cloud owns but no cluster uses. */
  readonly subnets: readonly ResolvedSubnet[];
  /** In listed order, then generated ones in the order of registration. */
  readonly clusters: readonly ResolvedCluster[];
  /** Registered or listed clusters without a subnet: left out of the document, their pools are unusable. */
  readonly unresolved: readonly string[];
};

/**
 * The configuration as the network works with it; clusters without a subnet are named as unresolved and get nothing.
 */
export const resolveConfiguration = (
  configuration: ConfigurationMembers | undefined,
  registered: readonly string[],
  defaults: ResolutionDefaults,
): ResolvedConfiguration => {
  const { Subnets, Clusters, ...top } = configuration ? populate(configuration, registered) : nothing;
  const clusters = Clusters.flatMap((cluster) => resolveCluster(cluster, defaults) ?? []);
  const unresolved = Clusters.filter((cluster) => cluster.Subnet === undefined).map((cluster) => cluster.Name);
  return {
    configured: configuration !== undefined,
    instanceDnsDomain: top.InstanceDnsDomain || defaultDomain(defaults),
    instanceDnsServers: top.InstanceDnsServers?.length ? top.InstanceDnsServers : defaultServers(defaults),
    publicIps: top.PublicIps ?? [],
    ...(top.PublicGateway ? { publicGateway: top.PublicGateway } : {}),
    subnets: (Subnets ?? []).flatMap((subnet) => resolvedSubnet(completeSubnet(subnet)) ?? []),
    clusters,
    unresolved: configuration ? unresolved : registered,
  };
};

const nothing: PopulatedConfiguration = { Clusters: [] };

const resolveCluster = (cluster: PopulatedCluster, defaults: ResolutionDefaults): ResolvedCluster | undefined => {
  const subnet = resolvedSubnet(cluster.Subnet);
  return (
    subnet && {
      name: cluster.Name,
      macPrefix: cluster.MacPrefix || defaults.macPrefix,
      subnet,
      privateIps: cluster.PrivateIps ?? [],
    }
  );
};

const resolvedSubnet = (subnet: CompleteSubnet | undefined): ResolvedSubnet | undefined =>
  subnet && {
    ...(subnet.Name === undefined ? {} : { name: subnet.Name }),
    subnet: subnet.Subnet,
    netmask: subnet.Netmask,
    gateway: subnet.Gateway,
  };

/** `.eucalyptus` -> `eucalyptus.internal`; only one leading dot goes. */
const defaultDomain = ({ instanceSubdomain }: ResolutionDefaults): string =>
  `${instanceSubdomain.replace(/^\./, '')}.internal`;

const defaultServers = ({ nameservers }: ResolutionDefaults): readonly string[] => {
  const system = systemNameservers(nameservers);
  return system.length > 0 ? system : ['127.0.0.1'];
};

/** The property's list; exactly `127.0.0.1` means that it was never set. */
export const systemNameservers = (property: string): readonly string[] =>
  property === '127.0.0.1'
    ? []
    : property
        .split(',')
        .map((server) => server.trim())
        .filter((server) => server !== '');

/** The entry of a cluster; where a name is listed twice, the first one counts. */
export const resolvedClusterNamed = (resolved: ResolvedConfiguration, name: string): ResolvedCluster | undefined =>
  resolved.clusters.find((cluster) => cluster.name === name);

/**
 * The ranges that private addresses of the cluster come from, in listed order, overlaps kept. `state.no-cluster-network`
 * when the cluster has no subnet or no addresses: a pool without a subnet is unusable.
 */
export const privatePoolRanges = (resolved: ResolvedConfiguration, cluster: string): readonly IpRange[] | Refusal => {
  const ranges = rangesOf(resolvedClusterNamed(resolved, cluster)?.privateIps ?? []);
  if (ranges.length > 0) return ranges;
  const detail = `no network configuration for cluster ${cluster}`;
  return refuse('state.no-cluster-network', detail, { member: 'cluster', value: cluster });
};
