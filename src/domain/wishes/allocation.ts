/**
 * One run, start, restore or clean-up on its way through the interception points: what was wished, what the networking
 * service gave, and the instances (tokens) it is for. Steps write to the unit of work; nothing here is kept.
 */
import type { InstanceRecord } from '../instance.ts';
import type { ResourceGrant, ResourceRequest } from '../networking/resources.ts';
import type { PrivateReleaseCause } from '../privatePool.ts';
import type { SecurityGroupRecord } from '../securityGroup.ts';
import type { Scene } from './scene.ts';

/** One instance of an allocation. `record` is as before this unit. */
export type Token = {
  readonly instanceId: string;
  readonly record: InstanceRecord;
  /** Where a cluster reported it to be, when it is restored. */
  readonly reportedAddress?: string;
  privateAddress: string;
  reservation: string;
  /** Reserved in this very unit, so that the pool's state does not show it yet. */
  freshlyReserved: boolean;
};

export type JoinedGroup = { readonly groupId: string; readonly record: SecurityGroupRecord };

export type Allocation = {
  readonly scene: Scene;
  readonly network: 'EDGE' | 'generic';
  readonly account: string;
  readonly cluster: string;
  readonly addressing: 'public' | 'private';
  readonly groupsWished: readonly string[];
  readonly cause: PrivateReleaseCause;
  readonly tokens: readonly Token[];
  groups: readonly JoinedGroup[];
  readonly requests: ResourceRequest[];
  grants: readonly ResourceGrant[];
};

/** What is known of an instance before anything is allocated to it. */
export const tokenOf = (
  instanceId: string,
  record: InstanceRecord,
  reservation: string,
  reportedAddress?: string,
): Token => ({
  instanceId,
  record,
  privateAddress: record.privateAddress,
  reservation,
  freshlyReserved: false,
  ...(reportedAddress === undefined ? {} : { reportedAddress }),
});
