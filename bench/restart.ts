/**
 * A cloud controller killed right after it acknowledged a change, and started again: from its process's start until a cluster
 * controller that has nothing yet has the right document. Nothing acknowledged may be lost.
 */
import { type Accepted, createApi } from './api.ts';
import type { BenchOptions } from './change.ts';
import { clockMs, pause } from './clock.ts';
import { pointAt, startCloud, stopProcess } from './cloud.ts';
import { median, row } from './figures.ts';
import { judge } from './judge.ts';
import { dataFolderOf, removeFolder } from './logs.ts';
import { type Receiving, startReceivers } from './receiving.ts';
import { clusterName, groupCount, launch, type Size, sizeOf } from './world.ts';

/** Long enough for whatever is written behind to be on disk. */
const SETTLE_MS = 3_000;

type Turn = { readonly firstMs: number; readonly readyMs: number };

/** Starts it, has one change acknowledged, and kills it. */
const changeAndKill = async (folder: string, receiving: Receiving, n: number, size: Size): Promise<number> => {
  await pointAt(folder, receiving);
  const started = await startCloud(folder);
  await Promise.all(Array.from({ length: size.clusters }, (_, c) => receiving.reached(clusterName(c), 0)));
  await pause(SETTLE_MS);
  const api = createApi(started.port, 1);
  const { type: _type, ...body } = launch(n, size, n % groupCount(size)) as { readonly type: string };
  const answer = await api.ask<Accepted>('POST', '/v1/instances', body);
  await stopProcess(started.process, 'SIGKILL');
  api.close();
  return answer.position;
};

const startAgain = async (folder: string, acknowledged: number, n: number, size: Size): Promise<Turn> => {
  const receiving = await startReceivers(Array.from({ length: size.clusters }, (_, c) => clusterName(c)));
  await pointAt(folder, receiving);
  const begun = clockMs();
  const [started, first] = await Promise.all([
    startCloud(folder).then(({ process }) => ({ process, at: clockMs() })),
    receiving.reached(clusterName(n % size.clusters), acknowledged),
  ]);
  await Promise.all(Array.from({ length: size.clusters }, (_, c) => receiving.reached(clusterName(c), acknowledged)));
  await judge({ folder, receiving }, acknowledged);
  await stopProcess(started.process, 'SIGKILL');
  receiving.stop();
  return { firstMs: first.at - begun, readyMs: started.at - begun };
};

export const runRestart = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const size = sizeOf(20_000);
  const folder = await dataFolderOf(size, 'restart');
  const turns: Turn[] = [];
  for (let turn = 0; turn < (quick ? 3 : 7); turn += 1) {
    const n = size.instances + turn;
    const receiving = await startReceivers(Array.from({ length: size.clusters }, (_, c) => clusterName(c)));
    const acknowledged = await changeAndKill(folder, receiving, n, size);
    receiving.stop();
    turns.push(await startAgain(folder, acknowledged, n, size));
  }
  await removeFolder(folder);
  const firstMs = median(turns.map((turn) => turn.firstMs));
  const readyMs = median(turns.map((turn) => turn.readyMs));
  const facts = { suite: 'restart', n: size.instances, unit: 's', of: 'until its API answers' };
  const name = 'killed and started again: first right document';
  onRow(row({ ...facts, name, value: firstMs / 1000, ratio: firstMs / readyMs }, { atMost: 0.4 }));
};
