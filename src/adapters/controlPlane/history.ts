/**
 * The network at a moment: from the nearest kept network fold forward. Kept networks share what they have in common and are
 * only a cache: dropping them changes nothing but time.
 */
import { decodeRecorded } from '../../domain/codec.ts';
import type { EventStore } from '../../domain/eventStore.ts';
import { type Refusal, refuse } from '../../domain/refusals.ts';
import type { AuditIndex } from '../../projections/audit.ts';
import { initialNetwork } from '../../projections/network/initial.ts';
import { advance, advanceInPlace } from '../../projections/network/runner.ts';
import type { Network } from '../../projections/network/views.ts';

/** A moment in the log: a position, a time in ms, or an event id. */
export type Moment = { readonly position: number } | { readonly time: number } | { readonly eventId: string };

export type History = {
  readonly positionOf: (moment: Moment) => number | Refusal;
  readonly networkAt: (position: number, onProgress?: (done: number, of: number) => void) => Promise<Network>;
  /** Keeps this network for later questions. It must never change again. */
  readonly keep: (network: Network) => void;
};

const PAGE = 5_000;
const KEEP_EVERY = 25_000;
const MAX_KEPT = 400;

export const createHistory = (store: EventStore, index: AuditIndex, newest: () => Network): History => {
  /** Ascending by position. */
  let kept: Network[] = [];

  const keep = (network: Network): void => {
    const at = kept.findIndex((one) => one.position >= network.position);
    if (at >= 0 && kept[at]?.position === network.position) return;
    if (at < 0) kept.push(network);
    else kept.splice(at, 0, network);
    // Thinned out evenly: what lies between is folded again.
    if (kept.length > MAX_KEPT) kept = kept.filter((_, i) => i % 2 === 0);
  };

  const nearest = (position: number): Network | undefined => {
    const current = newest();
    if (current.position <= position) return current;
    return kept.findLast((one) => one.position <= position);
  };

  const networkAt: History['networkAt'] = async (position, onProgress) => {
    const start = nearest(position);
    if (start?.position === position) return start;
    let network = start ?? initialNetwork();
    // A network made here from nothing belongs to nobody else yet.
    let isOwn = start === undefined;
    let lastKept = network.position;
    const from = network.position;
    while (network.position < position) {
      const page = (await store.readAll(network.position, PAGE)).filter((stored) => stored.position <= position);
      if (page.length === 0) break;
      const events = page.map(decodeRecorded);
      network = isOwn ? advanceInPlace(network, events) : advance(network, events);
      onProgress?.(network.position - from, position - from);
      if (network.position - lastKept >= KEEP_EVERY) {
        keep(network);
        lastKept = network.position;
        isOwn = false;
      }
    }
    return network;
  };

  const positionOf = (moment: Moment): number | Refusal => {
    const last = index.last();
    if ('eventId' in moment) {
      return (
        index.positionOf(moment.eventId) ??
        refuse('moment-not-found', `There is no event ${moment.eventId} in the log.`, {
          member: 'at',
          value: moment.eventId,
        })
      );
    }
    if ('time' in moment) {
      const position = index.positionAt(moment.time);
      return position >= 0
        ? position
        : refuse('moment-before-log', 'The log begins later than that moment.', { member: 'at' });
    }
    if (moment.position <= last && moment.position >= 0) return moment.position;
    return refuse(
      'moment-not-found',
      `The log ends at position ${last}; there is no position ${moment.position} yet.`,
      { member: 'at', value: String(moment.position) },
    );
  };

  return { positionOf, networkAt, keep };
};
