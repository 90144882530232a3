/** Every golden sample, by its file's name without the ending, with the event it means today. */
import type { DomainEvent } from '../../../src/domain/events.ts';
import { addresses } from './addresses.ts';
import { cloud } from './cloud.ts';
import { groupsAndInstances } from './groupsAndInstances.ts';

export const expectedEvents: Readonly<Record<string, DomainEvent>> = { ...cloud, ...addresses, ...groupsAndInstances };
