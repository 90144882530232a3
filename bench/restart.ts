/**
 * A cloud controller killed right after it acknowledged a change, and started again: from its process's start until a cluster
 * controller that missed the change has the right document. Nothing acknowledged may be lost.
 */
import type { Accepted } from './api.ts';
import type { BenchOptions } from './change.ts';
import { clockMs, pause } from './clock.ts';
import { openCloud, startCloud, stopProcess } from './cloud.ts';
import { median, row } from './figures.ts';
import { judge } from './judge.ts';
import { clusterName, groupCount, launch, sizeOf } from './world.ts';

export const runRestart = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const size = sizeOf(20_000);
  const cloud = await openCloud(size, { name: 'restart' });
  let running = cloud.process;
  try {
    await pause(2_500);
    const took: number[] = [];
    const ready: number[] = [];
    let api = cloud.api;
    for (let turn = 0; turn < (quick ? 3 : 7); turn += 1) {
      const n = size.instances + turn;
      const { type: _type, ...body } = launch(n, size, n % groupCount(size)) as { readonly type: string };
      cloud.receiving.pauseAll();
      const answer = await api.ask<Accepted>('POST', '/v1/instances', body);
      await stopProcess(running, 'SIGKILL');
      cloud.receiving.resumeAll();
      await pause(300);
      const begun = clockMs();
      const [started, taken] = await Promise.all([
        startCloud(cloud.folder).then((one) => ({ ...one, at: clockMs() })),
        cloud.receiving.reached(clusterName(n % size.clusters), answer.position - answer.events + 1),
      ]);
      running = started.process;
      took.push(taken.at - begun);
      ready.push(started.at - begun);
      const { createApi } = await import('./api.ts');
      api = createApi(started.port, 4);
      await Promise.all(
        Array.from({ length: size.clusters }, (_, c) => cloud.receiving.reached(clusterName(c), answer.position)),
      );
      await judge(cloud, answer.position);
      await pause(2_500);
    }
    const facts = { suite: 'restart', n: size.instances, unit: 's', of: 'until it is ready' };
    const value = median(took) / 1000;
    onRow(
      row(
        {
          ...facts,
          name: 'killed and started again: first right document',
          value,
          ratio: median(took) / median(ready),
        },
        { atMost: 0.4 },
      ),
    );
  } finally {
    await stopProcess(running, 'SIGKILL');
    await cloud.stop();
  }
};
