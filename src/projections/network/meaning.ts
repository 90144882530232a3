/**
 * Which part of the network an event is about, for people: the groups of the switch in `apply.ts` by name, printed by
 * `edgelog wiring` and in the catalogue of events. It decides nothing; a test holds it against that switch.
 */
import type { EventType } from '../../domain/events.ts';

export type Section =
  | 'configuration'
  | 'clusters'
  | 'private addresses'
  | 'public addresses'
  | 'security groups'
  | 'instances'
  | 'nothing';

export const sectionOf = (type: EventType): Section => {
  switch (type) {
    case 'ConfigurationPosted':
    case 'ConfigurationCleared':
    case 'PropertyChanged':
    case 'PropertyReset':
    case 'EpochRaised':
      return 'configuration';
    case 'ClusterRegistered':
    case 'ClusterAddressResolved':
    case 'ClusterEnabled':
    case 'ClusterDisabled':
    case 'ClusterDeregistered':
    case 'ClusterNodesReported':
    case 'ClusterNodesForgotten':
    case 'ClusterModeReported':
      return 'clusters';
    case 'PrivateAddressReserved':
    case 'PrivateAddressAssociated':
    case 'PrivateAddressReleased':
    case 'PrivateAddressFreed':
      return 'private addresses';
    case 'PublicPoolDefined':
    case 'PublicAddressAllocated':
    case 'PublicAddressImpending':
    case 'PublicAddressAssigned':
    case 'PublicAddressUnassigned':
    case 'PublicAddressTransitionCompleted':
    case 'PublicAddressReleased':
    case 'PublicAddressCleared':
      return 'public addresses';
    case 'SecurityGroupCreated':
    case 'SecurityGroupDeleted':
    case 'SecurityGroupRulesAuthorized':
    case 'SecurityGroupRulesRevoked':
    case 'SecurityGroupMemberJoined':
    case 'SecurityGroupMemberLeft':
      return 'security groups';
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
    case 'InstanceReportDiffered':
    case 'InstanceAddressLearned':
      return 'instances';
    case 'SecurityGroupNameTaken':
    case 'SecurityGroupNameGivenUp':
    case 'NetworkTagReserved':
    case 'NetworkTagReleased':
    case 'NetworkIndexReserved':
    case 'NetworkIndexReleased':
    case 'DocumentDelivered':
    case 'CommandRefused':
    case 'ReportFollowed':
      return 'nothing';
  }
};
