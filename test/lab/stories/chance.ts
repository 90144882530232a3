/**
 * Random rule sets: what the plan's own evaluation says, and what the time machine says of the same network, must be what the
 * packets did. The seed is printed with a failure.
 */
import assert from 'node:assert/strict';
import type { RuleEntry } from '../../../src/projections/document/model.ts';
import type { Frame } from '../../../src/projections/plan/explain.ts';
import { surroundingsOf } from '../../../src/projections/reachability/surroundings.ts';
import { whyIn } from '../../../src/projections/reachability.ts';
import type { Lab } from '../lab.ts';
import { networkOf } from '../network.ts';
import { token } from '../properties/property.ts';
import { type ActorName, actors, labDocument, outside, portOf, type Scene } from '../story.ts';
import { eventually, type Story } from './story.ts';

/** A small generator with a seed; the same seed gives the same rules. */
const dice = (seed: number): ((sides: number) => number) => {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return (state >>> 8) % sides;
  };
};

const groups = ['sg-db', 'sg-extra', 'sg-misc', 'sg-web'] as const;
const ports = [1000, 1001, 2000, 3000] as const;
const blocks = [
  '0.0.0.0/0',
  '10.111.0.0/16',
  '10.111.0.8/29',
  '10.111.0.31/32',
  '198.51.100.0/24',
  '203.0.113.50/32',
] as const;
const movable = ['a1', 'a2', 'b1', 'd1', 'a3', 'b2', 'c1'] as const;

const pick = <T>(roll: (sides: number) => number, from: readonly T[]): T => {
  const one = from[roll(from.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
};

const randomRule = (roll: (sides: number) => number): readonly [string, RuleEntry] => {
  const low = pick(roll, ports);
  const source =
    roll(2) === 0
      ? ({ kind: 'cidr', cidr: pick(roll, blocks) } as const)
      : ({ kind: 'group', groupId: pick(roll, groups), ownerId: '000000000001' } as const);
  return [
    pick(roll, groups),
    { protocol: pick(roll, [17, 17, 17, 6]), low, high: low + pick(roll, [0, 1, 1500]), source },
  ];
};

const randomScene = (roll: (sides: number) => number): Scene => ({
  extraRules: Array.from({ length: 1 + roll(6) }, () => randomRule(roll)),
  groups: Object.fromEntries(movable.map((name) => [name, groups.filter(() => roll(3) === 0)])),
});

type Shot = { readonly from: ActorName | 'clc'; readonly to: ActorName; readonly port: number; readonly word: string };

const sourceOf = (from: Shot['from']): string => (from === 'clc' ? outside.clc : actors[from].ip);

/** The frame as the receiving node sees it come in. */
const frameOf = ({ from, to, port }: Shot): Frame => ({
  in: from !== 'clc' && actors[from].node === actors[to].node ? portOf(actors[from]) : 'up0',
  ether: 'ip',
  source: sourceOf(from),
  destination: actors[to].ip,
  protocol: 17,
  sourcePort: 40000,
  port,
  state: 'new',
});

const shots = (roll: (sides: number) => number, prefix: string): Shot[] =>
  Array.from({ length: 24 }, (_, index) => {
    const to = pick(roll, movable);
    const from = pick(roll, [...movable.filter((name) => name !== to), 'clc'] as const);
    return { from, to, port: pick(roll, [...ports, 1002, 2500]), word: `${prefix}${index}.` };
  });

const shoot = async (lab: Lab, all: readonly Shot[]): Promise<void> => {
  await Promise.all(
    all.map(({ from, to, port, word }) =>
      lab.puppet(from).tell('send_udp', { to: actors[to].ip, port, tokens: [word] }),
    ),
  );
};

/** Words that arrived where they were aimed. */
const arrived = async (lab: Lab, all: readonly Shot[], prefix: string): Promise<Set<string>> => {
  const words = new Set<string>();
  await Promise.all(
    [...new Set(all.map(({ to }) => to))].map(async (to) => {
      for (const tail of (await lab.puppet(to).tell('words', { prefix })).words ?? []) {
        const word = `${prefix}${tail}.`;
        if (all.some((shot) => shot.word === word && shot.to === to)) words.add(word);
      }
    }),
  );
  return words;
};

/** How the lab's nodes are built; the cloud controller is on the fabric. */
const edge = { sameGroupTraffic: false, masquerade: true, wires: 'two', sourceWire: 'private' } as const;

/** Words of the shots that the time machine calls allowed. */
const allowedByWhy = (scene: Scene, all: readonly Shot[]): Set<string> => {
  const around = surroundingsOf(networkOf(labDocument(scene)), edge);
  const isAllowed = ({ from, to, port }: Shot): boolean =>
    whyIn(around, {
      source: from === 'clc' ? { kind: 'address', address: outside.clc } : { kind: 'instance', id: actors[from].id },
      destination: { kind: 'address', address: actors[to].ip },
      traffic: { protocol: 17, port },
    }).verdict === 'allowed';
  return new Set(all.filter(isAllowed).map(({ word }) => word));
};

/** Resolves with how many of the shots were allowed. */
const oneRound = async (lab: Lab, seed: number): Promise<number> => {
  const roll = dice(seed);
  const scene = randomScene(roll);
  await lab.publish(scene);
  await lab.forgetFrames();
  const prefix = token();
  const all = shots(roll, prefix);
  const expected = new Set<string>();
  for (const node of ['n1', 'n2'] as const) {
    const here = all.filter(({ to }) => actors[to].node === node);
    const verdicts = await lab.agents[node].explain(here.map(frameOf));
    here.forEach((shot, index) => {
      if (verdicts[index] === 'accepted') expected.add(shot.word);
    });
  }
  assert.deepEqual(allowedByWhy(scene, all), expected, `seed ${seed}: why says what the plans explain`);
  await shoot(lab, all);
  const isSubset = async (): Promise<boolean> => {
    const words = await arrived(lab, all, prefix);
    return [...expected].every((word) => words.has(word));
  };
  await eventually(`seed ${seed}: everything allowed arrives`, isSubset);
  const missed = [...(await arrived(lab, all, prefix))].filter((word) => !expected.has(word));
  assert.deepEqual(
    missed.map((word) => all.find((shot) => shot.word === word)),
    [],
    `seed ${seed}: nothing else arrives`,
  );
  return expected.size;
};

const rounds = Number(process.env['EDGELOG_LAB_ROUNDS'] ?? 200);
const firstSeed = Number(process.env['EDGELOG_LAB_SEED'] ?? 20_260_301);

export const chanceStories: readonly Story[] = [
  {
    name: `chance: in ${rounds} random rule sets the packets did what plans and why explain`,
    run: async (lab) => {
      let allowed = 0;
      for (let round = 0; round < rounds; round += 1) allowed += await oneRound(lab, firstSeed + round);
      assert.ok(allowed > rounds && allowed < rounds * 23, `${allowed} shots were allowed: neither none nor all`);
      for (const node of ['n1', 'n2'] as const) assert.deepEqual((await lab.agents[node].inspect()).problems, []);
      await lab.publish();
    },
  },
];
