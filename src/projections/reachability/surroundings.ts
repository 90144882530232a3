/**
 * What an answer about reachability needs to know of the whole network: which subnets are private and which addresses belong
 * to the cloud, who holds an address, and whether an instance is one that nodes program at all. It follows from the same
 * facts as the documents; nothing here decides about traffic.
 */
import { type Cidr, cidrContains, cidrFromAddress, maskPrefix } from '../../domain/cidr.ts';
import { type ResolvedSubnet, resolveConfiguration } from '../../domain/configuration/resolve.ts';
import { isLive } from '../../domain/instanceStates.ts';
import { type IpRange, inRanges, rangesOf } from '../../domain/ipRange.ts';
import { type Ipv4, parseIpv4 } from '../../domain/ipv4.ts';
import type { InstanceView, Network } from '../network/views.ts';
import { peek } from '../trie.ts';
import type { EdgeOptions, Hop } from './explanation.ts';

type OwnSubnet = { readonly block: Cidr; readonly gateway: string };

export type Surroundings = {
  readonly network: Network;
  readonly options: EdgeOptions;
  /** Never translated between each other: subnets of enabled clusters, and those that no cluster uses. */
  readonly privateBlocks: readonly Cidr[];
  /** Clusters that are in documents. */
  readonly subnets: ReadonlyMap<string, OwnSubnet>;
  /** Addresses that only the cloud gives out. */
  readonly privatePools: readonly IpRange[];
  readonly publicPool: readonly IpRange[];
};

/** Names and name servers play no part here. */
const anyDefaults = { instanceSubdomain: '', nameservers: '', macPrefix: '' };

export const surroundingsOf = (network: Network, options: EdgeOptions): Surroundings => {
  const resolved = resolveConfiguration(network.configuration?.members, Object.keys(network.clusters), anyDefaults);
  const subnets = new Map<string, OwnSubnet>();
  for (const { name, subnet } of resolved.clusters) {
    const block = blockOf(subnet);
    const isInDocuments = network.clusters[name]?.state === 'enabled' && block !== undefined;
    if (isInDocuments && !subnets.has(name)) subnets.set(name, { block, gateway: subnet.gateway });
  }
  return {
    network,
    options,
    privateBlocks: [...[...subnets.values()].map(({ block }) => block), ...resolved.subnets.flatMap(blockList)],
    subnets,
    privatePools: resolved.clusters.flatMap(({ privateIps }) => rangesOf(privateIps)),
    publicPool: rangesOf([...resolved.publicIps, ...network.publicRanges]),
  };
};

const blockOf = ({ subnet, netmask }: ResolvedSubnet): Cidr | undefined => {
  const address = parseIpv4(subnet);
  const mask = parseIpv4(netmask);
  const prefix = mask === undefined ? undefined : maskPrefix(mask);
  return address === undefined || prefix === undefined ? undefined : cidrFromAddress(address, prefix);
};

const blockList = (subnet: ResolvedSubnet): readonly Cidr[] => {
  const block = blockOf(subnet);
  return block === undefined ? [] : [block];
};

export const isPrivate = ({ privateBlocks }: Surroundings, address: Ipv4): boolean =>
  privateBlocks.some((block) => cidrContains(block, address));

/** Only instances get addresses of these pools, so an address of theirs without a holder is nobody's. */
export const isOfPool = (
  { privatePools, publicPool }: Surroundings,
  address: Ipv4,
): 'private' | 'public' | undefined => {
  if (inRanges(publicPool, address)) return 'public';
  return inRanges(privatePools, address) ? 'private' : undefined;
};

/** The elastic address that documents show for the instance. */
export const shownElastic = ({ publicAddress, publicHidden, privateAddress }: InstanceView): string | undefined =>
  publicHidden === true || publicAddress === privateAddress ? undefined : publicAddress;

export type Holder = { readonly instance: InstanceView; readonly by: 'private' | 'elastic' };

/** The instance that has the address now, shown or not. */
export const holderOf = ({ network }: Surroundings, address: string): Holder | undefined => {
  const elastic = instanceOf(network, peek(network.publicAddresses, address)?.instanceId);
  if (elastic?.publicAddress === address) return { instance: elastic, by: 'elastic' };
  const held = instanceOf(network, peek(network.privateAddresses, address)?.instanceId);
  return held?.privateAddress === address && isLive(held.state) ? { instance: held, by: 'private' } : undefined;
};

const instanceOf = (network: Network, id: string | undefined): InstanceView | undefined =>
  id === undefined ? undefined : peek(network.instances, id);

/** The newest event that says where the instance is and which address it has. */
export const placeAt = ({ privateAt, placedAt = -1, stateAt }: InstanceView): number =>
  Math.max(privateAt, placedAt, stateAt);

/** Why no node programs this instance, if so. What is not programmed has a dead port: it neither sends nor receives. */
export const unprogrammed = ({ network, subnets }: Surroundings, view: InstanceView): Hop | undefined => {
  const hop = (code: Hop['code'], text: string, at: number): Hop => ({ code, text, subject: view.id, at });
  if (!isLive(view.state)) return hop('instance-not-live', `${view.id} is ${view.state}.`, view.stateAt);
  if (view.groups.length === 0 && omitsGroupless(network)) {
    return hop(
      'not-programmable',
      `${view.id} is in no group, and documents leave such instances out.`,
      view.createdAt,
    );
  }
  const cluster = network.clusters[view.cluster];
  const own = subnets.get(view.cluster);
  if (cluster === undefined || own === undefined) {
    const text = `${view.id} is in ${view.cluster}, which is not enabled or has no subnet: its nodes get no document.`;
    return hop('cluster-not-in-document', text, cluster?.at ?? network.configuration?.at ?? view.at);
  }
  if (view.node === undefined) return hop('not-placed', `${view.id} is on no node yet.`, view.stateAt);
  if (!cluster.nodes.some(({ name }) => name === view.node)) {
    return hop('not-placed', `${view.id} is on ${view.node}, which ${view.cluster} does not report.`, cluster.nodesAt);
  }
  const problem = addressProblem(view, own);
  return problem === undefined ? undefined : hop('not-programmable', `${view.id} ${problem}.`, placeAt(view));
};

/** Nodes refuse a whole document for one instance without a group; only the 4.0 dialect shows it all the same. */
const omitsGroupless = ({ properties }: Network): boolean => properties['edgelog.document.dialect']?.value !== '4.0';

const addressProblem = (view: InstanceView, { block, gateway }: OwnSubnet): string | undefined => {
  const address = parseIpv4(view.privateAddress);
  if (view.macAddress === '') return 'has no MAC address yet';
  if (address === undefined || address === 0) return 'has no private address';
  if (view.privateAddress === gateway) return `has the address of its gateway, ${gateway}`;
  return cidrContains(block, address) ? undefined : `has the address ${view.privateAddress} outside its subnet`;
};
