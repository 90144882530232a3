/**
 * What a member of a stored event may hold, told by kinds, so that an event that has been damaged or was written by something
 * else is refused by name where it is read, and never reaches a fold. Forms only: whether a text is a good address was
 * decided when the event was made.
 */

export type MemberKind =
  | 'text'
  | 'text?'
  | 'integer'
  | 'flag'
  | 'flag?'
  | 'texts'
  /** Nodes of a cluster: `{name, endpoint?, missingSince?}`. */
  | 'nodes'
  /** Rules of a security group, see `rule.ts`. */
  | 'rules'
  /** A network configuration in its parsed form, see `configuration/members.ts`. */
  | 'configuration';

type Members = { readonly [member: string]: unknown };

const isRecord = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string';
const isListOf = (value: unknown, fits: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(fits);
const isListOrAbsent = (value: unknown, fits: (item: unknown) => boolean): boolean =>
  value === undefined || isListOf(value, fits);

const isNode = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value['name']) &&
  isTextOrAbsent(value['endpoint']) &&
  (value['missingSince'] === undefined || Number.isSafeInteger(value['missingSince']));

const isSource = (value: unknown): boolean => {
  if (!isRecord(value)) return false;
  if (value['kind'] === 'cidr') return isText(value['cidr']);
  return (
    value['kind'] === 'group' &&
    isText(value['groupId']) &&
    isText(value['account']) &&
    isTextOrAbsent(value['groupName'])
  );
};

const isRule = (value: unknown): boolean =>
  isRecord(value) &&
  ['protocol', 'low', 'high'].every((member) => Number.isSafeInteger(value[member])) &&
  isSource(value['source']);

const isSubnet = (value: unknown): boolean =>
  isRecord(value) && ['Name', 'Subnet', 'Netmask', 'Gateway'].every((member) => isTextOrAbsent(value[member]));

const isCluster = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value['Name']) &&
  isTextOrAbsent(value['MacPrefix']) &&
  (value['Subnet'] === undefined || isSubnet(value['Subnet'])) &&
  isListOrAbsent(value['PrivateIps'], isText);

const isConfiguration = (value: unknown): boolean =>
  isRecord(value) &&
  ['Mode', 'InstanceDnsDomain', 'MacPrefix', 'PublicGateway'].every((member) => isTextOrAbsent(value[member])) &&
  ['InstanceDnsServers', 'PublicIps', 'PrivateIps'].every((member) => isListOrAbsent(value[member], isText)) &&
  isListOrAbsent(value['Subnets'], isSubnet) &&
  isListOrAbsent(value['Clusters'], isCluster);

/** Whether the value of a member is of the kind; an absent member is `undefined`. */
export const fits = (value: unknown, kind: MemberKind): boolean => {
  switch (kind) {
    case 'text':
      return isText(value);
    case 'text?':
      return isTextOrAbsent(value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'flag?':
      return value === undefined || typeof value === 'boolean';
    case 'texts':
      return isListOf(value, isText);
    case 'nodes':
      return isListOf(value, isNode);
    case 'rules':
      return isListOf(value, isRule);
    case 'configuration':
      return isConfiguration(value);
  }
};
