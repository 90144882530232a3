/** Questions people ask, over HTTP, on a log of everything that ever happened: lists, convergence, documents of the past. */
import type { BenchOptions } from './change.ts';
import { clockMs } from './clock.ts';
import { type Cloud, openCloud } from './cloud.ts';
import { median, type Row, row, type Target } from './figures.ts';
import { networkOfLog } from './judge.ts';
import { clusterName, nodeName, sizeOf } from './world.ts';

const timesOf = async (count: number, ask: (nth: number) => Promise<unknown>): Promise<readonly number[]> => {
  const times: number[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const begun = clockMs();
    await ask(nth);
    times.push(clockMs() - begun);
  }
  return times;
};

/** Requests until the way of a request has been gone often enough to be measured, and as many to measure it. */
const WARM_UP = 100;

/** Every node of every cluster says what it has; one of them is behind. */
const reportAll = async (cloud: Cloud, clusters: number, nodes: number, position: number): Promise<void> => {
  for (let c = 0; c < clusters; c += 1) {
    const reports = Array.from({ length: nodes }, (_, node) => ({
      node: nodeName(c, node),
      epoch: 1,
      accepted: position - (c === 3 && node === 7 ? 5 : 0),
      applied: position - (c === 3 && node === 7 ? 5 : 0),
      agent: 'kernel',
      at: Date.now(),
    }));
    await cloud.api.ask('POST', `/v1/clusters/${clusterName(c)}/reports`, reports);
  }
};

type Say = (name: string, n: number, found: readonly number[], target?: Target) => Row;

const sayOver =
  (idle: number): Say =>
  (name, n, found, target) => {
    const value = median(found);
    const facts = { suite: 'reads', name, n, value, unit: 'ms', ratio: value / idle, of: 'an empty request' };
    return row(facts, target);
  };

/** What a request costs that asks for nothing, on a process that has run. */
const emptyMs = async (cloud: Cloud): Promise<number> => {
  const empty = (): Promise<unknown> => cloud.api.ask('GET', '/healthz');
  await timesOf(WARM_UP, empty);
  return median(await timesOf(WARM_UP, empty));
};

const runLists = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const size = sizeOf(quick ? 10_000 : 100_000, { nodesPerCluster: 100 });
  const cloud = await openCloud(size, { name: 'reads', connections: 1 });
  try {
    const times = quick ? 15 : 40;
    const { position } = await networkOfLog(cloud.folder);
    await reportAll(cloud, size.clusters, size.nodesPerCluster, position);
    const say = sayOver(await emptyMs(cloud));
    const listed = await timesOf(times, () => cloud.api.ask('GET', '/v1/instances?limit=1000'));
    onRow(say('1 000 instances listed', size.instances, listed, { atMost: 20 }));
    const lacking = await timesOf(times, () => cloud.api.ask('GET', '/v1/convergence'));
    onRow(say('which of 1 000 nodes lack a change', size.instances, lacking, { atMost: 10 }));
  } finally {
    await cloud.stop();
  }
};

/**
 * Documents of the past, spread over the whole log. The first question finds nothing kept of it; those counted come when
 * somebody has been asking, and no two of them are about the same moment.
 */
const runPast = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const log = { instances: 10_000, events: quick ? 200_000 : 1_000_000 };
  const cloud = await openCloud(sizeOf(log.instances), { name: 'past', connections: 1, log });
  try {
    const say = sayOver(await emptyMs(cloud));
    const at = (nth: number): number => Math.max(1_000, Math.floor((log.events * ((nth * 37) % 97)) / 97));
    const ask = async (nth: number): Promise<void> => {
      const { status } = await cloud.api.call('GET', `/v1/clusters/${clusterName(0)}/document?at=${at(nth)}`);
      if (status !== 200) throw new Error(`the document of position ${at(nth)} was answered with ${status}`);
    };
    const first = await timesOf(1, () => ask(64));
    onRow(say(`the first of them, ${log.events / 1000} 000 events`, log.instances, first));
    const past = await timesOf(quick ? 20 : 48, (nth) => ask(nth + 1));
    const name = `a document of any past position, ${log.events / 1000} 000 events`;
    onRow(say(name, log.instances, past, { atMost: 100 }));
  } finally {
    await cloud.stop();
  }
};

export const runReads = async (options: BenchOptions): Promise<void> => {
  await runLists(options);
  await runPast(options);
};
