/**
 * Every "no" about security groups and their rules: its class, the name AWS gives it, what it means and what to do next.
 * Codes are stable for ever. Nothing here decides anything.
 */
import { type Refusal, type RefusalClass, refuse } from './refusals.ts';

export type GroupRefusalFacts = {
  readonly class: RefusalClass;
  readonly aws: string;
  readonly meaning: string;
  readonly next: string;
};

const facts = (kind: RefusalClass, aws: string, meaning: string, next: string): GroupRefusalFacts => ({
  class: kind,
  aws,
  meaning,
  next,
});

export const groupRefusals = {
  'invalid-group-duplicate': facts(
    'conflict',
    'InvalidGroup.Duplicate',
    'A security group of this name exists in the account.',
    'Choose another name, or use the group that exists.',
  ),
  'invalid-group-id-used': facts(
    'conflict',
    'InvalidGroup.Duplicate',
    'Another group has, or once had, this id; ids are never given twice.',
    'Create the group under a new id.',
  ),
  'invalid-group-not-found': facts(
    'not-found',
    'InvalidGroup.NotFound',
    'There is no such security group within reach of the account.',
    'List the groups of the account. Names are looked up in the account only; ids of other accounts only by administrators.',
  ),
  'invalid-group-in-use': facts(
    'conflict',
    'InvalidGroup.InUse',
    'Instances are members of the group (stopped ones too), or rules of other groups name it.',
    'Terminate the members and revoke the rules that name the group, then delete it.',
  ),
  'invalid-group-reserved': facts(
    'forbidden',
    'InvalidGroup.Reserved',
    'The group named "default" belongs to the account: it is made by itself and cannot be made or deleted by hand.',
    'Revoke its rules instead, or set edgelog.groups.strict_aws to false.',
  ),
  'invalid-group-id-malformed': facts(
    'invalid',
    'InvalidGroupId.Malformed',
    'A group id is "sg-" and eight hex digits.',
    'Correct the id.',
  ),
  'invalid-group-name': facts(
    'invalid',
    'InvalidParameterValue',
    'Names of groups are 1 to 255 printable ASCII characters and do not start with "sg-".',
    'Choose another name.',
  ),
  'invalid-group-description': facts(
    'invalid',
    'InvalidParameterValue',
    'Descriptions are at most 255 characters without control characters.',
    'Shorten or correct the description.',
  ),
  'missing-group': facts('invalid', 'MissingParameter', 'No group was named.', 'Give the id or the name of the group.'),
  'missing-source': facts(
    'invalid',
    'MissingParameter',
    'A permission names nobody it would let in.',
    'Give at least one CIDR block or source group.',
  ),
  'missing-parameter': facts(
    'invalid',
    'MissingParameter',
    'Parameters that belong together were given only in part.',
    'Give all of them, or none.',
  ),
  'invalid-parameter-combination': facts(
    'invalid',
    'InvalidParameterCombination',
    'Parameters that exclude each other were given together.',
    'Use one form of writing permissions.',
  ),
  'invalid-permission-malformed': facts(
    'invalid',
    'InvalidPermission.Malformed',
    'Protocol, ports, ICMP type and code, or CIDR block of a permission are not well formed.',
    'Correct the member named.',
  ),
  'invalid-permission-protocol': facts(
    'invalid',
    'InvalidPermission.Malformed',
    'Nodes cannot program this protocol number; some would open the group to every protocol or stop taking rules at all.',
    'Use tcp, udp, icmp, or the number of a protocol that nodes know by name.',
  ),
  'invalid-permission-port-zero': facts(
    'invalid',
    'InvalidPermission.Malformed',
    'A range that starts at port 0 and ends before 65535 is read by nodes of 4.2 and later as every port.',
    'Start the range at port 1, or allow 0 to 65535.',
  ),
  'invalid-permission-duplicate': facts(
    'conflict',
    'InvalidPermission.Duplicate',
    'The group has this rule already; nothing of the wish was carried out.',
    'Leave the rule out.',
  ),
  'invalid-permission-not-found': facts(
    'not-found',
    'InvalidPermission.NotFound',
    'The group has no such rule; nothing of the wish was carried out.',
    'Read the rules of the group and revoke one of them as it stands there.',
  ),
  'security-group-limit-exceeded': facts(
    'exhausted',
    'SecurityGroupLimitExceeded',
    'The account has as many groups as it may have.',
    'Delete groups, or raise edgelog.groups.max_per_account.',
  ),
  'rules-per-group-limit-exceeded': facts(
    'exhausted',
    'RulesPerSecurityGroupLimitExceeded',
    'The group would have more rules than a group may have.',
    'Merge rules, spread them over groups, or raise edgelog.groups.max_rules.',
  ),
  'groups-per-instance-limit-exceeded': facts(
    'exhausted',
    'SecurityGroupsPerInstanceLimitExceeded',
    'The instance would be in more groups than an instance may be in.',
    'Name fewer groups, or raise edgelog.groups.max_per_instance.',
  ),
  'invalid-filter': facts(
    'invalid',
    'InvalidParameterValue',
    'There is no filter of this name.',
    'Use one of the filters listed with the operation.',
  ),
} as const satisfies { readonly [code: string]: GroupRefusalFacts };

export type GroupRefusalCode = keyof typeof groupRefusals;

/** Refusal code -> the error code that clients of AWS know. */
export const awsNames: { readonly [code: string]: string } = Object.fromEntries(
  Object.entries(groupRefusals).map(([code, { aws }]) => [code, aws]),
);

/** A refusal of this list; the compiler checks the code. */
export const refuseGroup = (
  code: GroupRefusalCode,
  detail: string,
  where: { member?: string; value?: string } = {},
): Refusal => refuse(code, detail, where);
