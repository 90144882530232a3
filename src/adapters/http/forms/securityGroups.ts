/** Forms of the commands about security groups. Names, ports and CIDRs are judged by the domain, under AWS' error names. */
import type { PermissionWish } from '../../../domain/commands.ts';
import { type CommandForm, commandForm } from '../commandForm.ts';
import { operatorsInAccount } from '../route.ts';
import { account, list, object, type Schema, whole } from '../schema.ts';

/** Anything up to this length is judged by the domain. */
const free = (description: string): Schema => ({ type: 'string', maxLength: 1024, description });

const sourceGroup = object(
  { groupId: free('Group id'), groupName: free('Group name'), account: free('Account of the group') },
  [],
  { title: 'SourceGroup' },
);

const port = (description: string): Schema => whole(description, Number.MIN_SAFE_INTEGER);

export const permission = object(
  {
    protocol: free('tcp, udp, icmp, a protocol number, or -1 for all'),
    fromPort: port('First port, or ICMP type (-1: any)'),
    toPort: port('Last port, or ICMP code (-1: any)'),
    cidrs: list(free('CIDR block'), 10_000, 'Source addresses'),
    groups: list(sourceGroup, 10_000, 'Source groups'),
  },
  [],
  { title: 'Permission' },
);

const permissions = list(permission, 1000, 'What to allow or to revoke', { minItems: 1 });

type Named = { account?: string; groupId?: string; name?: string };
type Wished = Named & { permissions: readonly PermissionWish[] };

const which = { account: account(), groupId: free('Group id'), name: free('Group name in the account') };

export const createSecurityGroup = commandForm<Named & { name: string; description: string }>({
  type: 'CreateSecurityGroup',
  summary: 'Create a security group in the account',
  access: operatorsInAccount,
  members: { ...which, groupId: free('Id wished for; made up if left out'), description: free('What it is for') },
  required: ['name', 'description'],
  make: async (input, origin) => {
    const groupId = input.groupId ?? (await origin.freshIds('sg', 1))[0] ?? '';
    return { type: 'CreateSecurityGroup', ...input, groupId, account: origin.account };
  },
});

export const deleteSecurityGroup = commandForm<Named>({
  type: 'DeleteSecurityGroup',
  summary: 'Delete a security group that has no members',
  access: operatorsInAccount,
  members: which,
  required: [],
  concerns: 'securityGroup',
  make: (input, origin) => ({ type: 'DeleteSecurityGroup', ...input, account: origin.account }),
});

export const authorizeIngress = commandForm<Wished>({
  type: 'AuthorizeIngress',
  summary: 'Allow traffic into the instances of a group',
  access: operatorsInAccount,
  members: { ...which, permissions },
  required: ['permissions'],
  concerns: 'securityGroup',
  make: (input, origin) => ({ type: 'AuthorizeIngress', ...input, account: origin.account }),
});

export const revokeIngress = commandForm<Wished>({
  type: 'RevokeIngress',
  summary: 'No longer allow traffic into the instances of a group',
  access: operatorsInAccount,
  members: { ...which, permissions },
  required: ['permissions'],
  concerns: 'securityGroup',
  make: (input, origin) => ({ type: 'RevokeIngress', ...input, account: origin.account }),
});

export const securityGroupForms: readonly CommandForm[] = [
  createSecurityGroup,
  deleteSecurityGroup,
  authorizeIngress,
  revokeIngress,
];
