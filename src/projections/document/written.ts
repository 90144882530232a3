/**
 * The document as its elements, one record per element, and the decisions that turn a network document into them: what each
 * dialect writes and what it leaves out. The superset is what eucanetd of 4.0 and of 4.4 both accept and fully implement
 * (node spec 0): the mode property, both forms of every rule, subnets named by their address, names as first attributes, no
 * VPC children. Nothing here knows how XML is spelled.
 */
import type {
  ClusterEntry,
  ConfigurationEntry,
  Dialect,
  GroupEntry,
  InstanceEntry,
  NetworkDocument,
  RuleEntry,
  SubnetEntry,
} from './model.ts';
import { implementable, narrowed, structuredForm, textForm, type WrittenRule } from './ruleForms.ts';

export type WrittenProperty = { readonly name: string; readonly values: readonly string[] };
export type WrittenSubnet = { readonly name: string; readonly properties: readonly WrittenProperty[] };
export type WrittenNode = { readonly name: string; readonly instanceIds: readonly string[] };

export type WrittenCluster = {
  readonly name: string;
  readonly subnet: WrittenSubnet;
  readonly properties: readonly WrittenProperty[];
  readonly nodes: readonly WrittenNode[];
};

export type WrittenConfiguration = {
  readonly properties: readonly WrittenProperty[];
  readonly subnets?: readonly WrittenSubnet[];
  readonly clusters: readonly WrittenCluster[];
};

export type WrittenInstance = {
  readonly name: string;
  readonly ownerId: string;
  readonly macAddress?: string;
  readonly publicIp?: string;
  readonly privateIp: string;
  readonly securityGroups: readonly string[];
};

/** `rules` is the text form of 4.0, the other two are the structured one; which are there depends on the dialect. */
export type WrittenGroup = {
  readonly name: string;
  readonly ownerId: string;
  readonly rules?: readonly string[];
  readonly ingressRules?: readonly WrittenRule[];
  readonly egressRules?: readonly WrittenRule[];
};

export type WrittenDocument = {
  readonly configuration: WrittenConfiguration;
  readonly instances: readonly WrittenInstance[];
  readonly securityGroups: readonly WrittenGroup[];
};

/** In the order given: whoever wants canonical bytes gives a canonical document. */
export const writtenDocument = (document: NetworkDocument, dialect: Dialect): WrittenDocument => ({
  configuration: {
    ...writtenHead(document.configuration, dialect),
    clusters: document.configuration.clusters.map(writtenCluster),
  },
  instances: document.instances.map(writtenInstance),
  securityGroups: document.securityGroups.map((group) => writtenGroup(group, dialect)),
});

/** The configuration without its clusters. Properties in the order of Eucalyptus 4.0, later ones where 4.4 has them. */
export const writtenHead = (
  configuration: Omit<ConfigurationEntry, 'clusters'>,
  dialect: Dialect,
): Omit<WrittenConfiguration, 'clusters'> => {
  const { publicIps, publicGateway, subnets } = configuration;
  const later = dialect !== '4.0';
  const properties = [
    ...(later ? [one('mode', configuration.mode)] : []),
    ...(publicIps.length > 0 ? [{ name: 'publicIps', values: publicIps }] : []),
    one('enabledCLCIp', configuration.enabledCLCIp),
    one('instanceDNSDomain', configuration.instanceDNSDomain),
    { name: 'instanceDNSServers', values: nameServers(configuration.instanceDNSServers, dialect) },
    ...(later && publicGateway !== undefined ? [one('publicGateway', publicGateway)] : []),
  ];
  return subnets.length === 0 ? { properties } : { properties, subnets: subnets.map(writtenSubnet) };
};

/**
 * A configuration may list empty texts, which both daemons drop, and 0.0.0.0, which they refuse together with the whole
 * document, as they do when no server is left. 4.0 and 4.4 documents are written as Eucalyptus writes them.
 */
const nameServers = (servers: readonly string[], dialect: Dialect): readonly string[] => {
  if (dialect !== 'superset') return servers;
  const usable = servers.filter((server) => server !== '' && server !== '0.0.0.0');
  return usable.length > 0 ? usable : ['127.0.0.1'];
};

export const writtenCluster = (cluster: ClusterEntry): WrittenCluster => ({
  ...writtenClusterHead(cluster),
  nodes: cluster.nodes,
});

export const writtenClusterHead = (cluster: Omit<ClusterEntry, 'nodes'>): Omit<WrittenCluster, 'nodes'> => ({
  name: cluster.name,
  subnet: writtenSubnet(cluster.subnet),
  properties: [
    one('enabledCCIp', cluster.enabledCCIp),
    one('macPrefix', cluster.macPrefix),
    { name: 'privateIps', values: cluster.privateIps },
  ],
});

/** The 4.0 daemon takes the network's address from the name attribute, so the configured name never shows. */
const writtenSubnet = ({ subnet, netmask, gateway }: SubnetEntry): WrittenSubnet => ({
  name: subnet,
  properties: [one('subnet', subnet), one('netmask', netmask), one('gateway', gateway)],
});

const one = (name: string, value: string): WrittenProperty => ({ name, values: [value] });

export const writtenInstance = (instance: InstanceEntry): WrittenInstance => ({
  name: instance.id,
  ownerId: instance.ownerId,
  ...(instance.macAddress === undefined ? {} : { macAddress: instance.macAddress }),
  ...(instance.publicIp === undefined ? {} : { publicIp: instance.publicIp }),
  privateIp: instance.privateIp,
  securityGroups: instance.securityGroups,
});

export const writtenGroup = (group: GroupEntry, dialect: Dialect): WrittenGroup => {
  const { id: name, ownerId } = group;
  const rules = group.rules.filter(implementable);
  switch (dialect) {
    case '4.0':
      return { name, ownerId, rules: texts(rules) };
    case '4.4':
      return { name, ownerId, ingressRules: structured(rules), egressRules: [] };
    case 'superset':
      return { name, ownerId, rules: texts(rules), ingressRules: structured(rules) };
  }
};

const texts = (rules: readonly RuleEntry[]): readonly string[] => rules.flatMap((rule) => textForm(rule) ?? []);

/**
 * A rule whose source group is not in the document is left out here and kept in the text form. The 4.0 daemon makes an empty
 * set for such a group, and must not be shown the group itself: a group without members makes it reject the document. The
 * 4.4 daemon would skip the rule, but notices a rule that appears together with its source group more surely than a source
 * group that appears under a rule it has already passed over. For both it means the same: nobody comes in by this rule.
 */
const structured = (rules: readonly RuleEntry[]): readonly WrittenRule[] =>
  rules.flatMap((rule) => {
    if (rule.source.kind === 'group' && rule.source.absent) return [];
    const safe = narrowed(rule);
    return safe === undefined ? [] : [structuredForm(safe)];
  });
