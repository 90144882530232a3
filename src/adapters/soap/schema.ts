/**
 * One table for both directions: which children each body element has, in which order, and of which form. The writer emits
 * in this order because a C receiver deserialises by order; the reader refuses any other order for the same reason.
 * Sources: node spec 1.2 and cloud spec 9.2. It must not know how XML is written or read.
 */
import type {
  ActiveNetwork,
  DescribePublicAddressesResponse,
  InstanceReport,
  MessageKind,
  Preamble,
  RequestKind,
  ServiceEntry,
  SoapMessage,
  VmType,
} from './messages.ts';

/** A nested element. `open` ones may have children not listed here, in any order: they are skipped on reading. */
export type Nested = { readonly fields: readonly Field[]; readonly open?: true };

/** `pieces` is base64 text kept as bytes; everything else is small text. `integer` is signed 32 bit. */
export type Form = 'text' | 'boolean' | 'integer' | 'pieces' | Nested;

export type Field<N extends string = string> = {
  readonly name: N;
  readonly form: Form;
  readonly many?: true;
  readonly needed?: true;
};

type FieldsOf<T> = readonly Field<keyof T & string>[];

const service: FieldsOf<ServiceEntry> = [
  { name: 'partition', form: 'text' },
  { name: 'type', form: 'text', needed: true },
  { name: 'name', form: 'text', needed: true },
  { name: 'uris', form: 'text', many: true },
];

const preamble: FieldsOf<Preamble> = [
  { name: 'correlationId', form: 'text' },
  { name: 'userId', form: 'text' },
  { name: 'statusMessage', form: 'text' },
  { name: 'return', form: 'boolean' },
  { name: 'epoch', form: 'integer' },
  { name: 'services', form: { fields: service }, many: true },
  { name: 'disabledServices', form: { fields: service }, many: true },
  { name: 'notreadyServices', form: { fields: service }, many: true },
  { name: 'nodeName', form: 'text' },
];

const activeNetwork: FieldsOf<ActiveNetwork> = [
  { name: 'uuid', form: 'text' },
  { name: 'vlan', form: 'integer' },
  { name: 'netName', form: 'text' },
  { name: 'userName', form: 'text' },
  { name: 'activeAddrs', form: 'text', many: true },
];

const netParams: FieldsOf<NonNullable<InstanceReport['netParams']>> = [
  { name: 'privateMacAddress', form: 'text' },
  { name: 'privateIp', form: 'text' },
  { name: 'publicIp', form: 'text' },
  { name: 'vlan', form: 'integer' },
  { name: 'networkIndex', form: 'integer' },
];

const instance: FieldsOf<InstanceReport> = [
  { name: 'instanceId', form: 'text', needed: true },
  { name: 'stateName', form: 'text' },
  { name: 'netParams', form: { fields: netParams, open: true } },
  { name: 'serviceTag', form: 'text' },
  { name: 'ownerId', form: 'text' },
  { name: 'accountId', form: 'text' },
  { name: 'groupNames', form: 'text', many: true },
];

const vmType: FieldsOf<VmType> = [
  { name: 'name', form: 'text', needed: true },
  { name: 'memory', form: 'integer', needed: true },
  { name: 'cores', form: 'integer', needed: true },
  { name: 'disk', form: 'integer', needed: true },
];

const publicAddress: FieldsOf<NonNullable<DescribePublicAddressesResponse['addresses']>[number]> = [
  { name: 'uuid', form: 'text' },
  { name: 'sourceAddress', form: 'text' },
  { name: 'destAddress', form: 'text' },
];

type OwnFields = { readonly [K in MessageKind]: FieldsOf<Extract<SoapMessage, { kind: K }>> };

/** The children that follow the preamble. A missing `networkInfo` reads as no pieces: its receiver answers with an error. */
const own: OwnFields = {
  BroadcastNetworkInfo: [
    { name: 'version', form: 'text' },
    { name: 'appliedVersion', form: 'text' },
    { name: 'networkInfo', form: 'pieces' },
  ],
  BroadcastNetworkInfoResponse: [],
  ncBroadcastNetworkInfo: [{ name: 'networkInfo', form: 'pieces' }],
  ncBroadcastNetworkInfoResponse: [],
  AssignAddress: [
    { name: 'uuid', form: 'text' },
    { name: 'source', form: 'text', needed: true },
    { name: 'dest', form: 'text', needed: true },
  ],
  AssignAddressResponse: [],
  UnassignAddress: [
    { name: 'source', form: 'text', needed: true },
    { name: 'dest', form: 'text', needed: true },
  ],
  UnassignAddressResponse: [],
  DescribeNetworks: [
    { name: 'vmsubdomain', form: 'text' },
    { name: 'nameserver', form: 'text' },
    { name: 'clusterControllers', form: 'text', many: true },
  ],
  DescribeNetworksResponse: [
    { name: 'useVlans', form: 'integer' },
    { name: 'mode', form: 'text' },
    { name: 'addrsPerNet', form: 'integer' },
    { name: 'addrIndexMin', form: 'integer' },
    { name: 'addrIndexMax', form: 'integer' },
    { name: 'vlanMin', form: 'integer' },
    { name: 'vlanMax', form: 'integer' },
    { name: 'vnetSubnet', form: 'text' },
    { name: 'vnetNetmask', form: 'text' },
    { name: 'activeNetworks', form: { fields: activeNetwork }, many: true },
  ],
  DescribeResources: [{ name: 'instanceTypes', form: { fields: vmType, open: true }, many: true }],
  DescribeResourcesResponse: [
    { name: 'resources', form: { fields: [], open: true }, many: true },
    { name: 'serviceTags', form: 'text', many: true },
    { name: 'nodes', form: { fields: [{ name: 'serviceTag', form: 'text' }], open: true }, many: true },
  ],
  DescribePublicAddresses: [],
  DescribePublicAddressesResponse: [{ name: 'addresses', form: { fields: publicAddress, open: true }, many: true }],
  DescribeInstances: [{ name: 'instanceIds', form: 'text', many: true }],
  DescribeInstancesResponse: [{ name: 'instances', form: { fields: instance, open: true }, many: true }],
};

export const fieldsOf = (kind: MessageKind): readonly Field[] => [...preamble, ...own[kind]];

export const isMessageKind = (name: string): name is MessageKind => Object.hasOwn(own, name);

export const isRequestKind = (kind: string): kind is RequestKind => isMessageKind(kind) && !kind.endsWith('Response');
