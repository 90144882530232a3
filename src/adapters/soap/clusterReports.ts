/**
 * What the answers of a cluster controller of Eucalyptus mean as wishes (cloud spec 7.4, 8.2, 9.2). An answer is taken whole
 * or not at all: of a report that leaves out what it could not say, the rest would count as gone. Nothing is decided here.
 */
import type { CommandOf, InstanceReport as ReportedInstance } from '../../domain/commands.ts';
import { parseIpv4 } from '../../domain/ipv4.ts';
import type {
  DescribeInstancesResponse,
  DescribeNetworksResponse,
  DescribePublicAddressesResponse,
  DescribeResourcesResponse,
  InstanceReport,
} from './messages.ts';

/** Why an answer says nothing that could be used. */
export type Unusable = { readonly unusable: string };

export const isUnusable = (x: object): x is Unusable => 'unusable' in x;

const unusable = (member: string, value: string | undefined, expected: string): Unusable => ({
  unusable: `${member} is ${value === undefined ? 'missing' : JSON.stringify(value.slice(0, 80))}, expected ${expected}`,
});

const firstUnusable = (list: readonly object[]): Unusable | undefined => list.find(isUnusable);

export const modeIn = (cluster: string, { mode }: DescribeNetworksResponse): CommandOf<'ReportMode'> | Unusable =>
  mode !== undefined && /^[\x21-\x7e]{1,64}$/.test(mode)
    ? { type: 'ReportMode', cluster, mode }
    : unusable('mode', mode, 'a network mode');

/** Host part of a node controller's URL: the node's name, as the cluster has it (cloud spec 2.3). */
const hostIn = (serviceTag: string | undefined): string | undefined => {
  if (serviceTag === undefined || !URL.canParse(serviceTag)) return undefined;
  const { protocol, hostname } = new URL(serviceTag);
  return protocol === 'http:' || protocol === 'https:' ? hostname : undefined;
};

export const nodesIn = (
  cluster: string,
  { nodes = [] }: DescribeResourcesResponse,
): CommandOf<'ReportNodes'> | Unusable => {
  const named = nodes.map(({ serviceTag }) => {
    const name = hostIn(serviceTag);
    return name === undefined || serviceTag === undefined
      ? unusable('nodes.serviceTag', serviceTag, 'the URL of a node controller')
      : { name, endpoint: serviceTag };
  });
  const distinct = new Map(named.flatMap((one) => (isUnusable(one) ? [] : [[one.name, one] as const])));
  return (
    (firstUnusable(named) as Unusable | undefined) ?? { type: 'ReportNodes', cluster, nodes: [...distinct.values()] }
  );
};

/** What a cluster writes for "none". */
const orNone = (address: string | undefined): string | undefined =>
  address === undefined || address === '' || address === '0.0.0.0' ? undefined : address;

export const addressesIn = (
  cluster: string,
  { addresses = [] }: DescribePublicAddressesResponse,
): CommandOf<'ReportAddresses'> | Unusable => {
  const wrong = addresses.find(({ sourceAddress = '' }) => parseIpv4(sourceAddress) === undefined);
  if (wrong !== undefined) return unusable('addresses.sourceAddress', wrong.sourceAddress, 'an IPv4 address');
  const reported = addresses.map(({ sourceAddress = '', destAddress }) => {
    const instanceAddress = orNone(destAddress);
    return { address: sourceAddress, ...(instanceAddress === undefined ? {} : { instanceAddress }) };
  });
  return { type: 'ReportAddresses', cluster, addresses: reported };
};

const states: ReadonlyMap<string, ReportedInstance['state']> = new Map(
  (['Pending', 'Extant', 'Teardown'] as const).map((state) => [state, state]),
);

const instanceIn = (instance: InstanceReport): ReportedInstance | Unusable => {
  const { instanceId, stateName, netParams = {}, serviceTag, accountId, ownerId, groupNames } = instance;
  const state = states.get(stateName ?? '');
  if (state === undefined)
    return unusable(`${instanceId.slice(0, 20)}: stateName`, stateName, 'Pending, Extant or Teardown');
  const account = [accountId, ownerId].find((one) => /^\d{12}$/.test(one ?? ''));
  const said = {
    account,
    node: hostIn(serviceTag),
    macAddress: netParams.privateMacAddress,
    privateAddress: orNone(netParams.privateIp),
    publicAddress: orNone(netParams.publicIp),
    groups: groupNames,
  };
  const known = Object.entries(said).filter(([, value]) => value !== undefined && value !== '');
  return { instanceId, state, ...Object.fromEntries(known) };
};

export const instancesIn = (
  cluster: string,
  { instances = [] }: DescribeInstancesResponse,
): CommandOf<'ReportInstances'> | Unusable => {
  const reported = instances.map(instanceIn);
  const wrong = firstUnusable(reported);
  return wrong ?? { type: 'ReportInstances', cluster, instances: reported as readonly ReportedInstance[] };
};
