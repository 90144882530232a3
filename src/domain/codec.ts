/**
 * Wire <-> event. Each event type has a schema version, the kinds of its members, and a chain of upcasts that turn older wire
 * forms into today's (the upcast at index n turns version n+1 into n+2). Stored events are never edited; a new version is one
 * more entry here and one golden sample of the old form. An event that does not decode is a fault that names its position.
 */
import { type EventMetadata, type JsonObject, type NewEvent, type StoredEvent, StoreFault } from './eventStore.ts';
import type { DomainEvent, EventType } from './events.ts';
import { fits, type MemberKind } from './memberKinds.ts';
import type { CommandContext, Recorded } from './recorded.ts';

type MembersOf<T extends EventType> = Exclude<keyof Extract<DomainEvent, { readonly type: T }>, 'type'>;
type Upcast = (data: JsonObject) => JsonObject;
type Schema<T extends EventType> = {
  readonly version: number;
  readonly members: { readonly [M in MembersOf<T>]: MemberKind };
  readonly upcasts: readonly Upcast[];
};

const v1 = <T extends EventType>(_type: T, members: Schema<T>['members']): Schema<T> => ({
  version: 1,
  members,
  upcasts: [],
});

const privateHolding = { address: 'text', cluster: 'text', instanceId: 'text', reservation: 'text' } as const;
const publicUse = { address: 'text', owner: 'text', instanceId: 'text', cluster: 'text', pending: 'flag' } as const;
const groupName = { account: 'text', name: 'text', groupId: 'text' } as const;
const networkIndex = { groupId: 'text', tag: 'integer', index: 'integer', instanceId: 'text' } as const;
const instanceCause = { instanceId: 'text', cause: 'text' } as const;

/** One line per event type; the compiler refuses a missing or a surplus one. */
export const schemas: { readonly [T in EventType]: Schema<T> } = {
  ConfigurationPosted: v1('ConfigurationPosted', { text: 'text', configuration: 'configuration' }),
  ConfigurationCleared: v1('ConfigurationCleared', {}),
  PropertyChanged: v1('PropertyChanged', { name: 'text', value: 'text' }),
  PropertyReset: v1('PropertyReset', { name: 'text' }),
  EpochRaised: v1('EpochRaised', { epoch: 'integer', reason: 'text' }),
  ClusterRegistered: v1('ClusterRegistered', {
    cluster: 'text',
    component: 'text',
    host: 'text',
    address: 'text',
    endpoint: 'text',
    followsHost: 'flag?',
  }),
  ClusterAddressResolved: v1('ClusterAddressResolved', { cluster: 'text', address: 'text' }),
  ClusterEnabled: v1('ClusterEnabled', { cluster: 'text' }),
  ClusterDisabled: v1('ClusterDisabled', { cluster: 'text', reason: 'text' }),
  ClusterDeregistered: v1('ClusterDeregistered', { cluster: 'text' }),
  ClusterNodesReported: v1('ClusterNodesReported', { cluster: 'text', nodes: 'nodes' }),
  ClusterNodesForgotten: v1('ClusterNodesForgotten', { cluster: 'text', nodes: 'texts' }),
  ClusterModeReported: v1('ClusterModeReported', { cluster: 'text', mode: 'text' }),
  PrivateAddressReserved: v1('PrivateAddressReserved', privateHolding),
  PrivateAddressAssociated: v1('PrivateAddressAssociated', privateHolding),
  PrivateAddressReleased: v1('PrivateAddressReleased', { ...privateHolding, cause: 'text' }),
  PrivateAddressFreed: v1('PrivateAddressFreed', {
    address: 'text',
    reservation: 'text',
    cause: 'text',
    reason: 'text?',
  }),
  PublicPoolDefined: v1('PublicPoolDefined', { ranges: 'texts' }),
  PublicAddressAllocated: v1('PublicAddressAllocated', { address: 'text', owner: 'text' }),
  PublicAddressImpending: v1('PublicAddressImpending', { address: 'text', instanceId: 'text' }),
  PublicAddressAssigned: v1('PublicAddressAssigned', { ...publicUse, instanceAddress: 'text' }),
  PublicAddressUnassigned: v1('PublicAddressUnassigned', publicUse),
  PublicAddressTransitionCompleted: v1('PublicAddressTransitionCompleted', { address: 'text' }),
  PublicAddressReleased: v1('PublicAddressReleased', { address: 'text', owner: 'text' }),
  PublicAddressCleared: v1('PublicAddressCleared', {
    address: 'text',
    cluster: 'text',
    cause: 'text',
    reason: 'text?',
  }),
  SecurityGroupNameTaken: v1('SecurityGroupNameTaken', groupName),
  SecurityGroupNameGivenUp: v1('SecurityGroupNameGivenUp', groupName),
  SecurityGroupCreated: v1('SecurityGroupCreated', { ...groupName, description: 'text' }),
  SecurityGroupDeleted: v1('SecurityGroupDeleted', { groupId: 'text' }),
  SecurityGroupRulesAuthorized: v1('SecurityGroupRulesAuthorized', { groupId: 'text', rules: 'rules' }),
  SecurityGroupRulesRevoked: v1('SecurityGroupRulesRevoked', { groupId: 'text', rules: 'rules' }),
  SecurityGroupMemberJoined: v1('SecurityGroupMemberJoined', { groupId: 'text', instanceId: 'text' }),
  SecurityGroupMemberLeft: v1('SecurityGroupMemberLeft', { groupId: 'text', instanceId: 'text' }),
  InstanceCreated: v1('InstanceCreated', {
    instanceId: 'text',
    account: 'text',
    cluster: 'text',
    groups: 'texts',
    macAddress: 'text',
    privateAddress: 'text',
    reservation: 'text',
    addressing: 'text',
    restored: 'flag',
  }),
  InstancePlaced: v1('InstancePlaced', { instanceId: 'text', node: 'text' }),
  InstanceRunning: v1('InstanceRunning', { instanceId: 'text' }),
  InstanceStopping: v1('InstanceStopping', instanceCause),
  InstanceStopped: v1('InstanceStopped', instanceCause),
  InstanceStarted: v1('InstanceStarted', { instanceId: 'text', privateAddress: 'text', reservation: 'text' }),
  InstanceShuttingDown: v1('InstanceShuttingDown', instanceCause),
  InstanceTerminated: v1('InstanceTerminated', instanceCause),
  InstanceBuried: v1('InstanceBuried', { instanceId: 'text' }),
  InstanceForgotten: v1('InstanceForgotten', { instanceId: 'text' }),
  InstanceAddressLearned: v1('InstanceAddressLearned', {
    instanceId: 'text',
    macAddress: 'text',
    privateAddress: 'text',
  }),
  InstanceReportDiffered: v1('InstanceReportDiffered', {
    instanceId: 'text',
    member: 'text',
    expected: 'text',
    reported: 'text',
  }),
  NetworkTagReserved: v1('NetworkTagReserved', { groupId: 'text', tag: 'integer' }),
  NetworkTagReleased: v1('NetworkTagReleased', { groupId: 'text', tag: 'integer' }),
  NetworkIndexReserved: v1('NetworkIndexReserved', networkIndex),
  NetworkIndexReleased: v1('NetworkIndexReleased', networkIndex),
  DocumentDelivered: v1('DocumentDelivered', {
    cluster: 'text',
    epoch: 'integer',
    version: 'integer',
    digest: 'text',
    dialect: 'text',
    bytes: 'integer',
    controller: 'text?',
  }),
  CommandRefused: v1('CommandRefused', { command: 'text', subject: 'text', refused: 'text', detail: 'text' }),
  ReportFollowed: v1('ReportFollowed', {
    cluster: 'text',
    instances: 'integer',
    changes: 'integer',
    refused: 'integer',
  }),
};

type AnySchema = {
  readonly version: number;
  readonly members: { readonly [member: string]: MemberKind };
  readonly upcasts: readonly Upcast[];
};

type Known = { readonly schema: AnySchema; readonly names: readonly string[]; readonly kinds: readonly MemberKind[] };

/** Found by type once an event: types come as fresh texts, and every look-up has to read them. */
const knownTypes = new Map<string, Known>(
  Object.entries(schemas).map(([type, schema]) => {
    const { members } = schema as AnySchema;
    return [type, { schema: schema as AnySchema, names: Object.keys(members), kinds: Object.values(members) }];
  }),
);

const corrupt = (stored: StoredEvent, why: string): StoreFault =>
  new StoreFault('corrupt', `Event ${stored.type} at position ${stored.position} does not decode: ${why}`, {
    position: stored.position,
  });

/** Brings old wire forms up to today's schema version. Throws StoreFault `corrupt` for versions from the future. */
const upcast = (stored: StoredEvent, schema: AnySchema): JsonObject => {
  const written = stored.metadata['schema'];
  const version = written === undefined ? 1 : Number(written);
  if (version === schema.version) return stored.data;
  if (!Number.isInteger(version) || version < 1 || version > schema.version) {
    throw corrupt(
      stored,
      `its schema version is ${version}, this program knows up to ${schema.version}; run a newer one`,
    );
  }
  return schema.upcasts.slice(version - 1).reduce((data, step) => step(data), stored.data);
};

/**
 * Event content of a stored event. Throws StoreFault `corrupt` with the position for unknown types, unknown versions and
 * members that are missing or of the wrong kind.
 */
export const decode = (stored: StoredEvent): DomainEvent => {
  const known = knownTypes.get(stored.type);
  if (known === undefined) {
    throw corrupt(stored, 'its type is unknown to this program; the log may have been written by a newer version');
  }
  const { schema, names, kinds } = known;
  const data = upcast(stored, schema);
  for (let index = 0; index < names.length; index += 1) {
    const member = names[index] as string;
    const kind = kinds[index] as MemberKind;
    if (!fits(data[member], kind)) throw corrupt(stored, `member ${member} is not ${kind}`);
  }
  return { ...data, type: stored.type } as unknown as DomainEvent;
};

/** Decoded event with everything the house knows about it. Throws as `decode`. */
export const decodeRecorded = (stored: StoredEvent): Recorded<DomainEvent> => {
  const meta = stored.metadata;
  const recorded = {
    event: decode(stored),
    id: stored.id,
    stream: stored.stream,
    revision: stored.revision,
    position: stored.position,
    time: Number(meta['time'] ?? '0'),
    actor: meta['actor'] ?? 'unknown',
    correlationId: meta['$correlationId'] ?? '',
    causationId: meta['$causationId'] ?? '',
    commandId: meta['commandId'] ?? '',
  };
  const { traceparent, fingerprint, reason } = meta;
  if (traceparent === undefined && fingerprint === undefined && reason === undefined) return recorded;
  return {
    ...recorded,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(reason === undefined ? {} : { reason }),
  };
};

/** The metadata every event of one command carries. Flat strings. */
export const metadataOf = (context: CommandContext): EventMetadata => ({
  $correlationId: context.correlationId,
  $causationId: context.causationId ?? context.commandId,
  commandId: context.commandId,
  actor: context.actor,
  time: String(context.at),
  ...(context.source === undefined ? {} : { source: context.source }),
  ...(context.traceparent === undefined ? {} : { traceparent: context.traceparent }),
  ...(context.fingerprint === undefined ? {} : { fingerprint: context.fingerprint }),
  ...(context.reason === undefined ? {} : { reason: context.reason }),
});

/** Wire form of an event; `metadata` comes from `metadataOf`. */
export const encode = (event: DomainEvent, metadata: EventMetadata): NewEvent => {
  const { type, ...data } = event;
  const version = schemas[type].version;
  return {
    type,
    data: data as unknown as JsonObject,
    metadata: version === 1 ? metadata : { ...metadata, schema: String(version) },
  };
};
