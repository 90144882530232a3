/**
 * The evaluator against nodes played packet by packet, on random networks: 20,000 questions, with EDGELOG_LONG=1 a million.
 * A failure prints its seed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  defaultEdgeOptions,
  type Explanation,
  type HopCode,
} from '../../../src/projections/reachability/explanation.ts';
import { describeEndpoint, describeTraffic, type Question } from '../../../src/projections/reachability/question.ts';
import { surroundingsOf } from '../../../src/projections/reachability/surroundings.ts';
import { whyIn } from '../../../src/projections/reachability.ts';
import { arrives, worldOf } from './naiveNodes.ts';
import { diceOf, type RandomNetwork, randomNetwork, randomQuestion } from './randomNetwork.ts';

const questionsPerNetwork = 100;
const networks = process.env['EDGELOG_LONG'] === '1' ? 10_000 : 200;

const endings: ReadonlySet<HopCode> = new Set<HopCode>([
  'destination-is-outside',
  'same-group',
  'source-group',
  'cidr-match',
  'default-deny',
  'no-such-source',
  'no-such-destination',
  'address-dirty',
  'address-unassigned',
  'instance-not-live',
  'not-placed',
  'not-programmable',
  'cluster-not-in-document',
  'private-from-public',
  'private-source-on-public-wire',
  'gateway',
  'metadata-service',
  'loopback',
  'transit',
]);

const story = (seed: number, question: Question, random: RandomNetwork, explanation: Explanation): string => {
  const ends = `${describeEndpoint(question.source)} -> ${describeEndpoint(question.destination)}`;
  const hops = explanation.hops.map(({ code, text }) => `  ${code}: ${text}`).join('\n');
  return `seed ${seed}: ${ends} ${describeTraffic(question.traffic)} ${JSON.stringify(random.options)}\n${hops}`;
};

test('agrees with nodes played packet by packet', () => {
  const seen = new Map<string, number>();
  for (let seed = 0; seed < networks; seed += 1) {
    const random = randomNetwork(seed);
    const world = worldOf(random);
    const around = surroundingsOf(random.network, random.options);
    const dice = diceOf(seed + 1_000_000);
    for (let count = 0; count < questionsPerNetwork; count += 1) {
      const question = randomQuestion(dice, random);
      const explanation = whyIn(around, question);
      const expected = arrives(world, question) ? 'allowed' : 'denied';
      if (explanation.verdict !== expected)
        assert.fail(`expected ${expected}, ${story(seed, question, random, explanation)}`);
      const says = explanation.hops.map(({ code }) => code);
      if (!says.some((code) => endings.has(code)))
        assert.fail(`no reason, ${story(seed, question, random, explanation)}`);
      if (explanation.restsOn > random.network.position) assert.fail(story(seed, question, random, explanation));
      for (const code of says) seen.set(`${code} ${expected}`, (seen.get(`${code} ${expected}`) ?? 0) + 1);
      checkRule(explanation, question, random);
    }
  }
  for (const code of [...endings, 'masquerade', 'partly-allowed', 'elastic-translation']) {
    assert.ok((seen.get(`${code} allowed`) ?? 0) + (seen.get(`${code} denied`) ?? 0) > 0, `${code} never came up`);
  }
});

/** The rule it names is one of a group of the destination, and allows by itself. */
const checkRule = ({ rule, decidedBy }: Explanation, question: Question, random: RandomNetwork): void => {
  if (rule === undefined) return;
  assert.ok(decidedBy !== undefined);
  const group = random.groups.find(({ id }) => id === rule.groupId);
  if (group === undefined) assert.fail(`${rule.groupId} is no group`);
  assert.ok(group.rules.some((view) => view.rule === rule.rule && view.at === rule.at));
  const alone = { ...random, groups: [{ ...group, rules: [{ rule: rule.rule, at: rule.at }] }] };
  const others = random.groups.filter(({ id }) => id !== rule.groupId).map((other) => ({ ...other, rules: [] }));
  const options = { ...defaultEdgeOptions, ...random.options, sameGroupTraffic: false };
  assert.ok(arrives(worldOf({ ...alone, groups: [...alone.groups, ...others], options }), question));
};
