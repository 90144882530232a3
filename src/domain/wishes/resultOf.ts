/**
 * What a command's events say to whoever wished it: ids, addresses. A repeated command is answered from its recorded events;
 * whatever of an answer does not follow from them is kept beside them (`execute.ts`).
 */
import type { DomainEvent } from '../events.ts';
import type { Result } from './scene.ts';

type Run = {
  instanceId: string;
  privateAddress: string;
  macAddress: string;
  groups: readonly string[];
  publicAddress?: string;
  /** In generic mode: what the cluster must be told. */
  networkTag?: number;
  networkIndex?: number;
};

const runs = (events: readonly DomainEvent[]): readonly Run[] => {
  const found = new Map<string, Run>();
  for (const event of events) {
    if (event.type === 'InstanceCreated') {
      const { instanceId, privateAddress, macAddress, groups } = event;
      found.set(instanceId, { instanceId, privateAddress, macAddress, groups });
    }
  }
  for (const event of events) {
    const run = 'instanceId' in event ? found.get(event.instanceId) : undefined;
    if (run === undefined) continue;
    if (event.type === 'PublicAddressImpending') run.publicAddress = event.address;
    if (event.type === 'NetworkIndexReserved') Object.assign(run, { networkTag: event.tag, networkIndex: event.index });
  }
  return [...found.values()];
};

export const resultOf = (events: readonly DomainEvent[]): Result => {
  const instances = runs(events);
  let result: Result = instances.length === 0 ? {} : { instances };
  for (const event of events) {
    if (event.type === 'PublicAddressAllocated') result = { ...result, address: event.address };
    if (event.type === 'SecurityGroupCreated' && instances.length === 0) result = { ...result, groupId: event.groupId };
    if (event.type === 'EpochRaised') result = { ...result, epoch: event.epoch };
  }
  return result;
};
