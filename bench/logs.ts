/**
 * Logs to measure on, made once per size by the house's own decisions and kept in the machine's folder for temporary files:
 * every run starts from the same one.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { surroundingsOf } from '../src/adapters/controlPlane/surroundings.ts';
import { openSqliteStore } from '../src/adapters/eventstore/sqlite.ts';
import { createProjector } from '../src/adapters/projector/projector.ts';
import type { Command } from '../src/domain/commands.ts';
import { createExecutor } from '../src/domain/execute.ts';
import { isRefusal } from '../src/domain/refusals.ts';
import { createTransactor } from '../src/domain/transact.ts';
import { clusterCommands, elasticCommands, groupCommands, instanceCommands, type Size } from './world.ts';

export const benchFolder = join(tmpdir(), 'edgelog-bench');

/** Changes with the storage format or the world: an old log is then made anew. */
const FORM = 3;
const AT_ONCE = 512;

const inOrder = async (commands: readonly Command[], carryOut: (command: Command) => Promise<void>): Promise<void> => {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < commands.length) {
      const command = commands[next] as Command;
      next += 1;
      await carryOut(command);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
};

const openHouse = async (file: string) => {
  const store = await openSqliteStore({ file });
  const transactor = createTransactor(store);
  const projector = createProjector(store, { onStored: transactor.observe });
  const executor = createExecutor({
    store,
    transactor,
    surroundings: surroundingsOf('main', projector.network),
    prior: () => undefined,
  });
  projector.start();
  await projector.inSync;
  let made = 0;
  const carryOut = async (command: Command): Promise<void> => {
    made += 1;
    const commandId = `bench-${made}`;
    const at = 1_795_000_000_000 + made;
    const context = { commandId, actor: 'bench', admin: true, at, correlationId: commandId, source: 'bench' };
    const done = await executor.execute(command, context);
    if (isRefusal(done)) throw new Error(`${command.type} was refused: ${done.refused} ${done.detail}`);
  };
  const close = async (): Promise<void> => {
    await projector.stop();
    await store.close();
  };
  return { carryOut, close, projector };
};

const build = async (file: string, size: Size): Promise<void> => {
  const house = await openHouse(file);
  for (const command of clusterCommands(size)) await house.carryOut(command);
  const groups = groupCommands(size);
  await inOrder(
    groups.filter(({ type }) => type === 'CreateSecurityGroup'),
    house.carryOut,
  );
  await inOrder(
    groups.filter(({ type }) => type !== 'CreateSecurityGroup'),
    house.carryOut,
  );
  await inOrder(instanceCommands(size), house.carryOut);
  const elastic = elasticCommands(size);
  await inOrder(
    elastic.filter(({ type }) => type === 'AllocateAddress'),
    house.carryOut,
  );
  await inOrder(
    elastic.filter(({ type }) => type !== 'AllocateAddress'),
    house.carryOut,
  );
  await house.close();
};

/** A data folder of its own with a log of this size in it; whoever takes it removes it. */
export const dataFolderOf = async (size: Size, name: string): Promise<string> => {
  const digest = createHash('sha256')
    .update(JSON.stringify([FORM, size]))
    .digest('hex')
    .slice(0, 16);
  const kept = join(benchFolder, `log-${digest}.db`);
  await mkdir(benchFolder, { recursive: true });
  if (!existsSync(kept)) {
    const fresh = `${kept}.${process.pid}`;
    for (const suffix of ['', '-wal', '-shm']) await rm(fresh + suffix, { force: true });
    await build(fresh, size);
    await rename(fresh, kept);
    for (const suffix of ['-wal', '-shm']) await rm(fresh + suffix, { force: true });
  }
  const folder = join(benchFolder, `${name}-${process.pid}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await copyFile(kept, join(folder, 'events.db'));
  return folder;
};

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
