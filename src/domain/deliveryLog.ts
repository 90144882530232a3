/**
 * What was delivered to whom: one stream per cluster (`delivery-<cluster>`), written when a cluster controller has answered
 * true, so that every document ever delivered can be proven against the log later.
 */
import type { Aggregate, Decision } from './decider.ts';

/** A cluster controller has answered true to this document. NB this type and name are the storage format: version them with care. */
export type DeliveryEvent = {
  readonly type: 'DocumentDelivered';
  readonly cluster: string;
  readonly epoch: number;
  /** Position the document reflects. */
  readonly version: number;
  /** Digest of the document's parts (hex), see projections/document/pieces.ts. */
  readonly digest: string;
  readonly dialect: string;
  readonly bytes: number;
  /** `edgelog` when the controller is one of ours, which says by itself how far its nodes are. */
  readonly controller?: string;
};

export type DeliveryState = { last: DeliveryEvent | undefined };

export const deliveryAggregate: Aggregate<DeliveryState, DeliveryEvent> = {
  category: 'delivery',
  initial: () => ({ last: undefined }),
  apply: (state, event) => {
    state.last = event;
  },
};

const isOlder = (a: DeliveryEvent, b: DeliveryEvent): boolean =>
  a.epoch < b.epoch || (a.epoch === b.epoch && a.version <= b.version);

/** Notes deliveries in order; what was noted already, or is older, is no event. */
export const noteDeliveries = (state: DeliveryState, delivered: readonly DeliveryEvent[]): Decision<DeliveryEvent> => {
  const events: DeliveryEvent[] = [];
  let last = state.last;
  for (const delivery of delivered) {
    if (last !== undefined && isOlder(delivery, last)) continue;
    events.push(delivery);
    last = delivery;
  }
  return events;
};
