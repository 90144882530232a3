/**
 * The wishes that undo an event, from the event and the network just before it. Not everything can be undone: what ran has run,
 * and what was delivered was delivered. Whether the wishes are possible now is decided where all wishes are.
 */
import type { Command, PermissionWish } from '../../domain/commands.ts';
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { type Refusal, refuse } from '../../domain/refusals.ts';
import { protocolName, type Rule } from '../../domain/rule.ts';
import type { Network } from '../network/views.ts';
import { peek } from '../trie.ts';

const permissionOf = ({ protocol, low, high, source }: Rule): PermissionWish => ({
  protocol: protocolName(protocol),
  fromPort: low,
  toPort: high,
  ...(source.kind === 'cidr'
    ? { cidrs: [source.cidr] }
    : { groups: [{ groupId: source.groupId, account: source.account }] }),
});

const impossible = (type: string, why: string): Refusal =>
  refuse('cannot-revert', `${type} cannot be undone: ${why}`, { member: 'event', value: type });

const formerConfiguration = ({ configuration }: Network): Command =>
  configuration === null ? { type: 'ClearConfiguration' } : { type: 'PostConfiguration', text: configuration.text };

const formerProperty = ({ properties }: Network, name: string): Command => {
  const value = properties[name]?.value;
  return value === undefined ? { type: 'ResetProperty', name } : { type: 'ChangeProperty', name, value };
};

const formerCluster = ({ clusters }: Network, name: string): readonly Command[] => {
  const view = clusters[name];
  if (view === undefined) return [{ type: 'DeregisterCluster', cluster: name }];
  const { component, host, address, endpoint, state, nodes, reason = 'reverted' } = view;
  const again: Command = { type: 'RegisterCluster', cluster: name, component, host, address, endpoint };
  const listed: Command = { type: 'ReportNodes', cluster: name, nodes };
  if (state === 'enabled') return [again, listed, { type: 'EnableCluster', cluster: name }];
  return state === 'disabled' ? [again, listed, { type: 'DisableCluster', cluster: name, reason }] : [again, listed];
};

const ofCluster = (event: DomainEvent & { readonly cluster: string }, before: Network): readonly Command[] => {
  const { cluster } = event;
  if (event.type === 'ClusterNodesReported') {
    const known = new Set((before.clusters[cluster]?.nodes ?? []).map(({ name }) => name));
    const came = event.nodes.map(({ name }) => name).filter((name) => !known.has(name));
    const restored = { type: 'ReportNodes', cluster, nodes: before.clusters[cluster]?.nodes ?? [] } as const;
    return came.length === 0 ? [restored] : [restored, { type: 'ForgetNodes', cluster, nodes: came }];
  }
  if (event.type === 'ClusterNodesForgotten') {
    return [{ type: 'ReportNodes', cluster, nodes: before.clusters[cluster]?.nodes ?? [] }];
  }
  if (event.type === 'ClusterDisabled') return [{ type: 'EnableCluster', cluster }];
  if (event.type === 'ClusterEnabled' && before.clusters[cluster]?.state !== 'enabled') {
    return [{ type: 'DisableCluster', cluster, reason: before.clusters[cluster]?.reason ?? 'reverted' }];
  }
  return formerCluster(before, cluster);
};

const accountOf = ({ groups }: Network, groupId: string): string => peek(groups, groupId)?.account ?? '';

const ofGroup = (event: DomainEvent & { readonly groupId: string }, before: Network): readonly Command[] | Refusal => {
  const { groupId } = event;
  const account = accountOf(before, groupId);
  switch (event.type) {
    case 'SecurityGroupRulesAuthorized':
      return [{ type: 'RevokeIngress', account, groupId, permissions: event.rules.map(permissionOf) }];
    case 'SecurityGroupRulesRevoked':
      return [{ type: 'AuthorizeIngress', account, groupId, permissions: event.rules.map(permissionOf) }];
    case 'SecurityGroupCreated':
    case 'SecurityGroupNameTaken':
      return [{ type: 'DeleteSecurityGroup', account: event.account, groupId }];
    case 'SecurityGroupDeleted': {
      const view = peek(before.groups, groupId);
      if (view === undefined) return impossible(event.type, 'nobody knows the group it deleted.');
      const { name, description, rules } = view;
      const made: Command = { type: 'CreateSecurityGroup', account, groupId, name, description };
      const permissions = rules.map(({ rule }) => permissionOf(rule));
      return permissions.length === 0 ? [made] : [made, { type: 'AuthorizeIngress', account, groupId, permissions }];
    }
  }
  return impossible(event.type, 'it follows from another event; revert that one.');
};

const ofPublicAddress = (event: DomainEvent & { readonly address: string }): readonly Command[] | Refusal => {
  const { address } = event;
  switch (event.type) {
    case 'PublicAddressAllocated':
      return [{ type: 'ReleaseAddress', account: event.owner, address }];
    case 'PublicAddressReleased':
      return [{ type: 'AllocateAddress', account: event.owner, address }];
    case 'PublicAddressAssigned':
      return event.owner === 'system'
        ? impossible(event.type, 'the address belongs to its instance as long as that lives.')
        : [{ type: 'DisassociateAddress', account: event.owner, address }];
    case 'PublicAddressUnassigned':
      return event.owner === 'system'
        ? impossible(event.type, 'the address was lent to the instance by the system and went back.')
        : [{ type: 'AssociateAddress', account: event.owner, address, instanceId: event.instanceId }];
  }
  return impossible(event.type, 'it says how far an address has got, and that cannot be taken back.');
};

/** `before` is the network just before the event. */
export const revertOf = ({ event }: Recorded<DomainEvent>, before: Network): readonly Command[] | Refusal => {
  switch (event.type) {
    case 'ConfigurationPosted':
    case 'ConfigurationCleared':
      return [formerConfiguration(before)];
    case 'PropertyChanged':
    case 'PropertyReset':
      return [formerProperty(before, event.name)];
    case 'ClusterRegistered':
    case 'ClusterEnabled':
    case 'ClusterDisabled':
    case 'ClusterDeregistered':
    case 'ClusterNodesReported':
    case 'ClusterNodesForgotten':
      return ofCluster(event, before);
    case 'SecurityGroupNameTaken':
    case 'SecurityGroupCreated':
    case 'SecurityGroupDeleted':
    case 'SecurityGroupRulesAuthorized':
    case 'SecurityGroupRulesRevoked':
      return ofGroup(event, before);
    case 'PublicAddressAllocated':
    case 'PublicAddressAssigned':
    case 'PublicAddressUnassigned':
    case 'PublicAddressReleased':
      return ofPublicAddress(event);
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
      return impossible(
        event.type,
        'what an instance has lived through stays so; stop, start or terminate it instead.',
      );
    case 'EpochRaised':
      return impossible(event.type, 'receivers have seen the epoch and take nothing older.');
    case 'ClusterAddressResolved':
    case 'ClusterModeReported':
    case 'InstanceReportDiffered':
    case 'DocumentDelivered':
    case 'CommandRefused':
    case 'ReportFollowed':
      return impossible(event.type, 'it notes what happened elsewhere.');
    case 'PublicPoolDefined':
    case 'PrivateAddressReserved':
    case 'PrivateAddressAssociated':
    case 'PrivateAddressReleased':
    case 'PrivateAddressFreed':
    case 'PublicAddressImpending':
    case 'PublicAddressTransitionCompleted':
    case 'PublicAddressCleared':
    case 'SecurityGroupNameGivenUp':
    case 'SecurityGroupMemberJoined':
    case 'SecurityGroupMemberLeft':
    case 'NetworkTagReserved':
    case 'NetworkTagReleased':
    case 'NetworkIndexReserved':
    case 'NetworkIndexReleased':
      return impossible(event.type, 'it follows from another event; revert that one.');
  }
};
