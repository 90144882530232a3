/**
 * If-Match: the revision a caller has seen, handed on to the decision, which compares at the moment it appends. Nothing is
 * compared here: the read model may lag, and a stale wish is a refused command with its place in the audit.
 */
import { canonicalGroupId, canonicalInstanceId } from '../../domain/identifiers.ts';
import type { Precondition } from './ports.ts';
import { type DoorRefusal, refuseRequest, shown } from './refusal.ts';
import type { Concern } from './route.ts';

const tagForm = /^"([0-9]{1,15})"$/;

/** Undefined without the header. */
export const preconditionOf = (
  header: string | undefined,
  concern: Concern | undefined,
  input: object,
): Precondition | DoorRefusal | undefined => {
  if (header === undefined) return undefined;
  if (concern === undefined) return badHeader(header, 'this command is not about one resource');
  const written = tagForm.exec(header.trim())?.[1];
  if (written === undefined) return badHeader(header, 'it takes one strong tag, as ETag gave it');
  const id = idOf(concern, input);
  if (id === undefined && concern !== 'configuration') return badHeader(header, 'the resource must be named by its id');
  return { category: concern, revision: Number(written), ...(id === undefined ? {} : { id }) };
};

const badHeader = (value: string, why: string): DoorRefusal =>
  refuseRequest('invalid-header', `If-Match ${shown(value)}: ${why}.`, { member: 'If-Match', value: shown(value) });

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
