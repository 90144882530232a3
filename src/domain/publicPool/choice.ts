/**
 * Which free public address is taken next (cloud spec 5.3, 5.4). Dirty ones come last whatever the strategy: no document
 * shows them until their old cluster has moved on, so an instance that got one would wait for its address.
 */
import { idleAddresses } from '../addressPool/idleQueue.ts';
import { type RandomSequence, randomSequence } from '../addressPool/randomSequence.ts';
import { type Ipv4, parseIpv4 } from '../ipv4.ts';
import { isFresh, type PublicPoolState } from './state.ts';

/** `fifo`: never used in listed order, then longest idle. `random`: any clean one; the seed is the same for the same wish. */
export type PublicChoice = {
  readonly strategy: 'fifo' | 'random';
  readonly seed?: number;
  /** Not this one. */
  readonly except?: string;
};

/** After so many misses the pool is all but empty and the queues are asked. */
const probes = 64;

/** Up to `count` different free addresses. */
export const chooseFree = (state: PublicPoolState, count: number, choice: PublicChoice): readonly Ipv4[] => {
  const except = choice.except === undefined ? undefined : parseIpv4(choice.except);
  const chosen = new Set<Ipv4>();
  if (count === 0) return [];
  if (choice.strategy === 'random') probe(state, count, randomSequence(choice.seed ?? 0), chosen, except);
  if (chosen.size === count) return [...chosen];
  for (const address of longestIdle(state)) {
    if (address !== except) chosen.add(address);
    if (chosen.size === count) break;
  }
  return [...chosen];
};

const probe = (
  state: PublicPoolState,
  count: number,
  random: RandomSequence,
  chosen: Set<Ipv4>,
  except: Ipv4 | undefined,
): void => {
  const size = state.space.size();
  for (let misses = 0; chosen.size < count && misses < probes; ) {
    const address = size === 0 ? undefined : state.space.at(random.below(size));
    if (address === undefined || address === except || chosen.has(address) || !isClean(state, address)) misses += 1;
    else chosen.add(address);
  }
};

const isClean = (state: PublicPoolState, address: Ipv4): boolean =>
  !state.records.has(address) && !state.dirty.has(address);

function* longestIdle(state: PublicPoolState): Generator<Ipv4, void, undefined> {
  for (let index = state.fresh; ; index += 1) {
    const address = state.space.at(index);
    if (address === undefined) break;
    if (isFresh(state, address)) yield address;
  }
  const counts = ({ address, order }: { readonly address: Ipv4; readonly order: number }): boolean =>
    state.idle.get(address)?.order === order;
  yield* idleAddresses(state.clean, counts);
  yield* idleAddresses(state.soiled, counts);
}
