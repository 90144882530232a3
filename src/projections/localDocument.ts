/**
 * What of the cloud's document concerns one cluster: its own instances, their groups and the groups those name, the members
 * of all these, every subnet. A node of the cluster must come to the same plan from this as from the whole. This is the
 * definition, from scratch; `keptLocal.ts` follows it entity by entity with the functions exported here.
 *
 * What the daemons look at only nearby may be left out: where foreign instances run, what foreign groups admit. What they
 * take from instances that are not here any more, the private addresses that must not be translated, comes with the subnets
 * of the other clusters.
 */
import { isSameEntry } from './document/canonical.ts';
import type {
  ClusterEntry,
  ConfigurationEntry,
  GroupEntry,
  InstanceEntry,
  NetworkDocument,
  SubnetEntry,
} from './document/model.ts';

export const localDocument = (
  document: NetworkDocument,
  cluster: string,
  isOwn: (instanceId: string) => boolean,
): NetworkDocument => {
  const own = document.instances.filter(({ id }) => isOwn(id));
  const ownGroups = new Set(own.flatMap(({ securityGroups }) => securityGroups));
  const named = document.securityGroups.filter(({ id }) => ownGroups.has(id)).flatMap((group) => [...sourcesOf(group)]);
  const known = new Set([...ownGroups, ...named]);
  const shown = document.securityGroups.filter(({ id }) => known.has(id));
  const ids = new Set(shown.map(({ id }) => id));
  return {
    configuration: localConfiguration(document.configuration, cluster),
    instances: document.instances.flatMap((entry) =>
      isOwn(entry.id) ? entry : (foreignInstance(entry, (group) => ids.has(group)) ?? []),
    ),
    securityGroups: shown.map((group) => (ownGroups.has(group.id) ? group : foreignGroup(group))),
  };
};

const localConfiguration = (configuration: ConfigurationEntry, cluster: string): ConfigurationEntry => ({
  ...configuration,
  subnets: localSubnets(configuration.subnets, configuration.clusters, cluster),
  clusters: configuration.clusters.map((entry) => (entry.name === cluster ? entry : { ...entry, nodes: [] })),
});

const subnetKey = ({ subnet, netmask }: SubnetEntry): string => `${subnet}/${netmask}`;

/** The cloud's own, then those of the documented clusters but this one, each once. */
export const localSubnets = (
  subnets: readonly SubnetEntry[],
  clusters: readonly Pick<ClusterEntry, 'name' | 'subnet'>[],
  cluster: string,
): readonly SubnetEntry[] => {
  const own = clusters.find(({ name }) => name === cluster);
  const seen = new Set(own === undefined ? [] : [subnetKey(own.subnet)]);
  const listed = [...clusters].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ subnet }) => subnet);
  for (const subnet of subnets) seen.add(subnetKey(subnet));
  const others = listed.filter((subnet) => !seen.has(subnetKey(subnet)) && seen.add(subnetKey(subnet)));
  return [...subnets, ...others];
};

/** The groups that rules name as their source. */
export const sourcesOf = ({ rules }: GroupEntry): ReadonlySet<string> =>
  new Set(rules.flatMap(({ source }) => (source.kind === 'group' ? source.groupId : [])));

const withoutRules = new WeakMap<GroupEntry, GroupEntry>();

/** A group that matters for who is in it: nobody here is let in by its rules. */
export const foreignGroup = (group: GroupEntry): GroupEntry => {
  if (group.rules.length === 0) return group;
  const known = withoutRules.get(group);
  if (known !== undefined) return known;
  const { id, ownerId } = group;
  const made = { id, ownerId, rules: [] };
  withoutRules.set(group, made);
  return made;
};

/** An instance elsewhere with those of its groups that are shown here; undefined when none is. `before` if it is the same. */
export const foreignInstance = (
  entry: InstanceEntry,
  isShown: (groupId: string) => boolean,
  before?: InstanceEntry,
): InstanceEntry | undefined => {
  const securityGroups = entry.securityGroups.filter(isShown);
  if (securityGroups.length === 0) return undefined;
  const made = securityGroups.length === entry.securityGroups.length ? entry : { ...entry, securityGroups };
  return before !== undefined && isSameEntry(before, made) ? before : made;
};
