/** What `/metrics` says: figures of what happened, nothing that nobody knows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { createMemoryStore } from '../../../src/adapters/eventstore/memory.ts';
import { withFigures } from '../../../src/adapters/telemetry/commandFigures.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import type { Command } from '../../../src/domain/commands.ts';
import { type Convergence, deliver, type NodeStatus, report, want } from '../../../src/projections/convergence.ts';
import { ACCOUNT, context, openHouse, setUpCloud } from '../../support/house.ts';

const linesOf = (text: string, name: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

const word = (node: string, applied: number | null, reason?: string): NodeStatus => ({
  ...{ node, epoch: 1, accepted: applied, applied, agent: 'kernel', at: 0, traceparent: null },
  refusal: reason === undefined ? null : { reason, detail: reason },
});

test('pools, and nodes that lack what is wanted or refuse it; the silent ones are in no figure', async () => {
  const house = await openHouse(createMemoryStore());
  await setUpCloud(house);
  await house.wish({ type: 'AllocateAddress', account: ACCOUNT });
  const { epoch, position } = house.projector.network();
  let all: Convergence = deliver(want(new Map(), 'one', epoch, position, 0), 'one', epoch, position, 1);
  all = report(all, 'one', [word('one-a', position), word('one-b', position - 1, 'cannot-write')]);
  const metrics = createMetrics({
    ...{ network: house.projector.network, health: house.projector.health, convergence: () => all, now: () => 5 },
  });
  const { text } = await metrics.text();
  assert.deepEqual(linesOf(text, 'edgelog_nodes_behind'), ['edgelog_nodes_behind{cluster="one"} 1']);
  assert.deepEqual(linesOf(text, 'edgelog_nodes_refusing'), ['edgelog_nodes_refusing{cluster="one"} 1']);
  assert.deepEqual(linesOf(text, 'edgelog_public_addresses'), [
    'edgelog_public_addresses{state="free"} 19',
    'edgelog_public_addresses{state="allocated"} 1',
    'edgelog_public_addresses{state="assigned"} 0',
    'edgelog_public_addresses{state="outside"} 0',
  ]);
  assert.ok(text.includes('edgelog_private_addresses{cluster="two",state="free"} 191'));
  assert.ok(!text.includes('two-a'), 'nobody has heard of that node');
});

test('every wish is counted with what became of it', async () => {
  const house = await openHouse(createMemoryStore());
  await setUpCloud(house);
  const registry = new Registry();
  let time = 0;
  const clock = (): number => {
    time += 2;
    return time;
  };
  const executor = withFigures(house.executor, registry, clock);
  const allocate: Command = { type: 'AllocateAddress', account: ACCOUNT };
  const asked = context();
  await executor.execute(allocate, asked);
  await executor.execute(allocate, asked);
  await executor.execute({ type: 'ReleaseAddress', account: ACCOUNT, address: '192.0.2.1' }, context());
  const text = await registry.metrics();
  assert.deepEqual(linesOf(text, 'edgelog_commands_total').toSorted(), [
    'edgelog_commands_total{command="AllocateAddress",outcome="accepted"} 1',
    'edgelog_commands_total{command="AllocateAddress",outcome="repeated"} 1',
    'edgelog_commands_total{command="ReleaseAddress",outcome="refused"} 1',
  ]);
  assert.equal(linesOf(text, 'edgelog_refusals_total').length, 1);
  assert.deepEqual(linesOf(text, 'edgelog_command_seconds_count'), ['edgelog_command_seconds_count 3']);
  assert.deepEqual(linesOf(text, 'edgelog_command_seconds_sum'), ['edgelog_command_seconds_sum 0.006']);
});

test('an answer that never came is counted as a fault, and the fault goes on to the caller', async () => {
  const registry = new Registry();
  const failing = {
    execute: () => Promise.reject(new Error('no space left')),
    rehearse: () => Promise.reject(new Error('no space left')),
  };
  const executor = withFigures(failing, registry, () => 0);
  await assert.rejects(executor.execute({ type: 'AllocateAddress', account: ACCOUNT }, context()), /no space left/);
  assert.deepEqual(linesOf(await registry.metrics(), 'edgelog_commands_total'), [
    'edgelog_commands_total{command="AllocateAddress",outcome="fault"} 1',
  ]);
});
