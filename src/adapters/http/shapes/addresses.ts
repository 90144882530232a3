/** How public and private addresses look in answers. Every member is always there; what is unknown or absent is `null`. */
import type { PrivateAddressView, PublicAddressView } from '../../../projections/network/views.ts';
import { isoTime } from '../reads.ts';
import { choice, instant, mapOf, name, orNull, position, record, type Schema, text, yesNo } from '../schema.ts';

const address = (description: string): Schema => text(description, { maxLength: 15 });

export const publicAddressSchema = record('PublicAddress', {
  address: address('Address'),
  state: choice('State', ['unallocated', 'allocated', 'impending', 'assigned']),
  pending: yesNo('Whether a message to its cluster is under way'),
  owner: text('Account, system or nobody'),
  instanceId: orNull(name('Instance that has it')),
  instanceAddress: orNull(address('Private address of that instance')),
  dirtyIn: mapOf(position('Since this event'), 'Clusters that may still answer for its former holder'),
  changedAt: orNull(position('Event that last changed it')),
  since: orNull(instant('When that was')),
});

export const publicAddressBody = (view: PublicAddressView): object => ({
  address: view.address,
  state: view.state,
  pending: view.pending,
  owner: view.owner,
  instanceId: view.instanceId ?? null,
  instanceAddress: view.instanceAddress ?? null,
  dirtyIn: Object.fromEntries(Object.entries(view.dirty).map(([cluster, { at }]) => [cluster, at])),
  changedAt: view.at,
  since: isoTime(view.time),
});

/** An address of the pool that has no record: nobody has it or had it since the pool was defined. */
export const unallocatedBody = (free: string): object => ({
  address: free,
  state: 'unallocated',
  pending: false,
  owner: 'nobody',
  instanceId: null,
  instanceAddress: null,
  dirtyIn: {},
  changedAt: null,
  since: null,
});

export const privateAddressSchema = record('PrivateAddress', {
  address: address('Address'),
  cluster: name('Cluster'),
  instanceId: name('Instance that has or had it'),
  reservation: text('Name of this holding'),
  state: choice('State', ['pending', 'extant', 'quarantined']),
  changedAt: position('Event that last changed it'),
  since: instant('When that was'),
});

export const privateAddressBody = (view: PrivateAddressView): object => ({
  address: view.address,
  cluster: view.cluster,
  instanceId: view.instanceId,
  reservation: view.reservation,
  state: view.state,
  changedAt: view.at,
  since: isoTime(view.time),
});
