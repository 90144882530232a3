/**
 * If-Match: the revision a caller has seen, compared with what the network shows now and handed on to the decision, which
 * compares again at the moment it appends. The view may lag; only a view that is further than the caller proves staleness.
 */
import { canonicalGroupId, canonicalInstanceId } from '../../domain/identifiers.ts';
import type { Network } from '../../projections/network/views.ts';
import { get } from '../../projections/trie.ts';
import type { Precondition } from './ports.ts';
import { type DoorRefusal, refuseRequest, shown } from './refusal.ts';
import type { Concern } from './route.ts';

const tagForm = /^"([0-9]{1,15})"$/;

/** Undefined without the header, and for `*` where the resource exists. */
export const preconditionOf = (
  header: string | undefined,
  concern: Concern | undefined,
  input: object,
  network: Network,
): Precondition | DoorRefusal | undefined => {
  if (header === undefined) return undefined;
  if (concern === undefined) return badHeader('If-Match', header, 'this command is not about one resource');
  const id = idOf(concern, input);
  const current = revisionOf(concern, id, network);
  if (header.trim() === '*') return current === undefined ? stale('*', current) : undefined;
  const written = tagForm.exec(header.trim())?.[1];
  if (written === undefined) return badHeader('If-Match', header, 'it takes one strong tag as ETag gave it, or *');
  const revision = Number(written);
  if (current === undefined || current > revision) return stale(header, current);
  return { category: concern, revision, ...(id === undefined ? {} : { id }) };
};

const badHeader = (member: string, value: string, why: string): DoorRefusal =>
  refuseRequest('invalid-header', `${member} ${shown(value)}: ${why}.`, { member, value: shown(value) });

const stale = (wanted: string, current: number | undefined): DoorRefusal =>
  refuseRequest(
    'stale-revision',
    current === undefined
      ? 'There is no such resource now.'
      : `The resource is at revision ${current}, not ${shown(wanted)}.`,
    { member: 'If-Match', ...(current === undefined ? {} : { more: { current } }) },
  );

const idOf = (concern: Concern, input: object): string | undefined => {
  const named = input as { readonly cluster?: string; readonly groupId?: string; readonly instanceId?: string };
  switch (concern) {
    case 'configuration':
      return undefined;
    case 'cluster':
      return named.cluster;
    case 'securityGroup':
      return canonicalGroupId(named.groupId ?? '') ?? named.groupId;
    case 'instance':
      return canonicalInstanceId(named.instanceId ?? '') ?? named.instanceId;
  }
};

const revisionOf = (concern: Concern, id: string | undefined, network: Network): number | undefined => {
  switch (concern) {
    case 'configuration':
      return network.configurationRevision;
    case 'cluster':
      return id !== undefined && Object.hasOwn(network.clusters, id) ? network.clusters[id]?.revision : undefined;
    case 'securityGroup':
      return get(network.groups, id ?? '')?.revision;
    case 'instance':
      return get(network.instances, id ?? '')?.revision;
  }
};

/** For keys bound to an account: others' instances do not exist for them. */
export const foreignInstance = (
  account: string | undefined,
  concern: Concern | undefined,
  input: object,
  network: Network,
): DoorRefusal | undefined => {
  if (account === undefined || concern !== 'instance') return undefined;
  const id = idOf('instance', input) ?? '';
  const view = get(network.instances, id);
  return view === undefined || view.account === account
    ? undefined
    : refuseRequest('instance-not-found', `There is no instance ${shown(id)}.`, { value: shown(id) });
};
