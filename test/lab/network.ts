/**
 * A document of the lab as the read model would hold it, so that the time machine can be asked about the same network that
 * the packets travel. The lab's documents show instances without groups, which the control plane does in dialect 4.0.
 */
import type { Rule } from '../../src/domain/rule.ts';
import type { GroupEntry, InstanceEntry, NetworkDocument, RuleEntry } from '../../src/projections/document/model.ts';
import { initialNetwork } from '../../src/projections/network/initial.ts';
import type { ClusterView, GroupView, InstanceView, Network } from '../../src/projections/network/views.ts';
import { put, trieOf } from '../../src/projections/trie.ts';

const ruleOf = ({ source, ...rule }: RuleEntry): Rule => ({
  ...rule,
  source: source.kind === 'cidr' ? source : { kind: 'group', groupId: source.groupId, account: source.ownerId },
});

const groupView = ({ id, ownerId, rules }: GroupEntry): GroupView => ({
  ...{ id, account: ownerId, name: id, description: '' },
  rules: rules.map((entry) => ({ rule: ruleOf(entry), at: 3 })),
  ...{ members: trieOf<number>([]), liveMembers: 0, createdAt: 2, at: 3, revision: 0 },
});

const instanceView = (entry: InstanceEntry, cluster: string, node: string | undefined): InstanceView => ({
  ...{ id: entry.id, account: entry.ownerId, cluster, groups: entry.securityGroups },
  ...{ macAddress: entry.macAddress ?? '', privateAddress: entry.privateIp, reservation: '' },
  ...(entry.publicIp === undefined ? {} : { publicAddress: entry.publicIp, publicAt: 5 }),
  ...(node === undefined ? {} : { node }),
  ...{
    addressing: 'public',
    state: 'RUNNING',
    createdAt: 4,
    at: 4,
    stateAt: 4,
    privateAt: 4,
    stateTime: 0,
    revision: 0,
  },
});

const clusterView = (name: string, nodes: readonly string[]): ClusterView => ({
  ...{ name, component: name, host: name, address: '198.51.100.6', endpoint: '', state: 'enabled' },
  nodes: nodes.map((node) => ({ name: node })),
  ...{ nodesAt: 1, placements: {}, createdAt: 1, at: 1, revision: 0 },
});

const holdAddresses = (network: Network, { id, cluster, privateAddress, publicAddress }: InstanceView): void => {
  const held = { cluster, instanceId: id, reservation: '', state: 'extant' as const, at: 4, time: 0 };
  put(network.privateAddresses, privateAddress, { address: privateAddress, ...held });
  if (publicAddress === undefined) return;
  const assigned = {
    state: 'assigned' as const,
    pending: false,
    owner: 'nobody',
    instanceId: id,
    dirty: {},
    at: 5,
    time: 0,
  };
  put(network.publicAddresses, publicAddress, { address: publicAddress, ...assigned });
};

export const networkOf = ({ configuration, instances, securityGroups }: NetworkDocument): Network => {
  const network = initialNetwork();
  network.position = 9;
  const Clusters = configuration.clusters.map(({ name, subnet, privateIps }) => ({
    Name: name,
    Subnet: { Subnet: subnet.subnet, Netmask: subnet.netmask, Gateway: subnet.gateway },
    PrivateIps: [...privateIps],
  }));
  network.configuration = { text: '', members: { PublicIps: [...configuration.publicIps], Clusters }, at: 0 };
  network.properties = { 'edgelog.document.dialect': { value: '4.0', at: 0 } };
  const places = new Map<string, readonly [cluster: string, node: string]>();
  for (const { name, nodes } of configuration.clusters) {
    network.clusters[name] = clusterView(
      name,
      nodes.map((node) => node.name),
    );
    for (const node of nodes) for (const id of node.instanceIds) places.set(id, [name, node.name]);
  }
  for (const group of securityGroups) put(network.groups, group.id, groupView(group));
  for (const entry of instances) {
    const [cluster = '', node] = places.get(entry.id) ?? [];
    const view = instanceView(entry, cluster, node);
    put(network.instances, view.id, view);
    holdAddresses(network, view);
  }
  return network;
};
