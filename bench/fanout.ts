/** One change to many cluster controllers at once: bytes on the wire, when the first and the last have it, processor time. */
import type { Accepted } from './api.ts';
import type { BenchOptions } from './change.ts';
import { clockMs, pause } from './clock.ts';
import { type Cloud, cpuOf, openCloud } from './cloud.ts';
import { median, row } from './figures.ts';
import { judge } from './judge.ts';
import { clusterName, groupCount, launch, sizeOf } from './world.ts';

/** Every receiver keeps the whole document: five hundred of a large one would need more memory than two processes may have. */
const instancesFor = (clusters: number): number => (clusters > 100 ? 1_000 : 5_000);
const CHANGES = 20;
/** What is measured is a process that has run. */
const WARM_UP = 40;
const LONGEST_START_MS = 15_000;
const LOOK_MS = 1_000;
const QUIET_SHARE = 0.12;

type Size = ReturnType<typeof sizeOf>;
type Found = { readonly first: number[]; readonly last: number[]; readonly bytes: number; readonly cpuMs: number };

/** One instance more: ms until the first and until the last controller has it. */
const changeOnce = async (cloud: Cloud, size: Size, nth: number): Promise<{ first: number; last: number }> => {
  const n = size.instances + nth;
  const { type: _type, ...body } = launch(n, size, n % groupCount(size)) as { readonly type: string };
  const begun = clockMs();
  const answer = await cloud.api.ask<Accepted>('POST', '/v1/instances', body);
  const version = answer.position - answer.events + 1;
  const all = await Promise.all(
    Array.from({ length: size.clusters }, (_, c) => cloud.receiving.reached(clusterName(c), version)),
  );
  const times = all.map(({ at }) => at - begun);
  return { first: Math.min(...times), last: Math.max(...times) };
};

/** What a process does behind its start is not what a change costs: until it hardly works by itself, or for so long. */
const untilQuiet = async ({ pid }: Cloud): Promise<void> => {
  const until = clockMs() + LONGEST_START_MS;
  for (let before = cpuOf(pid); clockMs() < until; ) {
    await pause(LOOK_MS);
    const now = cpuOf(pid);
    if (now - before < LOOK_MS * QUIET_SHARE) return;
    before = now;
  }
};

const measure = async (cloud: Cloud, size: Size): Promise<Found> => {
  for (let nth = 0; nth < WARM_UP; nth += 1) await changeOnce(cloud, size, nth);
  await untilQuiet(cloud);
  const first: number[] = [];
  const last: number[] = [];
  const before = { ...(await cloud.receiving.traffic()), cloudMs: cpuOf(cloud.pid) };
  for (let nth = 0; nth < CHANGES; nth += 1) {
    const took = await changeOnce(cloud, size, WARM_UP + nth);
    first.push(took.first);
    last.push(took.last);
    await pause(50);
  }
  await pause(500);
  const after = await cloud.receiving.traffic();
  const bytes = (after.bytes - before.bytes) / (after.requests - before.requests);
  return { first, last, bytes, cpuMs: (cpuOf(cloud.pid) - before.cloudMs) / CHANGES };
};

export const runFanout = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  let alone = Number.NaN;
  for (const clusters of quick ? [10, 100] : [10, 100, 500]) {
    const size = sizeOf(instancesFor(clusters), { clusters });
    const cloud = await openCloud(size, { name: 'fanout', receiverProcesses: clusters > 50 ? 2 : 1 });
    try {
      const { first, last, bytes, cpuMs } = await measure(cloud, size);
      await judge(cloud);
      if (clusters === 10) alone = median(last);
      const facts = { suite: 'fanout', n: clusters, of: 'that to 10' };
      const name = `one change to ${clusters} cluster controllers of 20 nodes`;
      onRow(
        row({
          ...facts,
          name: `${name}: the first has it`,
          value: median(first),
          unit: 'ms',
          ratio: median(first) / alone,
        }),
      );
      onRow(
        row({
          ...facts,
          name: `${name}: the last has it`,
          value: median(last),
          unit: 'ms',
          ratio: median(last) / alone,
        }),
      );
      const sent = { suite: 'fanout', n: clusters, name: `${name}: bytes each, request and answer`, value: bytes };
      onRow(row({ ...sent, unit: 'bytes', ratio: bytes / 1_900, of: 'what OVN sends a reader' }, { atMost: 500 }));
      const cpuRow = { suite: 'fanout', n: clusters, name: `${name}: processor of the cloud controller`, value: cpuMs };
      onRow(row({ ...cpuRow, unit: 'ms', ratio: cpuMs / clusters, of: 'ms a cluster' }));
    } finally {
      await cloud.stop();
    }
  }
};
