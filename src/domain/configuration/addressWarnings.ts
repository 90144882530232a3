/**
 * Addresses that a configuration hands out twice or should not hand out at all: the part of the warnings that compares
 * ranges. Everything is one sweep over sorted ranges, so a document with very many of them stays cheap.
 */
import { blockFromSubnet, formatRange, type IpRange, inRange, parseRange } from '../ipRange.ts';
import { parseIpv4 } from '../ipv4.ts';
import {
  type CompleteSubnet,
  type ConfigurationMembers,
  clusterPath,
  completeSubnet,
  type PopulatedCluster,
} from './members.ts';
import type { ConfigurationWarning, WarningCode } from './warnings.ts';

/** A range with where it was written and whose it is. */
type Claim = IpRange & { readonly path: string; readonly owner: string };

/**
 * What is allowed and may still be a mistake: addresses that two pools claim, or that lie in a subnet and the public pool.
 */
export const addressWarnings = (
  configuration: ConfigurationMembers,
  clusters: readonly PopulatedCluster[],
): readonly ConfigurationWarning[] => {
  const publicClaims = claims(configuration.PublicIps ?? [], 'PublicIps', 'the public pool');
  const common = claims(configuration.PrivateIps ?? [], 'PrivateIps', 'the private addresses for all clusters');
  const pools = clusters.map((cluster, index) => poolClaims(configuration, cluster, index, common));
  const privateClaims = [...new Set(pools)].flat();
  const subnets = distinct(subnetClaims(configuration, clusters));
  return [
    ...[publicClaims, ...new Set([common, ...pools])].flatMap((list) => sweep(list, 'ranges-overlap', always)),
    ...sweep(privateClaims, 'clusters-share-addresses', differentOwners),
    ...sharedPool(clusters.filter((_, index) => pools[index] === common && common.length > 0)),
    ...sweep([...publicClaims, ...privateClaims], 'public-private-overlap', onePublic),
    ...sweep([...publicClaims, ...subnets], 'public-subnet-overlap', onePublic),
    ...sharedSubnets(configuration, clusters),
    ...sweep(subnets, 'subnets-overlap', always),
    ...gatewaysInPools(clusters, pools),
  ];
};

const claims = (texts: readonly string[], path: string, owner: string): readonly Claim[] =>
  texts.flatMap((text, index) => {
    const range = parseRange(text);
    return range === undefined ? [] : { ...range, path: `${path}[${index}]`, owner };
  });

/** Where the pool of a cluster was written: its own list, the one for all (the very list `common`), or its subnet. */
const poolClaims = (
  configuration: ConfigurationMembers,
  cluster: PopulatedCluster,
  index: number,
  common: readonly Claim[],
): readonly Claim[] => {
  const listed = configuration.Clusters?.[index];
  const own = listed?.PrivateIps;
  if (own === undefined && common.length > 0) return common;
  const ranges = cluster.PrivateIps ?? [];
  const owner = `cluster ${cluster.Name}`;
  if (own !== undefined && own.length > 0) return claims(ranges, `Clusters[${index}].PrivateIps`, owner);
  const path = listed === undefined ? 'Subnets' : `Clusters[${index}].Subnet`;
  return claims(ranges, path, owner).map((claim) => ({ ...claim, path }));
};

const subnetClaims = (configuration: ConfigurationMembers, clusters: readonly PopulatedCluster[]): readonly Claim[] => {
  const top = (configuration.Subnets ?? []).flatMap((subnet, index) =>
    subnetClaim(completeSubnet(subnet), `Subnets[${index}]`),
  );
  const used = clusters.flatMap((cluster, index) => subnetClaim(cluster.Subnet, `Clusters[${index}].Subnet`));
  return [...top, ...used];
};

const subnetClaim = (written: CompleteSubnet | undefined, path: string): readonly Claim[] => {
  const subnet = parseIpv4(written?.Subnet ?? '');
  const netmask = parseIpv4(written?.Netmask ?? '');
  if (written === undefined || subnet === undefined || netmask === undefined) return [];
  return [{ ...blockFromSubnet(subnet, netmask), path, owner: `subnet ${written.Subnet}/${written.Netmask}` }];
};

/** The same network once, where it was first written. */
const distinct = (subnets: readonly Claim[]): readonly Claim[] =>
  [...Map.groupBy(subnets, ({ owner }) => owner).values()].flatMap(([first]) => first ?? []);

const always = (): boolean => true;

const differentOwners = (a: Claim, b: Claim): boolean => a.owner !== b.owner;

const onePublic = (a: Claim, b: Claim): boolean => a.path.startsWith('PublicIps') !== b.path.startsWith('PublicIps');

type Overlap = { readonly earlier: Claim; readonly later: Claim; more: number };

/**
 * Finds each claim that begins inside an earlier one (of those that `counts` lets count). One warning per pair of owners:
 * the first overlap in the order of addresses, and how many more there are.
 */
const sweep = (
  list: readonly Claim[],
  code: WarningCode,
  counts: (a: Claim, b: Claim) => boolean,
): readonly ConfigurationWarning[] => {
  const overlaps = new Map<string, Overlap>();
  const furthest: Claim[] = [];
  for (const later of list.toSorted((a, b) => a.lower - b.lower)) {
    const earlier = furthest.find((claim) => claim.upper >= later.lower && counts(claim, later));
    if (earlier !== undefined) {
      const key = [earlier.owner, later.owner].toSorted().join('\n');
      const known = overlaps.get(key);
      if (known === undefined) overlaps.set(key, { earlier, later, more: 0 });
      else known.more += 1;
    }
    keepFurthest(furthest, later, counts);
  }
  return [...overlaps.values()].map((overlap) => overlapWarning(overlap, code));
};

/** Two claims suffice: the one that reaches furthest, and the furthest of those that count against it. */
const keepFurthest = (furthest: Claim[], claim: Claim, counts: (a: Claim, b: Claim) => boolean): void => {
  const ranked = [...furthest, claim].toSorted((a, b) => b.upper - a.upper);
  const [first] = ranked;
  const second = ranked.find((other) => first !== undefined && other !== first && counts(first, other));
  furthest.length = 0;
  for (const kept of [first, second]) if (kept !== undefined) furthest.push(kept);
};

const overlapWarning = ({ earlier, later, more }: Overlap, code: WarningCode): ConfigurationWarning => {
  const shared = formatRange({ lower: later.lower, upper: Math.min(earlier.upper, later.upper) });
  const { owner } = earlier;
  const whose =
    owner === later.owner ? `twice in ${owner}` : `both in ${owner} (${earlier.path}) and in ${later.owner}`;
  return { code, text: `${shared} is ${whose}${more > 0 ? `, and ${more} more like it` : ''}`, path: later.path };
};

/** Clusters that take their addresses from the one list for all. */
const sharedPool = (clusters: readonly PopulatedCluster[]): readonly ConfigurationWarning[] => {
  if (new Set(clusters.map((cluster) => cluster.Name)).size < 2) return [];
  const text = `${namesOf(clusters)} take their addresses from the same list; each address is still given out once`;
  return [{ code: 'clusters-share-addresses', text, path: 'PrivateIps' }];
};

/** The founding document wants a distinct subnet for each cluster; a flat network works and is common, so it is a warning. */
const sharedSubnets = (
  configuration: ConfigurationMembers,
  clusters: readonly PopulatedCluster[],
): readonly ConfigurationWarning[] => {
  const resolved = clusters.filter((cluster) => cluster.Subnet !== undefined);
  const users = Map.groupBy(resolved, ({ Subnet }) => `${Subnet?.Subnet}/${Subnet?.Netmask}`);
  return [...users].flatMap(([network, sharers]) => {
    const second = sharers.find((cluster) => cluster.Name !== sharers[0]?.Name);
    if (second === undefined) return [];
    const text = `${namesOf(sharers)} share subnet ${network}; each cluster should have its own`;
    return {
      code: 'subnet-shared' as const,
      text,
      path: clusterPath(configuration, clusters.indexOf(second), 'Subnet'),
    };
  });
};

const namesOf = (clusters: readonly PopulatedCluster[]): string => {
  const names = [...new Set(clusters.map((cluster) => cluster.Name))];
  const rest = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return `${names.length === 1 ? 'cluster' : 'clusters'} ${names.slice(0, 5).join(', ')}${rest}`;
};

type GatewayFound = { readonly cluster: PopulatedCluster; readonly gateway: string; readonly path: string };

const gatewaysInPools = (
  clusters: readonly PopulatedCluster[],
  pools: readonly (readonly Claim[])[],
): readonly ConfigurationWarning[] => {
  const found = clusters.flatMap((cluster, index) => gatewayInPool(cluster, pools[index] ?? []));
  return [...Map.groupBy(found, ({ gateway, path }) => `${gateway} ${path}`).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const whose = namesOf(group.map(({ cluster }) => cluster));
    const text = `gateway ${first.gateway} is among the private addresses of ${whose} and would be given to an instance`;
    return { code: 'gateway-in-pool' as const, text, path: first.path };
  });
};

const gatewayInPool = (cluster: PopulatedCluster, pool: readonly Claim[]): readonly GatewayFound[] => {
  const gateway = cluster.Subnet?.Gateway ?? '';
  const address = parseIpv4(gateway);
  const claim = address === undefined ? undefined : pool.find((range) => inRange(range, address));
  return claim === undefined ? [] : [{ cluster, gateway, path: claim.path }];
};
