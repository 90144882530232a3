/** Names of controllers' hosts: followed when they move, kept when they mean nothing, and nobody waits for a broken one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHostWatch, type WatchedHost } from '../../../src/adapters/broadcast/hostWatch.ts';

test('a moved name is told, a lost one once, a literal never looked up', async () => {
  const names = new Map([
    ['cc-one', '127.0.0.9'],
    ['cc-two', '0.0.0.0'],
  ]);
  const hosts: WatchedHost[] = [
    { cluster: 'one', host: 'cc-one', address: '127.0.0.1' },
    { cluster: 'two', host: 'cc-two', address: '127.0.0.2' },
    { cluster: 'three', host: '127.0.0.3', address: '127.0.0.3' },
    { cluster: 'four', host: 'broken', address: '127.0.0.4' },
  ];
  const asked: string[] = [];
  const said: string[] = [];
  const watch = createHostWatch({
    hosts: () => hosts,
    resolve: async (host) => {
      asked.push(host);
      const address = names.get(host);
      if (address === undefined) throw new Error('no resolver');
      return address;
    },
    moved: async (cluster, address) => said.push(`${cluster} ${address}`),
    onLost: ({ cluster }) => said.push(`${cluster} lost`),
  });
  await watch.round();
  await watch.round();
  assert.deepEqual(said, ['one 127.0.0.9', 'two lost', 'one 127.0.0.9'], 'it is told until it is known');
  hosts[0] = { cluster: 'one', host: 'cc-one', address: '127.0.0.9' };
  names.set('cc-two', '127.0.0.2');
  await watch.round();
  names.set('cc-two', '0.0.0.0');
  await watch.round();
  assert.deepEqual(said.slice(3), ['two lost']);
  assert.ok(!asked.includes('127.0.0.3'));
});
