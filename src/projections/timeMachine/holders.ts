/** Who held an address when, and which instances were on a node when: spans read off the events about it, in order. */
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';

/** `to` is null while it lasts. Positions. */
export type Span = { readonly holder: string; readonly from: number; readonly to: number | null };

type Turn = { readonly holder: string | undefined } | undefined;

/** Undefined: says nothing of who holds it; so does every event not named here. */
const addressTurn = (event: DomainEvent, address: string): Turn => {
  switch (event.type) {
    case 'PrivateAddressReserved':
    case 'PublicAddressImpending':
      return { holder: event.instanceId };
    case 'PublicAddressAssigned':
      return event.address === address ? { holder: event.instanceId } : undefined;
    case 'PublicAddressAllocated':
      return { holder: event.owner };
    case 'PrivateAddressReleased':
      return { holder: 'quarantine' };
    case 'PublicAddressUnassigned':
      return { holder: event.owner };
    case 'PrivateAddressFreed':
    case 'PublicAddressReleased':
      return { holder: undefined };
  }
  return undefined;
};

export const holdersOf = (address: string, events: readonly Recorded<DomainEvent>[]): readonly Span[] => {
  const spans: Span[] = [];
  for (const { event, position } of events) {
    const turn = addressTurn(event, address);
    const last = spans.at(-1);
    if (turn === undefined || (last?.to === null && last.holder === turn.holder)) continue;
    if (last?.to === null) spans[spans.length - 1] = { ...last, to: position };
    if (turn.holder !== undefined) spans.push({ holder: turn.holder, from: position, to: null });
  }
  return spans;
};

const leaves: readonly DomainEvent['type'][] = [
  'InstanceStopped',
  'InstanceTerminated',
  'InstanceBuried',
  'InstanceForgotten',
];

/** When the instance whose events these are was on the node. */
export const staysOn = (node: string, events: readonly Recorded<DomainEvent>[]): readonly Span[] => {
  const spans: Span[] = [];
  for (const { event, position } of events) {
    const last = spans.at(-1);
    const isHere = event.type === 'InstancePlaced' && event.node === node;
    const isGone = (event.type === 'InstancePlaced' && event.node !== node) || leaves.includes(event.type);
    if (isGone && last?.to === null) spans[spans.length - 1] = { ...last, to: position };
    if (isHere && last?.to !== null) spans.push({ holder: event.instanceId, from: position, to: null });
  }
  return spans;
};
