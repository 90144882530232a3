/** A log made of random sensible wishes, carried out by the real deciders, for laws about the past. */
import { createMemoryStore } from '../../../src/adapters/eventstore/memory.ts';
import { decodeRecorded } from '../../../src/domain/codec.ts';
import type { EventStore } from '../../../src/domain/eventStore.ts';
import type { DomainEvent } from '../../../src/domain/events.ts';
import type { Recorded } from '../../../src/domain/recorded.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { type House, openHouse, setUpCloud } from '../../support/house.ts';
import { createWishes } from '../../support/randomWishes.ts';

export type World = {
  readonly store: EventStore;
  readonly house: House;
  readonly events: () => Promise<readonly Recorded<DomainEvent>[]>;
  readonly close: () => Promise<void>;
};

/** `between` is called after every wish with its number. */
export const createWorld = async (
  seed: number,
  wishes: number,
  between: (world: World, done: number) => Promise<void> = async () => undefined,
): Promise<World> => {
  const store = createMemoryStore();
  const house = await openHouse(store);
  await setUpCloud(house);
  const world: World = {
    store,
    house,
    events: async () => (await store.readAll(-1, 1_000_000)).map(decodeRecorded),
    close: async () => {
      await house.stop();
      await store.close();
    },
  };
  const random = createWishes(seed);
  for (let i = 0; i < wishes; i += 1) {
    const done = await house.wish(random.next());
    if (!isRefusal(done)) random.learn(done.result);
    await between(world, i + 1);
  }
  return world;
};
