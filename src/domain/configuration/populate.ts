/**
 * Fills in per cluster what the configuration says for all of them (cloud spec 1.6): entries for registered clusters that
 * are not listed, MAC prefix, subnet and private addresses. Pure; the configuration that comes in is not changed. What no
 * rule decides stays absent: a cluster without `Subnet` is unresolved, which is legal.
 */
import { formatRange, rangeFromSubnet, splitRange } from '../ipRange.ts';
import { parseIpv4 } from '../ipv4.ts';
import {
  type ClusterMembers,
  type CompleteSubnet,
  type ConfigurationMembers,
  type ConfigurationProfile,
  completeSubnet,
  type PopulatedCluster,
  type PopulatedConfiguration,
  referenceName,
  type SubnetMembers,
} from './members.ts';

/** From 4.2 on every cluster has at least this prefix; in 4.0 it may stay absent here and the property decides later. */
export const defaultMacPrefix = 'd0:0d';

/**
 * The configuration with what it leaves open filled in: each cluster has its subnet, prefix and private addresses, and
 * registered clusters that it does not name are there (Eucalyptus 4.0, network configuration).
 */
export const populate = (
  configuration: ConfigurationMembers,
  registered: readonly string[],
  profile: ConfigurationProfile = '4.0',
): PopulatedConfiguration => {
  const { Subnets: subnets = [], ...rest } = configuration;
  const prefix = configuration.MacPrefix ?? (profile === '4.4' ? defaultMacPrefix : undefined);
  const clusters = withRegistered(configuration.Clusters ?? [], registered).map((cluster) =>
    populateCluster(cluster, { ...configuration, Subnets: subnets }, prefix),
  );
  const unused = unusedSubnets(subnets, clusters);
  return { ...rest, ...(unused.length === 0 ? {} : { Subnets: unused }), Clusters: clusters };
};

const withRegistered = (
  clusters: readonly ClusterMembers[],
  registered: readonly string[],
): readonly ClusterMembers[] => {
  const listed = new Set(clusters.map((cluster) => cluster.Name));
  const missing = [...new Set(registered)].filter((name) => !listed.has(name));
  return [...clusters, ...missing.map((name) => ({ Name: name }))];
};

const populateCluster = (
  cluster: ClusterMembers,
  configuration: ConfigurationMembers,
  prefix: string | undefined,
): PopulatedCluster => {
  const macPrefix = cluster.MacPrefix || prefix;
  const subnet = subnetOf(cluster, configuration.Subnets ?? []);
  const ranges = privateRanges(cluster, configuration, subnet);
  return {
    Name: cluster.Name,
    ...(macPrefix === undefined ? {} : { MacPrefix: macPrefix }),
    ...(subnet === undefined ? {} : { Subnet: subnet }),
    ...(ranges === undefined ? {} : { PrivateIps: ranges }),
  };
};

/** Inline definitions stay as written; an absent subnet or a reference is looked up: by name, else the only one there is. */
const subnetOf = (cluster: ClusterMembers, subnets: readonly SubnetMembers[]): CompleteSubnet | undefined => {
  const written = cluster.Subnet;
  if (written !== undefined && (written.Subnet || !written.Name)) return completeSubnet(written);
  const named = subnets.find((subnet) => written?.Name !== undefined && referenceName(subnet) === written.Name);
  const found = named ?? (subnets.length === 1 ? subnets[0] : undefined);
  const complete = found === undefined ? undefined : completeSubnet(found);
  return complete && { ...complete, Name: written?.Name ?? (complete.Name || complete.Subnet) };
};

/** An empty list does not inherit the top-level one (a quirk of 4.0 that documents rely on): it means the whole subnet. */
const privateRanges = (
  cluster: ClusterMembers,
  configuration: ConfigurationMembers,
  subnet: CompleteSubnet | undefined,
): readonly string[] | undefined => {
  const own = cluster.PrivateIps;
  const inherited = configuration.PrivateIps ?? [];
  if (own === undefined && inherited.length > 0) return inherited;
  if ((own === undefined || own.length === 0) && subnet !== undefined) return hostsOf(subnet);
  return own;
};

/** All usable hosts of the subnet without the gateway, as one or two ranges. */
const hostsOf = ({ Subnet, Netmask, Gateway }: CompleteSubnet): readonly string[] | undefined => {
  const subnet = parseIpv4(Subnet);
  const netmask = parseIpv4(Netmask);
  const gateway = parseIpv4(Gateway);
  if (subnet === undefined || netmask === undefined || gateway === undefined) return undefined;
  return splitRange(rangeFromSubnet(subnet, netmask), gateway).map(formatRange);
};

/** Gateway and name do not matter: a cluster that uses the same network uses the entry. */
const unusedSubnets = (
  subnets: readonly SubnetMembers[],
  clusters: readonly PopulatedCluster[],
): readonly SubnetMembers[] => {
  const used = new Set(clusters.map((cluster) => cluster.Subnet && networkKey(cluster.Subnet)));
  return subnets.filter((subnet) => !used.has(networkKey(subnet)));
};

const networkKey = (subnet: SubnetMembers): string => `${subnet.Subnet}/${subnet.Netmask}`;
