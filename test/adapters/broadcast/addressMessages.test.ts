/** Messages about addresses: told until answered, once at a time, and over the wire of Eucalyptus. */
import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import {
  type AddressMessagesPorts,
  createAddressMessages,
  type InFlight,
  type MessageOutcome,
} from '../../../src/adapters/broadcast/addressMessages.ts';
import { dispatch } from '../../../src/domain/networking/dispatcher.ts';

const change = (n: number, more: Partial<InFlight> = {}): InFlight => ({
  ...{ address: `198.51.100.${n}`, change: 'assign', instanceId: `i-0000000${n}` },
  ...{ instanceAddress: `172.16.1.${n}`, cluster: 'one', at: n, ...more },
});

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

const open = (t: TestContext, more: Partial<AddressMessagesPorts> = {}) => {
  const told: string[] = [];
  const completed: string[] = [];
  const failures: string[] = [];
  const world = {
    flying: [] as readonly InFlight[],
    answer: (): Promise<MessageOutcome> => Promise.resolve({ answered: true }),
  };
  const messages = createAddressMessages(
    {
      inFlight: () => world.flying,
      dispatch: (one) => dispatch(one, 'generic', 'enabled'),
      send: ({ message, source, dest }) => {
        told.push(`${message} ${source} ${dest}`);
        return world.answer();
      },
      complete: async ({ address }) => void completed.push(address),
      atOnce: () => 8,
      onFailure: (_, reason) => void failures.push(reason),
      ...more,
    },
    { random: () => 0 },
  );
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(async () => {
    mock.timers.reset();
    await messages.stop();
  });
  return { told, completed, failures, world, messages };
};

test('each transition is told once and completed with the answer', async (t) => {
  const { told, completed, world, messages } = open(t);
  world.flying = [change(1), change(2, { change: 'unassign' })];
  messages.look();
  messages.look();
  await settle();
  // The read model has not heard of the completion yet.
  messages.look();
  await settle();
  assert.deepEqual(told, ['AssignAddress 198.51.100.1 172.16.1.1', 'UnassignAddress 198.51.100.2 172.16.1.2']);
  assert.deepEqual(completed, ['198.51.100.1', '198.51.100.2']);
  world.flying = [change(1, { at: 9, change: 'unassign' })];
  messages.look();
  await settle();
  assert.equal(told.at(-1), 'UnassignAddress 198.51.100.1 172.16.1.1');
});

test('a cluster that does not answer is told again, later and later, and nobody else waits for it', async (t) => {
  const { told, completed, failures, world, messages } = open(t);
  world.answer = () => Promise.resolve({ answered: false, reason: 'timeout' });
  world.flying = [change(1)];
  messages.look();
  await settle();
  messages.look();
  await settle();
  assert.equal(told.length, 1, 'a look changes nothing about the pause');
  world.answer = () => Promise.reject(new Error('broken'));
  mock.timers.tick(100);
  await settle();
  assert.deepEqual(failures, ['timeout', 'broken']);
  world.answer = () => Promise.resolve({ answered: true });
  mock.timers.tick(199);
  await settle();
  assert.equal(told.length, 2);
  mock.timers.tick(1);
  await settle();
  assert.deepEqual([told.length, completed], [3, ['198.51.100.1']]);
});

test('what is overtaken while it waits is not told any more', async (t) => {
  const { told, world, messages } = open(t);
  world.answer = () => Promise.resolve({ answered: false, reason: 'timeout' });
  world.flying = [change(1)];
  messages.look();
  await settle();
  world.flying = [];
  messages.look();
  mock.timers.tick(60_000);
  await settle();
  assert.equal(told.length, 1);
});

test('so many to one cluster at a time, and no more', async (t) => {
  const open_: ((outcome: MessageOutcome) => void)[] = [];
  const { told, completed, world, messages } = open(t, { atOnce: () => 2 });
  world.answer = () => new Promise((resolve) => open_.push(resolve));
  world.flying = [change(1), change(2), change(3), change(4, { cluster: 'two' })];
  messages.look();
  await settle();
  assert.equal(told.length, 3, 'two to one, one to the other');
  open_[0]?.({ answered: true });
  await settle();
  assert.deepEqual([told.length, completed], [4, ['198.51.100.1']]);
  for (const answer of open_) answer({ answered: true });
});

test('nothing is sent where EDGE is in force or nobody is left to be told; who is away is waited for', async (t) => {
  let state: 'enabled' | 'disabled' | undefined = 'disabled';
  let network: 'EDGE' | 'generic' = 'generic';
  const { told, completed, world, messages } = open(t, { dispatch: (one) => dispatch(one, network, state) });
  world.flying = [change(1)];
  messages.look();
  await settle();
  assert.deepEqual([told, completed], [[], []]);
  state = undefined;
  messages.look();
  await settle();
  assert.deepEqual(completed, ['198.51.100.1']);
  network = 'EDGE';
  state = 'enabled';
  world.flying = [change(2)];
  messages.look();
  await settle();
  assert.deepEqual([told, completed], [[], ['198.51.100.1', '198.51.100.2']]);
});
