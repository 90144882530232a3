/**
 * A cloud controller killed right after it acknowledged a change, and started again: from its process's start until a cluster
 * controller that has nothing yet has the right document. Nothing acknowledged may be lost.
 */
import { type Accepted, createApi } from './api.ts';
import type { BenchOptions } from './change.ts';
import { clockMs, pause } from './clock.ts';
import { pointAt, type Started, startCloud, stopProcess } from './cloud.ts';
import { median, row } from './figures.ts';
import { judge } from './judge.ts';
import { dataFolderOf, removeFolder } from './logs.ts';
import { type Receiving, startReceivers } from './receiving.ts';
import { clusterName, groupCount, launch, type Size, sizeOf } from './world.ts';

type Turn = { readonly firstMs: number; readonly readyMs: number };

const clustersOf = (size: Size): readonly string[] => Array.from({ length: size.clusters }, (_, c) => clusterName(c));

const allReached = (receiving: Receiving, size: Size, version: number): Promise<unknown> =>
  Promise.all(clustersOf(size).map((cluster) => receiving.reached(cluster, version)));

/** Has one change acknowledged, and kills it in the same moment. */
const changeAndKill = async ({ process, port }: Started, n: number, size: Size): Promise<number> => {
  const api = createApi(port, 1);
  const { type: _type, ...body } = launch(n, size, n % groupCount(size)) as { readonly type: string };
  const answer = await api.ask<Accepted>('POST', '/v1/instances', body);
  await stopProcess(process, 'SIGKILL');
  api.close();
  return answer.position;
};

type Again = { readonly started: Started; readonly receiving: Receiving; readonly turn: Turn };

const startAgain = async (folder: string, acknowledged: number, n: number, size: Size): Promise<Again> => {
  const receiving = await startReceivers(clustersOf(size));
  await pointAt(folder, receiving);
  await pause(300);
  const begun = clockMs();
  const [{ started, at }, first] = await Promise.all([
    startCloud(folder).then((started) => ({ started, at: clockMs() })),
    receiving.reached(clusterName(n % size.clusters), acknowledged),
  ]);
  await allReached(receiving, size, acknowledged);
  return { started, receiving, turn: { firstMs: first.at - begun, readyMs: at - begun } };
};

export const runRestart = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const size = sizeOf(20_000);
  const folder = await dataFolderOf(size, 'restart', true);
  const turns: Turn[] = [];
  let last = -1;
  let { started, receiving } = await startAgain(folder, 0, 0, size);
  // What was compiled is written down by a process that ends in order, or that has run for a while.
  await stopProcess(started.process, 'SIGTERM');
  started = await startCloud(folder);
  for (let turn = 0; turn < (quick ? 3 : 9); turn += 1) {
    const n = size.instances + turn;
    const acknowledged = await changeAndKill(started, n, size);
    last = acknowledged;
    receiving.stop();
    const again = await startAgain(folder, acknowledged, n, size);
    ({ started, receiving } = again);
    turns.push(again.turn);
  }
  await judge({ folder, receiving }, last);
  await stopProcess(started.process, 'SIGKILL');
  receiving.stop();
  await removeFolder(folder);
  const firstMs = median(turns.map((turn) => turn.firstMs));
  const readyMs = median(turns.map((turn) => turn.readyMs));
  const facts = { suite: 'restart', n: size.instances, unit: 's', of: 'until its API answers' };
  const name = 'killed and started again: first right document';
  onRow(row({ ...facts, name, value: firstMs / 1000, ratio: firstMs / readyMs }, { atMost: 0.4 }));
};
