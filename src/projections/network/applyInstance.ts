/**
 * Instances: presence in documents follows from the state (cloud spec 7.6). When an instance appears or disappears, its
 * groups' live membership and its node's list of instances follow.
 */
import type { DomainEvent } from '../../domain/events.ts';
import type { InstanceEvent } from '../../domain/instance.ts';
import { type InstanceState, isLive } from '../../domain/instanceStates.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { peek, withEntry, withoutEntry } from '../trie.ts';
import { show } from './applyAddress.ts';
import { type Draft, own, ownMember, placeOn, putNew, remove } from './draft.ts';
import { countPresence, touch, touchCluster, touchInstance } from './touching.ts';
import type { InstanceView } from './views.ts';

type Created = Extract<InstanceEvent, { readonly type: 'InstanceCreated' }>;

const countMembers = (draft: Draft, view: InstanceView, by: 1 | -1, position: number): void => {
  for (const id of view.groups) {
    countPresence(draft, id, view.cluster, by);
    const group = own(draft, 'groups', id);
    if (group === undefined) continue;
    group.liveMembers += by;
    if (group.liveMembers === (by === 1 ? 1 : 0)) {
      group.at = position;
      touch(draft, 'groups', position);
    }
  }
};

const unplace = (draft: Draft, view: InstanceView, position: number): void => {
  if (view.node === undefined) return;
  placeOn(draft, view.cluster, view.node, (on) => withoutEntry(on, view.id, draft.owner));
  touchCluster(draft, 'clusters', view.cluster, position);
  delete view.node;
};

const place = (draft: Draft, view: InstanceView, node: string, position: number): void => {
  unplace(draft, view, position);
  placeOn(draft, view.cluster, node, (on) => withEntry(on, view.id, position, draft.owner));
  touchCluster(draft, 'clusters', view.cluster, position);
  view.node = node;
  view.placedAt = position;
};

const create = (draft: Draft, event: Created, recorded: Recorded<DomainEvent>): void => {
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
  const before = own(draft, 'instances', view.id);
  if (before !== undefined) withdraw(draft, before, position);
  putNew(draft, 'instances', view.id, view);
  countMembers(draft, view, 1, position);
  touchInstance(draft, view, position);
  showEarly(draft, view.id, position);
};

const isBlank = (record: object): boolean => {
  for (const _ in record) return false;
  return true;
};

/** A public address that was assigned in the same unit of work, before the instance had its record. */
const showEarly = (draft: Draft, instanceId: string, position: number): void => {
  // Hardly ever is there any: looking for a name that is nowhere costs more than seeing that nothing is there.
  const { assignedEarly, publicAddresses } = draft.network;
  if (isBlank(assignedEarly)) return;
  const address = assignedEarly[instanceId];
  if (address === undefined) return;
  delete ownMember(draft, 'assignedEarly')[instanceId];
  const view = peek(publicAddresses, address);
  if (view?.state === 'assigned' && view.instanceId === instanceId) show(draft, view, instanceId, position);
};

/** Out of all documents, whatever state it is in. */
const withdraw = (draft: Draft, view: InstanceView, position: number): void => {
  unplace(draft, view, position);
  if (!isLive(view.state)) return;
  touchInstance(draft, view, position);
  countMembers(draft, view, -1, position);
};

/** Enters a state; appears in or disappears from documents when liveness changes. */
const enter = (draft: Draft, view: InstanceView, state: InstanceState, recorded: Recorded<DomainEvent>): void => {
  const { position, time } = recorded;
  const was = isLive(view.state);
  const is = isLive(state);
  view.state = state;
  view.stateAt = position;
  view.stateTime = time;
  if (was === is) return;
  if (!is) unplace(draft, view, position);
  countMembers(draft, view, is ? 1 : -1, position);
  touchInstance(draft, view, position);
};

const change = (
  draft: Draft,
  view: InstanceView,
  event: Exclude<InstanceEvent, Created>,
  recorded: Recorded<DomainEvent>,
): void => {
  switch (event.type) {
    case 'InstancePlaced':
      place(draft, view, event.node, recorded.position);
      return;
    case 'InstanceRunning':
      enter(draft, view, 'RUNNING', recorded);
      return;
    case 'InstanceStopping':
      enter(draft, view, 'STOPPING', recorded);
      return;
    case 'InstanceStopped':
      enter(draft, view, 'STOPPED', recorded);
      return;
    case 'InstanceStarted':
      view.privateAddress = event.privateAddress;
      view.reservation = event.reservation;
      view.privateAt = recorded.position;
      if (isLive(view.state)) touchInstance(draft, view, recorded.position);
      enter(draft, view, 'PENDING', recorded);
      return;
    case 'InstanceShuttingDown':
      enter(draft, view, 'SHUTTING_DOWN', recorded);
      return;
    case 'InstanceTerminated':
      enter(draft, view, 'TERMINATED', recorded);
      return;
    case 'InstanceBuried':
      enter(draft, view, 'BURIED', recorded);
      return;
    case 'InstanceForgotten':
      withdraw(draft, view, recorded.position);
      remove(draft, 'instances', view.id);
      return;
    case 'InstanceAddressLearned':
      view.macAddress = event.macAddress;
      view.privateAddress = event.privateAddress;
      view.privateAt = recorded.position;
      if (isLive(view.state)) touchInstance(draft, view, recorded.position);
      return;
    // What a cluster says differently changes nothing of what should be; only the stream has moved.
    case 'InstanceReportDiffered':
      return;
  }
};

export const applyInstance = (draft: Draft, event: InstanceEvent, recorded: Recorded<DomainEvent>): void => {
  if (event.type === 'InstanceCreated') {
    create(draft, event, recorded);
    return;
  }
  const view = own(draft, 'instances', event.instanceId);
  if (view === undefined) return;
  view.revision = recorded.revision;
  if (event.type !== 'InstanceReportDiffered') view.at = recorded.position;
  change(draft, view, event, recorded);
};
