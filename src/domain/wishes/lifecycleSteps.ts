/**
 * What networking does at the interception points (cloud spec 7.2, 7.5), one function per step. Each reads and writes the
 * unit of work through the allocation; a refusal ends the wish.
 */

import type { Decision } from '../decider.ts';
import { launchGroups } from '../executeGroups.ts';
import { networkTagsAggregate, releaseIndex } from '../networkTags.ts';
import { associatePrivate, privatePoolAggregate, releasePrivate } from '../privatePool.ts';
import { acceptAddress, type FlowSetting, leaveAddress } from '../publicFlows.ts';
import { type PublicPoolEvent, type PublicPoolState, publicPoolAggregate } from '../publicPool.ts';
import { isRefusal, type Refusal } from '../refusals.ts';
import { reportedGroups } from '../reportedGroups.ts';
import { joinGroup, leaveGroup, securityGroupAggregate } from '../securityGroup.ts';
import type { Allocation } from './allocation.ts';
import { flowSetting } from './publicSetting.ts';
import { groupSettingsOf } from './scene.ts';

type StepRun = (allocation: Allocation) => Refusal | undefined;

export const resolveGroups: StepRun = (allocation) => {
  const { scene, account, groupsWished } = allocation;
  const groups = launchGroups(scene.unit, account, groupsWished, groupSettingsOf(scene));
  if (isRefusal(groups)) return groups;
  allocation.groups = groups;
  return undefined;
};

export const resolveReportedGroups: StepRun = (allocation) => {
  const { scene, account, groupsWished } = allocation;
  allocation.groups = reportedGroups(scene.unit, account, groupsWished);
  return undefined;
};

/** One each; an instance that a cluster reported asks for exactly the address it was reported with. */
export const requestPrivateAddress: StepRun = ({ requests, tokens }) => {
  for (const { instanceId, reportedAddress } of tokens) {
    const value = reportedAddress === undefined ? {} : { value: reportedAddress };
    requests.push({ type: 'private-ip', ownerId: instanceId, ...value });
  }
  return undefined;
};

export const requestPublicAddress: StepRun = ({ requests, tokens, addressing }) => {
  if (addressing === 'private') return undefined;
  for (const { instanceId } of tokens) requests.push({ type: 'public-ip', ownerId: instanceId });
  return undefined;
};

export const requestIndexes: StepRun = ({ requests, tokens }) => {
  for (const { instanceId } of tokens) requests.push({ type: 'private-network-index', ownerId: instanceId });
  return undefined;
};

/** PENDING becomes EXTANT. What was reserved in this unit is bound without asking the pool, which does not show it yet. */
export const associatePrivateAddresses: StepRun = ({ scene: { unit, surroundings }, cluster, tokens }) => {
  for (const { instanceId, privateAddress: address, reservation, freshlyReserved } of tokens) {
    if (address === '0.0.0.0') continue;
    const pool = unit.read(privatePoolAggregate, surroundings.cloud);
    const events = freshlyReserved
      ? [{ type: 'PrivateAddressAssociated' as const, address, cluster, instanceId, reservation }]
      : associatePrivate(pool, { address, instanceId, cluster });
    if (isRefusal(events)) return events;
    unit.write(privatePoolAggregate, surroundings.cloud, events);
  }
  return undefined;
};

export const joinGroups: StepRun = ({ scene: { unit }, groups, tokens }) => {
  for (const { groupId, record } of groups) {
    for (const { instanceId } of tokens) {
      const events = joinGroup(record, groupId, instanceId);
      if (isRefusal(events)) return events;
      unit.write(securityGroupAggregate, groupId, events);
    }
  }
  return undefined;
};

/** The impending address of a placed instance becomes its own, as soon as the cluster can be told for whom. */
export const awaitPublicAddress: StepRun = (allocation) => {
  const isAddressed = allocation.tokens.every(({ record }) => record.privateAddress !== '0.0.0.0');
  return allocation.network === 'generic' && !isAddressed ? undefined : forEachHolder(allocation, acceptAddress);
};

/** The address goes dirty in its cluster and, if it was the system's, back to the pool. */
export const unassignPublicAddress: StepRun = (allocation) => forEachHolder(allocation, leaveAddress);

type HolderFlow = (pool: PublicPoolState, instanceId: string, setting: FlowSetting) => Decision<PublicPoolEvent>;

/** No two instances have the same address, so their flows may be decided side by side. */
const forEachHolder = ({ scene, tokens }: Allocation, flow: HolderFlow): Refusal | undefined => {
  const { unit, surroundings } = scene;
  const pool = unit.read(publicPoolAggregate, surroundings.cloud);
  const setting = flowSetting(scene, new Map(tokens.map(({ instanceId, record }) => [instanceId, record])));
  for (const { instanceId } of tokens) {
    const events = flow(pool, instanceId, setting);
    if (isRefusal(events)) return events;
    unit.write(publicPoolAggregate, surroundings.cloud, events);
  }
  return undefined;
};

export const releasePrivateAddress: StepRun = ({ scene: { unit, surroundings }, cause, tokens }) => {
  const pool = unit.read(privatePoolAggregate, surroundings.cloud);
  for (const { instanceId, record } of tokens) {
    const { privateAddress: address, reservation } = record;
    if (address === '0.0.0.0') continue;
    const events = releasePrivate(pool, { address, owner: instanceId, reservation, cause });
    unit.write(privatePoolAggregate, surroundings.cloud, events);
  }
  return undefined;
};

export const clearMembership: StepRun = ({ scene: { unit }, tokens }) => {
  for (const { instanceId, record } of tokens) {
    for (const groupId of record.groups) {
      const events = leaveGroup(unit.read(securityGroupAggregate, groupId), groupId, instanceId);
      unit.write(securityGroupAggregate, groupId, events);
    }
  }
  return undefined;
};

export const releaseIndexes: StepRun = ({ scene: { unit, surroundings }, tokens }) => {
  const tags = unit.read(networkTagsAggregate, surroundings.cloud);
  for (const { instanceId, record } of tokens) {
    const [first] = record.groups;
    if (first !== undefined)
      unit.write(networkTagsAggregate, surroundings.cloud, releaseIndex(tags, first, instanceId));
  }
  return undefined;
};
