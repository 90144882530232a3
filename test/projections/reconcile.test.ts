/**
 * What the reconciler wishes: addresses become free when the last node has passed their release and not before, what nobody
 * resumed is given back, time-outs take effect, and what came true is not wished again.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryStore } from '../../src/adapters/eventstore/memory.ts';
import type { Command } from '../../src/domain/commands.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import { type Convergence, deliver, type NodeStatus, report, want } from '../../src/projections/convergence.ts';
import { documentVersion } from '../../src/projections/documents.ts';
import type { Network } from '../../src/projections/network/views.ts';
import { type ReconcileInputs, reconcile } from '../../src/projections/reconcile.ts';
import { ACCOUNT, accepted, type House, openHouse, setUpCloud } from '../support/house.ts';
import { createWishes } from '../support/randomWishes.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const cloud = async (): Promise<House> => {
  const house = await openHouse(createMemoryStore());
  await setUpCloud(house);
  return house;
};

const silent: ReconcileInputs['sightings'] = { lastReported: () => undefined, hears: () => false };

const inputs = (house: House, change: Partial<ReconcileInputs> = {}): ReconcileInputs => {
  const network = house.projector.network();
  const wanted = (cluster: string) => documentVersion(network, cluster);
  return { network, convergence: new Map(), wanted, sightings: silent, now: 1_000, ...change };
};

/** Nodes of the setup: `one-a`, `one-b`, `two-a`, `two-b`. Each says what its kernel has. */
const applied = (network: Network, figures: Readonly<Record<string, number | null>>): Convergence =>
  Object.entries(figures).reduce<Convergence>((all, [node, version]) => {
    const cluster = node.split('-')[0] ?? '';
    const known = all.has(cluster) ? all : want(all, cluster, network.epoch, documentVersion(network, cluster), 0);
    const word: NodeStatus = {
      ...{ node, epoch: network.epoch, accepted: version, applied: version, agent: 'kernel', at: 10 },
      ...{ refusal: null, traceparent: null },
    };
    return report(known, cluster, [word]);
  }, new Map());

const everywhere = (version: number) => ({
  ...{ 'one-a': version, 'one-b': version, 'two-a': version, 'two-b': version },
});

const run = async (house: House, id: string, addressing: 'public' | 'private' = 'private', at = 0): Promise<void> => {
  const command: Command = {
    ...{ type: 'RunInstances', account: ACCOUNT, cluster: 'one', instanceIds: [id], groups: [], addressing },
    node: 'one-a',
  };
  accepted(await house.wish(command, { at }));
};

const end = async (house: House, id: string, at = 0): Promise<void> => {
  accepted(await house.wish({ type: 'TerminateInstance', instanceId: id }, { at }));
  accepted(await house.wish({ type: 'MarkTerminated', instanceId: id }, { at }));
};

const freed = (wishes: readonly Command[]) =>
  wishes.flatMap((wish) => (wish.type === 'FreeAddress' ? [{ address: wish.address, cause: wish.cause }] : []));

const typesOf = (wishes: readonly Command[]): readonly string[] => wishes.map(({ type }) => type);

describe('a released private address', () => {
  test('becomes free when every node of every cluster has passed its release, and not before', async () => {
    const house = await cloud();
    await run(house, 'i-00000001');
    const position = house.projector.network().position;
    await end(house, 'i-00000001');
    const network = house.projector.network();
    const last = network.position;
    const wishes = (figures: Readonly<Record<string, number | null>>) =>
      freed(reconcile(inputs(house, { convergence: applied(network, figures) })));
    assert.deepEqual(wishes(everywhere(position)), []);
    assert.deepEqual(wishes({ ...everywhere(last), 'two-b': position }), []);
    assert.deepEqual(wishes({ ...everywhere(last), 'one-a': null }), []);
    assert.deepEqual(wishes({ 'one-a': last, 'one-b': last, 'two-a': last }), []);
    assert.deepEqual(wishes(everywhere(last)), [{ address: '10.0.0.10', cause: 'converged' }]);
  });

  test('does not wait for a cluster that gets no documents', async () => {
    const house = await cloud();
    await run(house, 'i-00000001');
    await end(house, 'i-00000001');
    accepted(await house.wish({ type: 'DisableCluster', cluster: 'two', reason: 'upkeep' }));
    const network = house.projector.network();
    const wanted = (cluster: string) => (cluster === 'two' ? undefined : documentVersion(network, cluster));
    const convergence = applied(network, { 'one-a': network.position, 'one-b': network.position });
    assert.deepEqual(freed(reconcile(inputs(house, { convergence, wanted }))), [
      { address: '10.0.0.10', cause: 'converged' },
    ]);
  });

  test('is free at once where the operator said so', async () => {
    const house = await cloud();
    const name = 'edgelog.addresses.private_free_immediately';
    accepted(await house.wish({ type: 'ChangeProperty', name, value: 'true' }));
    await run(house, 'i-00000001');
    await end(house, 'i-00000001');
    assert.deepEqual(freed(reconcile(inputs(house))), [{ address: '10.0.0.10', cause: 'converged' }]);
  });

  test('waits for a silent controller only as long as it takes to be sure', async () => {
    const house = await cloud();
    await run(house, 'i-00000001');
    await end(house, 'i-00000001');
    const { position, epoch } = house.projector.network();
    const convergence = ['one', 'two'].reduce<Convergence>(
      (all, cluster) => deliver(want(all, cluster, epoch, position, 0), cluster, epoch, position, 1_000),
      new Map(),
    );
    assert.deepEqual(freed(reconcile(inputs(house, { convergence, now: 999 + MINUTE }))), []);
    assert.equal(freed(reconcile(inputs(house, { convergence, now: 1_000 + MINUTE }))).length, 1);
  });
});

describe('a dirty public address', () => {
  const dirtied = async (): Promise<{ house: House; address: string }> => {
    const house = await cloud();
    await run(house, 'i-00000001', 'public');
    const address = [...house.projector.network().publicRanges][0]?.split('-')[0] ?? '';
    await end(house, 'i-00000001', 5 * MINUTE);
    return { house, address };
  };

  test('is cleared when its cluster has passed it, whatever others have', async () => {
    const { house, address } = await dirtied();
    const network = house.projector.network();
    const last = network.position;
    const wishes = (figures: Readonly<Record<string, number | null>>) =>
      freed(reconcile(inputs(house, { convergence: applied(network, figures) }))).filter(
        (one) => one.address === address,
      );
    assert.deepEqual(wishes({ 'one-a': last, 'one-b': 1 }), []);
    assert.deepEqual(wishes({ 'one-a': last, 'one-b': last }), [{ address, cause: 'converged' }]);
  });

  test('is cleared with a reason to look when its cluster never passes it', async () => {
    const { house, address } = await dirtied();
    const at = (now: number) => freed(reconcile(inputs(house, { now }))).filter((one) => one.address === address);
    assert.deepEqual(at(5 * MINUTE + 24 * HOUR), []);
    assert.deepEqual(at(6 * MINUTE + 24 * HOUR), [{ address, cause: 'limit' }]);
    accepted(await house.wish({ type: 'ChangeProperty', name: 'edgelog.dirty_limit', value: '0' }));
    assert.deepEqual(at(1_000 * HOUR), []);
  });
});

describe('time-outs', () => {
  test('an address chosen for an instance that is never placed is given back', async () => {
    const house = await cloud();
    const command: Command = {
      ...{ type: 'RunInstances', account: ACCOUNT, cluster: 'one', groups: [], addressing: 'public' },
      instanceIds: ['i-00000001'],
    };
    accepted(await house.wish(command, { at: 0 }));
    assert.deepEqual(typesOf(reconcile(inputs(house, { now: 35 * MINUTE }))), []);
    assert.ok(typesOf(reconcile(inputs(house, { now: 35 * MINUTE + 1 }))).includes('ExpireImpending'));
  });

  test('states that may not last do not', async () => {
    const house = await cloud();
    for (const id of ['i-00000001', 'i-00000002', 'i-00000003']) await run(house, id, 'private', 0);
    for (const id of ['i-00000002', 'i-00000003'])
      accepted(await house.wish({ type: 'MarkRunning', instanceId: id }, { at: 0 }));
    accepted(await house.wish({ type: 'StopInstance', instanceId: 'i-00000002' }, { at: 0 }));
    accepted(await house.wish({ type: 'TerminateInstance', instanceId: 'i-00000003' }, { at: 0 }));
    const expired = (now: number) =>
      reconcile(inputs(house, { now })).flatMap((wish) => (wish.type === 'ExpireInstance' ? [wish.instanceId] : []));
    assert.deepEqual(expired(10 * MINUTE), []);
    assert.deepEqual(expired(10 * MINUTE + 1), ['i-00000002', 'i-00000003']);
    for (const wish of reconcile(inputs(house, { now: 11 * MINUTE }))) await house.wish(wish, { at: 11 * MINUTE });
    assert.deepEqual(expired(11 * MINUTE + 1), []);
    assert.deepEqual(expired(11 * MINUTE + HOUR + 1), ['i-00000003']);
  });

  test('an instance is lost only where its cluster is heard and leaves it out', async () => {
    const house = await cloud();
    await run(house, 'i-00000001', 'private', 0);
    accepted(await house.wish({ type: 'MarkRunning', instanceId: 'i-00000001' }, { at: 0 }));
    const now = 721 * MINUTE;
    const lost = (last: number | undefined) =>
      typesOf(
        reconcile(inputs(house, { now, sightings: { lastReported: () => last, hears: () => last !== undefined } })),
      );
    assert.deepEqual(lost(undefined), []);
    assert.deepEqual(lost(2 * MINUTE), []);
    assert.deepEqual(lost(0), ['ExpireInstance']);
  });
});

test('what came true is not wished again, and carrying it out is never refused', async () => {
  const house = await cloud();
  const wishes = createWishes(5);
  let total = 0;
  for (let i = 0; i < 300; i += 1) {
    const done = await house.wish(wishes.next(), { at: i * MINUTE });
    if (!isRefusal(done)) wishes.learn(done.result);
    if (i % 10 !== 9) continue;
    const now = i * MINUTE;
    const wished = () => {
      const network = house.projector.network();
      return reconcile(inputs(house, { now, convergence: applied(network, everywhere(network.position)) }));
    };
    const first = wished();
    total += first.length;
    assert.deepEqual(first, wished(), 'the same inputs give the same wishes');
    for (const wish of first) accepted(await house.wish(wish, { at: now }));
    // What was carried out may have made something else due, such as the address of an instance that ended; then it is quiet.
    for (const wish of wished()) accepted(await house.wish(wish, { at: now }));
    assert.deepEqual(wished(), []);
  }
  assert.ok(total > 20, `only ${total} wishes`);
});
