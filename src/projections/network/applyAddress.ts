/**
 * Private and public addresses. An instance shows its public address from the moment it is assigned; while the address is
 * dirty anywhere no document shows it for anybody (cloud spec 5.6).
 */
import type { DomainEvent } from '../../domain/events.ts';
import type { AddressInFlight } from '../../domain/networking/dispatcher.ts';
import type { PrivatePoolEvent } from '../../domain/privatePool.ts';
import type { PublicPoolEvent } from '../../domain/publicPool.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { get, put, remove } from '../trie.ts';
import { touchInstance } from './touching.ts';
import type { Network, PublicAddressView } from './views.ts';

export const applyPrivateAddress = (
  network: Network,
  event: PrivatePoolEvent,
  recorded: Recorded<DomainEvent>,
): void => {
  const { position: at, time } = recorded;
  switch (event.type) {
    case 'PrivateAddressReserved': {
      const { address, cluster, instanceId, reservation } = event;
      put(network.privateAddresses, address, { address, cluster, instanceId, reservation, state: 'pending', at, time });
      remove(network.quarantine, event.address);
      return;
    }
    case 'PrivateAddressAssociated':
    case 'PrivateAddressReleased': {
      const view = get(network.privateAddresses, event.address);
      if (view === undefined) return;
      view.state = event.type === 'PrivateAddressAssociated' ? 'extant' : 'quarantined';
      if (view.state === 'quarantined') put(network.quarantine, event.address, true);
      else remove(network.quarantine, event.address);
      view.at = at;
      view.time = time;
      return;
    }
    case 'PrivateAddressFreed':
      remove(network.privateAddresses, event.address);
      remove(network.quarantine, event.address);
      return;
  }
};

/** The address's record; addresses without one are unallocated. */
const recordOf = (network: Network, address: string): PublicAddressView => {
  const known = get(network.publicAddresses, address);
  if (known !== undefined) return known;
  put(network.publicAddresses, address, {
    address,
    state: 'unallocated',
    pending: false,
    owner: 'nobody',
    dirty: {},
    at: -1,
    time: 0,
  });
  return get(network.publicAddresses, address) as PublicAddressView;
};

const isDirty = (view: PublicAddressView): boolean => Object.keys(view.dirty).length > 0;

const dropIfBlank = (network: Network, view: PublicAddressView): void => {
  if (view.state === 'unallocated' && !isDirty(view)) remove(network.publicAddresses, view.address);
};

/** The address its instance shows from now on. */
export const show = (network: Network, view: PublicAddressView, instanceId: string, position: number): void => {
  const instance = get(network.instances, instanceId);
  if (instance === undefined) {
    network.assignedEarly[instanceId] = view.address;
    return;
  }
  instance.publicAddress = view.address;
  instance.publicAt = position;
  instance.at = position;
  if (isDirty(view)) instance.publicHidden = true;
  else delete instance.publicHidden;
  touchInstance(network, instance, position);
};

const withdraw = (network: Network, address: string, instanceId: string, position: number): void => {
  if (network.assignedEarly[instanceId] === address) delete network.assignedEarly[instanceId];
  const instance = get(network.instances, instanceId);
  if (instance === undefined || instance.publicAddress !== address) return;
  delete instance.publicAddress;
  delete instance.publicHidden;
  instance.publicAt = position;
  instance.at = position;
  touchInstance(network, instance, position);
};

const unuse = (view: PublicAddressView): void => {
  delete view.instanceId;
  delete view.instanceAddress;
  delete view.cluster;
};

/** What the cluster has to be told; the newest change of an address is the one that counts. */
const fly = (network: Network, change: AddressInFlight, isPending: boolean, at: number): void => {
  if (isPending) network.inFlight[change.address] = { ...change, at };
  else delete network.inFlight[change.address];
};

const leftBehind = ({ address, instanceAddress = '0.0.0.0', cluster = '' }: PublicAddressView) => ({
  address,
  instanceAddress,
  cluster,
});

type AddressEvent = Exclude<PublicPoolEvent, { readonly type: 'PublicPoolDefined' }>;

const change = (
  network: Network,
  view: PublicAddressView,
  event: AddressEvent,
  { position, revision }: Recorded<DomainEvent>,
): void => {
  const { address } = view;
  switch (event.type) {
    case 'PublicAddressAllocated':
      view.state = 'allocated';
      view.owner = event.owner;
      return;
    case 'PublicAddressImpending':
      view.state = 'impending';
      view.owner = 'system';
      view.instanceId = event.instanceId;
      return;
    case 'PublicAddressAssigned':
      view.state = 'assigned';
      view.owner = event.owner;
      view.pending = event.pending;
      view.instanceId = event.instanceId;
      view.instanceAddress = event.instanceAddress;
      view.cluster = event.cluster;
      fly(network, { ...leftBehind(view), instanceId: event.instanceId, change: 'assign' }, event.pending, position);
      show(network, view, event.instanceId, position);
      return;
    case 'PublicAddressUnassigned':
      view.state = 'allocated';
      view.pending = event.pending;
      if (event.cluster !== '') view.dirty[event.cluster] = { at: position, revision };
      fly(network, { ...leftBehind(view), instanceId: event.instanceId, change: 'unassign' }, event.pending, position);
      withdraw(network, view.address, event.instanceId, position);
      unuse(view);
      return;
    case 'PublicAddressTransitionCompleted':
      view.pending = false;
      delete network.inFlight[address];
      return;
    case 'PublicAddressReleased':
      delete network.inFlight[address];
      view.state = 'unallocated';
      view.owner = 'nobody';
      view.pending = false;
      unuse(view);
      return;
    case 'PublicAddressCleared':
      delete view.dirty[event.cluster];
      if (view.state === 'assigned' && view.instanceId !== undefined && !isDirty(view)) {
        show(network, view, view.instanceId, position);
      }
      return;
  }
};

export const applyPublicAddress = (network: Network, event: PublicPoolEvent, recorded: Recorded<DomainEvent>): void => {
  const { position, time } = recorded;
  if (event.type === 'PublicPoolDefined') {
    network.publicRanges = event.ranges;
    network.publicRangesAt = position;
    return;
  }
  const view = recordOf(network, event.address);
  change(network, view, event, recorded);
  view.at = position;
  view.time = time;
  dropIfBlank(network, view);
};
