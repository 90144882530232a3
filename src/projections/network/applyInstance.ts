/**
 * Instances: presence in documents follows from the state (cloud spec 7.6). When an instance appears or disappears, its
 * groups' live membership and its node's list of instances follow.
 */
import type { DomainEvent } from '../../domain/events.ts';
import type { InstanceEvent } from '../../domain/instance.ts';
import { type InstanceState, isLive } from '../../domain/instanceStates.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { createTrieIn, get, put, remove } from '../trie.ts';
import { show } from './applyAddress.ts';
import { countPresence, touchInstance } from './touching.ts';
import type { InstanceView, Network } from './views.ts';

type Created = Extract<InstanceEvent, { readonly type: 'InstanceCreated' }>;

const countMembers = (network: Network, view: InstanceView, by: 1 | -1, position: number): void => {
  for (const id of view.groups) {
    countPresence(network, id, view.cluster, by);
    const group = get(network.groups, id);
    if (group === undefined) continue;
    group.liveMembers += by;
    if (group.liveMembers === (by === 1 ? 1 : 0)) {
      group.at = position;
      network.touched.groups = position;
    }
  }
};

const unplace = (network: Network, view: InstanceView, position: number): void => {
  if (view.node === undefined) return;
  const placed = network.clusters[view.cluster]?.placements[view.node];
  if (placed !== undefined) remove(placed, view.id);
  network.touched.clusters[view.cluster] = position;
  delete view.node;
};

const place = (network: Network, view: InstanceView, node: string, position: number): void => {
  unplace(network, view, position);
  const cluster = network.clusters[view.cluster];
  if (cluster !== undefined) {
    cluster.placements[node] ??= createTrieIn(network.instances);
    put(cluster.placements[node], view.id, position);
  }
  network.touched.clusters[view.cluster] = position;
  view.node = node;
  view.placedAt = position;
};

const create = (network: Network, event: Created, recorded: Recorded<DomainEvent>): void => {
  const { position, time, revision } = recorded;
  const view: InstanceView = {
    id: event.instanceId,
    account: event.account,
    cluster: event.cluster,
    groups: event.groups,
    macAddress: event.macAddress,
    privateAddress: event.privateAddress,
    reservation: event.reservation,
    addressing: event.addressing,
    state: 'PENDING',
    createdAt: position,
    at: position,
    stateAt: position,
    privateAt: position,
    stateTime: time,
    revision,
  };
  const before = get(network.instances, view.id);
  if (before !== undefined) withdraw(network, before, position);
  put(network.instances, view.id, view);
  countMembers(network, view, 1, position);
  touchInstance(network, view, position);
  showEarly(network, view.id, position);
};

const isBlank = (record: object): boolean => {
  for (const _ in record) return false;
  return true;
};

/** A public address that was assigned in the same unit of work, before the instance had its record. */
const showEarly = (network: Network, instanceId: string, position: number): void => {
  // Hardly ever is there any: looking for a name that is nowhere costs more than seeing that nothing is there.
  if (isBlank(network.assignedEarly)) return;
  const address = network.assignedEarly[instanceId];
  if (address === undefined) return;
  delete network.assignedEarly[instanceId];
  const view = get(network.publicAddresses, address);
  if (view?.state === 'assigned' && view.instanceId === instanceId) show(network, view, instanceId, position);
};

/** Out of all documents, whatever state it is in. */
const withdraw = (network: Network, view: InstanceView, position: number): void => {
  unplace(network, view, position);
  if (!isLive(view.state)) return;
  touchInstance(network, view, position);
  countMembers(network, view, -1, position);
};

/** Enters a state; appears in or disappears from documents when liveness changes. */
const enter = (network: Network, view: InstanceView, state: InstanceState, recorded: Recorded<DomainEvent>): void => {
  const { position, time } = recorded;
  const was = isLive(view.state);
  const is = isLive(state);
  view.state = state;
  view.stateAt = position;
  view.stateTime = time;
  if (was === is) return;
  if (!is) unplace(network, view, position);
  countMembers(network, view, is ? 1 : -1, position);
  touchInstance(network, view, position);
};

const change = (
  network: Network,
  view: InstanceView,
  event: Exclude<InstanceEvent, Created>,
  recorded: Recorded<DomainEvent>,
): void => {
  switch (event.type) {
    case 'InstancePlaced':
      place(network, view, event.node, recorded.position);
      return;
    case 'InstanceRunning':
      enter(network, view, 'RUNNING', recorded);
      return;
    case 'InstanceStopping':
      enter(network, view, 'STOPPING', recorded);
      return;
    case 'InstanceStopped':
      enter(network, view, 'STOPPED', recorded);
      return;
    case 'InstanceStarted':
      view.privateAddress = event.privateAddress;
      view.reservation = event.reservation;
      view.privateAt = recorded.position;
      if (isLive(view.state)) touchInstance(network, view, recorded.position);
      enter(network, view, 'PENDING', recorded);
      return;
    case 'InstanceShuttingDown':
      enter(network, view, 'SHUTTING_DOWN', recorded);
      return;
    case 'InstanceTerminated':
      enter(network, view, 'TERMINATED', recorded);
      return;
    case 'InstanceBuried':
      enter(network, view, 'BURIED', recorded);
      return;
    case 'InstanceForgotten':
      withdraw(network, view, recorded.position);
      remove(network.instances, view.id);
      return;
    case 'InstanceAddressLearned':
      view.macAddress = event.macAddress;
      view.privateAddress = event.privateAddress;
      view.privateAt = recorded.position;
      if (isLive(view.state)) touchInstance(network, view, recorded.position);
      return;
    // What a cluster says differently changes nothing of what should be; only the stream has moved.
    case 'InstanceReportDiffered':
      return;
  }
};

export const applyInstance = (network: Network, event: InstanceEvent, recorded: Recorded<DomainEvent>): void => {
  if (event.type === 'InstanceCreated') {
    create(network, event, recorded);
    return;
  }
  const view = get(network.instances, event.instanceId);
  if (view === undefined) return;
  view.revision = recorded.revision;
  if (event.type !== 'InstanceReportDiffered') view.at = recorded.position;
  change(network, view, event, recorded);
};
