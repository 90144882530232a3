import { createMemoryStore } from '../../../src/adapters/eventstore/memory.ts';
import { testContract } from './contract.ts';

testContract({
  name: 'memory',
  durable: false,
  open: async () => {
    const store = createMemoryStore();
    return { store, category: 'memory', again: async () => createMemoryStore(), dispose: () => store.close() };
  },
});
