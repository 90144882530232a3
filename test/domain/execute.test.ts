/**
 * Wishes with an id are carried out once: whoever asks again, at once, later or after a restart, gets the first answer. What is
 * refused is written down with its actor and changes nothing else.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryStore } from '../../src/adapters/eventstore/memory.ts';
import { decodeRecorded } from '../../src/domain/codec.ts';
import type { Command } from '../../src/domain/commands.ts';
import { type EventStore, StoreFault } from '../../src/domain/eventStore.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import type { Executed } from '../../src/domain/execute.ts';
import type { CommandContext, Recorded } from '../../src/domain/recorded.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import { ACCOUNT, accepted, CLOUD, context, type House, openHouse, refusal, setUpCloud } from '../support/house.ts';
import { createWishes } from '../support/randomWishes.ts';

const readLog = async (store: EventStore): Promise<readonly Recorded<DomainEvent>[]> =>
  (await store.readAll(-1, 1_000_000)).map(decodeRecorded);

const lengthOf = async (store: EventStore): Promise<number> => (await readLog(store)).length;

const group = (name = 'web'): Command => ({
  type: 'CreateSecurityGroup',
  account: ACCOUNT,
  groupId: 'sg-0000000a',
  name,
  description: 'd',
});

const cloud = async (): Promise<{ store: EventStore; house: House }> => {
  const store = createMemoryStore();
  const house = await openHouse(store);
  await setUpCloud(house);
  return { store, house };
};

describe('a wish asked again', () => {
  test('gets the first answer and makes no event, now and after a restart', async () => {
    const { store, house } = await cloud();
    const asked = context({ fingerprint: 'f' });
    const first = accepted(await house.executor.execute(group(), asked));
    assert.deepEqual(
      [first.repeated, first.events, first.result],
      [false, 2, { groupId: 'sg-0000000a', return: true }],
    );
    const length = await lengthOf(store);
    const restarted = await openHouse(store);
    for (const one of [house, restarted]) {
      assert.deepEqual(accepted(await one.executor.execute(group(), asked)), { ...first, repeated: true });
    }
    assert.equal(await lengthOf(store), length);
  });

  test('for something else under the same id is refused', async () => {
    const { store, house } = await cloud();
    const asked = context({ fingerprint: 'f' });
    accepted(await house.executor.execute(group(), asked));
    const restarted = await openHouse(store);
    for (const one of [house, restarted]) {
      const other = await one.executor.execute(group('db'), { ...asked, fingerprint: 'g' });
      assert.equal(refusal(other).refused, 'idempotency-key-reused');
    }
    const names = (await readLog(store)).flatMap(({ event }) =>
      event.type === 'SecurityGroupCreated' ? [event.name] : [],
    );
    assert.deepEqual(names, ['web']);
  });

  test('many times at once is carried out once', async () => {
    const { store, house } = await cloud();
    const asked = context();
    const answers = await Promise.all(Array.from({ length: 10 }, () => house.executor.execute(group(), asked)));
    const all = answers.map(accepted);
    assert.equal(all.filter(({ repeated }) => !repeated).length, 1);
    for (const { position, events, result } of all) {
      assert.deepEqual({ position, events, result }, { position: all[0]?.position, events: 2, result: all[0]?.result });
    }
    const made = (await readLog(store)).filter(({ commandId }) => commandId === asked.commandId);
    assert.equal(made.length, 2);
  });

  test('of two control planes at once is carried out once', async () => {
    const { store, house } = await cloud();
    const other = await openHouse(store);
    for (let round = 0; round < 20; round += 1) {
      const command: Command = {
        ...group(`g${round}`),
        groupId: `sg-000001${String(round).padStart(2, '0')}`,
      } as Command;
      const asked = context();
      const answers = await Promise.all([house, other].map((one) => one.executor.execute(command, asked)));
      const made = (await readLog(store)).filter(({ commandId }) => commandId === asked.commandId);
      assert.equal(made.length, 2, JSON.stringify(answers));
      for (const answer of answers) {
        if (isRefusal(answer)) assert.equal(answer.refused, 'command-repeated');
        // The later one may have found half of it done, and then speaks of that half.
        else
          assert.ok(
            made.some(({ position }) => position === answer.position),
            JSON.stringify(answer),
          );
      }
      assert.ok(answers.some((answer) => !isRefusal(answer)));
    }
  });

  test('whatever it was, after a restart the answer is the first one, member for member', async () => {
    const { store, house } = await cloud();
    const wishes = createWishes(3, { turbulent: true });
    const answered: { command: Command; asked: CommandContext; first: Executed }[] = [];
    for (let i = 0; i < 500; i += 1) {
      const command = wishes.next();
      const asked = context({ fingerprint: String(i) });
      const first = await house.executor.execute(command, asked);
      if (isRefusal(first)) continue;
      await house.projector.reached(first.position);
      wishes.learn(first.result);
      if (first.events > 0) answered.push({ command, asked, first });
    }
    assert.ok(answered.length > 100, `only ${answered.length} were accepted`);
    const length = await lengthOf(store);
    const restarted = await openHouse(store);
    for (const { command, asked, first } of answered) {
      const again = accepted(await restarted.executor.execute(command, asked));
      assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify({ ...first, repeated: true })));
    }
    assert.equal(await lengthOf(store), length);
  });

  test('a report cut off half way goes on where it stopped, and then stands for good', async () => {
    const { store, house } = await cloud();
    const ids = ['i-0000000a', 'i-0000000b', 'i-0000000c'];
    const run: Command = {
      ...{ type: 'RunInstances', account: ACCOUNT, cluster: 'one' },
      ...{ instanceIds: ids, groups: [], addressing: 'private' },
    };
    accepted(await house.wish(run));
    const extant = (instanceId: string) => ({ instanceId, state: 'Extant', node: 'one-a' }) as const;
    const report: Command = { type: 'ReportInstances', cluster: 'one', instances: ids.map(extant) };
    const asked = context({ fingerprint: 'r' });
    const dies: EventStore = {
      ...store,
      append: (commandId, writes) => {
        if (commandId === `${asked.commandId}/2`) throw new StoreFault('unavailable', 'the disk is gone');
        return store.append(commandId, writes);
      },
    };
    const cut = await openHouse(dies);
    await assert.rejects(cut.executor.execute(report, asked), /the disk is gone/);
    await cut.stop();
    const answers: Executed[] = [];
    for (let start = 0; start < 3; start += 1) {
      const restarted = await openHouse(store);
      answers.push(accepted(await restarted.wish(report, asked)));
      // What becomes of it in the meantime does not call the report back to life.
      if (start === 1) accepted(await restarted.wish({ type: 'StopInstance', instanceId: 'i-0000000a' }));
      await restarted.stop();
    }
    assert.deepEqual(
      answers.map(({ repeated }) => repeated),
      [false, true, true],
    );
    for (const { position, events } of answers) assert.deepEqual([position, events], [answers[0]?.position, 6]);
    const log = await readLog(store);
    for (const type of ['InstanceRunning', 'InstancePlaced'] as const) {
      assert.equal(log.filter(({ event }) => event.type === type).length, 3, type);
    }
    assert.equal(log.filter(({ event }) => event.type === 'ReportFollowed').length, 1);
    await house.stop();
  });
});

describe('a wish that is so already', () => {
  test('is accepted without an event, as often as it is wished', async () => {
    const { store, house } = await cloud();
    accepted(await house.wish(group()));
    const length = await lengthOf(store);
    const asked = context();
    for (const _ of [1, 2]) {
      const again = accepted(await house.executor.execute({ type: 'EnableCluster', cluster: 'one' }, asked));
      assert.deepEqual([again.events, again.position, again.repeated], [0, -1, false]);
    }
    assert.equal(await lengthOf(store), length);
  });
});

describe('a refused wish', () => {
  test('is written down with who wished it and about what, and touches nothing else', async () => {
    const { store, house } = await cloud();
    const before = await lengthOf(store);
    const stop: Command = { type: 'StopInstance', instanceId: 'i-0000ffff' };
    const refused = refusal(await house.wish(stop, { actor: 'mallory', correlationId: 'r' }));
    const [noted, ...more] = (await readLog(store)).slice(before);
    assert.deepEqual(more, []);
    assert.equal(noted?.stream, `audit-${CLOUD}`);
    assert.deepEqual([noted?.actor, noted?.correlationId], ['mallory', 'r']);
    assert.deepEqual(noted?.event, {
      type: 'CommandRefused',
      command: 'StopInstance',
      subject: 'i-0000ffff',
      refused: refused.refused,
      detail: refused.detail,
    });
  });

  test('may be wished again with the same id, and is carried out once it can be', async () => {
    const { house } = await cloud();
    const asked = context();
    const run: Command = {
      type: 'RunInstances',
      account: ACCOUNT,
      cluster: 'one',
      instanceIds: ['i-0000000b'],
      groups: ['sg-0000000a'],
      addressing: 'private',
    };
    assert.equal(isRefusal(await house.executor.execute(run, asked)), true);
    accepted(await house.wish(group()));
    assert.equal(accepted(await house.executor.execute(run, asked)).repeated, false);
    assert.equal(accepted(await house.executor.execute(run, asked)).repeated, true);
  });

  test('has no detail longer than an audit can bear', async () => {
    const { store, house } = await cloud();
    const name = 'n'.repeat(5000);
    const refused = refusal(await house.wish({ type: 'ChangeProperty', name, value: '1' }));
    assert.ok(refused.detail.length > 500);
    const last = (await readLog(store)).at(-1)?.event;
    assert.equal(last?.type === 'CommandRefused' && last.detail, refused.detail.slice(0, 500));
  });
});

describe('a wish that holds only at a revision', () => {
  const node: Command = { type: 'ReportNodes', cluster: 'one', nodes: [{ name: 'one-z' }] };

  test('is carried out at that revision and refused at any other', async () => {
    const { store, house } = await cloud();
    const streamRevision = (await store.readStream('cluster-one', 0, 100)).at(-1)?.revision ?? -1;
    const before = await lengthOf(store);
    for (const revision of [streamRevision - 1, streamRevision + 1, -1]) {
      const stale = await house.executor.execute(node, context(), { category: 'cluster', id: 'one', revision });
      assert.equal(refusal(stale).refused, 'stale-revision');
    }
    assert.equal((await store.readStream('cluster-one', 0, 100)).at(-1)?.revision, streamRevision);
    assert.equal(await lengthOf(store), before + 3, 'three refusals in the audit');
    const precondition = { category: 'cluster', id: 'one', revision: streamRevision };
    assert.equal(accepted(await house.executor.execute(node, context(), precondition)).events, 1);
    assert.equal(refusal(await house.executor.execute(node, context(), precondition)).refused, 'stale-revision');
  });

  test('without an id it is the cloud’s own stream; a stream that does not exist is at -1', async () => {
    const { store, house } = await cloud();
    const revision = (await store.readStream(`configuration-${CLOUD}`, 0, 100)).at(-1)?.revision ?? -1;
    const change: Command = { type: 'ChangeProperty', name: 'edgelog.dirty_limit', value: '7' };
    const stale = await house.executor.execute(change, context(), {
      category: 'configuration',
      revision: revision + 1,
    });
    assert.equal(refusal(stale).refused, 'stale-revision');
    accepted(await house.executor.execute(change, context(), { category: 'configuration', revision }));
    const fresh = { category: 'securityGroup', id: 'sg-0000000a', revision: -1 };
    accepted(await house.executor.execute(group(), context(), fresh));
  });
});

test('a rehearsal says what would happen and makes nothing happen', async () => {
  const { store, house } = await cloud();
  const before = await lengthOf(store);
  const asked = context();
  const rehearsed = await house.executor.rehearse(group(), asked);
  assert.ok(!isRefusal(rehearsed));
  assert.equal(await lengthOf(store), before);
  accepted(await house.executor.execute(group(), asked));
  assert.deepEqual(
    (await readLog(store)).slice(before).map(({ event }) => event),
    rehearsed.events,
  );
  assert.equal(
    isRefusal(await house.executor.rehearse({ type: 'StopInstance', instanceId: 'i-0000ffff' }, asked)),
    true,
  );
  assert.equal(await lengthOf(store), before + 2, 'a rehearsed refusal is not written down');
});
