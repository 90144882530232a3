/** What happens to the world: one fault after the other, chosen by a seed, each undone before it returns. */
import { randomSequence } from '../../src/domain/addressPool/randomSequence.ts';
import type { Link, Member, World } from './world.ts';

export type Fault = { readonly what: string; readonly act: () => Promise<void> };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const ofMember = (member: Member, ms: number): readonly Fault[] => [
  {
    what: `${member.name} killed`,
    act: async () => {
      await member.kill();
      await pause(ms / 4);
      await member.start();
    },
  },
  {
    what: `${member.name} asked to stop`,
    act: async () => {
      await member.stop();
      await member.start();
    },
  },
  {
    what: `${member.name} frozen for ${ms} ms`,
    act: async () => {
      const frozen = member.process();
      frozen?.signal('SIGSTOP');
      await pause(ms);
      frozen?.signal('SIGCONT');
    },
  },
];

const ofLink = ({ name, all }: Link, ms: number): readonly Fault[] => [
  {
    what: `${name}: connections dropped`,
    act: async () => {
      for (const link of all) link.drop();
    },
  },
  {
    what: `${name}: unreachable for ${ms} ms`,
    act: async () => {
      await Promise.all(all.map((link) => link.refuse()));
      await pause(ms);
      await Promise.all(all.map((link) => link.accept()));
    },
  },
  {
    what: `${name}: nothing comes through for ${ms} ms`,
    act: async () => {
      for (const link of all) link.freeze(true);
      await pause(ms);
      for (const link of all) {
        link.freeze(false);
        // What was swallowed is missing in the middle of what comes after.
        link.drop();
      }
    },
  },
];

const ofRedis = ({ redis }: World, ms: number): readonly Fault[] => [
  {
    what: 'redis emptied',
    act: async () => {
      redis.cli('flushall');
    },
  },
  {
    what: `redis killed, back empty after ${ms} ms`,
    act: async () => {
      await redis.kill();
      await pause(ms);
      await redis.start();
    },
  },
  {
    what: `redis frozen for ${ms} ms`,
    act: async () => {
      redis.signal('SIGSTOP');
      await pause(ms);
      redis.signal('SIGCONT');
    },
  },
];

/** What only a server that we hold in our hands can do wrong. */
const ofStore = ({ standIn }: World, ms: number): readonly Fault[] =>
  standIn === undefined
    ? []
    : [
        {
          what: 'event store: takes an append and does not know',
          act: async () => {
            standIn.faults.refusals.push('late', 'late');
          },
        },
        {
          what: 'event store: takes appends, and the answers are lost',
          act: async () => {
            standIn.faults.losingAnswers += 2;
          },
        },
        {
          what: 'event store: another leader',
          act: async () => {
            standIn.faults.refusals.push('not-leader');
            standIn.faults.readRefusals.push('not-leader', 'not-leader');
          },
        },
        {
          what: `event store: appends hang for ${ms} ms`,
          act: async () => {
            standIn.faults.hanging.add('append');
            await pause(ms);
            standIn.faults.hanging.delete('append');
          },
        },
        {
          what: `event store: feeds are silent for ${ms} ms`,
          act: async () => {
            standIn.faults.silent = true;
            await pause(ms);
            standIn.faults.silent = false;
          },
        },
      ];

/** One after the other until it is over; `onFault` hears what is about to happen. */
export const runFaults = async (
  world: World,
  seed: number,
  isOver: () => boolean,
  onFault: (what: string) => void,
): Promise<void> => {
  const random = randomSequence(seed);
  while (!isOver()) {
    const ms = 500 + random.below(6_000);
    const groups = [
      ...world.members.map((member) => ofMember(member, ms)),
      ...world.links.map((link) => ofLink(link, ms)),
      ...[ofRedis(world, ms), ofRedis(world, ms)],
      ...(world.standIn === undefined ? [] : [ofStore(world, ms), ofStore(world, ms), ofStore(world, ms)]),
    ];
    const group = groups[random.below(groups.length)] ?? [];
    const fault = group[random.below(group.length)];
    if (fault === undefined) continue;
    onFault(fault.what);
    await fault.act();
    await pause(200 + random.below(2_000));
  }
};
