/**
 * What a change of configuration would do to what is running: the answer of a dry run, and of the post itself. Compares two
 * resolved configurations with the addresses in use. Pure; it judges nothing and changes nothing: addresses in use stay with
 * their holders until released, whatever the new pools are (cloud spec 1.9).
 */
import {
  countAddresses,
  formatRange,
  type IpRange,
  inMergedRanges,
  mergeRanges,
  rangesOf,
  subtractRanges,
} from '../ipRange.ts';
import { parseIpv4 } from '../ipv4.ts';
import { isRefusal } from '../refusals.ts';
import {
  privatePoolRanges,
  type ResolvedCluster,
  type ResolvedConfiguration,
  resolvedClusterNamed,
} from './resolve.ts';
import type { ConfigurationWarning } from './warnings.ts';

/** An address somebody holds; `instanceId` and `cluster` are absent for a public address that is only allocated. */
export type HeldAddress = { readonly address: string; readonly cluster?: string; readonly instanceId?: string };

export type AddressPools = { readonly count: number; readonly ranges: readonly string[] };

/** What changes for a cluster: it appears or disappears, or members of its own part, or of the part common to all. */
export type ClusterChange =
  | 'added'
  | 'removed'
  | 'subnet'
  | 'mac-prefix'
  | 'private-addresses'
  | 'public-addresses'
  | 'dns'
  | 'public-gateway'
  | 'global-subnets';

export type ConfigurationImpact = {
  /** Held addresses that no pool contains afterwards: they stay until released, and are gone then. */
  readonly addressesOrphaned: readonly (HeldAddress & { readonly kind: 'private' | 'public' })[];
  /** Ids of instances that hold such an address, or whose cluster changes its subnet or leaves the document; sorted. */
  readonly instancesAffected: readonly string[];
  /** Registered clusters whose own settings change, or those common to all, and which; in the order given. */
  readonly clustersTouched: readonly { readonly cluster: string; readonly changes: readonly ClusterChange[] }[];
  readonly publicAddressesAdded: AddressPools;
  readonly publicAddressesRemoved: AddressPools;
  readonly warnings: readonly ConfigurationWarning[];
};

export type ImpactQuestion = {
  readonly before: ResolvedConfiguration;
  readonly after: ResolvedConfiguration;
  readonly privateHeld: readonly HeldAddress[];
  readonly publicHeld: readonly HeldAddress[];
  readonly registered: readonly string[];
  readonly warnings: readonly ConfigurationWarning[];
};

/**
 * What a configuration would change of what is there, for dry runs: addresses that fall out of the pools, whom that concerns,
 * and which documents change.
 */
export const configurationImpact = (question: ImpactQuestion): ConfigurationImpact => {
  const { before, after, registered, warnings } = question;
  const addressesOrphaned = [...orphanedPrivate(question), ...orphanedPublic(question)];
  const touched = touchedClusters(before, after, registered);
  const was = rangesOf(before.publicIps);
  const will = rangesOf(after.publicIps);
  return {
    addressesOrphaned,
    instancesAffected: affectedInstances(question, addressesOrphaned, touched),
    clustersTouched: [...touched].map(([cluster, changes]) => ({ cluster, changes })),
    publicAddressesAdded: poolOf(subtractRanges(will, was)),
    publicAddressesRemoved: poolOf(subtractRanges(was, will)),
    warnings,
  };
};

const poolOf = (ranges: readonly IpRange[]): AddressPools => ({
  count: countAddresses(ranges),
  ranges: ranges.map(formatRange),
});

type Orphan = ConfigurationImpact['addressesOrphaned'][number];

/** Orphaned by this change: addresses that were outside their pool before are not news. */
const orphanedPrivate = ({ before, after, privateHeld }: ImpactQuestion): readonly Orphan[] => {
  const was = pools(before);
  const will = pools(after);
  return privateHeld
    .filter(({ address, cluster = '' }) => has(was(cluster), address) && !has(will(cluster), address))
    .map((held) => ({ ...held, kind: 'private' }));
};

const orphanedPublic = ({ before, after, publicHeld }: ImpactQuestion): readonly Orphan[] => {
  const was = mergeRanges(rangesOf(before.publicIps));
  const will = mergeRanges(rangesOf(after.publicIps));
  return publicHeld
    .filter(({ address }) => has(was, address) && !has(will, address))
    .map((held) => ({ ...held, kind: 'public' }));
};

/** The merged pool of each cluster, made once. */
const pools = (resolved: ResolvedConfiguration): ((cluster: string) => readonly IpRange[]) => {
  const made = new Map<string, readonly IpRange[]>();
  return (cluster) => {
    const known = made.get(cluster);
    if (known !== undefined) return known;
    const ranges = privatePoolRanges(resolved, cluster);
    const pool = isRefusal(ranges) ? [] : mergeRanges(ranges);
    made.set(cluster, pool);
    return pool;
  };
};

const has = (ranges: readonly IpRange[], address: string): boolean => {
  const parsed = parseIpv4(address);
  return parsed !== undefined && inMergedRanges(ranges, parsed);
};

/** A change common to all clusters touches every registered one: all of them get the whole configuration. */
const touchedClusters = (
  before: ResolvedConfiguration,
  after: ResolvedConfiguration,
  registered: readonly string[],
): ReadonlyMap<string, readonly ClusterChange[]> => {
  const common = commonChanges(before, after);
  const touched = registered.map((cluster) => {
    const own = ownChanges(resolvedClusterNamed(before, cluster), resolvedClusterNamed(after, cluster));
    return [cluster, [...own, ...common]] as const;
  });
  return new Map(touched.filter(([, changes]) => changes.length > 0));
};

const commonChanges = (before: ResolvedConfiguration, after: ResolvedConfiguration): readonly ClusterChange[] => {
  const changes: ClusterChange[] = [];
  const dns = (c: ResolvedConfiguration): unknown => [c.instanceDnsDomain, c.instanceDnsServers];
  if (differ(before.publicIps, after.publicIps)) changes.push('public-addresses');
  if (differ(dns(before), dns(after))) changes.push('dns');
  if (differ(before.publicGateway, after.publicGateway)) changes.push('public-gateway');
  if (differ(before.subnets, after.subnets)) changes.push('global-subnets');
  return changes;
};

const ownChanges = (
  before: ResolvedCluster | undefined,
  after: ResolvedCluster | undefined,
): readonly ClusterChange[] => {
  if (before === undefined && after === undefined) return [];
  if (before === undefined) return ['added'];
  if (after === undefined) return ['removed'];
  const changes: ClusterChange[] = [];
  if (differ(network(before), network(after))) changes.push('subnet');
  if (before.macPrefix !== after.macPrefix) changes.push('mac-prefix');
  if (differ(before.privateIps, after.privateIps)) changes.push('private-addresses');
  return changes;
};

/** The name of a subnet is not in the document. */
const network = ({ subnet: { subnet, netmask, gateway } }: ResolvedCluster): unknown => [subnet, netmask, gateway];

const differ = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

const affectedInstances = (
  { privateHeld }: ImpactQuestion,
  orphaned: readonly Orphan[],
  touched: ReadonlyMap<string, readonly ClusterChange[]>,
): readonly string[] => {
  const moved = privateHeld.filter(({ cluster = '' }) =>
    touched.get(cluster)?.some((change) => change === 'subnet' || change === 'removed'),
  );
  const ids = [...orphaned, ...moved].flatMap(({ instanceId }) => instanceId ?? []);
  return [...new Set(ids)].toSorted();
};
