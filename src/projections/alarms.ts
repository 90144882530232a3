/**
 * Events somebody should look at although nothing failed: what the house decided without being sure, and what contradicts it.
 * Says it in a sentence; who is told is not its business.
 */
import type { DomainEvent } from '../domain/events.ts';
import type { Recorded } from '../domain/recorded.ts';

export type Alarm = {
  readonly alarm: 'report-differs' | 'dirty-limit' | 'instance-lost' | 'break-glass';
  readonly text: string;
};

/** How the actors of keys begin that are made for one emergency. */
const EMERGENCY = 'break-glass';

/** Somebody uses the way in that is there for emergencies: it must not be used in silence. */
export const emergencyIn = ({ actor, event }: Pick<Recorded<DomainEvent>, 'actor' | 'event'>): Alarm | undefined =>
  actor.startsWith(EMERGENCY) ? { alarm: 'break-glass', text: `${actor} has made ${event.type}` } : undefined;

/** Undefined for all that is as it should be. */
export const alarmIn = (event: DomainEvent): Alarm | undefined => {
  if (event.type === 'InstanceReportDiffered') {
    const { instanceId, member, expected, reported } = event;
    const text = `the cluster reports ${instanceId} with ${member} ${reported}; it was given ${expected}`;
    return { alarm: 'report-differs', text };
  }
  if (event.type === 'PublicAddressCleared' && event.cause === 'limit') {
    const { address, cluster } = event;
    return { alarm: 'dirty-limit', text: `${address} is shown again although ${cluster} may still answer for it` };
  }
  if (event.type === 'InstanceTerminated' && event.cause === 'timeout') {
    const text = `${event.instanceId} was given up: its time ran out without a report of its end`;
    return { alarm: 'instance-lost', text };
  }
  return undefined;
};
