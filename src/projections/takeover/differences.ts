/**
 * What two network documents tell nodes differently, in words for people. Order, versions and how a range is written do not
 * count, nor does a group that no instance is in and no rule names: nodes do nothing about it.
 */
import { formatRange, mergeRanges, rangesOf } from '../../domain/ipRange.ts';
import { describeRule } from '../../domain/rule.ts';
import type {
  ClusterEntry,
  ConfigurationEntry,
  GroupEntry,
  InstanceEntry,
  NetworkDocument,
} from '../document/model.ts';

type Facts = ReadonlyMap<string, string>;

const ranges = (texts: readonly string[]): string => mergeRanges(rangesOf(texts)).map(formatRange).join(', ');

const subnet = ({ subnet: base, netmask, gateway }: ConfigurationEntry['subnets'][number]): string =>
  `${base}/${netmask} by ${gateway}`;

const clusterFacts = (cluster: ClusterEntry): readonly (readonly [string, string])[] => {
  const about = `cluster ${cluster.name}`;
  return [
    [`${about}: subnet`, subnet(cluster.subnet)],
    [`${about}: controller`, cluster.enabledCCIp],
    [`${about}: MAC prefix`, cluster.macPrefix.toLowerCase()],
    [`${about}: private addresses`, ranges(cluster.privateIps)],
    ...cluster.nodes.map(({ name, instanceIds }): [string, string] => [
      `${about}: instances on node ${name}`,
      instanceIds.toSorted().join(', '),
    ]),
  ];
};

const configurationFacts = (configuration: ConfigurationEntry): readonly (readonly [string, string])[] => [
  ['public addresses', ranges(configuration.publicIps)],
  ['cloud controller', configuration.enabledCLCIp],
  ['DNS domain', configuration.instanceDNSDomain],
  ['DNS servers', configuration.instanceDNSServers.join(', ')],
  ['public gateway', configuration.publicGateway ?? ''],
  ['subnets', configuration.subnets.map(subnet).toSorted().join(', ')],
  ...configuration.clusters.flatMap(clusterFacts),
];

const instanceFacts = (entry: InstanceEntry): readonly (readonly [string, string])[] => {
  const about = `instance ${entry.id}`;
  return [
    [`${about}: account`, entry.ownerId],
    [`${about}: private address`, entry.privateIp],
    [`${about}: public address`, entry.publicIp ?? ''],
    [`${about}: groups`, entry.securityGroups.toSorted().join(', ')],
    ...(entry.macAddress === undefined ? [] : [[`${about}: MAC address`, entry.macAddress.toLowerCase()] as const]),
  ];
};

type IsThere = (groupId: string) => boolean;

/** A rule from a group that is not there lets nobody in. */
const rulesOf = ({ rules }: GroupEntry, isThere: IsThere): string =>
  rules
    .filter(({ source }) => source.kind === 'cidr' || isThere(source.groupId))
    .map(({ source, ...rule }) =>
      source.kind === 'cidr'
        ? describeRule({ ...rule, source })
        : describeRule({ ...rule, source: { kind: 'group', groupId: source.groupId, account: source.ownerId } }),
    )
    .toSorted()
    .join('; ');

const groupFacts = (group: GroupEntry, isThere: IsThere): readonly (readonly [string, string])[] => [
  [`group ${group.id}: account`, group.ownerId],
  [`group ${group.id}: rules`, rulesOf(group, isThere)],
];

/** Groups that change what some node does. */
const isFelt = ({ instances, securityGroups }: NetworkDocument): ((group: GroupEntry) => boolean) => {
  const felt = new Set(instances.flatMap((entry) => entry.securityGroups));
  for (const { rules } of securityGroups)
    for (const { source } of rules) if (source.kind === 'group') felt.add(source.groupId);
  return ({ id }) => felt.has(id);
};

const factsOf = (document: NetworkDocument): Facts => {
  const ids = new Set(document.securityGroups.map(({ id }) => id));
  return new Map([
    ...configurationFacts(document.configuration),
    ...document.instances.flatMap(instanceFacts),
    ...document.securityGroups.filter(isFelt(document)).flatMap((group) => groupFacts(group, (id) => ids.has(id))),
  ]);
};

/** Nothing in one and empty in the other are the same; what `given` says nothing of (an old MAC address) does not count. */
export const documentDifferences = (given: NetworkDocument, made: NetworkDocument): readonly string[] => {
  const [before, after] = [factsOf(given), factsOf(made)];
  const silent = new Set(
    given.instances.filter(({ macAddress }) => macAddress === undefined).map(({ id }) => `instance ${id}: MAC address`),
  );
  const names = [...new Set([...before.keys(), ...after.keys()])].filter((name) => !silent.has(name));
  return names.flatMap((name) => {
    const [was, is] = [before.get(name) ?? '', after.get(name) ?? ''];
    return was === is ? [] : [`${name}: ${was || 'nothing'} -> ${is || 'nothing'}`];
  });
};
