/**
 * Durable commands: as many as the store takes from so many clients, each waiting for its answer, beside what the same disk
 * does with bare writes followed by fdatasync. Once through the executor alone, once over HTTP.
 */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { surroundingsOf } from '../src/adapters/controlPlane/surroundings.ts';
import { openSqliteStore } from '../src/adapters/eventstore/sqlite.ts';
import { createProjector } from '../src/adapters/projector/projector.ts';
import type { Command } from '../src/domain/commands.ts';
import { createExecutor } from '../src/domain/execute.ts';
import { isRefusal } from '../src/domain/refusals.ts';
import { createTransactor } from '../src/domain/transact.ts';
import type { BenchOptions } from './change.ts';
import { clockMs } from './clock.ts';
import { openCloud } from './cloud.ts';
import { median, row } from './figures.ts';
import { judge } from './judge.ts';
import { dataFolderOf, removeFolder } from './logs.ts';
import { accountOf, groupCount, groupId, launch, sizeOf } from './world.ts';

/** Writes of 4 KiB, each followed by fdatasync, a second. */
export const rawSyncs = (folder: string, ms: number): number => {
  const file = join(folder, 'raw');
  const descriptor = openSync(file, 'w');
  const block = Buffer.alloc(4096, 1);
  writeSync(descriptor, Buffer.alloc(4096 * 256));
  fdatasyncSync(descriptor);
  const begun = clockMs();
  let count = 0;
  while (clockMs() - begun < ms) {
    writeSync(descriptor, block, 0, block.length, (count % 256) * 4096);
    fdatasyncSync(descriptor);
    count += 1;
  }
  const rate = (count * 1000) / (clockMs() - begun);
  closeSync(descriptor);
  rmSync(file);
  return rate;
};

/** Each client wishes one after the other; a second. */
const perSecond = async (clients: number, ms: number, wish: (client: number, nth: number) => Promise<void>) => {
  const begun = clockMs();
  let count = 0;
  const client = async (number: number): Promise<void> => {
    for (let nth = 0; clockMs() - begun < ms; nth += 1) {
      await wish(number, nth);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  return (count * 1000) / (clockMs() - begun);
};

/** A rule that comes or goes: one event, and each client has its own group. `round`: other rules than in other rounds. */
const ruleOf = (client: number, nth: number, groups: number, round: number): Command => {
  const group = client % groups;
  const port = 10_000 + round * 10 + Math.floor(client / groups);
  return {
    type: nth % 2 === 0 ? 'AuthorizeIngress' : 'RevokeIngress',
    account: accountOf(group),
    groupId: groupId(group),
    permissions: [{ protocol: 'tcp', fromPort: port, toPort: port, cidrs: ['203.0.113.0/24'] }],
  };
};

const openHouse = async (folder: string) => {
  const store = await openSqliteStore({ file: join(folder, 'events.db') });
  const transactor = createTransactor(store);
  const projector = createProjector(store, { onStored: transactor.observe });
  const surroundings = surroundingsOf('main', projector.network);
  const executor = createExecutor({ store, transactor, surroundings, prior: () => undefined });
  projector.start();
  await projector.inSync;
  let made = 0;
  const wish = async (command: Command): Promise<void> => {
    made += 1;
    const commandId = `append-${made}`;
    const at = Date.now();
    const done = await executor.execute(command, {
      commandId,
      actor: 'bench',
      admin: true,
      at,
      correlationId: commandId,
    });
    if (isRefusal(done)) throw new Error(`${command.type} was refused: ${done.refused} ${done.detail}`);
  };
  const close = async (): Promise<void> => {
    await projector.stop();
    await store.close();
  };
  return { wish, close };
};

const runExecutor = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const size = sizeOf(10_000);
  const folder = await dataFolderOf(size, 'append');
  const house = await openHouse(folder);
  const ms = quick ? 700 : 4_000;
  try {
    const groups = groupCount(size);
    for (const clients of [1, 16, 256]) {
      const raw: number[] = [rawSyncs(folder, ms / 4)];
      const rate = await perSecond(clients, ms, (client, nth) => house.wish(ruleOf(client, nth, groups, clients)));
      raw.push(rawSyncs(folder, ms / 4));
      const facts = { suite: 'append', name: `durable commands, ${clients} at once`, n: clients, value: rate };
      const ratio = rate / median(raw);
      const made = { ...facts, unit: 'a second', ratio, of: 'bare fdatasync a second' };
      onRow(clients === 256 ? row(made, { atLeast: 5 }, { value: ratio, unit: 'times bare fdatasync' }) : row(made));
    }
  } finally {
    await house.close();
    await removeFolder(folder);
  }
};

const WARM_UP = 1_000;

/** Launches over HTTP: five events each, with everything that door and documents cost. */
const runHttp = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const size = sizeOf(10_000);
  const cloud = await openCloud(size, { name: 'append-http', connections: 256 });
  try {
    let next = size.instances;
    const launchOne = async (): Promise<void> => {
      const n = next;
      next += 1;
      const { type: _type, ...body } = launch(n, size, n % groupCount(size)) as { readonly type: string };
      await cloud.api.ask('POST', '/v1/instances', body);
    };
    // A process that has just been started runs its code for the first time: that is the restart's figure, not this one.
    for (let nth = 0; nth < WARM_UP; nth += 1) await launchOne();
    const one: number[] = [];
    for (let nth = 0; nth < (quick ? 100 : 500); nth += 1) {
      const begun = clockMs();
      await launchOne();
      one.push(clockMs() - begun);
    }
    const create = { suite: 'append', name: 'one instance created over HTTP', n: size.instances, value: median(one) };
    const rawMs = 1000 / rawSyncs(cloud.folder, 300);
    const made = { ...create, unit: 'ms', ratio: median(one) / rawMs, of: 'one bare fdatasync' };
    onRow(row(made, { atMost: 2 }));
    const rate = await perSecond(64, quick ? 1_000 : 5_000, launchOne);
    const facts = { suite: 'append', name: 'instances created over HTTP, 64 at once', n: size.instances, value: rate };
    onRow(row({ ...facts, unit: 'a second', ratio: (rate * rawMs) / 1000, of: 'bare fdatasync a second' }));
    await judge(cloud);
  } finally {
    await cloud.stop();
  }
};

export const runAppend = async (options: BenchOptions): Promise<void> => {
  await runExecutor(options);
  await runHttp(options);
};
