/**
 * What is known of the public addresses, and how events change it. Constant time per event; an address that was never used
 * has no entry. Whatever leaves the configured ranges disappears at once when it is free, and upon release when it is in
 * use (cloud spec 1.9). Dirty marks outlive everything: they end when somebody says so (cloud spec 5.6).
 */
import { type AddressSpace, spaceOf } from '../addressPool/addressSpace.ts';
import {
  branchOfQueue,
  emptyQueue,
  enqueue,
  type IdleEntry,
  type IdleQueue,
  trimQueue,
} from '../addressPool/idleQueue.ts';
import { branchOfTable, type Table, tableOf } from '../addressPool/table.ts';
import { rangesOf } from '../ipRange.ts';
import { type Ipv4, parseIpv4 } from '../ipv4.ts';
import type { PublicPoolEvent } from '../publicPool.ts';
import type { Recorded } from '../recorded.ts';
import type { PublicAddressState } from './transitions.ts';

export const systemOwner = 'system';

export type PublicRecord = {
  readonly state: Exclude<PublicAddressState, 'unallocated'>;
  readonly pending: boolean;
  /** `system` or an account. */
  readonly owner: string;
  /** These three are empty unless impending (the first) or assigned, or an unassignment is in flight. */
  readonly instanceId: string;
  readonly instanceAddress: string;
  readonly cluster: string;
  /** Time of the last change, ms. */
  readonly since: number;
  /** The command that allocated it. */
  readonly commandId: string;
};

/** Free again: since when, and its place among the others. */
export type Idle = { readonly order: number; readonly since: number };

/** Cluster -> revision of the event that set the mark. */
export type DirtyMarks = ReadonlyMap<string, number>;

export type PublicPoolState = {
  ranges: readonly string[];
  space: AddressSpace;
  readonly records: Table<Ipv4, PublicRecord>;
  readonly byInstance: Table<string, Ipv4>;
  /** Command that allocated an address for an account -> the address, as long as it is allocated. */
  readonly byCommand: Table<string, Ipv4>;
  /** Owner -> how many addresses. */
  readonly owned: Table<string, number>;
  /** Allocated to `system` and given to nobody: the static reserve (cloud spec 5.4). */
  readonly reserve: Table<Ipv4, true>;
  readonly dirty: Table<Ipv4, DirtyMarks>;
  /** Used before, free now, inside the ranges. */
  readonly idle: Table<Ipv4, Idle>;
  /** Idle ones, longest idle first; those with a dirty mark wait apart. */
  clean: IdleQueue;
  soiled: IdleQueue;
  /** Index in `space` of the first address that was never used. */
  fresh: number;
  /** Records inside the ranges. */
  used: number;
  idled: number;
};

export const initialPublicPool = (): PublicPoolState => ({
  ranges: [],
  space: spaceOf([]),
  records: tableOf(),
  byInstance: tableOf(),
  byCommand: tableOf(),
  owned: tableOf(),
  reserve: tableOf(),
  dirty: tableOf(),
  idle: tableOf(),
  clean: emptyQueue(),
  soiled: emptyQueue(),
  fresh: 0,
  used: 0,
  idled: 0,
});

/** A copy that later changes do not leave; costs nothing however much is in use. The original must rest meanwhile. */
export const branchOfPool = (state: PublicPoolState): PublicPoolState => ({
  ...state,
  records: branchOfTable(state.records),
  byInstance: branchOfTable(state.byInstance),
  byCommand: branchOfTable(state.byCommand),
  owned: branchOfTable(state.owned),
  reserve: branchOfTable(state.reserve),
  dirty: branchOfTable(state.dirty),
  idle: branchOfTable(state.idle),
  clean: branchOfQueue(state.clean),
  soiled: branchOfQueue(state.soiled),
});

type Origin = Pick<Recorded<PublicPoolEvent>, 'time' | 'revision' | 'commandId'>;

/** Faults on a text that no decision could have written. */
const addressOf = (text: string): Ipv4 => {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(`expected an IPv4 address in an event of the public pool, got "${text}"`);
  return address;
};

export const applyPublicPool = (state: PublicPoolState, event: PublicPoolEvent, origin: Origin): void => {
  if (event.type === 'PublicPoolDefined') {
    define(state, event.ranges, origin);
    return;
  }
  const address = addressOf(event.address);
  const known = state.records.get(address);
  switch (event.type) {
    case 'PublicAddressAllocated':
      put(state, address, { ...blank(origin), state: 'allocated', owner: event.owner });
      return;
    case 'PublicAddressImpending':
      put(state, address, {
        ...blank(origin),
        state: 'impending',
        pending: true,
        owner: systemOwner,
        instanceId: event.instanceId,
      });
      return;
    case 'PublicAddressAssigned': {
      const { owner, instanceId, instanceAddress, cluster, pending } = event;
      const commandId = known?.commandId ?? '';
      put(state, address, {
        ...blank(origin),
        commandId,
        state: 'assigned',
        pending,
        owner,
        instanceId,
        instanceAddress,
        cluster,
      });
      return;
    }
    case 'PublicAddressUnassigned':
      if (event.cluster !== '') mark(state, address, event.cluster, origin.revision);
      if (known !== undefined) put(state, address, unassigned(known, event.pending, origin.time));
      return;
    case 'PublicAddressTransitionCompleted':
      if (known !== undefined) put(state, address, completed(known, origin.time));
      return;
    case 'PublicAddressReleased':
      remove(state, address, known, origin.time);
      return;
    case 'PublicAddressCleared':
      clear(state, address, event.cluster);
      return;
  }
};

const blank = ({ time, commandId }: Origin) => ({
  pending: false,
  instanceId: '',
  instanceAddress: '',
  cluster: '',
  since: time,
  commandId,
});

/** Who had it stays known until the transition completes. */
const unassigned = (known: PublicRecord, pending: boolean, since: number): PublicRecord => {
  const left = { ...known, state: 'allocated', pending, since } as const;
  return pending ? left : { ...left, instanceId: '', instanceAddress: '', cluster: '' };
};

const completed = (known: PublicRecord, since: number): PublicRecord =>
  known.state === 'allocated' ? unassigned(known, false, since) : { ...known, pending: false, since };

const put = (state: PublicPoolState, address: Ipv4, record: PublicRecord): void => {
  const known = state.records.get(address);
  if (known !== undefined) unlink(state, address, known);
  else if (state.space.has(address)) state.used += 1;
  state.records.set(address, record);
  count(state, record.owner, 1);
  if (record.owner === systemOwner) {
    if (record.state === 'allocated' && !record.pending) state.reserve.set(address, true);
  } else if (record.commandId !== '') state.byCommand.set(record.commandId, address);
  if (record.state !== 'allocated') state.byInstance.set(record.instanceId, address);
  if (known === undefined) touch(state, address);
};

const unlink = (state: PublicPoolState, address: Ipv4, record: PublicRecord): void => {
  count(state, record.owner, -1);
  state.reserve.delete(address);
  if (state.byInstance.get(record.instanceId) === address) state.byInstance.delete(record.instanceId);
  if (state.byCommand.get(record.commandId) === address) state.byCommand.delete(record.commandId);
};

const count = (state: PublicPoolState, owner: string, change: 1 | -1): void => {
  const left = (state.owned.get(owner) ?? 0) + change;
  if (left === 0) state.owned.delete(owner);
  else state.owned.set(owner, left);
};

const remove = (state: PublicPoolState, address: Ipv4, known: PublicRecord | undefined, time: number): void => {
  if (known === undefined) return;
  unlink(state, address, known);
  state.records.delete(address);
  if (!state.space.has(address)) return;
  state.used -= 1;
  rest(state, address, time);
};

const mark = (state: PublicPoolState, address: Ipv4, cluster: string, revision: number): void =>
  state.dirty.set(address, new Map([...(state.dirty.get(address) ?? []), [cluster, revision]]));

const clear = (state: PublicPoolState, address: Ipv4, cluster: string): void => {
  const left = new Map(state.dirty.get(address));
  left.delete(cluster);
  if (left.size > 0) {
    state.dirty.set(address, left);
    return;
  }
  state.dirty.delete(address);
  const idle = state.idle.get(address);
  if (idle !== undefined) rest(state, address, idle.since);
};

const countsIn =
  (state: PublicPoolState) =>
  ({ address, order }: IdleEntry): boolean =>
    state.idle.get(address)?.order === order;

/** To the end of the queue it belongs in now. */
const rest = (state: PublicPoolState, address: Ipv4, since: number): void => {
  state.idled += 1;
  const entry = { address, order: state.idled };
  state.idle.set(address, { order: state.idled, since });
  enqueue(state.dirty.has(address) ? state.soiled : state.clean, entry, countsIn(state), state.idle.size());
};

/** In use from now on, so neither idle nor fresh. */
const touch = (state: PublicPoolState, address: Ipv4): void => {
  if (state.idle.has(address)) {
    state.idle.delete(address);
    trimQueue(state.clean, countsIn(state));
    trimQueue(state.soiled, countsIn(state));
  }
  skipUsed(state);
};

const skipUsed = (state: PublicPoolState): void => {
  for (
    let at = state.space.at(state.fresh);
    at !== undefined && !isFresh(state, at);
    at = state.space.at(state.fresh)
  ) {
    state.fresh += 1;
  }
};

/** Never used since it came into the ranges. */
export const isFresh = (state: PublicPoolState, address: Ipv4): boolean =>
  !state.records.has(address) && !state.idle.has(address) && !state.dirty.has(address);

/** What stays inside keeps its place in the queues; what is dirty and comes back waits with the dirty ones. */
const define = (state: PublicPoolState, ranges: readonly string[], { time }: Origin): void => {
  const before = [...state.idle.entries()].sort(([, a], [, b]) => a.order - b.order);
  state.ranges = ranges;
  state.space = spaceOf(rangesOf(ranges));
  state.clean = emptyQueue();
  state.soiled = emptyQueue();
  for (const [address] of before) state.idle.delete(address);
  for (const [address, { since }] of before) if (state.space.has(address)) rest(state, address, since);
  for (const [address] of [...state.dirty.entries()]) {
    const outside = state.records.has(address) || state.idle.has(address) || !state.space.has(address);
    if (!outside) rest(state, address, time);
  }
  state.used = 0;
  for (const [address] of state.records.entries()) if (state.space.has(address)) state.used += 1;
  state.fresh = 0;
  skipUsed(state);
};
