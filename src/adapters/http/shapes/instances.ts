/** How an instance looks in answers. Every member is always there; what is unknown or absent is `null`. */
import { isLive } from '../../../domain/instanceStates.ts';
import type { InstanceView } from '../../../projections/network/views.ts';
import { isoTime } from '../reads.ts';
import { choice, instant, list, name, orNull, position, record, type Schema, text, whole } from '../schema.ts';

const address = (description: string): Schema => text(description, { maxLength: 15 });
export const instanceStates = ['PENDING', 'RUNNING', 'SHUTTING_DOWN', 'STOPPING', 'STOPPED', 'TERMINATED', 'BURIED'];

export const instanceSchema = record('Instance', {
  instanceId: name('Instance id'),
  account: name('Owning account'),
  cluster: name('Cluster'),
  node: orNull(name('Node it is placed on')),
  state: choice('State', instanceStates),
  stateSince: instant('When it came into this state'),
  groups: list(name('Group id'), 500, 'Security groups'),
  macAddress: text('MAC address'),
  privateAddress: orNull(address('Private address; none once it is stopped or terminated: it was given back')),
  publicAddress: orNull(address('Public address')),
  addressing: choice('Whether it wants a public address', ['public', 'private']),
  createdAt: position('Event that created it'),
  changedAt: position('Event that last changed it'),
  revision: whole('Revision: its ETag', 0),
});

/** What is torn down has given its address back (cloud spec 7.6), although it remembers which one it was. */
const hasPrivate = ({ state, privateAddress }: InstanceView): boolean => isLive(state) && privateAddress !== '0.0.0.0';

export const instanceBody = (view: InstanceView): object => ({
  instanceId: view.id,
  account: view.account,
  cluster: view.cluster,
  node: view.node ?? null,
  state: view.state,
  stateSince: isoTime(view.stateTime),
  groups: view.groups,
  macAddress: view.macAddress,
  privateAddress: hasPrivate(view) ? view.privateAddress : null,
  publicAddress: view.publicAddress ?? null,
  addressing: view.addressing,
  createdAt: view.createdAt,
  changedAt: Math.max(view.at, view.stateAt, view.placedAt ?? -1, view.publicAt ?? -1, view.privateAt),
  revision: view.revision,
});
