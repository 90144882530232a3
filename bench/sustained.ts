/**
 * A steady stream of changes from clients that do not wait for one another: every change is due at its moment, and its latency
 * counts from that moment, whether or not anybody could send it then. Visible means taken by the cluster concerned.
 */
import type { Accepted } from './api.ts';
import type { BenchOptions } from './change.ts';
import { clockMs, pause, untilAbout } from './clock.ts';
import { type Cloud, cpuOf, openCloud } from './cloud.ts';
import { quantile, type Row, row } from './figures.ts';
import { judge } from './judge.ts';
import { clusterName, groupCount, launch, type Size, sizeOf } from './world.ts';

type Sustained = {
  readonly rate: number;
  readonly visible: readonly number[];
  readonly lastPosition: number;
  readonly cpuShare: number;
};

const wait = async (work: readonly Promise<unknown>[], timeoutMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const done = await Promise.race([Promise.all(work).then(() => true as const), late]);
  clearTimeout(timer);
  return done;
};

/** `from`: number of the first instance to launch. */
const stream = async (cloud: Cloud, size: Size, from: number, rate: number, seconds: number): Promise<Sustained> => {
  const count = Math.round(rate * seconds);
  const visible: number[] = [];
  let lastPosition = -1;
  const started = clockMs() + 20;
  const cpuBefore = cpuOf(cloud.pid);
  const one = async (nth: number): Promise<void> => {
    const due = started + (nth * 1000) / rate;
    const n = from + nth;
    const { type: _type, ...body } = launch(n, size, n % groupCount(size)) as { readonly type: string };
    const answer = await cloud.api.ask<Accepted>('POST', '/v1/instances', body);
    lastPosition = Math.max(lastPosition, answer.position);
    const taken = await cloud.receiving.reached(clusterName(n % size.clusters), answer.position - answer.events + 1);
    visible.push(taken.at - due);
  };
  const work: Promise<void>[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    await untilAbout(started + (nth * 1000) / rate);
    work.push(one(nth));
  }
  if (!(await wait(work, 60_000))) throw new Error(`after a minute ${count - visible.length} changes were not visible`);
  const cpuShare = (cpuOf(cloud.pid) - cpuBefore) / (clockMs() - started);
  return { rate, visible, lastPosition, cpuShare };
};

const rowsOf = (n: number, found: Sustained, idle: number): readonly Row[] => {
  const { rate, visible, cpuShare } = found;
  const common = { suite: 'sustained', n, unit: 'ms', of: 'that at 10 a second' };
  const at = (share: number): number => quantile(visible, share);
  const p99 = {
    ...common,
    name: `${rate} changes a second: 99 of 100 visible`,
    value: at(0.99),
    ratio: at(0.99) / idle,
  };
  return [
    row({ ...common, name: `${rate} changes a second: half visible`, value: at(0.5), ratio: at(0.5) / idle }),
    rate === 200 ? row(p99, { atMost: 20 }) : row(p99),
    row({
      ...{ suite: 'sustained', n, name: `${rate} changes a second: processor of the cloud controller` },
      ...{ value: cpuShare * 100, unit: '%', ratio: Number.NaN, of: '' },
    }),
  ];
};

/** The highest rate tried with 99 of 100 changes visible within 50 ms. */
const highest = (n: number, all: readonly Sustained[]): Row => {
  const good = all.filter(({ visible }) => quantile(visible, 0.99) <= 50).map(({ rate }) => rate);
  const value = Math.max(0, ...good);
  const facts = { suite: 'sustained', n, name: 'highest rate tried, 99 of 100 visible within 50 ms', value };
  return row({ ...facts, unit: 'a second', ratio: value / 10, of: '10 a second' }, { atLeast: 1_000 });
};

/** What is measured is a process that has run. */
const WARM_UP_RATE = 200;
const WARM_UP_SECONDS = 3;

export const runSustained = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const size = sizeOf(10_000);
  const cloud = await openCloud(size, { name: 'sustained', connections: 256 });
  try {
    const rates = quick ? [10, 200, 1_000] : [10, 100, 200, 400, 700, 1_000, 1_500];
    const all: Sustained[] = [];
    let from = size.instances;
    let idle = Number.NaN;
    await stream(cloud, size, from, WARM_UP_RATE, WARM_UP_SECONDS);
    from += WARM_UP_RATE * WARM_UP_SECONDS;
    for (const rate of rates) {
      const seconds = quick ? 2.5 : 8;
      const found = await stream(cloud, size, from, rate, seconds);
      from += Math.round(rate * seconds);
      if (rate === 10) idle = quantile(found.visible, 0.5);
      all.push(found);
      for (const made of rowsOf(size.instances, found, idle)) onRow(made);
      await pause(500);
    }
    onRow(highest(size.instances, all));
    const last = all.at(-1)?.lastPosition ?? -1;
    await Promise.all(Array.from({ length: size.clusters }, (_, c) => cloud.receiving.reached(clusterName(c), last)));
    await judge(cloud, last);
  } finally {
    await cloud.stop();
  }
};
