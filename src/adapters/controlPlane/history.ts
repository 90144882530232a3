/**
 * The network at a moment: from the nearest kept network fold forward. Kept networks are only a cache: dropping them changes
 * nothing but time, and they are dropped when nobody has asked for a while. Walks queue up, so that the second question finds
 * what the first one left behind. Nothing here ever changes the log.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeRecorded } from '../../domain/codec.ts';
import type { EventStore } from '../../domain/eventStore.ts';
import type { Refusal } from '../../domain/refusals.ts';
import type { AuditIndex } from '../../projections/audit.ts';
import { initialNetwork } from '../../projections/network/initial.ts';
import { advanceInPlace } from '../../projections/network/runner.ts';
import type { Network } from '../../projections/network/views.ts';
import { type Owner, ownerOfAll, ownerOfChanges } from '../../projections/owner.ts';
import { createLocate, type Located, type Moment } from './moments.ts';
import { createNetworkShelf, type NetworkShelf } from './networkShelf.ts';

export type { Located, Moment } from './moments.ts';

/** How far a replay is, in events' positions; null while nothing is replayed. */
export type Replaying = { readonly from: number; readonly at: number; readonly to: number } | null;

type OnProgress = (done: number, of: number) => void;

export type History = {
  readonly locate: (moment: Moment) => Promise<Located | Refusal>;
  readonly networkAt: (position: number, onProgress?: OnProgress) => Promise<Network>;
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

type Walking = {
  readonly store: Pick<EventStore, 'readAll'>;
  readonly shelf: NetworkShelf;
  readonly bases: HistoryBases | undefined;
  readonly page: number;
  readonly far: number;
};

/** A network being folded on, and whose its parts are. */
type Standing = { readonly network: Network; readonly owner: Owner };

/** Another network that may be folded on in place, while this one stays as it is. */
const onwards = (network: Network): Standing => ({ network: { ...network }, owner: ownerOfChanges() });

const beginning = async ({ bases, far }: Walking, near: Network | undefined, position: number): Promise<Standing> => {
  const from = near?.position ?? 0;
  const base = position - from > far ? await bases?.nearest(position, from + far / 2) : undefined;
  if (base === undefined && near !== undefined) return onwards(near);
  // A network made here from nothing or read from a base belongs to nobody else yet.
  return { network: base ?? initialNetwork(), owner: ownerOfAll() };
};

/** Folds from `near` to the position and leaves networks on the shelf on the way. */
const walk = async (
  walking: Walking,
  near: Network | undefined,
  position: number,
  onStep: (from: number, at: number) => void,
): Promise<Network> => {
  if (near?.position === position) return near;
  const { store, shelf, bases, page } = walking;
  let { network, owner } = await beginning(walking, near, position);
  const from = network.position;
  while (network.position < position) {
    const stored = await store.readAll(network.position, Math.min(page, position - Math.max(0, network.position)));
    const due = stored.filter((one) => one.position <= position);
    if (due.length === 0) break;
    advanceInPlace(network, due.map(decodeRecorded), owner);
    onStep(from, network.position);
    if (shelf.isWanted(network.position)) {
      shelf.keep(network);
      bases?.offer(network);
      ({ network, owner } = onwards(network));
    }
    await nextTurn();
  }
  return network;
};

/** One walk after the other. `kept` is the nearest network at hand besides the one the last walk ended at. */
const createWalks = (walking: Walking, kept: (position: number) => Network | undefined) => {
  let replaying: Replaying = null;
  let last: Network | undefined;
  let underway: Promise<unknown> = Promise.resolve();

  const nearest = (position: number): Network | undefined => {
    const found = kept(position);
    const again = last !== undefined && last.position <= position ? last : undefined;
    return (again?.position ?? -1) > (found?.position ?? -1) ? again : found;
  };

  const walkTo = async (position: number, onProgress: OnProgress | undefined): Promise<Network> => {
    const onStep = (from: number, at: number): void => {
      replaying = { from, at, to: position };
      onProgress?.(at - from, position - from);
    };
    try {
      last = await walk(walking, nearest(position), position, onStep);
      return last;
    } finally {
      replaying = null;
    }
  };

  return {
    to: (position: number, onProgress?: OnProgress): Promise<Network> => {
      const known = nearest(position);
      if (known?.position === position) return Promise.resolve(known);
      const walked = underway.then(() => walkTo(position, onProgress));
      underway = walked.catch(() => undefined);
      return walked;
    },
    replaying: (): Replaying => replaying,
    forget: (): void => {
      last = undefined;
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
  const shelf = createNetworkShelf(keepEvery, maxKept);
  const walks = createWalks({ store, shelf, bases, page, far }, (position) =>
    newest().position <= position ? newest() : shelf.nearest(position),
  );
  let idle: NodeJS.Timeout | undefined;

  const forget = (): void => {
    idle = undefined;
    walks.forget();
    shelf.clear();
  };

  return {
    locate: createLocate(store, index, now),
    networkAt: (position, onProgress) => {
      // Somebody is interested in the past: what is kept of it stays for a while.
      if (idle === undefined) idle = setTimeout(forget, idleMs).unref();
      else idle.refresh();
      return walks.to(position, onProgress);
    },
    offer: (network) => {
      if (idle !== undefined) shelf.keep(network);
    },
    kept: shelf.positions,
    replaying: walks.replaying,
  };
};
