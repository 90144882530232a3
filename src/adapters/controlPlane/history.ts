/**
 * The network at a moment: from the nearest kept network fold forward. Kept networks share what they have in common and are
 * only a cache: dropping them changes nothing but time, and they are dropped when nobody has asked for a while. Walks queue up, so that the second question finds what the first
 * one left behind. Nothing here ever changes the log.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeRecorded } from '../../domain/codec.ts';
import type { EventStore } from '../../domain/eventStore.ts';
import { type Refusal, refuse } from '../../domain/refusals.ts';
import type { AuditIndex } from '../../projections/audit.ts';
import { initialNetwork } from '../../projections/network/initial.ts';
import { advance, advanceInPlace } from '../../projections/network/runner.ts';
import type { Network } from '../../projections/network/views.ts';
import { type Owner, ownerOfAll } from '../../projections/owner.ts';

/** A moment in the log: a position, a time in ms, or an event id. */
export type Moment = { readonly position: number } | { readonly time: number } | { readonly eventId: string };

/** Where a moment lies. `sameTime`: how many events share the millisecond that was asked for; the last of them was taken. */
export type Located = { readonly position: number; readonly sameTime: number };

/** How far a replay is, in events' positions; null while nothing is replayed. */
export type Replaying = { readonly from: number; readonly at: number; readonly to: number } | null;

export type History = {
  readonly locate: (moment: Moment) => Promise<Located | Refusal>;
  readonly networkAt: (position: number, onProgress?: (done: number, of: number) => void) => Promise<Network>;
  /** May keep this network for later questions. It must never change again. */
  readonly offer: (network: Network) => void;
  readonly kept: () => readonly number[];
  readonly replaying: () => Replaying;
};

/** Networks of the past that outlive the process. */
export type HistoryBases = {
  /** The newest one not newer than `position` and newer than `after`; it is nobody else's. Never rejects. */
  readonly nearest: (position: number, after: number) => Promise<Network | undefined>;
  /** May write it down. It must never change again. */
  readonly offer: (network: Network) => void;
};

export type HistoryOptions = {
  readonly bases?: HistoryBases | undefined;
  /** Events folded at a time: a few milliseconds, so that others have their turns. */
  readonly page?: number;
  readonly keepEvery?: number;
  readonly maxKept?: number;
  /** Whether anything of the past stays in memory depends on whether somebody asked for it within this time. */
  readonly idleMs?: number;
  /** Events that take longer to fold than a base takes to be read. */
  readonly far?: number;
  readonly now?: () => number;
};

const isoTime = (time: number): string => new Date(time).toISOString();

const unknownEvent = (eventId: string): Refusal =>
  refuse('moment-not-found', `There is no event ${eventId} in the log.`, { member: 'at', value: eventId });

const beforeLog = (first: string): Refusal =>
  refuse('moment-before-log', `The log begins later than that moment: ${first}.`, { member: 'at' });

/** What was kept, ascending by position; thinned out evenly when there is too much of it. */
const createShelf = (keepEvery: number, maxKept: number) => {
  let kept: Network[] = [];
  let spacing = keepEvery;
  /** Index of the last one not newer than the position, -1 when all are. */
  const before = (position: number): number => {
    let low = 0;
    let high = kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((kept[middle] as Network).position <= position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const isFar = (position: number): boolean => {
    const at = before(position);
    const near = kept[at]?.position ?? 0;
    const next = kept[at + 1]?.position ?? Number.POSITIVE_INFINITY;
    return position - near >= spacing && next - position >= spacing / 2;
  };
  const thinOut = (): void => {
    spacing *= 2;
    let last = Number.NEGATIVE_INFINITY;
    kept = kept.filter(({ position }) => {
      if (position - last < spacing) return false;
      last = position;
      return true;
    });
  };
  return {
    nearest: (position: number): Network | undefined => kept[before(position)],
    isFar,
    keep: (network: Network): void => {
      if (!isFar(network.position)) return;
      kept.splice(before(network.position) + 1, 0, network);
      if (kept.length > maxKept) thinOut();
    },
    positions: (): readonly number[] => kept.map(({ position }) => position),
    clear: (): void => {
      kept = [];
      spacing = keepEvery;
    },
  };
};

export const createHistory = (
  store: Pick<EventStore, 'readAll'>,
  index: AuditIndex,
  newest: () => Network,
  options: HistoryOptions = {},
): History => {
  const { page = 2_000, keepEvery = 2_500, maxKept = 256, now = Date.now } = options;
  const { idleMs = 600_000, far = 10_000, bases } = options;
  const shelf = createShelf(keepEvery, maxKept);
  let replaying: Replaying = null;
  let last: Network | undefined;
  let idle: NodeJS.Timeout | undefined;

  const forget = (): void => {
    idle = undefined;
    last = undefined;
    shelf.clear();
  };
  /** Somebody is interested in the past: what is kept of it stays for a while. */
  const stir = (): void => {
    if (idle === undefined) idle = setTimeout(forget, idleMs).unref();
    else idle.refresh();
  };

  const nearest = (position: number): Network | undefined => {
    const current = newest();
    if (current.position <= position) return current;
    const kept = shelf.nearest(position);
    const again = last !== undefined && last.position <= position ? last : undefined;
    return (again?.position ?? -1) > (kept?.position ?? -1) ? again : kept;
  };

  const walk: History['networkAt'] = async (position, onProgress) => {
    const near = nearest(position);
    const isFar = position - (near?.position ?? 0) > far;
    const base = isFar ? await bases?.nearest(position, (near?.position ?? 0) + far / 2) : undefined;
    const start = base === undefined ? near : undefined;
    let network = start ?? base ?? initialNetwork();
    // A network made here from nothing or read from a base belongs to nobody else yet.
    let owner: Owner | undefined = start === undefined ? ownerOfAll() : undefined;
    const from = network.position;
    try {
      while (network.position < position) {
        const events = (await store.readAll(network.position, page)).filter((stored) => stored.position <= position);
        if (events.length === 0) break;
        const recorded = events.map(decodeRecorded);
        network = owner === undefined ? advance(network, recorded) : advanceInPlace(network, recorded, owner);
        replaying = { from, at: network.position, to: position };
        onProgress?.(network.position - from, position - from);
        if (shelf.isFar(network.position)) {
          shelf.keep(network);
          bases?.offer(network);
          owner = undefined;
        }
        await nextTurn();
      }
    } finally {
      replaying = null;
    }
    last = network;
    return network;
  };

  let walking: Promise<unknown> = Promise.resolve();
  const networkAt: History['networkAt'] = (position, onProgress) => {
    stir();
    const known = nearest(position);
    if (known?.position === position) return Promise.resolve(known);
    const walked = walking.then(() => walk(position, onProgress));
    walking = walked.catch(() => undefined);
    return walked;
  };

  const atTime = async (time: number): Promise<Located | Refusal> => {
    const position = index.positionAt(time);
    if (position < 0) {
      const [first] = await store.readAll(-1, 1);
      const begins =
        first === undefined ? 'it is empty' : `its first event is of ${isoTime(Number(first.metadata['time']))}`;
      return beforeLog(begins);
    }
    if (time > now()) {
      const detail = `${isoTime(time)} is still to come; the log ends at position ${index.last()}.`;
      return refuse('moment-not-found', detail, { member: 'at', value: isoTime(time) });
    }
    const [stored] = await store.readAll(position - 1, 1);
    const ambiguous = Number(stored?.metadata['time']) === time;
    const earlier = index.positionAt(time - 1);
    const same = ambiguous ? await store.readAll(earlier, 1000) : [];
    return { position, sameTime: same.filter((one) => Number(one.metadata['time']) === time).length };
  };

  const atPosition = async (position: number): Promise<Located | Refusal> => {
    const end = index.last();
    if (position > end) {
      const detail = `The log ends at position ${end}; there is no position ${position} yet.`;
      return refuse('moment-not-found', detail, { member: 'at', value: String(position) });
    }
    const [first] = await store.readAll(-1, 1);
    if (first === undefined || position < first.position) {
      return beforeLog(first === undefined ? 'it is empty' : `its first event is at position ${first.position}`);
    }
    return { position, sameTime: 0 };
  };

  const locate = async (moment: Moment): Promise<Located | Refusal> => {
    if ('time' in moment) return atTime(moment.time);
    if ('position' in moment) return atPosition(moment.position);
    const position = index.positionOf(moment.eventId);
    return position === undefined ? unknownEvent(moment.eventId) : { position, sameTime: 0 };
  };

  const offer: History['offer'] = (network) => {
    if (idle !== undefined) shelf.keep(network);
  };

  return { locate, networkAt, offer, kept: shelf.positions, replaying: () => replaying };
};
