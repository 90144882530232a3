/**
 * The cloud every suite measures on, as commands: clusters with nodes and one subnet each, groups of instances with rules,
 * some elastic addresses. The same figures give the same commands. Nothing here knows how commands are carried out.
 */
import type { Command } from '../src/domain/commands.ts';

export type Size = {
  readonly instances: number;
  readonly clusters: number;
  readonly perGroup: number;
  readonly rulesPerGroup: number;
  readonly nodesPerCluster: number;
  readonly elastic: number;
};

export const sizeOf = (instances: number, change: Partial<Size> = {}): Size => ({
  instances,
  clusters: 10,
  perGroup: 20,
  rulesPerGroup: 10,
  nodesPerCluster: 20,
  elastic: 0,
  ...change,
});

const hex = (n: number): string => n.toString(16).padStart(8, '0');

/** Spread over the whole range, as ids made by chance are. */
const scattered = (n: number): string => hex(Math.imul(n + 1, 0x9e3779b1) >>> 0);

export const instanceId = (n: number): string => `i-${scattered(n)}`;
export const groupId = (n: number): string => `sg-${scattered(n)}`;
export const clusterName = (n: number): string => `cluster${String(n).padStart(3, '0')}`;
export const nodeName = (cluster: number, node: number): string => `10.250.${cluster % 256}.${10 + node}`;

/** Ten groups of an account name each other. */
export const accountOf = (group: number): string => String(100_000_000_000 + Math.floor(group / 10));

export const configurationOf = ({ clusters }: Size): string =>
  JSON.stringify({
    InstanceDnsDomain: 'bench.internal',
    InstanceDnsServers: ['10.250.255.1'],
    PublicIps: ['198.18.0.1-198.19.255.254'],
    Subnets: [],
    Clusters: Array.from({ length: clusters }, (_, c) => {
      const [second, third, mask] =
        clusters <= 100 ? [100 + c, 0, '255.255.0.0'] : [c >> 4, (c & 15) << 4, '255.255.240.0'];
      const network = clusters <= 100 ? `10.${second}` : `11.${second}.${third}`;
      const [first, last, gateway, subnet] =
        clusters <= 100
          ? [`${network}.0.10`, `${network}.255.250`, `${network}.0.1`, `${network}.0.0`]
          : [
              `11.${second}.${third}.10`,
              `11.${second}.${third + 15}.250`,
              `11.${second}.${third}.1`,
              `11.${second}.${third}.0`,
            ];
      return {
        Name: clusterName(c),
        MacPrefix: 'd0:0d',
        Subnet: { Name: subnet, Subnet: subnet, Netmask: mask, Gateway: gateway },
        PrivateIps: [`${first}-${last}`],
      };
    }),
  });

export type Endpoints = (cluster: number) => { readonly host: string; readonly endpoint: string };

const nowhere: Endpoints = () => ({ host: '127.0.0.1', endpoint: 'http://127.0.0.1:1/axis2/services/EucalyptusCC' });

/** Configuration, clusters and their nodes. `endpoints` says where cluster controllers listen. */
export const clusterCommands = (size: Size, endpoints: Endpoints = nowhere): readonly Command[] => [
  { type: 'PostConfiguration', text: configurationOf(size) },
  { type: 'ChangeProperty', name: 'cloud.network.min_broadcast_interval', value: '0' },
  ...Array.from({ length: size.clusters }, (_, c): readonly Command[] => {
    const cluster = clusterName(c);
    const { host, endpoint } = endpoints(c);
    return [
      { type: 'RegisterCluster', cluster, component: `${cluster}-cc`, host, address: '10.250.255.2', endpoint },
      { type: 'EnableCluster', cluster },
      {
        type: 'ReportNodes',
        cluster,
        nodes: Array.from({ length: size.nodesPerCluster }, (_n, node) => ({ name: nodeName(c, node) })),
      },
    ];
  }).flat(),
];

const rules = (group: number, count: number): Command => ({
  type: 'AuthorizeIngress',
  account: accountOf(group),
  groupId: groupId(group),
  permissions: Array.from({ length: count }, (_, i) => {
    const port = 1000 + i;
    const named = Math.floor(group / 10) * 10 + ((group + 1) % 10);
    return i === 0 && named < group
      ? { protocol: 'tcp', fromPort: 22, toPort: 22, groups: [{ groupId: groupId(named) }] }
      : { protocol: 'tcp', fromPort: port, toPort: port, cidrs: [`192.0.${i}.0/24`] };
  }),
});

export const groupCount = ({ instances, perGroup }: Size): number => Math.max(1, Math.ceil(instances / perGroup));

export const groupCommands = (size: Size): readonly Command[] =>
  Array.from({ length: groupCount(size) }, (_, g): readonly Command[] => [
    {
      type: 'CreateSecurityGroup',
      account: accountOf(g),
      groupId: groupId(g),
      name: `group${g}`,
      description: 'bench',
    },
    rules(g, size.rulesPerGroup),
  ]).flat();

/** The n-th instance, placed at once. Its group's members are spread over the clusters. */
export const launch = (n: number, size: Size, group = Math.floor(n / size.perGroup) % groupCount(size)): Command => {
  const cluster = n % size.clusters;
  return {
    type: 'RunInstances',
    account: accountOf(group),
    cluster: clusterName(cluster),
    instanceIds: [instanceId(n)],
    groups: [groupId(group)],
    addressing: 'private',
    node: nodeName(cluster, Math.floor(n / size.clusters) % size.nodesPerCluster),
  };
};

export const instanceCommands = (size: Size): readonly Command[] =>
  Array.from({ length: size.instances }, (_, n) => launch(n, size));

export const elasticAddress = (n: number): string => `198.18.${n >> 8}.${n & 255}`;

export const elasticCommands = (size: Size): readonly Command[] =>
  Array.from({ length: size.elastic }, (_, n): readonly Command[] => {
    const account = accountOf(Math.floor(n / size.perGroup));
    const address = elasticAddress(n + 1);
    return [
      { type: 'AllocateAddress', account, address },
      { type: 'AssociateAddress', account, address, instanceId: instanceId(n) },
    ];
  }).flat();
