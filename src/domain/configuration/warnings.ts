/**
 * What a configuration may say and hardly can mean (cloud spec 1.8): accepted, because existing documents must keep working,
 * but told to whoever posts it. Codes are stable; `path` is where in the posted document to look. The number of warnings
 * grows with the size of the document, never with the number of pairs in it.
 */
import { maskPrefix } from '../cidr.ts';
import { isIpv4, parseIpv4 } from '../ipv4.ts';
import { addressWarnings } from './addressWarnings.ts';
import {
  type ClusterMembers,
  type ConfigurationMembers,
  clusterPath,
  type PopulatedCluster,
  referenceName,
  type SubnetMembers,
} from './members.ts';
import { defaultMacPrefix, populate } from './populate.ts';

export type WarningCode =
  | 'gateway-in-pool'
  | 'ranges-overlap'
  | 'clusters-share-addresses'
  | 'public-private-overlap'
  | 'public-subnet-overlap'
  | 'subnet-shared'
  | 'subnets-overlap'
  | 'duplicate-cluster-name'
  | 'duplicate-subnet-name'
  | 'unresolved-cluster'
  | 'unregistered-cluster'
  | 'narrow-netmask'
  | 'mac-prefixes-differ'
  | 'dns-server-not-ipv4';

export type ConfigurationWarning = { readonly code: WarningCode; readonly text: string; readonly path: string };

/** All warnings about a configuration that has been accepted, given the names of the registered clusters. */
export const configurationWarnings = (
  configuration: ConfigurationMembers,
  registered: readonly string[],
): readonly ConfigurationWarning[] => {
  const populated = populate(configuration, registered);
  const clusters = configuration.Clusters ?? [];
  return [
    ...serverWarnings(configuration),
    ...duplicateSubnets(configuration.Subnets ?? []),
    ...duplicateClusters(clusters),
    ...registrationWarnings(clusters, populated.Clusters, registered),
    ...maskWarnings(configuration),
    ...macPrefixWarnings(configuration, populated.Clusters),
    ...addressWarnings(configuration, populated.Clusters),
  ];
};

const serverWarnings = (configuration: ConfigurationMembers): readonly ConfigurationWarning[] =>
  (configuration.InstanceDnsServers ?? []).flatMap((server, index) =>
    isIpv4(server)
      ? []
      : {
          code: 'dns-server-not-ipv4' as const,
          text: `nodes announce IPv4 name servers only; "${server}" is of no use to instances`,
          path: `InstanceDnsServers[${index}]`,
        },
  );

const duplicateSubnets = (subnets: readonly SubnetMembers[]): readonly ConfigurationWarning[] =>
  repeated(subnets.map((subnet) => referenceName(subnet) ?? '')).map(({ name, index, first }) => ({
    code: 'duplicate-subnet-name',
    text: `subnet name ${name} is taken by Subnets[${first}]; clusters that refer to it get that one`,
    path: `Subnets[${index}]`,
  }));

const duplicateClusters = (clusters: readonly ClusterMembers[]): readonly ConfigurationWarning[] =>
  repeated(clusters.map((cluster) => cluster.Name)).map(({ name, index, first }) => ({
    code: 'duplicate-cluster-name',
    text: `cluster ${name} is already listed in Clusters[${first}]; that entry counts and this one does not`,
    path: `Clusters[${index}]`,
  }));

type Repetition = { readonly name: string; readonly index: number; readonly first: number };

const repeated = (names: readonly string[]): readonly Repetition[] => {
  const firsts = new Map<string, number>();
  return names.flatMap((name, index) => {
    const first = firsts.get(name);
    if (first === undefined) firsts.set(name, index);
    return first === undefined ? [] : { name, index, first };
  });
};

const registrationWarnings = (
  listed: readonly ClusterMembers[],
  populated: readonly PopulatedCluster[],
  registered: readonly string[],
): readonly ConfigurationWarning[] => {
  const known = new Set(registered);
  return populated.flatMap(({ Name, Subnet }, index) => {
    const path = index < listed.length ? `Clusters[${index}]` : 'Clusters';
    const warnings: ConfigurationWarning[] = [];
    if (Subnet === undefined) {
      const text = `nothing says which subnet cluster ${Name} uses: it is left out of the document and gives no private addresses`;
      warnings.push({ code: 'unresolved-cluster', text, path });
    }
    if (!known.has(Name)) {
      const text = `cluster ${Name} is not registered; its settings wait until it is`;
      warnings.push({ code: 'unregistered-cluster', text, path });
    }
    return warnings;
  });
};

const maskWarnings = (configuration: ConfigurationMembers): readonly ConfigurationWarning[] => {
  const top = (configuration.Subnets ?? []).flatMap((subnet, i) => narrowMask(subnet, `Subnets[${i}].Netmask`));
  const inline = (configuration.Clusters ?? []).flatMap(({ Subnet }, i) =>
    Subnet === undefined ? [] : narrowMask(Subnet, `Clusters[${i}].Subnet.Netmask`),
  );
  return [...top, ...inline];
};

const narrowMask = ({ Netmask }: SubnetMembers, path: string): readonly ConfigurationWarning[] => {
  const netmask = parseIpv4(Netmask ?? '');
  const prefix = netmask === undefined ? undefined : maskPrefix(netmask);
  if (prefix === undefined || prefix < 31) return [];
  return [{ code: 'narrow-netmask', text: `a /${prefix} leaves at most one address for instances`, path }];
};

/** Later cloud controllers make all MAC addresses from one prefix; there all clusters have to agree. */
const macPrefixWarnings = (
  configuration: ConfigurationMembers,
  clusters: readonly PopulatedCluster[],
): readonly ConfigurationWarning[] => {
  const prefixes = clusters.map((cluster) => (cluster.MacPrefix || defaultMacPrefix).toLowerCase());
  const other = prefixes.findIndex((prefix) => prefix !== prefixes[0]);
  if (other < 0) return [];
  const text = 'clusters have different MAC prefixes; Eucalyptus 4.2 and later use one for the whole cloud';
  return [{ code: 'mac-prefixes-differ', text, path: clusterPath(configuration, other, 'MacPrefix') }];
};
