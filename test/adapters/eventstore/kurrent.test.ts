import { openKurrentStore } from '../../../src/adapters/eventstore/kurrentStore.ts';
import { testContract } from './contract.ts';
import type { StandInFeatures } from './kurrentWireStandIn.ts';
import { startKurrentStandIn } from './kurrentWireStandIn.ts';

/** Servers differ in how they take events, not in how they hand them out. */
const onStandIn = (name: string, features: Partial<StandInFeatures>, only?: readonly string[]): void =>
  testContract({
    name,
    ...(only === undefined ? {} : { only }),
    durable: true,
    open: async () => {
      const server = await startKurrentStandIn(features);
      const category = 'contract';
      const open = () => openKurrentStore({ url: server.url, insecure: true, categories: [category] });
      const store = await open();
      const others = [store];
      return {
        store,
        category,
        again: async () => {
          const other = await open();
          others.push(other);
          return other;
        },
        dispose: async () => {
          for (const one of others) await one.close();
          await server.close();
        },
      };
    },
  });

const WRITING = ['append', 'import'];

onStandIn('KurrentDB adapter on the wire stand-in, as of 26.1', {});
onStandIn('KurrentDB adapter on the wire stand-in, as of 25.1', { records: false }, WRITING);
onStandIn('KurrentDB adapter on the wire stand-in, as of 23.10', { records: false, session: false }, WRITING);
onStandIn(
  'KurrentDB adapter on the wire stand-in, before 21.10',
  { records: false, session: false, batch: false },
  WRITING,
);

const url = process.env['KURRENTDB_URL'];

testContract({
  name: 'KurrentDB server at KURRENTDB_URL',
  durable: true,
  ...(url === undefined ? { skip: 'set KURRENTDB_URL to run the contract on a real server' } : {}),
  open: async () => {
    const category = `contract${crypto.randomUUID().slice(0, 8)}`;
    const open = () => openKurrentStore({ url: url ?? '', insecure: true, categories: [category] });
    const stores = [await open()];
    return {
      store: stores[0] ?? (await open()),
      category,
      again: async () => {
        const store = await open();
        stores.push(store);
        return store;
      },
      dispose: async () => {
        for (const store of stores) await store.close();
      },
    };
  },
});
