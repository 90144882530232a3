/**
 * Clusters and their nodes. Only enabled clusters are in documents, so only they touch them. These events are rare, and what a
 * cluster's record holds is nested: immer drafts it, and the rules say what changes in the plainest words.
 */
import { produce, setAutoFreeze } from 'immer';
import type { ClusterEvent } from '../../domain/cluster.ts';
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { createTrie, forEach, put } from '../trie.ts';
import { type Draft, ownMember } from './draft.ts';
import { touch, touchCluster } from './touching.ts';
import type { ClusterView, Network } from './views.ts';

// Freezing would walk the tries that stand in the records.
setAutoFreeze(false);

type Registered = Extract<ClusterEvent, { readonly type: 'ClusterRegistered' }>;

/** Instances keep their node while their cluster is away; a cluster that comes back finds them again. */
const placementsOf = (network: Network, cluster: string): ClusterView['placements'] => {
  const placements: ClusterView['placements'] = {};
  forEach(network.instances, (id, { cluster: of, node, placedAt, at }) => {
    if (of !== cluster || node === undefined) return;
    placements[node] ??= createTrie<number>();
    put(placements[node], id, placedAt ?? at);
  });
  return placements;
};

const register = (network: Network, event: Registered, recorded: Recorded<DomainEvent>): ClusterView => {
  const { cluster, type: _type, ...particulars } = event;
  const known = network.clusters[cluster];
  if (known !== undefined) return { ...known, followsHost: false, ...particulars };
  return {
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

export const applyCluster = (draft: Draft, event: ClusterEvent, recorded: Recorded<DomainEvent>): void => {
  const { position, revision } = recorded;
  const isRegistration = event.type === 'ClusterRegistered';
  // A registered partition without an entry of its own changes how the configuration resolves (cloud spec 1.6).
  if (isRegistration) touch(draft, 'configuration', position);
  const before = isRegistration ? register(draft.network, event, recorded) : draft.network.clusters[event.cluster];
  if (before === undefined) return;
  let seen = 'head' as Seen;
  const after = produce(before, (view) => {
    if (!isRegistration) seen = change(view, event, position);
    view.at = position;
    view.revision = revision;
  });
  if (seen === 'head') touch(draft, 'heads', position);
  if (seen !== 'nowhere') touchCluster(draft, 'clusters', event.cluster, position);
  const clusters = ownMember(draft, 'clusters');
  clusters[event.cluster] = after;
  if (event.type !== 'ClusterDeregistered') return;
  delete clusters[event.cluster];
  touch(draft, 'configuration', position);
};
