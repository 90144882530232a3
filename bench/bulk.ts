/** Many instances through the batch endpoint: from the first request until every cluster has all of them, fsynced and checked. */

import { rawSyncs } from './append.ts';
import type { BenchOptions } from './change.ts';
import { clockMs } from './clock.ts';
import { openCloud } from './cloud.ts';
import { row } from './figures.ts';
import { judge } from './judge.ts';
import {
  accountOf,
  clusterName,
  groupCount,
  groupId,
  instanceId,
  launch,
  nodeName,
  type Size,
  sizeOf,
} from './world.ts';

type BatchAnswer = {
  readonly accepted: number;
  readonly refused: number;
  readonly results: readonly { readonly position?: number }[];
};

/** `perCommand` instances of one group and node in one command. */
const itemsOf = (size: Size, from: number, count: number, perCommand: number): readonly object[] =>
  Array.from({ length: Math.ceil(count / perCommand) }, (_, nth) => {
    const first = from + nth * perCommand;
    const { type: command, ...one } = launch(first, size, nth % groupCount(size)) as { readonly type: string };
    if (perCommand === 1) return { command, ...one };
    const group = nth % groupCount(size);
    const cluster = nth % size.clusters;
    return {
      command,
      account: accountOf(group),
      cluster: clusterName(cluster),
      instanceIds: Array.from({ length: Math.min(perCommand, count - nth * perCommand) }, (_i, i) =>
        instanceId(first + i),
      ),
      groups: [groupId(group)],
      addressing: 'private',
      node: nodeName(cluster, nth % size.nodesPerCluster),
    };
  });

/** Items in one request, and requests under way at once. */
const REQUEST = 500;
const UNDER_WAY = 4;

export const runBulk = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const size = sizeOf(quick ? 2_000 : 10_000);
  for (const perCommand of [1, 20]) {
    const cloud = await openCloud(size, { name: 'bulk', connections: UNDER_WAY });
    try {
      const count = quick ? 8_000 : 40_000;
      const items = itemsOf(size, size.instances, count, perCommand);
      const perRequest = Math.max(1, Math.round(REQUEST / perCommand));
      const raw = rawSyncs(cloud.folder, 300);
      const begun = clockMs();
      let next = 0;
      let last = -1;
      const send = async (): Promise<void> => {
        while (next < items.length) {
          const batch = items.slice(next, next + perRequest);
          next += perRequest;
          const answer = await cloud.api.ask<BatchAnswer>('POST', '/v1/batch', batch);
          if (answer.refused > 0) throw new Error(`${answer.refused} commands of a batch were refused`);
          for (const { position = -1 } of answer.results) last = Math.max(last, position);
        }
      };
      await Promise.all(Array.from({ length: UNDER_WAY }, send));
      const durable = clockMs();
      const all = await Promise.all(
        Array.from({ length: size.clusters }, (_, c) => cloud.receiving.reached(clusterName(c), last)),
      );
      const visible = Math.max(...all.map(({ at }) => at));
      await judge(cloud, last);
      const rate = (ms: number): number => (count * 1000) / (ms - begun);
      const facts = { suite: 'bulk', n: count, unit: 'instances a second', of: 'bare fdatasync a second' };
      const how = perCommand === 1 ? 'one to a command' : `${perCommand} to a command`;
      onRow(row({ ...facts, name: `durable, ${how}`, value: rate(durable), ratio: rate(durable) / raw }));
      const reached = {
        ...facts,
        name: `until all clusters have them, ${how}`,
        value: rate(visible),
        ratio: rate(visible) / raw,
      };
      onRow(row(reached, { atLeast: 12_000 }));
    } finally {
      await cloud.stop();
    }
  }
};
