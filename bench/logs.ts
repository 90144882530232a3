/**
 * Logs to measure on, made once per size by the house's own decisions and kept in the machine's folder for temporary files:
 * suites and runs share them until the form of a log changes.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeLog } from '../scripts/make-log.ts';
import { surroundingsOf } from '../src/adapters/controlPlane/surroundings.ts';
import { openSqliteStore } from '../src/adapters/eventstore/sqlite.ts';
import { createTailWatch } from '../src/adapters/eventstore/tail.ts';
import { createProjector } from '../src/adapters/projector/projector.ts';
import type { Command } from '../src/domain/commands.ts';
import { createExecutor } from '../src/domain/execute.ts';
import { isRefusal } from '../src/domain/refusals.ts';
import { createTransactor } from '../src/domain/transact.ts';
import { createCloudCore } from '../src/roles/cloudCore.ts';
import { codeMark } from '../src/roles/codeMark.ts';
import { createDeliveredLog } from '../src/roles/deliveredLog.ts';
import type { Journal } from '../src/roles/journal.ts';
import { createSnapshot } from '../src/roles/snapshot.ts';
import { say } from './progress.ts';
import { clusterCommands, elasticCommands, groupCommands, instanceCommands, type Size } from './world.ts';

export const benchFolder = join(tmpdir(), 'edgelog-bench');

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

/** A log of so many events in which so many instances are alive at any time. */
export type LongLog = { readonly instances: number; readonly events: number };

const rooms = fileURLToPath(new URL('..', import.meta.url));

/** What the form of a log depends on. */
const SOURCES = [
  ...['src/domain/codec.ts', 'src/domain/events.ts'],
  ...['bench/world.ts', 'bench/logs.ts', 'scripts/make-log.ts'],
];

const formOf = (what: Size | LongLog): string => {
  const hash = createHash('sha256').update(JSON.stringify(what));
  for (const name of SOURCES) hash.update(readFileSync(join(rooms, name)));
  return hash.digest('hex').slice(0, 16);
};

const silent: Journal = { note: () => undefined, fault: (what, fault) => say(`${what}: ${String(fault)}`) };

/** The snapshot that a cloud controller of this very code would have left beside the log. */
const keepSnapshot = async (folder: string): Promise<void> => {
  const store = await openSqliteStore({ file: join(folder, 'events.db') });
  const snapshot = createSnapshot(folder, store, codeMark(), silent);
  if ((await snapshot.read()) === undefined) {
    await snapshot.drop();
    const tail = createTailWatch(undefined);
    const delivered = createDeliveredLog();
    const core = createCloudCore({
      ...{ store, cloud: 'main', observers: [delivered.note] },
      onStored: tail.observe,
      onProgress: () => undefined,
      onFault: (fault) => say(String(fault)),
    });
    core.projector.start();
    await core.projector.inSync;
    await core.projector.stop();
    const { events } = core.projector.health();
    const mark = tail.mark();
    const network = core.projector.network();
    const document = core.keeper.standing(network);
    const known = { network, events, audit: core.index.kept(), delivered: delivered.kept(), document };
    if (mark !== undefined) await snapshot.write({ ...known, mark });
  }
  await store.close();
};

/** Builds it when there is none of this form; the folder where it is kept. */
const keptLog = async (what: Size | LongLog): Promise<string> => {
  const kept = join(benchFolder, `log-${formOf(what)}`);
  if (existsSync(kept)) return kept;
  const fresh = `${kept}.${process.pid}`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const begun = performance.now();
  if ('events' in what) await writeLog(fresh, what.events, what.instances);
  else await build(join(fresh, 'events.db'), what);
  await rename(fresh, kept).catch(() => rm(fresh, { recursive: true, force: true }));
  say(`  a log of ${what.instances} instances made in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return kept;
};

/**
 * A data folder of its own with a log of this size in it; whoever takes it removes it. `warm`: with the snapshot that a process
 * that ran before would have left.
 */
export const dataFolderOf = async (what: Size | LongLog, name: string, warm = false): Promise<string> => {
  const kept = await keptLog(what);
  if (warm) await keepSnapshot(kept);
  const folder = join(benchFolder, `${name}-${process.pid}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await copyFile(join(kept, 'events.db'), join(folder, 'events.db'));
  if (warm) await cp(join(kept, 'cache'), join(folder, 'cache'), { recursive: true });
  return folder;
};

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
