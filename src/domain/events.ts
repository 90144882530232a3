/**
 * Every event there is. A new one is added to its aggregate's file, and the compiler then names each exhaustive switch
 * that has to say what it means there.
 */
import type { ClusterEvent } from './cluster.ts';
import type { CommandAuditEvent } from './commandAudit.ts';
import type { ConfigurationEvent } from './configuration/aggregate.ts';
import type { DeliveryEvent } from './deliveryLog.ts';
import type { EpochEvent } from './epoch.ts';
import type { GroupNamesEvent } from './groupNames.ts';
import type { InstanceEvent } from './instance.ts';
import type { NetworkTagsEvent } from './networkTags.ts';
import type { PrivatePoolEvent } from './privatePool.ts';
import type { PublicPoolEvent } from './publicPool.ts';
import type { SecurityGroupEvent } from './securityGroup.ts';

export type DomainEvent =
  | ConfigurationEvent
  | EpochEvent
  | ClusterEvent
  | PrivatePoolEvent
  | PublicPoolEvent
  | GroupNamesEvent
  | SecurityGroupEvent
  | InstanceEvent
  | NetworkTagsEvent
  | DeliveryEvent
  | CommandAuditEvent;

export type EventType = DomainEvent['type'];
