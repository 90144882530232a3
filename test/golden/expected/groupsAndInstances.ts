/** What the golden samples about security groups and instances mean today. */
import type { DomainEvent } from '../../../src/domain/events.ts';

const account = '000000000002';
const groupId = 'sg-0a0b0c0d';
const instanceId = 'i-0a1b2c3d';
const named = { account, name: 'web – östlich', groupId } as const;

export const groupsAndInstances = {
  'SecurityGroupNameTaken.v1': { type: 'SecurityGroupNameTaken', ...named },
  'SecurityGroupNameGivenUp.v1': { type: 'SecurityGroupNameGivenUp', ...named },
  'SecurityGroupCreated.v1': { type: 'SecurityGroupCreated', ...named, description: 'what faces "outside" <&>' },
  'SecurityGroupDeleted.v1': { type: 'SecurityGroupDeleted', groupId },
  'SecurityGroupRulesAuthorized.v1': {
    type: 'SecurityGroupRulesAuthorized',
    groupId,
    rules: [
      { protocol: 6, low: 22, high: 22, source: { kind: 'cidr', cidr: '192.0.2.0/24' } },
      { protocol: 1, low: -1, high: -1, source: { kind: 'cidr', cidr: '0.0.0.0/0' } },
      { protocol: 6, low: 3306, high: 3306, source: { kind: 'group', groupId: 'sg-0e0f0001', account } },
      { protocol: 17, low: 53, high: 53, source: { kind: 'group', groupId, account, groupName: 'web – östlich' } },
    ],
  },
  'SecurityGroupRulesRevoked.v1': {
    type: 'SecurityGroupRulesRevoked',
    groupId,
    rules: [{ protocol: 6, low: 22, high: 22, source: { kind: 'cidr', cidr: '192.0.2.0/24' } }],
  },
  'SecurityGroupMemberJoined.v1': { type: 'SecurityGroupMemberJoined', groupId, instanceId },
  'SecurityGroupMemberLeft.v1': { type: 'SecurityGroupMemberLeft', groupId, instanceId },
  'InstanceCreated.v1': {
    type: 'InstanceCreated',
    instanceId,
    account,
    cluster: 'PARTI00',
    groups: [groupId],
    macAddress: 'd0:0d:0a:1b:2c:3d',
    privateAddress: '10.111.103.30',
    reservation: '5f0c2b1e-7d4b-5c7a-9a35-3f1f0a8d2c11/0',
    addressing: 'public',
    restored: false,
  },
  'InstancePlaced.v1': { type: 'InstancePlaced', instanceId, node: '10.111.5.32' },
  'InstanceRunning.v1': { type: 'InstanceRunning', instanceId },
  'InstanceStopping.v1': { type: 'InstanceStopping', instanceId, cause: 'requested' },
  'InstanceStopped.v1': { type: 'InstanceStopped', instanceId, cause: 'reported' },
  'InstanceStarted.v1': {
    type: 'InstanceStarted',
    instanceId,
    privateAddress: '10.111.103.38',
    reservation: '9b7c2f7e-2f5d-5e0a-8d4e-1a2b3c4d5e6f/0',
  },
  'InstanceShuttingDown.v1': { type: 'InstanceShuttingDown', instanceId, cause: 'timeout' },
  'InstanceTerminated.v1': { type: 'InstanceTerminated', instanceId, cause: 'aborted' },
  'InstanceBuried.v1': { type: 'InstanceBuried', instanceId },
  'InstanceForgotten.v1': { type: 'InstanceForgotten', instanceId },
  'InstanceAddressLearned.v1': {
    type: 'InstanceAddressLearned',
    instanceId,
    macAddress: 'd0:0d:0a:1b:2c:3d',
    privateAddress: '10.111.103.38',
  },
  'InstanceReportDiffered.v1': {
    type: 'InstanceReportDiffered',
    instanceId,
    member: 'privateAddress',
    expected: '10.111.103.30',
    reported: '10.111.103.99',
  },
} as const satisfies Readonly<Record<string, DomainEvent>>;
