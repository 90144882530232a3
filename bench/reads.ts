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

export const runReads = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const size = sizeOf(quick ? 10_000 : 196_000, { nodesPerCluster: 100 });
  const cloud = await openCloud(size, { name: 'reads', connections: 1 });
  try {
    const times = quick ? 15 : 40;
    const { position } = await networkOfLog(cloud.folder);
    await reportAll(cloud, size.clusters, size.nodesPerCluster, position);
    const empty = (): Promise<unknown> => cloud.api.ask('GET', '/healthz');
    await timesOf(WARM_UP, empty);
    const idle = median(await timesOf(WARM_UP, empty));
    const say = (name: string, found: readonly number[], target?: Target): Row =>
      row(
        {
          suite: 'reads',
          name,
          n: size.instances,
          value: median(found),
          unit: 'ms',
          ratio: median(found) / idle,
          of: 'an empty request',
        },
        target,
      );
    onRow(
      say('1 000 instances listed', await timesOf(times, () => cloud.api.ask('GET', '/v1/instances?limit=1000')), {
        atMost: 20,
      }),
    );
    onRow(
      say('which of 1 000 nodes lack a change', await timesOf(times, () => cloud.api.ask('GET', '/v1/convergence')), {
        atMost: 10,
      }),
    );
    const at = (nth: number): number => Math.max(1_000, Math.floor((position * ((nth * 37) % 97)) / 97));
    const past = await timesOf(times, (nth) =>
      cloud.api.call('GET', `/v1/clusters/${clusterName(0)}/document?at=${at(nth)}`),
    );
    onRow(say('a document of any past position', past, { atMost: 100 }));
  } finally {
    await cloud.stop();
  }
};
