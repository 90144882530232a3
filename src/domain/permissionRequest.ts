/**
 * The two ways in which clients write permissions: as a list, or in the old style as single parameters for one CIDR block or
 * one source group (cloud spec 6.5, first table). What comes out is always the list.
 */
import type { PermissionWish } from './commands.ts';
import { refuseGroup } from './groupRefusals.ts';
import type { Refusal } from './refusals.ts';

export type PermissionRequest = {
  readonly permissions?: readonly PermissionWish[];
  readonly cidrIp?: string;
  readonly ipProtocol?: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly sourceSecurityGroupName?: string;
  readonly sourceSecurityGroupOwnerId?: string;
};

/** The permissions of a request, or a refusal when the two styles are mixed or the old one is incomplete. */
export const permissionsOf = (request: PermissionRequest): readonly PermissionWish[] | Refusal => {
  const cidrMembers = given(request, ['cidrIp', 'ipProtocol', 'fromPort', 'toPort']);
  const groupMembers = given(request, ['sourceSecurityGroupName', 'sourceSecurityGroupOwnerId']);
  const permissions = request.permissions ?? [];
  if (permissions.length > 0) {
    const [first] = [...cidrMembers, ...groupMembers];
    return first === undefined ? permissions : excludes('permissions', first);
  }
  if (groupMembers.length > 0) return fromGroup(request, cidrMembers);
  if (cidrMembers.length > 0) return fromCidr(request);
  return refuseGroup('missing-source', 'Neither permissions nor a source were given.', { member: 'permissions' });
};

type OldStyleMember = Exclude<keyof PermissionRequest, 'permissions'>;

const given = (request: PermissionRequest, members: readonly OldStyleMember[]): readonly OldStyleMember[] =>
  members.filter((member) => request[member] !== undefined);

const excludes = (one: string, other: string): Refusal =>
  refuseGroup('invalid-parameter-combination', `${one} and ${other} exclude each other.`, { member: other });

const missing = (member: OldStyleMember): Refusal =>
  refuseGroup('missing-parameter', `${member} is missing; the old style needs all parameters of its kind.`, { member });

/** A group alone stands for everything from it: tcp, udp and icmp. */
const fromGroup = (
  request: PermissionRequest,
  cidrMembers: readonly OldStyleMember[],
): readonly PermissionWish[] | Refusal => {
  const { sourceSecurityGroupName: groupName, sourceSecurityGroupOwnerId: account } = request;
  if (groupName === undefined) return missing('sourceSecurityGroupName');
  if (account === undefined) return missing('sourceSecurityGroupOwnerId');
  const [first] = cidrMembers;
  if (first !== undefined) return excludes('sourceSecurityGroupName', first);
  const groups = [{ groupName, account }];
  return [
    { protocol: 'tcp', fromPort: 1, toPort: 65_535, groups },
    { protocol: 'udp', fromPort: 1, toPort: 65_535, groups },
    { protocol: 'icmp', fromPort: -1, toPort: -1, groups },
  ];
};

const fromCidr = (request: PermissionRequest): readonly PermissionWish[] | Refusal => {
  const { cidrIp, ipProtocol, fromPort, toPort } = request;
  if (cidrIp === undefined) return missing('cidrIp');
  if (ipProtocol === undefined) return missing('ipProtocol');
  if (fromPort === undefined) return missing('fromPort');
  if (toPort === undefined) return missing('toPort');
  return [{ protocol: ipProtocol, fromPort, toPort, cidrs: [cidrIp] }];
};
