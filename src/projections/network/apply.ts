/**
 * Folds one event into the network: the only place that says what events mean for the network as it should be. It changes
 * only the draft it is given; whether that stands for a network of nobody else's (catch-up, replay) or for the next one (live)
 * is the runner's choice.
 * Every event is handled or named as meaning nothing here: there is no default.
 */
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { applyPrivateAddress, applyPublicAddress } from './applyAddress.ts';
import { applyCluster } from './applyCluster.ts';
import { applyConfiguration } from './applyConfiguration.ts';
import { applyGroup } from './applyGroup.ts';
import { applyInstance } from './applyInstance.ts';
import type { Draft } from './draft.ts';

export const apply = (draft: Draft, recorded: Recorded<DomainEvent>): void => {
  draft.network.position = recorded.position;
  draft.network.time = recorded.time;
  dispatch(draft, recorded);
};

const dispatch = (draft: Draft, recorded: Recorded<DomainEvent>): void => {
  const event = recorded.event;
  switch (event.type) {
    case 'ConfigurationPosted':
    case 'ConfigurationCleared':
    case 'PropertyChanged':
    case 'PropertyReset':
    case 'EpochRaised':
      applyConfiguration(draft, event, recorded);
      return;
    case 'ClusterRegistered':
    case 'ClusterAddressResolved':
    case 'ClusterEnabled':
    case 'ClusterDisabled':
    case 'ClusterDeregistered':
    case 'ClusterNodesReported':
    case 'ClusterNodesForgotten':
    case 'ClusterModeReported':
      applyCluster(draft, event, recorded);
      return;
    case 'PrivateAddressReserved':
    case 'PrivateAddressAssociated':
    case 'PrivateAddressReleased':
    case 'PrivateAddressFreed':
      applyPrivateAddress(draft, event, recorded);
      return;
    case 'PublicPoolDefined':
    case 'PublicAddressAllocated':
    case 'PublicAddressImpending':
    case 'PublicAddressAssigned':
    case 'PublicAddressUnassigned':
    case 'PublicAddressTransitionCompleted':
    case 'PublicAddressReleased':
    case 'PublicAddressCleared':
      applyPublicAddress(draft, event, recorded);
      return;
    case 'SecurityGroupCreated':
    case 'SecurityGroupDeleted':
    case 'SecurityGroupRulesAuthorized':
    case 'SecurityGroupRulesRevoked':
    case 'SecurityGroupMemberJoined':
    case 'SecurityGroupMemberLeft':
      applyGroup(draft, event, recorded);
      return;
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
      applyInstance(draft, event, recorded);
      return;
    // A group's own stream says its name too; names only guard uniqueness.
    case 'SecurityGroupNameTaken':
    case 'SecurityGroupNameGivenUp':
    // Tags and indexes exist in the generic mode only and are in no EDGE document.
    case 'NetworkTagReserved':
    case 'NetworkTagReleased':
    case 'NetworkIndexReserved':
    case 'NetworkIndexReleased':
    // What was delivered or refused changes nothing of what should be.
    case 'DocumentDelivered':
    case 'CommandRefused':
    case 'ReportFollowed':
      return;
  }
};
