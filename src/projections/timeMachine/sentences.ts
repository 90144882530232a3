/** Every event in one sentence of the network's own words. Exhaustive on purpose: a new event says here how it reads. */
import type { DomainEvent } from '../../domain/events.ts';
import { describeRule, type Rule } from '../../domain/rule.ts';

const rules = (list: readonly Rule[]): string => list.map(describeRule).join('; ');
const because = (cause: string): string => (cause === '' ? '' : ` (${cause})`);

/** The event in one sentence of plain words, without its author and time. */
export const sentenceOf = (event: DomainEvent): string => {
  switch (event.type) {
    case 'ConfigurationPosted':
      return 'the network configuration was posted';
    case 'ConfigurationCleared':
      return 'the network configuration was cleared';
    case 'PropertyChanged':
      return `property ${event.name} was set to ${JSON.stringify(event.value)}`;
    case 'PropertyReset':
      return `property ${event.name} went back to its default`;
    case 'EpochRaised':
      return `the epoch was raised to ${event.epoch}${because(event.reason)}`;
    case 'ClusterRegistered':
      return `cluster ${event.cluster} was registered at ${event.host} (${event.address})`;
    case 'ClusterAddressResolved':
      return `the host of cluster ${event.cluster} resolved to ${event.address}`;
    case 'ClusterEnabled':
      return `cluster ${event.cluster} was enabled`;
    case 'ClusterDisabled':
      return `cluster ${event.cluster} was disabled${because(event.reason)}`;
    case 'ClusterDeregistered':
      return `cluster ${event.cluster} was deregistered`;
    case 'ClusterNodesReported':
      return `cluster ${event.cluster} has nodes ${event.nodes.map(({ name }) => name).join(', ') || 'none'}`;
    case 'ClusterNodesForgotten':
      return `cluster ${event.cluster} no longer has nodes ${event.nodes.join(', ')}`;
    case 'ClusterModeReported':
      return `cluster ${event.cluster} reports mode ${event.mode}`;
    case 'PrivateAddressReserved':
      return `${event.address} was reserved for ${event.instanceId}`;
    case 'PrivateAddressAssociated':
      return `${event.address} belongs to ${event.instanceId}`;
    case 'PrivateAddressReleased':
      return `${event.address} was given back by ${event.instanceId}${because(event.cause)}; it is in quarantine`;
    case 'PrivateAddressFreed':
      return `${event.address} is free again${because(event.reason ?? event.cause)}`;
    case 'PublicPoolDefined':
      return `the public pool is ${event.ranges.join(', ') || 'empty'}`;
    case 'PublicAddressAllocated':
      return `${event.address} was allocated to ${event.owner}`;
    case 'PublicAddressImpending':
      return `${event.address} is being prepared for ${event.instanceId}`;
    case 'PublicAddressAssigned':
      return `${event.address} was assigned to ${event.instanceId} (${event.instanceAddress})`;
    case 'PublicAddressUnassigned':
      return `${event.address} was taken from ${event.instanceId}`;
    case 'PublicAddressTransitionCompleted':
      return `the change of ${event.address} is complete`;
    case 'PublicAddressReleased':
      return `${event.address} was released by ${event.owner}`;
    case 'PublicAddressCleared':
      return `${event.address} is clean in ${event.cluster}${because(event.reason ?? event.cause)}`;
    case 'SecurityGroupNameTaken':
      return `account ${event.account} has a security group named ${event.name} (${event.groupId})`;
    case 'SecurityGroupNameGivenUp':
      return `account ${event.account} no longer has a security group named ${event.name} (${event.groupId})`;
    case 'SecurityGroupCreated':
      return `security group ${event.groupId} (${event.name}) was created`;
    case 'SecurityGroupDeleted':
      return `security group ${event.groupId} was deleted`;
    case 'SecurityGroupRulesAuthorized':
      return `${event.groupId} allows ${rules(event.rules)}`;
    case 'SecurityGroupRulesRevoked':
      return `${event.groupId} no longer allows ${rules(event.rules)}`;
    case 'SecurityGroupMemberJoined':
      return `${event.instanceId} joined ${event.groupId}`;
    case 'SecurityGroupMemberLeft':
      return `${event.instanceId} left ${event.groupId}`;
    case 'InstanceCreated':
    case 'InstancePlaced':
    case 'InstanceRunning':
    case 'InstanceStopping':
    case 'InstanceStopped':
    case 'InstanceStarted':
    case 'InstanceShuttingDown':
    case 'InstanceTerminated':
    case 'InstanceBuried':
    case 'InstanceForgotten':
    case 'InstanceAddressLearned':
    case 'InstanceReportDiffered':
    case 'NetworkTagReserved':
    case 'NetworkTagReleased':
    case 'NetworkIndexReserved':
    case 'NetworkIndexReleased':
    case 'DocumentDelivered':
    case 'CommandRefused':
    case 'ReportFollowed':
      return lifeSentence(event);
  }
};

type Rest = Extract<
  DomainEvent,
  {
    readonly type: `Instance${string}` | `Network${string}` | 'DocumentDelivered' | 'CommandRefused' | 'ReportFollowed';
  }
>;

const lifeSentence = (event: Rest): string => {
  switch (event.type) {
    case 'InstanceCreated':
      return `${event.instanceId} was created in ${event.cluster} with ${event.privateAddress} in ${event.groups.join(', ')}`;
    case 'InstancePlaced':
      return `${event.instanceId} is on node ${event.node}`;
    case 'InstanceRunning':
      return `${event.instanceId} is running`;
    case 'InstanceStopping':
      return `${event.instanceId} is stopping${because(event.cause)}`;
    case 'InstanceStopped':
      return `${event.instanceId} is stopped${because(event.cause)}`;
    case 'InstanceStarted':
      return `${event.instanceId} was started again with ${event.privateAddress}`;
    case 'InstanceShuttingDown':
      return `${event.instanceId} is shutting down${because(event.cause)}`;
    case 'InstanceTerminated':
      return `${event.instanceId} is terminated${because(event.cause)}`;
    case 'InstanceBuried':
      return `${event.instanceId} is buried`;
    case 'InstanceForgotten':
      return `${event.instanceId} is forgotten`;
    case 'InstanceAddressLearned':
      return `${event.instanceId} was reported to have ${event.privateAddress} and MAC ${event.macAddress}`;
    case 'InstanceReportDiffered':
      return `${event.instanceId} was reported with ${event.member} ${event.reported}, expected ${event.expected}`;
    case 'NetworkTagReserved':
      return `tag ${event.tag} was reserved for ${event.groupId}`;
    case 'NetworkTagReleased':
      return `tag ${event.tag} was given back by ${event.groupId}`;
    case 'NetworkIndexReserved':
      return `index ${event.index} of ${event.groupId} was reserved for ${event.instanceId}`;
    case 'NetworkIndexReleased':
      return `index ${event.index} of ${event.groupId} was given back by ${event.instanceId}`;
    case 'DocumentDelivered':
      return `${event.cluster} took the document of position ${event.version}`;
    case 'CommandRefused':
      return `${event.command} was refused: ${event.detail}`;
    case 'ReportFollowed':
      return `a report of ${event.cluster} about ${event.instances} instances was followed, ${event.changes} events`;
  }
};
