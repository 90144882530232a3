/**
 * Private and public addresses. An instance shows its public address from the moment it is assigned; while the address is
 * dirty anywhere no document shows it for anybody (cloud spec 5.6).
 */
import type { DomainEvent } from '../../domain/events.ts';
import type { AddressInFlight } from '../../domain/networking/dispatcher.ts';
import type { PrivatePoolEvent } from '../../domain/privatePool.ts';
import type { PublicPoolEvent } from '../../domain/publicPool.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { type Draft, own, ownMember, put, putNew, remove } from './draft.ts';
import { touchInstance } from './touching.ts';
import type { PublicAddressView } from './views.ts';

export const applyPrivateAddress = (draft: Draft, event: PrivatePoolEvent, recorded: Recorded<DomainEvent>): void => {
  const { position: at, time } = recorded;
  switch (event.type) {
    case 'PrivateAddressReserved': {
      const { address, cluster, instanceId, reservation } = event;
      const view = { address, cluster, instanceId, reservation, state: 'pending', at, time } as const;
      putNew(draft, 'privateAddresses', address, view);
      remove(draft, 'quarantine', event.address);
      return;
    }
    case 'PrivateAddressAssociated':
    case 'PrivateAddressReleased': {
      const view = own(draft, 'privateAddresses', event.address);
      if (view === undefined) return;
      view.state = event.type === 'PrivateAddressAssociated' ? 'extant' : 'quarantined';
      if (view.state === 'quarantined') put(draft, 'quarantine', event.address, true);
      else remove(draft, 'quarantine', event.address);
      view.at = at;
      view.time = time;
      return;
    }
    case 'PrivateAddressFreed':
      remove(draft, 'privateAddresses', event.address);
      remove(draft, 'quarantine', event.address);
      return;
  }
};

/** The address's record; addresses without one are unallocated. */
const recordOf = (draft: Draft, address: string): PublicAddressView => {
  const known = own(draft, 'publicAddresses', address);
  if (known !== undefined) return known;
  const fresh: PublicAddressView = {
    address,
    state: 'unallocated',
    pending: false,
    owner: 'nobody',
    dirty: {},
    at: -1,
    time: 0,
  };
  putNew(draft, 'publicAddresses', address, fresh);
  return fresh;
};

const isDirty = (view: Readonly<PublicAddressView>): boolean => Object.keys(view.dirty).length > 0;

const cleared = (dirty: PublicAddressView['dirty'], cluster: string): PublicAddressView['dirty'] => {
  const { [cluster]: _, ...rest } = dirty;
  return rest;
};

const dropIfBlank = (draft: Draft, view: PublicAddressView): void => {
  if (view.state === 'unallocated' && !isDirty(view)) remove(draft, 'publicAddresses', view.address);
};

/** The address its instance shows from now on. */
export const show = (draft: Draft, view: Readonly<PublicAddressView>, instanceId: string, position: number): void => {
  const instance = own(draft, 'instances', instanceId);
  if (instance === undefined) {
    ownMember(draft, 'assignedEarly')[instanceId] = view.address;
    return;
  }
  instance.publicAddress = view.address;
  instance.publicAt = position;
  instance.at = position;
  if (isDirty(view)) instance.publicHidden = true;
  else delete instance.publicHidden;
  touchInstance(draft, instance, position);
};

const withdraw = (draft: Draft, address: string, instanceId: string, position: number): void => {
  if (draft.network.assignedEarly[instanceId] === address) delete ownMember(draft, 'assignedEarly')[instanceId];
  const instance = own(draft, 'instances', instanceId);
  if (instance === undefined || instance.publicAddress !== address) return;
  delete instance.publicAddress;
  delete instance.publicHidden;
  instance.publicAt = position;
  instance.at = position;
  touchInstance(draft, instance, position);
};

const unuse = (view: PublicAddressView): void => {
  delete view.instanceId;
  delete view.instanceAddress;
  delete view.cluster;
};

const land = (draft: Draft, address: string): void => {
  if (draft.network.inFlight[address] !== undefined) delete ownMember(draft, 'inFlight')[address];
};

/** What the cluster has to be told; the newest change of an address is the one that counts. */
const fly = (draft: Draft, change: AddressInFlight, isPending: boolean, at: number): void => {
  if (isPending) ownMember(draft, 'inFlight')[change.address] = { ...change, at };
  else land(draft, change.address);
};

const leftBehind = ({ address, instanceAddress = '0.0.0.0', cluster = '' }: PublicAddressView) => ({
  address,
  instanceAddress,
  cluster,
});

type AddressEvent = Exclude<PublicPoolEvent, { readonly type: 'PublicPoolDefined' }>;

const change = (
  draft: Draft,
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
      fly(draft, { ...leftBehind(view), instanceId: event.instanceId, change: 'assign' }, event.pending, position);
      show(draft, view, event.instanceId, position);
      return;
    case 'PublicAddressUnassigned':
      view.state = 'allocated';
      view.pending = event.pending;
      if (event.cluster !== '') view.dirty = { ...view.dirty, [event.cluster]: { at: position, revision } };
      fly(draft, { ...leftBehind(view), instanceId: event.instanceId, change: 'unassign' }, event.pending, position);
      withdraw(draft, view.address, event.instanceId, position);
      unuse(view);
      return;
    case 'PublicAddressTransitionCompleted':
      view.pending = false;
      land(draft, address);
      return;
    case 'PublicAddressReleased':
      land(draft, address);
      view.state = 'unallocated';
      view.owner = 'nobody';
      view.pending = false;
      unuse(view);
      return;
    case 'PublicAddressCleared':
      view.dirty = cleared(view.dirty, event.cluster);
      if (view.state === 'assigned' && view.instanceId !== undefined && !isDirty(view)) {
        show(draft, view, view.instanceId, position);
      }
      return;
  }
};

export const applyPublicAddress = (draft: Draft, event: PublicPoolEvent, recorded: Recorded<DomainEvent>): void => {
  const { position, time } = recorded;
  if (event.type === 'PublicPoolDefined') {
    draft.network.publicRanges = event.ranges;
    draft.network.publicRangesAt = position;
    return;
  }
  const view = recordOf(draft, event.address);
  change(draft, view, event, recorded);
  view.at = position;
  view.time = time;
  dropIfBlank(draft, view);
};
