/**
 * What an event is about, by the names people use: instance ids, group ids, addresses, clusters, nodes. History and audit
 * look events up by these. Exhaustive on purpose: a new event says here what it is about.
 */
import type { DomainEvent } from './events.ts';

const present = (...names: readonly (string | undefined)[]): readonly string[] =>
  names.filter((name): name is string => name !== undefined && name !== '');

/** Names of the things an event is about; those it merely mentions are left out. */
export const subjectsOf = (event: DomainEvent): readonly string[] => {
  switch (event.type) {
    case 'ConfigurationPosted':
    case 'ConfigurationCleared':
      return ['configuration'];
    case 'PropertyChanged':
    case 'PropertyReset':
      return [event.name];
    case 'EpochRaised':
      return ['epoch'];
    case 'ClusterRegistered':
    case 'ClusterAddressResolved':
    case 'ClusterEnabled':
    case 'ClusterDisabled':
    case 'ClusterDeregistered':
    case 'ClusterModeReported':
    case 'DocumentDelivered':
    case 'ReportFollowed':
      return [event.cluster];
    case 'ClusterNodesReported':
      return [event.cluster, ...event.nodes.map(({ name }) => name)];
    case 'ClusterNodesForgotten':
      return [event.cluster, ...event.nodes];
    case 'PrivateAddressReserved':
    case 'PrivateAddressAssociated':
    case 'PrivateAddressReleased':
    case 'PublicAddressImpending':
    case 'PublicAddressUnassigned':
      return present(event.address, event.instanceId);
    case 'PublicAddressAssigned':
      return present(event.address, event.instanceId, event.instanceAddress);
    case 'PrivateAddressFreed':
    case 'PublicAddressAllocated':
    case 'PublicAddressTransitionCompleted':
    case 'PublicAddressReleased':
    case 'PublicAddressCleared':
      return [event.address];
    case 'PublicPoolDefined':
      return ['public-pool'];
    case 'SecurityGroupNameTaken':
    case 'SecurityGroupNameGivenUp':
    case 'SecurityGroupCreated':
    case 'SecurityGroupDeleted':
    case 'SecurityGroupRulesAuthorized':
    case 'SecurityGroupRulesRevoked':
      return [event.groupId];
    case 'SecurityGroupMemberJoined':
    case 'SecurityGroupMemberLeft':
      return [event.groupId, event.instanceId];
    case 'InstanceCreated':
      return present(event.instanceId, event.privateAddress === '0.0.0.0' ? undefined : event.privateAddress);
    case 'InstancePlaced':
      return [event.instanceId, event.node];
    case 'InstanceStarted':
    case 'InstanceAddressLearned':
      return [event.instanceId, event.privateAddress];
    case 'InstanceRunning':
    case 'InstanceStopping':
    case 'InstanceStopped':
    case 'InstanceShuttingDown':
    case 'InstanceTerminated':
    case 'InstanceBuried':
    case 'InstanceForgotten':
    case 'InstanceReportDiffered':
      return [event.instanceId];
    case 'NetworkTagReserved':
    case 'NetworkTagReleased':
      return [event.groupId];
    case 'NetworkIndexReserved':
    case 'NetworkIndexReleased':
      return [event.groupId, event.instanceId];
    case 'CommandRefused':
      return present(event.subject);
  }
};
