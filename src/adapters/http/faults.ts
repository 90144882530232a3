/** What a caller may know of a fault: its kind and what to do, never a stack, a path or a message of some library. */
import { StoreFault } from '../../domain/eventStore.ts';
import { type DoorRefusal, refuseRequest } from './refusal.ts';

const soon = { 'Retry-After': '1' };

export const faultRefusal = (fault: unknown): DoorRefusal =>
  fault instanceof StoreFault
    ? storeRefusal(fault)
    : refuseRequest('internal-fault', 'The request met a fault of ours.');

const storeRefusal = (fault: StoreFault): DoorRefusal => {
  switch (fault.kind) {
    case 'unavailable':
    case 'closed':
      return refuseRequest('store-unavailable', 'The event store does not answer.', { headers: soon });
    case 'unknown-outcome':
      return refuseRequest('outcome-unknown', 'The connection to the event store broke while appending.', {
        headers: soon,
      });
    case 'not-permitted':
    case 'unsupported':
      return refuseRequest('store-not-permitted', 'The event store does not let us do this.');
    case 'corrupt':
      return refuseRequest(
        'log-corrupt',
        fault.position === undefined ? 'The log is damaged.' : `The log is damaged at position ${fault.position}.`,
        fault.position === undefined ? {} : { more: { position: fault.position } },
      );
  }
};
