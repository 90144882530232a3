/**
 * What one node needs to know of the clouds' networks: its own cluster's subnet and gateway, what counts as private, where
 * metadata lives. A document that lacks any of it cannot be planned from and is refused as a whole.
 */
import { type Cidr, cidrContains, cidrFromAddress, formatCidr, maskPrefix, parseCidr } from '../../domain/cidr.ts';
import { formatRange, mergeRanges, rangesOf } from '../../domain/ipRange.ts';
import { isIpv4, parseIpv4 } from '../../domain/ipv4.ts';
import { type Refusal, refuse } from '../../domain/refusals.ts';
import type { ClusterEntry, ConfigurationEntry, NetworkDocument, NodeEntry, SubnetEntry } from '../document/model.ts';
import type { NodeNetwork, NodeOptions } from './model.ts';

export type OwnPlace = { readonly cluster: ClusterEntry; readonly node: NodeEntry };

/** The first cluster with a node of one of these names (node spec 3.3). */
export const ownPlace = (document: NetworkDocument, nodeNames: readonly string[]): OwnPlace | Refusal => {
  for (const cluster of document.configuration.clusters) {
    const node = cluster.nodes.find((candidate) => nodeNames.includes(candidate.name));
    if (node !== undefined) return { cluster, node };
  }
  return refuse('document-without-node', `no cluster of the document lists ${nodeNames.join(' or ')}`, {
    value: nodeNames.join(' '),
  });
};

const badNetwork = (member: string, value: string): Refusal =>
  refuse('document-network', `${member} is ${JSON.stringify(value)}, which no node can be built from`, {
    member,
    value,
  });

/** Canonical block of a subnet, or undefined when address and mask do not make one. */
export const subnetCidr = (subnet: SubnetEntry): string | undefined => {
  const address = parseIpv4(subnet.subnet);
  const mask = parseIpv4(subnet.netmask);
  const prefix = mask === undefined ? undefined : maskPrefix(mask);
  if (address === undefined || prefix === undefined) return undefined;
  return formatCidr(cidrFromAddress(address, prefix));
};

/** Facts for one cluster's nodes, or why the document does not have them. */
export const nodeNetwork = (
  configuration: ConfigurationEntry,
  cluster: ClusterEntry,
  options: NodeOptions,
): NodeNetwork | Refusal => {
  const { subnet, netmask, gateway } = cluster.subnet;
  const own = subnetCidr(cluster.subnet);
  if (own === undefined) return badNetwork('cluster.subnet', `${subnet}/${netmask}`);
  if (!isIpv4(gateway)) return badNetwork('cluster.subnet.gateway', gateway);
  const metadataAddress = options.metadataAddress ?? configuration.enabledCLCIp;
  if (!isIpv4(metadataAddress)) return badNetwork('enabledCLCIp', metadataAddress);
  const clusters = blocks(configuration.clusters.map((entry) => entry.subnet));
  return {
    cluster: cluster.name,
    gateway,
    netmask,
    subnet,
    prefix: Number(own.slice(own.indexOf('/') + 1)),
    dnsServers: configuration.instanceDNSServers.filter(isIpv4),
    domain: configuration.instanceDNSDomain,
    metadataAddress,
    privateCidrs: outermost([...clusters, ...blocks(configuration.subnets)]),
    fabricCidrs: fabric(options, own, clusters),
    elasticRanges: mergeRanges(rangesOf(configuration.publicIps)).map(formatRange),
  };
};

const blocks = (subnets: readonly SubnetEntry[]): string[] =>
  subnets.map(subnetCidr).filter((cidr) => cidr !== undefined);

/** Blocks nest or are disjoint; an interval set takes only disjoint ones. */
const outermost = (cidrs: readonly string[]): string[] => {
  const parsed = [...new Set(cidrs)].flatMap((text) => {
    const cidr = parseCidr(text);
    return cidr === undefined ? [] : [{ text, cidr }];
  });
  const isInside = (inner: Cidr, outer: Cidr): boolean =>
    outer.prefix < inner.prefix && cidrContains(outer, inner.address);
  return parsed
    .filter(({ cidr }) => !parsed.some((other) => isInside(cidr, other.cidr)))
    .map(({ text }) => text)
    .sort();
};

const fabric = ({ fabricRoutes }: NodeOptions, own: string, clusters: readonly string[]): string[] => {
  switch (fabricRoutes) {
    case 'own':
      return [own];
    case 'all':
      return [...new Set(clusters)].sort();
    case 'none':
      return [];
  }
};
