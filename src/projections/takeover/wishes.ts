/**
 * Wishes that make an empty cloud into the one a network document describes: how a cloud that others have run is taken over.
 * The document knows ids, not names, and addresses at instances, not who owns them; what else is known comes in beside it.
 * Nothing is decided here: the wishes go the way of all wishes, and may be refused.
 */
import type { CommandOf, InstanceReport, PermissionWish } from '../../domain/commands.ts';
import { inRange, rangeFromSubnet } from '../../domain/ipRange.ts';
import { parseIpv4 } from '../../domain/ipv4.ts';
import { protocolName } from '../../domain/rule.ts';
import type {
  ClusterEntry,
  ConfigurationEntry,
  GroupEntry,
  InstanceEntry,
  NetworkDocument,
  RuleEntry,
  SubnetEntry,
} from '../document/model.ts';

export type TakeoverWish = CommandOf<
  | 'ChangeProperty'
  | 'PostConfiguration'
  | 'RegisterCluster'
  | 'EnableCluster'
  | 'ReportNodes'
  | 'CreateSecurityGroup'
  | 'AuthorizeIngress'
  | 'AllocateAddress'
  | 'ReportInstances'
>;

/** What the document does not say. */
export type KnownBeside = {
  /** By id. A group that is not here gets a name made of its id. */
  readonly groups: ReadonlyMap<
    string,
    { readonly account: string; readonly name: string; readonly description: string }
  >;
  /** Elastic addresses and the accounts that own them; an address that is not here is the cloud's own. */
  readonly elastic: ReadonlyMap<string, string>;
};

/** Instances in one wish: a batch of wishes has a largest size. */
const PER_REPORT = 1000;

const subnetOf = ({ subnet, netmask, gateway }: SubnetEntry): object => ({
  Name: subnet,
  Subnet: subnet,
  Netmask: netmask,
  Gateway: gateway,
});

/** The configuration as it would be posted: EDGE JSON. */
const configurationText = (configuration: ConfigurationEntry): string => {
  const members = {
    InstanceDnsDomain: configuration.instanceDNSDomain,
    InstanceDnsServers: configuration.instanceDNSServers,
    ...(configuration.publicGateway === undefined ? {} : { PublicGateway: configuration.publicGateway }),
    PublicIps: configuration.publicIps,
    Subnets: configuration.subnets.map(subnetOf),
    Clusters: configuration.clusters.map(({ name, macPrefix, subnet, privateIps }) => ({
      Name: name,
      MacPrefix: macPrefix,
      Subnet: subnetOf(subnet),
      PrivateIps: privateIps,
    })),
  };
  return `${JSON.stringify(members, undefined, 2)}\n`;
};

const clusterWishes = ({ name, enabledCCIp, nodes }: ClusterEntry): readonly TakeoverWish[] => [
  {
    type: 'RegisterCluster',
    cluster: name,
    component: `${name}-cc`,
    host: enabledCCIp,
    address: enabledCCIp,
    endpoint: `http://${enabledCCIp}:8774/axis2/services/EucalyptusCC`,
  },
  { type: 'ReportNodes', cluster: name, nodes: nodes.map((node) => ({ name: node.name })) },
];

const createGroup = ({ id, ownerId }: GroupEntry, { groups }: KnownBeside): TakeoverWish => {
  const known = groups.get(id);
  return {
    type: 'CreateSecurityGroup',
    account: ownerId,
    groupId: id,
    name: known?.name ?? id.replace(/^sg-/, 'taken-over-'),
    description: known?.description ?? 'taken over',
  };
};

const sourceOf = ({ source }: RuleEntry): Pick<PermissionWish, 'cidrs' | 'groups'> =>
  source.kind === 'cidr'
    ? { cidrs: [source.cidr] }
    : { groups: [{ groupId: source.groupId, account: source.ownerId }] };

/** Numbers and ranges as EC2 has them: a protocol without ports has none. */
const permissionOf = (rule: RuleEntry): PermissionWish => ({
  protocol: protocolName(rule.protocol),
  ...(rule.protocol === 1 || rule.protocol === 6 || rule.protocol === 17
    ? { fromPort: rule.low, toPort: rule.high }
    : {}),
  ...sourceOf(rule),
});

/** One wish a rule, so that one that cannot be had keeps no other back. Nobody is in a group that is not there. */
const ruleWishes = (
  { id, ownerId, rules }: GroupEntry,
  isThere: (groupId: string) => boolean,
): readonly TakeoverWish[] =>
  rules
    .filter(({ source }) => source.kind === 'cidr' || isThere(source.groupId))
    .map((rule) => ({
      type: 'AuthorizeIngress',
      account: ownerId,
      groupId: id,
      permissions: [permissionOf(rule)],
    }));

type Place = { readonly cluster: string; readonly node?: string };

/** By instance id. An instance on no node belongs to the cluster whose subnet its address is in. */
const placesIn = ({ configuration, instances }: NetworkDocument): ReadonlyMap<string, Place> => {
  const places = new Map<string, Place>();
  const { clusters } = configuration;
  for (const { name, nodes } of clusters)
    for (const node of nodes) for (const id of node.instanceIds) places.set(id, { cluster: name, node: node.name });
  for (const { id, privateIp } of instances) {
    if (places.has(id)) continue;
    const near = clusters.find(({ subnet }) => isInside(subnet, privateIp)) ?? clusters[0];
    if (near !== undefined) places.set(id, { cluster: near.name });
  }
  return places;
};

const isInside = ({ subnet, netmask }: SubnetEntry, address: string): boolean => {
  const [base, mask, number] = [subnet, netmask, address].map(parseIpv4);
  if (base === undefined || mask === undefined || number === undefined) return false;
  return inRange(rangeFromSubnet(base, mask), number);
};

const reportOf = (entry: InstanceEntry, { node }: Place): InstanceReport => ({
  instanceId: entry.id,
  state: 'Extant',
  account: entry.ownerId,
  ...(node === undefined ? {} : { node }),
  ...(entry.macAddress === undefined ? {} : { macAddress: entry.macAddress }),
  privateAddress: entry.privateIp,
  ...(entry.publicIp === undefined ? {} : { publicAddress: entry.publicIp }),
  groups: entry.securityGroups,
});

const instanceWishes = (document: NetworkDocument): readonly TakeoverWish[] => {
  const places = placesIn(document);
  return document.configuration.clusters.flatMap(({ name: cluster }) => {
    const here = document.instances.filter(({ id }) => places.get(id)?.cluster === cluster);
    const reports = here.map((entry) => reportOf(entry, places.get(entry.id) ?? { cluster }));
    const parts = Array.from({ length: Math.ceil(reports.length / PER_REPORT) }, (_, i) =>
      reports.slice(i * PER_REPORT, (i + 1) * PER_REPORT),
    );
    return parts.map((instances): TakeoverWish => ({ type: 'ReportInstances', cluster, instances }));
  });
};

const elasticWishes = ({ elastic }: KnownBeside): readonly TakeoverWish[] =>
  [...elastic]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([address, account]) => ({ type: 'AllocateAddress', account, address }));

/** Groups that the document names, and those of listed accounts that it leaves out because nobody is in them. */
const groupsOf = ({ securityGroups }: NetworkDocument, { groups }: KnownBeside): readonly GroupEntry[] => {
  const told = new Set(securityGroups.map(({ id }) => id));
  const rest = [...groups].filter(([id]) => !told.has(id)).sort(([a], [b]) => (a < b ? -1 : 1));
  return [...securityGroups, ...rest.map(([id, { account }]) => ({ id, ownerId: account, rules: [] }))];
};

/** A public gateway is known from 4.1 on; documents of 4.0 have none. */
const dialectWishes = ({ publicGateway }: ConfigurationEntry): readonly TakeoverWish[] =>
  publicGateway === undefined ? [] : [{ type: 'ChangeProperty', name: 'edgelog.document.dialect', value: '4.4' }];

/**
 * In the order in which they have to be carried out. Clusters are enabled last: before that nobody is told anything, so no
 * node ever sees half a cloud.
 */
export const takeoverWishes = (document: NetworkDocument, beside: KnownBeside): readonly TakeoverWish[] => {
  const { configuration } = document;
  const groups = groupsOf(document, beside);
  const ids = new Set(groups.map(({ id }) => id));
  return [
    ...dialectWishes(configuration),
    { type: 'ChangeProperty', name: 'edgelog.clc_address', value: configuration.enabledCLCIp },
    { type: 'PostConfiguration', text: configurationText(configuration) },
    ...configuration.clusters.flatMap(clusterWishes),
    ...groups.map((group) => createGroup(group, beside)),
    ...groups.flatMap((group) => ruleWishes(group, (id) => ids.has(id))),
    ...elasticWishes(beside),
    ...instanceWishes(document),
    ...configuration.clusters.map(({ name }): TakeoverWish => ({ type: 'EnableCluster', cluster: name })),
  ];
};
