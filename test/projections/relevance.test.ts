/**
 * A node's plan is the same from the whole document and from what concerns its cluster only: in clouds made by wishes, for
 * every node, whatever is on its wires. And what is left out is really left out.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMemoryStore } from '../../src/adapters/eventstore/memory.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';
import { buildDocument } from '../../src/projections/document/build.ts';
import type { Dialect, NetworkDocument } from '../../src/projections/document/model.ts';
import { documentInputs } from '../../src/projections/documentInputs.ts';
import { localDocument } from '../../src/projections/localDocument.ts';
import type { Network } from '../../src/projections/network/views.ts';
import { defaultNodeOptions, type NodeOptions, type Plan } from '../../src/projections/plan/model.ts';
import { planNode } from '../../src/projections/plan/planner.ts';
import { peek } from '../../src/projections/trie.ts';
import { ACCOUNT, accepted, configurationText, openHouse, setUpCloud } from '../support/house.ts';
import { createWishes } from '../support/randomWishes.ts';
import { dialects } from './document/worlds.ts';

const options: readonly NodeOptions[] = (['own', 'all', 'none'] as const).flatMap((fabricRoutes) =>
  [true, false].map((sameGroupTraffic) => ({ ...defaultNodeOptions, fabricRoutes, sameGroupTraffic })),
);

/** A node that the cloud does not list at the moment has no plan from either. */
const planned = (document: NetworkDocument, node: string, with_: NodeOptions): Plan | Refusal => {
  const plan = planNode(document, [node], with_);
  if (isRefusal(plan) && plan.refused !== 'document-without-node') throw new Error(`${node}: ${plan.detail}`);
  return plan;
};

const localOf = (network: Network, whole: NetworkDocument, cluster: string): NetworkDocument =>
  localDocument(whole, cluster, (id) => peek(network.instances, id)?.cluster === cluster);

const assertSamePlans = (network: Network, dialect: Dialect): void => {
  const whole = buildDocument(documentInputs(network), dialect);
  for (const cluster of ['one', 'two']) {
    const local = localOf(network, whole, cluster);
    for (const node of [`${cluster}-a`, `${cluster}-b`]) {
      for (const with_ of options) assert.deepEqual(planned(local, node, with_), planned(whole, node, with_));
    }
  }
};

const inCloud = async (judge: (house: Awaited<ReturnType<typeof openHouse>>) => Promise<void>): Promise<void> => {
  const house = await openHouse(createMemoryStore());
  await setUpCloud(house);
  await judge(house);
  await house.stop();
};

describe('relevance', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`gives every node the same plan from both documents, seed ${seed}`, () =>
      inCloud(async (house) => {
        const wishes = createWishes(seed);
        for (let round = 0; round < 12; round += 1) {
          for (let n = 0; n < 25; n += 1) {
            const done = await house.wish(wishes.next());
            if (!isRefusal(done)) wishes.learn(done.result);
          }
          for (const dialect of dialects) assertSamePlans(house.projector.network(), dialect);
        }
      }));
  }

  it('shows a cluster its own instances, its groups, the groups they name and the members of all these', () =>
    inCloud(async (house) => {
      accepted(await house.wish({ type: 'PostConfiguration', text: configurationText() }));
      const group = async (groupId: string, name: string) =>
        accepted(await house.wish({ type: 'CreateSecurityGroup', account: ACCOUNT, groupId, name, description: name }));
      const run = async (instanceId: string, cluster: string, groups: string[]) =>
        accepted(
          await house.wish({
            type: 'RunInstances',
            account: ACCOUNT,
            cluster,
            instanceIds: [instanceId],
            groups,
            addressing: 'private',
            node: `${cluster}-a`,
          }),
        );
      for (const n of [1, 2, 3, 4]) await group(`sg-0000000${n}`, `g${n}`);
      for (const [from, to] of [
        ['sg-00000001', 'sg-00000002'],
        ['sg-00000002', 'sg-00000003'],
      ] as const) {
        const permissions = [{ protocol: 'tcp', fromPort: 1, toPort: 2, groups: [{ groupId: to }] }];
        accepted(await house.wish({ type: 'AuthorizeIngress', account: ACCOUNT, groupId: from, permissions }));
      }
      await run('i-00000001', 'one', ['sg-00000001']);
      await run('i-00000002', 'two', ['sg-00000001', 'sg-00000004']);
      await run('i-00000003', 'two', ['sg-00000002']);
      await run('i-00000004', 'two', ['sg-00000003']);
      const network = house.projector.network();
      const local = localOf(network, buildDocument(documentInputs(network), 'superset'), 'one');
      assert.deepEqual(
        local.instances.map(({ id, securityGroups }) => [id, ...securityGroups]),
        [
          ['i-00000001', 'sg-00000001'],
          ['i-00000002', 'sg-00000001'],
          ['i-00000003', 'sg-00000002'],
        ],
      );
      assert.deepEqual(
        local.securityGroups.map(({ id, rules }) => [id, rules.length]),
        [
          ['sg-00000001', 1],
          ['sg-00000002', 0],
        ],
      );
      assert.deepEqual(
        local.configuration.subnets.map(({ subnet }) => subnet),
        ['10.1.0.0'],
      );
      const nodes = local.configuration.clusters.map((cluster) => cluster.nodes.length);
      assert.deepEqual(nodes, [2, 0]);
    }));
});
