/**
 * What the cloud knows -> what one document says: which instances and groups are in it and what is told about each (cloud
 * spec 2.3). Pure, complete and from scratch; the order of the inputs is kept. The single-entity functions are exported for
 * whoever keeps a document incrementally, so that both follow the same rules.
 */
import type { ResolvedConfiguration } from '../../domain/configuration/resolve.ts';
import { type InstanceState, isLive } from '../../domain/instanceStates.ts';
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

export const unsetAddress = '0.0.0.0';

/** An enabled cluster. `address` is what its controller's host name resolved to, `nodes` are host parts of node addresses. */
export type ClusterInput = { readonly name: string; readonly address: string; readonly nodes: readonly string[] };

/** Empty texts and `0.0.0.0` mean unset. */
export type InstanceInput = {
  readonly id: string;
  readonly ownerId: string;
  readonly state: InstanceState;
  readonly macAddress?: string;
  readonly privateAddress: string;
  readonly publicAddress?: string;
  readonly cluster: string;
  readonly node?: string;
  readonly groups: readonly string[];
};

export type GroupInput = { readonly id: string; readonly ownerId: string; readonly rules: readonly RuleEntry[] };

export type DocumentInputs = {
  readonly resolved: ResolvedConfiguration;
  /** Address of the cloud controller. */
  readonly cloudAddress: string;
  /** Enabled ones only. */
  readonly clusters: readonly ClusterInput[];
  readonly instances: readonly InstanceInput[];
  readonly groups: readonly GroupInput[];
  /** Public addresses that no document may show for anybody (cloud spec 5.6). */
  readonly dirtyAddresses: ReadonlySet<string>;
};

/** Which live instances stay out of a document. */
export type Omission = (entry: InstanceEntry) => boolean;

/** `omits` replaces the dialect's own rule where somebody else has decided already. */
export const buildDocument = (
  inputs: DocumentInputs,
  dialect: Dialect,
  omits: Omission = omittedIn(dialect),
): NetworkDocument => {
  const shown = inputs.instances.flatMap((input) => {
    const entry = isLive(input.state) ? instanceEntry(input, inputs.dirtyAddresses) : undefined;
    return entry === undefined || omits(entry) ? [] : [{ input, entry }];
  });
  return {
    configuration: {
      ...configurationEntry(inputs.resolved, inputs.cloudAddress),
      clusters: inputs.clusters.flatMap(
        (cluster) => clusterEntry(inputs.resolved, cluster, placements(shown, cluster)) ?? [],
      ),
    },
    instances: shown.map(({ entry }) => entry),
    securityGroups: groupEntries(inputs.groups, membersOf(shown), dialect),
  };
};

type Shown = { readonly input: InstanceInput; readonly entry: InstanceEntry };

/** Node name -> ids of the shown instances it hosts; only instances of this cluster count. */
const placements = (shown: readonly Shown[], cluster: ClusterInput): ReadonlyMap<string, readonly string[]> => {
  const ids = new Map<string, string[]>(cluster.nodes.map((node) => [node, []]));
  for (const { input } of shown) {
    if (input.cluster === cluster.name && input.node !== undefined) ids.get(input.node)?.push(input.id);
  }
  return ids;
};

const membersOf = (shown: readonly Shown[]): ReadonlySet<string> =>
  new Set(shown.flatMap(({ entry }) => entry.securityGroups));

export const configurationEntry = (
  resolved: ResolvedConfiguration,
  cloudAddress: string,
): Omit<ConfigurationEntry, 'clusters'> => ({
  mode: 'EDGE',
  publicIps: resolved.publicIps,
  enabledCLCIp: cloudAddress,
  instanceDNSDomain: resolved.instanceDnsDomain,
  instanceDNSServers: resolved.instanceDnsServers,
  ...(resolved.publicGateway === undefined ? {} : { publicGateway: resolved.publicGateway }),
  subnets: resolved.subnets.map(subnetEntry),
});

/** Undefined for a cluster that the configuration does not resolve: it is legal, and left out. */
export const clusterEntry = (
  resolved: ResolvedConfiguration,
  cluster: ClusterInput,
  instanceIds: ReadonlyMap<string, readonly string[]>,
): ClusterEntry | undefined => {
  const settings = resolved.clusters.find(({ name }) => name === cluster.name);
  return (
    settings && {
      name: cluster.name,
      subnet: subnetEntry(settings.subnet),
      enabledCCIp: cluster.address,
      macPrefix: settings.macPrefix,
      privateIps: settings.privateIps,
      nodes: cluster.nodes.map((name) => ({ name, instanceIds: instanceIds.get(name) ?? [] })),
    }
  );
};

const subnetEntry = ({ subnet, netmask, gateway }: SubnetEntry): SubnetEntry => ({ subnet, netmask, gateway });

/** What is told about a live instance. A dirty public address is not shown, so that no second node claims it too early. */
export const instanceEntry = (input: InstanceInput, dirtyAddresses: ReadonlySet<string>): InstanceEntry => {
  const { macAddress, publicAddress } = input;
  const shown = isSet(publicAddress) && !dirtyAddresses.has(publicAddress) ? publicAddress : undefined;
  return {
    id: input.id,
    ownerId: input.ownerId,
    ...(macAddress ? { macAddress } : {}),
    ...(shown === undefined ? {} : { publicIp: shown }),
    privateIp: isSet(input.privateAddress) ? input.privateAddress : unsetAddress,
    securityGroups: input.groups,
  };
};

const isSet = (address: string | undefined): address is string => Boolean(address) && address !== unsetAddress;

/** Longest names the daemons keep: longer ids are cut, and the whole document is refused or the wrong one programmed. */
const longestInstanceId: { readonly [D in Dialect]: number } = {
  superset: 15,
  '4.0': Number.POSITIVE_INFINITY,
  '4.4': 31,
};

/**
 * The dialect's own rule. One instance without a private address or without a group makes the daemons refuse the document
 * as a whole (node spec 3.2), so such an instance waits outside. A 4.0 document shows everything, as Eucalyptus 4.0 does.
 */
export const omittedIn = (dialect: Dialect): Omission =>
  dialect === '4.0'
    ? () => false
    : (entry) =>
        entry.privateIp === unsetAddress ||
        entry.securityGroups.length === 0 ||
        entry.id.length > longestInstanceId[dialect];

/**
 * Groups with a member in the document; in 4.4 also those that some rule names, because there the rule would be skipped
 * without them. Not so in the superset: the 4.0 daemon refuses a document with a group that has no member.
 */
const groupEntries = (
  groups: readonly GroupInput[],
  members: ReadonlySet<string>,
  dialect: Dialect,
): readonly GroupEntry[] => {
  const named = dialect === '4.4' ? namedGroups(groups) : none;
  const included = groups.filter(({ id }) => members.has(id) || named.has(id));
  const ids = new Set(included.map(({ id }) => id));
  return included.map((group) => groupEntry(group, (id) => ids.has(id)));
};

const none: ReadonlySet<string> = new Set();

/** Ids of the groups that rules name as their source. */
export const namedGroups = (groups: readonly GroupInput[]): ReadonlySet<string> =>
  new Set(
    groups.flatMap(({ rules }) => rules.flatMap(({ source }) => (source.kind === 'group' ? source.groupId : []))),
  );

/** A group as it stands in a document in which `isIncluded` tells the groups. */
export const groupEntry = (group: GroupInput, isIncluded: (groupId: string) => boolean): GroupEntry => ({
  id: group.id,
  ownerId: group.ownerId,
  rules: group.rules.map((rule) =>
    rule.source.kind === 'group' && !isIncluded(rule.source.groupId)
      ? { ...rule, source: { ...rule.source, absent: true } }
      : rule,
  ),
});
