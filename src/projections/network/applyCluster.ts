/** Clusters and their nodes. Only enabled clusters are in documents, so only they touch them. */
import type { ClusterEvent } from '../../domain/cluster.ts';
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { createTrie, entries, put } from '../trie.ts';
import type { ClusterView, Network } from './views.ts';

type Registered = Extract<ClusterEvent, { readonly type: 'ClusterRegistered' }>;

/** Instances keep their node while their cluster is away; a cluster that comes back finds them again. */
const placementsOf = (network: Network, cluster: string): ClusterView['placements'] => {
  const placements: ClusterView['placements'] = {};
  for (const [id, view] of entries(network.instances)) {
    if (view.cluster !== cluster || view.node === undefined) continue;
    placements[view.node] ??= createTrie();
    put(placements[view.node] as ClusterView['placements'][string], id, view.placedAt ?? view.at);
  }
  return placements;
};

const register = (network: Network, event: Registered, recorded: Recorded<DomainEvent>): void => {
  const { cluster, type: _type, ...particulars } = event;
  const known = network.clusters[cluster];
  if (known !== undefined) {
    Object.assign(known, { followsHost: false, ...particulars });
    return;
  }
  network.clusters[cluster] = {
    name: cluster,
    ...particulars,
    state: 'registered',
    nodes: [],
    nodesAt: recorded.position,
    placements: placementsOf(network, cluster),
    createdAt: recorded.position,
    at: recorded.position,
    revision: recorded.revision,
  };
};

/** Where a change can be seen: in all documents, in the section of this cluster's nodes, or nowhere. */
type Seen = 'head' | 'nodes' | 'nowhere';

const change = (view: ClusterView, event: Exclude<ClusterEvent, Registered>, position: number): Seen => {
  const isShown = view.state === 'enabled';
  switch (event.type) {
    case 'ClusterAddressResolved':
      view.address = event.address;
      return isShown ? 'head' : 'nowhere';
    case 'ClusterEnabled':
      view.state = 'enabled';
      delete view.reason;
      return 'head';
    case 'ClusterDisabled':
      view.state = 'disabled';
      view.reason = event.reason;
      return 'head';
    case 'ClusterNodesReported':
      view.nodes = [...event.nodes];
      view.nodesAt = position;
      return isShown ? 'nodes' : 'nowhere';
    case 'ClusterNodesForgotten':
      view.nodes = view.nodes.filter((node) => !event.nodes.includes(node.name));
      view.nodesAt = position;
      return isShown ? 'nodes' : 'nowhere';
    case 'ClusterModeReported':
      view.mode = event.mode;
      view.modeAt = position;
      return 'nowhere';
    case 'ClusterDeregistered':
      return 'head';
  }
};

export const applyCluster = (network: Network, event: ClusterEvent, recorded: Recorded<DomainEvent>): void => {
  const { position, revision } = recorded;
  if (event.type === 'ClusterRegistered') {
    register(network, event, recorded);
    // A registered partition without an entry of its own changes how the configuration resolves (cloud spec 1.6).
    network.touched.configuration = position;
  }
  const view = network.clusters[event.cluster];
  if (view === undefined) return;
  const seen = event.type === 'ClusterRegistered' ? 'head' : change(view, event, position);
  view.at = position;
  view.revision = revision;
  if (seen === 'head') network.touched.heads = position;
  if (seen !== 'nowhere') network.touched.clusters[event.cluster] = position;
  if (event.type === 'ClusterDeregistered') {
    delete network.clusters[event.cluster];
    network.touched.configuration = position;
  }
};
