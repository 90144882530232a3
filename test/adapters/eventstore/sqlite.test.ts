import { openSqliteStore } from '../../../src/adapters/eventstore/sqlite.ts';
import { testContract } from './contract.ts';
import { createFolder } from './folders.ts';

testContract({
  name: 'sqlite',
  durable: true,
  open: async () => {
    const folder = createFolder();
    const open = () => openSqliteStore({ file: folder.file('log.db') });
    const stores = [await open()];
    return {
      store: stores[0] ?? (await open()),
      category: 'sqlite',
      again: async () => {
        const store = await open();
        stores.push(store);
        return store;
      },
      dispose: async () => {
        for (const store of stores) await store.close();
        folder.remove();
      },
    };
  },
});
