/**
 * Laws of plans: an incremental plan is the plan from nothing, and the statements between two plans lead exactly from one to
 * the other, never leaning on what is not there.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { defaultNodeOptions, guardNames, type NodeOptions, type Plan } from '../../../src/projections/plan/model.ts';
import { createPlanner, planNode } from '../../../src/projections/plan/planner.ts';
import { rulesetOf, rulesetText } from '../../../src/projections/plan/ruleset.ts';
import { transactionLines, transactionText } from '../../../src/projections/plan/transaction.ts';
import { type Cloud, cloud, documentOf, nodeName } from './clouds.ts';
import { modelOf, run } from './kernelModel.ts';

const options: NodeOptions = { ...defaultNodeOptions, masquerade: true };

const planned = (plan: Plan | { refused: string }): Plan => {
  if ('refused' in plan) throw new Error(JSON.stringify(plan));
  return plan;
};

const plansOf = (clouds: readonly Cloud[], tuned: NodeOptions): Plan[] => {
  const planner = createPlanner([nodeName], tuned);
  let document = documentOf(clouds[0] as Cloud);
  return clouds.map((one, index) => {
    document = index === 0 ? document : documentOf(one, document);
    return planned(planner.plan(document));
  });
};

const shape = (plan: Plan) => ({
  text: rulesetText(rulesetOf(plan)),
  notes: plan.notes,
  host: [...plan.instances.values()].map(({ host }) => host),
});

test('plan after plan is the plan from nothing', () => {
  fc.assert(
    fc.property(fc.array(cloud, { minLength: 1, maxLength: 5 }), fc.boolean(), (clouds, sameGroupTraffic) => {
      const tuned = { ...options, sameGroupTraffic };
      plansOf(clouds, tuned).forEach((plan, index) => {
        const fresh = planned(planNode(documentOf(clouds[index] as Cloud), [nodeName], tuned));
        assert.deepEqual(shape(plan), shape(fresh));
      });
    }),
    { numRuns: 150 },
  );
});

test('the statements between two plans lead from one to the other', () => {
  fc.assert(
    fc.property(fc.array(cloud, { minLength: 2, maxLength: 5 }), fc.boolean(), (clouds, sameGroupTraffic) => {
      const plans = plansOf(clouds, { ...options, sameGroupTraffic });
      const kernel = modelOf(rulesetOf(plans[0] as Plan));
      for (let index = 1; index < plans.length; index += 1) {
        run(kernel, transactionLines(plans[index - 1] as Plan, plans[index] as Plan));
        assert.deepEqual(kernel, modelOf(rulesetOf(plans[index] as Plan)));
      }
    }),
    { numRuns: 150 },
  );
});

test('a plan that programs the same needs no statement, even from another planner', () => {
  fc.assert(
    fc.property(cloud, (one) => {
      const first = planned(planNode(documentOf(one), [nodeName], options));
      const second = planned(planNode(documentOf(one), [nodeName], options));
      assert.deepEqual(transactionLines(first, second), []);
    }),
    { numRuns: 50 },
  );
});

test('one change touches only its own pieces', () => {
  const base: Cloud = {
    seats: Array.from({ length: 8 }, () => ({ present: true, here: true, groups: ['sg-a'], elastic: false })),
    groups: ['sg-a', 'sg-b'].map((id) => ({ id, ownerId: '1', rules: [] })),
    shown: ['sg-a', 'sg-b'],
    shift: 0,
    clc: '198.51.100.5',
  };
  const rule = { protocol: 6, low: 22, high: 22, source: { kind: 'cidr', cidr: '0.0.0.0/0' } } as const;
  const changed = {
    ...base,
    groups: base.groups.map((group) => (group.id === 'sg-a' ? { ...group, rules: [rule] } : group)),
  };
  const [before, after] = plansOf([base, changed], options);
  assert.deepEqual(transactionLines(before as Plan, after as Plan), [
    'flush chain ip edge g_sg-a',
    'add rule ip edge g_sg-a tcp dport 22 accept',
  ]);
  for (const [id, piece] of before?.instances ?? []) assert.equal(after?.instances.get(id), piece);
});

test('a refused document leaves the planner where it was', () => {
  fc.assert(
    fc.property(cloud, cloud, (one, two) => {
      const planner = createPlanner([nodeName], options);
      const document = documentOf(one);
      planner.plan(document);
      const doubled = {
        ...document,
        instances: [...document.instances, ...document.instances.map((entry) => ({ ...entry }))],
      };
      const answer = planner.plan(doubled);
      fc.pre(document.instances.length > 0);
      assert.ok(isRefusal(answer) && answer.refused === 'document-duplicate');
      const next = planned(planner.plan(documentOf(two, document)));
      assert.deepEqual(shape(next), shape(planned(planNode(documentOf(two), [nodeName], options))));
    }),
    { numRuns: 50 },
  );
});

const canCheck = spawnSync('unshare', ['-rn', 'nft', 'list', 'tables']).status === 0;
const skip = canCheck ? {} : { skip: 'no nft in a user namespace here: install nftables and allow user namespaces' };

const asked = (text: string): string =>
  spawnSync('unshare', ['-rn', 'nft', '-c', '-f', '-'], { input: text, encoding: 'utf8' }).stderr;

test('the kernel takes every plan, whatever the document holds, and every guard left out', skip, () => {
  for (const one of fc.sample(cloud, 12)) {
    const plan = planned(planNode(documentOf(one), [nodeName], options));
    assert.equal(
      asked(rulesetText(rulesetOf(plan), { serial: 1, epoch: 1, position: 2, version: 'x"; flush ruleset' })),
      '',
    );
  }
  for (const without of guardNames) {
    const [one] = fc.sample(cloud, 1);
    const plan = planned(planNode(documentOf(one as Cloud), [nodeName], { ...options, without }));
    assert.equal(asked(rulesetText(rulesetOf(plan))), '', without);
  }
});

test('the kernel takes the differences too', skip, () => {
  for (const clouds of fc.sample(fc.array(cloud, { minLength: 6, maxLength: 6 }), 3)) {
    const plans = plansOf(clouds, options);
    let text = rulesetText(rulesetOf(plans[0] as Plan), { serial: 1, version: 'a' });
    const script = ['nft -f - <<"END"', text, 'END'];
    for (let index = 1; index < plans.length; index += 1) {
      const lines = transactionLines(plans[index - 1] as Plan, plans[index] as Plan);
      text = transactionText(lines, { serial: index + 1, version: 'a' }, []).text;
      script.push('nft -f - <<"END" || exit 1', text, 'END');
    }
    const result = spawnSync('unshare', ['-rn', 'sh', '-s'], { input: script.join('\n'), encoding: 'utf8' });
    assert.equal(result.stderr, '');
    assert.equal(result.status, 0);
  }
});
