/** Plans say beforehand what happens, and happen as they said or not at all; reverting and leaving out events likewise. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createTimeMachine, type TimeMachine } from '../../../src/adapters/controlPlane/timeMachine.ts';
import type { Command } from '../../../src/domain/commands.ts';
import type { EventStore } from '../../../src/domain/eventStore.ts';
import { isRefusal, type Refusal } from '../../../src/domain/refusals.ts';
import { fullDocument } from '../../../src/projections/documents.ts';
import { changesBetween } from '../../../src/projections/timeMachine/changes.ts';
import { statementsOf } from '../../../src/projections/timeMachine/statements.ts';
import { ACCOUNT, accepted, configurationText, context } from '../../support/house.ts';
import { createWishes } from '../../support/randomWishes.ts';
import { type Machine, openMachine } from './machine.ts';

const good = <T>(answer: T | Refusal): T => {
  if (isRefusal(answer)) throw new Error(`expected an answer, got ${answer.refused}: ${answer.detail}`);
  return answer;
};
const refused = (answer: unknown): string => (isRefusal(answer) ? answer.refused : JSON.stringify(answer));

const group = { account: ACCOUNT, groupId: 'sg-00aa0001' };
const web = { permissions: [{ protocol: 'tcp', fromPort: 80, toPort: 80, cidrs: ['0.0.0.0/0'] }] };
const withGroup = async ({ house }: Machine): Promise<void> => {
  accepted(await house.wish({ type: 'CreateSecurityGroup', ...group, name: 'web', description: '' }));
};

test('a plan changes nothing, and applied it does what it said', async () => {
  const world = await openMachine(31, 40);
  const { machine, house, events, close } = world;
  const wishes = createWishes(77);
  for (let round = 0; round < 12; round += 1) {
    const commands: Command[] = [];
    const before = house.projector.network();
    for (let i = 0; i < 12; i += 1) {
      const command = wishes.next();
      if (
        !isRefusal(
          await machine.plan({ planId: `try-${round}`, commands: [...commands, command], context: context() }, []),
        )
      )
        commands.push(command);
    }
    const query = { planId: `plan-${round}`, commands, context: context() };
    const plan = good(await machine.plan(query, []));
    assert.equal(house.projector.network(), before, 'planning appends nothing');
    const done = good(await machine.apply({ ...query, token: plan.token }));
    assert.equal(done.events, plan.events.length);
    const after = house.projector.network();
    const said = changesBetween(before, after)
      .flatMap(statementsOf)
      .map(({ text }) => text);
    assert.deepEqual(
      said,
      plan.changes.map(({ text }) => text),
    );
    const made = (await events()).filter(({ position }) => position > before.position);
    assert.deepEqual(
      made.map(({ event }) => event.type),
      plan.events.map(({ type }) => type),
    );
    assert.equal(good(await machine.apply({ ...query, token: plan.token })).repeated, true);
  }
  await close();
});

test('a plan id that was used is of no use to another plan', async () => {
  const world = await openMachine(43, 0);
  await withGroup(world);
  const { machine, house, close } = world;
  const first = {
    planId: 'p',
    commands: [{ type: 'AuthorizeIngress', ...group, ...web }] as const,
    context: context(),
  };
  const { token } = good(await machine.plan(first, []));
  good(await machine.apply({ ...first, token }));
  const { position } = house.projector.network();
  const allocate = {
    planId: 'p',
    commands: [{ type: 'AllocateAddress', account: ACCOUNT }] as const,
    context: context(),
  };
  const other = good(await machine.plan(allocate, []));
  assert.equal(refused(await machine.apply({ ...allocate, token: other.token })), 'idempotency-key-reused');
  assert.equal(house.projector.network().position, position);
  assert.equal(good(await machine.apply({ ...first, token })).repeated, true);
  await close();
});

test('a plan whose world has moved is not applied', async () => {
  const world = await openMachine(32, 5);
  await withGroup(world);
  const { machine, house, close } = world;
  const commands: Command[] = [{ type: 'AuthorizeIngress', ...group, ...web }];
  const query = { planId: 'p1', commands, context: context() };
  const { token } = good(await machine.plan(query, []));
  const other = { permissions: [{ protocol: 'udp', fromPort: 53, toPort: 53, cidrs: ['0.0.0.0/0'] }] };
  accepted(await house.wish({ type: 'AuthorizeIngress', ...group, ...other }));
  const { position } = house.projector.network();
  assert.equal(refused(await machine.apply({ ...query, token })), 'world-moved');
  assert.equal(house.projector.network().position, position);
  accepted(await house.wish({ type: 'DeleteSecurityGroup', ...group }));
  assert.equal(refused(await machine.apply({ ...query, token })), 'world-moved');
  assert.equal(refused(await machine.plan(query, [])), 'invalid-group-not-found');
  await close();
});

test('what does not concern a plan does not spoil it', async () => {
  const world = await openMachine(33, 5);
  await withGroup(world);
  const { machine, house, close } = world;
  const query = {
    planId: 'p2',
    commands: [{ type: 'AuthorizeIngress', ...group, ...web }] as const,
    context: context(),
  };
  const { token } = good(await machine.plan(query, []));
  accepted(
    await house.wish({
      type: 'CreateSecurityGroup',
      account: '000000000099',
      groupId: 'sg-00aa0099',
      name: 'z',
      description: '',
    }),
  );
  assert.equal(good(await machine.apply({ ...query, token })).events, 1);
  await close();
});

test('a plan tells of flows and of addresses that would be orphaned', async () => {
  const world = await openMachine(34, 0);
  await withGroup(world);
  const { machine, house, close } = world;
  accepted(
    await house.wish({
      type: 'RunInstances',
      account: ACCOUNT,
      cluster: 'one',
      instanceIds: ['i-00aa0001'],
      groups: ['web'],
      addressing: 'private',
      node: 'one-a',
    }),
  );
  const got = accepted(await house.wish({ type: 'AllocateAddress', account: ACCOUNT }));
  const address = String(got.result['address']);
  accepted(await house.wish({ type: 'AssociateAddress', account: ACCOUNT, address, instanceId: 'i-00aa0001' }));
  const open = good(
    await machine.plan(
      { planId: 'p3', commands: [{ type: 'AuthorizeIngress', ...group, ...web }], context: context() },
      ['192.0.2.1'],
    ),
  );
  assert.deepEqual(
    open.flows.gained.map(({ source, destination }) => [source, destination]),
    [['192.0.2.1', 'i-00aa0001']],
  );
  assert.equal(open.flows.lostPairs, 0);
  assert.ok(open.documents.some(({ lines }) => lines.some(({ sign }) => sign === '+')));
  const moved = configurationText().replaceAll('198.51.100.1-198.51.100.20', '203.0.113.1-203.0.113.20');
  const shrunk = good(
    await machine.plan(
      { planId: 'p4', commands: [{ type: 'PostConfiguration', text: moved }], context: context() },
      [],
    ),
  );
  assert.match(JSON.stringify(shrunk.configuration), /198\.51\.100\./);
  await close();
});

test('an event is undone by new events that carry the reason, once', async () => {
  const world = await openMachine(35, 5);
  await withGroup(world);
  const { machine, house, events, close } = world;
  const set = accepted(await house.wish({ type: 'AuthorizeIngress', ...group, ...web }));
  const before = good(await machine.diff({ from: { position: set.position - 1 }, to: { position: set.position } }));
  assert.equal(before.changes.length, 1);
  const query = {
    event: String(set.position),
    reason: 'ticket 12: too open',
    planId: 'r1',
    context: context({ actor: 'carol' }),
  };
  const plan = good(await machine.planRevert(query));
  assert.deepEqual(
    plan.commands.map(({ type }) => type),
    ['RevokeIngress'],
  );
  const done = good(await machine.revert(query));
  assert.equal(
    good(await machine.diff({ from: { position: set.position - 1 }, to: { position: done.applied.position } })).same,
    true,
  );
  const [made] = (await events()).filter(({ correlationId }) => correlationId === 'r1');
  assert.deepEqual([made?.actor, made?.reason], ['carol', 'ticket 12: too open']);
  const [reverted] = (await events()).filter(({ position }) => position === set.position);
  assert.equal(made?.causationId, reverted?.id);
  assert.equal(refused(await machine.revert({ ...query, planId: 'r2' })), 'cannot-revert');
  await close();
});

test('what cannot be undone is refused with a reason', async () => {
  const { machine, events, close } = await openMachine(36, 60);
  for (const { event, position } of await events()) {
    if (!event.type.startsWith('Instance')) continue;
    const answer = await machine.planRevert({ event: String(position), reason: 'r', planId: 'r', context: context() });
    assert.equal(refused(answer), 'cannot-revert');
  }
  assert.equal(
    refused(await machine.planRevert({ event: 'e-nothing', reason: 'r', planId: 'r', context: context() })),
    'event-not-found',
  );
  await close();
});

test('configuration, properties and clusters are reverted to what was before', async () => {
  const { machine, house, close } = await openMachine(37, 0);
  const wishes: readonly Command[] = [
    { type: 'PostConfiguration', text: configurationText(99, 9) },
    { type: 'ChangeProperty', name: 'edgelog.clc_address', value: '10.9.9.9' },
    { type: 'DisableCluster', cluster: 'one', reason: 'works' },
    { type: 'ReportNodes', cluster: 'two', nodes: [{ name: 'two-z' }] },
    { type: 'DeregisterCluster', cluster: 'two' },
  ];
  for (const [i, wish] of wishes.entries()) {
    const start = house.projector.network().position;
    const { events } = accepted(await house.wish(wish));
    assert.ok(events > 0, wish.type);
    const answer = good(
      await machine.revert({ event: String(start + 1), reason: 'back', planId: `back-${i}`, context: context() }),
    );
    const diff = good(await machine.diff({ from: { position: start }, to: { position: answer.applied.position } }));
    assert.ok(
      diff.documents.every(({ same }) => same),
      `${wish.type}: ${JSON.stringify(diff.documents)}`,
    );
  }
  await close();
});

test('without an event the network is as if it had not happened', async () => {
  const world = await openMachine(38, 10);
  await withGroup(world);
  const { machine, house, close } = world;
  accepted(
    await house.wish({
      type: 'RunInstances',
      account: ACCOUNT,
      cluster: 'one',
      instanceIds: ['i-00aa0002'],
      groups: ['web'],
      addressing: 'private',
      node: 'one-a',
    }),
  );
  const set = accepted(await house.wish({ type: 'AuthorizeIngress', ...group, ...web }));
  accepted(await house.wish({ type: 'MarkRunning', instanceId: 'i-00aa0002' }));
  const other = good(await machine.without({ events: [String(set.position)], cluster: 'one' }));
  assert.deepEqual(
    other.changes.map(({ text }) => text),
    ['security group sg-00aa0001 (web): tcp 80-80 from 0.0.0.0/0 removed'],
  );
  assert.ok(other.documents[0]?.lines.some(({ sign }) => sign === '-'));
  const earlier = good(await machine.without({ events: [String(set.position)], at: { position: set.position - 1 } }));
  assert.equal(earlier.same, true);
  assert.equal(refused(await machine.without({ events: ['999999'] })), 'event-not-found');
  await close();
});

/** Another door to the same log, through which appends go as the test wants. */
const through = (world: Machine, change: (store: EventStore) => Partial<EventStore>): TimeMachine => {
  const { house, history, convergence } = world;
  return createTimeMachine({
    ...{ store: { ...world.store, ...change(world.store) }, history, index: house.index, cloud: 'main' },
    ...{ network: house.projector.network, convergence: () => convergence.now, reached: house.projector.reached },
    ...{ documentAt: fullDocument, now: () => 1_000_000_000 },
  });
};

test('a plan of many wishes is one append: nobody ever sees a part of it', async () => {
  const world = await openMachine(41, 30);
  const appends: string[] = [];
  const machine = through(world, (store) => ({
    append: (commandId, writes) => {
      if (writes.some(({ events }) => events.length > 0)) appends.push(commandId);
      return store.append(commandId, writes);
    },
  }));
  const wishes = createWishes(5, { turbulent: true });
  let planned = 0;
  for (let round = 0; round < 10; round += 1) {
    const commands: Command[] = [];
    for (let i = 0; i < 10; i += 1) {
      const tried = [...commands, wishes.next()];
      const plan = await machine.plan({ planId: `try-${round}`, commands: tried, context: context() }, []);
      if (!isRefusal(plan)) commands.splice(0, commands.length, ...tried);
    }
    const query = { planId: `whole-${round}`, commands, context: context() };
    const { token, events } = good(await machine.plan(query, []));
    const done = good(await machine.apply({ ...query, token }));
    assert.equal(done.events, events.length);
    planned += commands.length;
  }
  assert.deepEqual(
    appends,
    [...Array(10).keys()].map((round) => `whole-${round}`),
  );
  assert.ok(planned > 30, `only ${planned} wishes could be planned`);
  await world.close();
});

test('where only steps can be appended, a plan stopped half way says which are done, and goes on', async () => {
  const world = await openMachine(42, 0);
  const { house, events, close } = world;
  let stop = true;
  const machine = through(world, (store) => ({
    atomicAcrossStreams: false,
    append: async (commandId, writes) => {
      if (stop && commandId === 'steps/2') {
        return { outcome: 'conflict', stream: writes[0]?.stream ?? '', expected: 0, actual: 1 };
      }
      return store.append(commandId, writes);
    },
  }));
  const commands: readonly Command[] = [
    { type: 'CreateSecurityGroup', ...group, name: 'web', description: '' },
    { type: 'AuthorizeIngress', ...group, ...web },
    { type: 'ChangeProperty', name: 'edgelog.dirty_limit', value: '9' },
    { type: 'AllocateAddress', account: ACCOUNT },
  ];
  const query = { planId: 'steps', commands, context: context() };
  const { token } = good(await machine.plan(query, []));
  const half = await machine.apply({ ...query, token });
  assert.ok(isRefusal(half));
  assert.equal(half.refused, 'plan-half-applied');
  assert.match(half.detail, /^2 of 4 steps are done and stay \(wishes 1, 2\), those of wishes 3, 4 are not: somebody/);
  const again = await machine.apply({ ...query, token });
  assert.ok(isRefusal(again));
  assert.match(again.detail, /Plan steps was done in part: 2 of its steps are left/);
  stop = false;
  const rest = good(await machine.apply({ ...query, token, resume: true }));
  assert.equal(rest.events, 2);
  const made = (await events()).filter(({ correlationId }) => correlationId === 'steps').map(({ event }) => event.type);
  assert.deepEqual(made.sort(), [
    'PropertyChanged',
    'PublicAddressAllocated',
    'SecurityGroupCreated',
    'SecurityGroupNameTaken',
    'SecurityGroupRulesAuthorized',
  ]);
  assert.equal(good(await machine.apply({ ...query, token })).repeated, true);
  assert.equal(house.projector.network().properties['edgelog.dirty_limit']?.value, '9');
  await close();
});
