/** One change to many cluster controllers at once: bytes on the wire, when the first and the last have it, processor time. */
import type { Accepted } from './api.ts';
import type { BenchOptions } from './change.ts';
import { clockMs, pause } from './clock.ts';
import { cpuOf, openCloud } from './cloud.ts';
import { median, row } from './figures.ts';
import { judge } from './judge.ts';
import { clusterName, groupCount, launch, sizeOf } from './world.ts';

const INSTANCES = 5_000;
const CHANGES = 25;

export const runFanout = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  let alone = Number.NaN;
  for (const clusters of quick ? [10, 100] : [10, 100, 500]) {
    const size = sizeOf(INSTANCES, { clusters });
    const cloud = await openCloud(size, { name: 'fanout', receiverProcesses: clusters > 50 ? 2 : 1 });
    try {
      await pause(1_000);
      const first: number[] = [];
      const last: number[] = [];
      const before = { ...(await cloud.receiving.traffic()), cloudMs: cpuOf(cloud.pid) };
      for (let nth = 0; nth < CHANGES; nth += 1) {
        const n = size.instances + nth;
        const { type: _type, ...body } = launch(n, size, n % groupCount(size)) as { readonly type: string };
        const begun = clockMs();
        const answer = await cloud.api.ask<Accepted>('POST', '/v1/instances', body);
        const version = answer.position - answer.events + 1;
        const all = await Promise.all(
          Array.from({ length: clusters }, (_, c) => cloud.receiving.reached(clusterName(c), version)),
        );
        first.push(Math.min(...all.map(({ at }) => at)) - begun);
        last.push(Math.max(...all.map(({ at }) => at)) - begun);
        await pause(50);
      }
      await pause(500);
      const after = await cloud.receiving.traffic();
      const bytes = (after.bytes - before.bytes) / (after.requests - before.requests);
      const cpu = (cpuOf(cloud.pid) - before.cloudMs) / CHANGES;
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
      const cpuRow = { suite: 'fanout', n: clusters, name: `${name}: processor of the cloud controller`, value: cpu };
      onRow(row({ ...cpuRow, unit: 'ms', ratio: cpu / clusters, of: 'ms a cluster' }));
    } finally {
      await cloud.stop();
    }
  }
};
