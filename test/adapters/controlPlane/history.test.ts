/** Networks of the past from bases that outlive the process: the same networks, sooner; and nothing stays that nobody asks for. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createHistory } from '../../../src/adapters/controlPlane/history.ts';
import { createNetworkBases } from '../../../src/adapters/snapshot/networkBases.ts';
import { createNetworkFiles } from '../../../src/adapters/snapshot/networkFiles.ts';
import { foldAll } from '../../../src/projections/network/runner.ts';
import { plainNetwork } from '../../../src/projections/timeMachine/plain.ts';
import { openMachine } from './machine.ts';

test('from bases on disk the past is what the log up to there folds into, however often they are lost', async (t) => {
  const { house, store, events, close } = await openMachine(21, 300);
  const folder = await mkdtemp(join(tmpdir(), 'edgelog-bases-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const all = await events();
  const reads: number[] = [];
  const eventAt = async (position: number) => all.find((one) => one.position === position);
  const files = createNetworkFiles({ folder, code: 'this', eventAt, maxFiles: 4 });
  const faults: unknown[] = [];
  const made = createNetworkBases({ files, needed: () => [], onFault: (fault) => faults.push(fault), spacing: 60 });
  const bases = {
    offer: made.offer,
    nearest: async (position: number, after: number) => {
      const network = await made.nearest(position, after);
      if (network !== undefined) reads.push(network.position);
      return network;
    },
  };
  const open = () =>
    createHistory(store, house.index, house.projector.network, { page: 25, keepEvery: 20, far: 30, bases });
  const ask = async (history: ReturnType<typeof open>, position: number): Promise<void> => {
    const network = await history.networkAt(position);
    assert.deepEqual(plainNetwork(network), plainNetwork(foldAll(all.filter((one) => one.position <= position))));
    await made.settled();
  };
  const last = all.at(-1)?.position ?? 0;
  const first = open();
  for (const share of [0.2, 0.45, 0.6, 0.9, 0.95]) await ask(first, Math.floor(last * share));
  const kept = await files.positions();
  assert.ok(kept.length > 1 && kept.length <= 4, kept.join());
  const again = open();
  for (const share of [0.97, 0.5, 0.3]) await ask(again, Math.floor(last * share));
  assert.ok(reads.length > 0, 'a new process begins at a base');
  for (const position of kept) await writeFile(join(folder, `network-${position}.cache`), 'damaged');
  await ask(open(), Math.floor(last * 0.98));
  assert.deepEqual(faults, []);
  await close();
});

test('networks are only kept while somebody asks for the past', async () => {
  const { house, store, close } = await openMachine(22, 120);
  const options = { page: 25, keepEvery: 20, idleMs: 30 };
  const history = createHistory(store, house.index, house.projector.network, options);
  history.offer(house.projector.network());
  assert.deepEqual(history.kept(), []);
  await history.networkAt(house.projector.network().position - 1);
  assert.ok(history.kept().length > 0);
  while (history.kept().length > 0) await pause(5);
  await close();
});
