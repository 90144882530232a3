/** Resident memory of the cloud controller and one cluster controller with everything of a large cloud in them, after changes. */
import type { BenchOptions } from './change.ts';
import { pause } from './clock.ts';
import { memoryOf, openCloud } from './cloud.ts';
import { row } from './figures.ts';
import { judge } from './judge.ts';
import { clusterName, groupCount, launch, sizeOf } from './world.ts';

const MB = 1024 * 1024;

export const runMemory = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const sizes = quick ? [1_000, 50_000] : [1_000, 50_000, 100_000];
  let small = 0;
  for (const instances of sizes) {
    // One cluster, as its controller is one process, and the cloud's memory does not depend on how many there are; a cluster's
    // subnet has no more than 65,000 addresses.
    const size = sizeOf(instances, { clusters: instances > 60_000 ? 2 : 1, nodesPerCluster: 200 });
    const cloud = await openCloud(size, { name: 'memory', isCold: true });
    try {
      for (let nth = 0; nth < 200; nth += 1) {
        const n = size.instances + nth;
        const { type: _type, ...body } = launch(n, size, n % groupCount(size)) as { readonly type: string };
        await cloud.api.ask('POST', '/v1/instances', body);
      }
      await pause(1_500);
      const documentBytes = (await cloud.api.call('GET', `/v1/clusters/${clusterName(0)}/document`)).body as string;
      const pids = [cloud.pid, ...cloud.receiving.pids];
      const now = pids.reduce((sum, pid) => sum + memoryOf(pid).now, 0);
      const highest = pids.reduce((sum, pid) => sum + memoryOf(pid).highest, 0);
      await judge(cloud);
      const facts = { suite: 'memory', n: instances, unit: 'MB', of: 'its document' };
      const ratio = now / Buffer.byteLength(documentBytes);
      const made = { ...facts, name: 'cloud and cluster controller, resident', value: now / MB, ratio };
      onRow(instances === 50_000 ? row(made, { atMost: 650 }) : row(made));
      onRow(
        row({
          ...facts,
          name: 'the same at its highest',
          value: highest / MB,
          ratio: highest / Buffer.byteLength(documentBytes),
        }),
      );
      if (instances === sizes[0]) small = now;
      else {
        const each = (now - small) / (instances - (sizes[0] ?? 0)) / 1024;
        onRow(
          row({
            suite: 'memory',
            name: 'per instance beyond the first 1 000',
            n: instances,
            value: each,
            unit: 'KB',
            ratio: Number.NaN,
            of: '',
          }),
        );
      }
    } finally {
      await cloud.stop();
    }
  }
};
