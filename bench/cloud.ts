/** A cloud controller as its own process over a log of the wished size, with receivers for its clusters. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Api, createApi } from './api.ts';
import { dataFolderOf, type LongLog, removeFolder } from './logs.ts';
import { type Receiving, startReceivers } from './receiving.ts';
import { clusterName, type Size } from './world.ts';

/** What everybody starts it with. It becomes the program itself: its process id is the program's. */
const program = fileURLToPath(new URL('../scripts/edgelog', import.meta.url));

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

export type Started = { readonly process: ChildProcess; readonly port: number };

/** Resolves when it says that it is ready. */
export const startCloud = async (folder: string, more: readonly string[] = []): Promise<Started> => {
  const port = await freePort();
  const words = ['serve', '--role', 'clc', '--data', folder, '--port', String(port), '--resync-seconds', '1', ...more];
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', process.env['BENCH_SHOW'] === undefined ? 'ignore' : 'inherit'],
    env: { ...process.env, NODE_OPTIONS: process.env['BENCH_NODE_FLAGS'] ?? '' },
  });
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.startsWith('ready')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the cloud controller ended with ${code}`)));
  });
  return { process: child, port };
};

export const stopProcess = (child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else {
      child.once('exit', () => resolve());
      child.kill(signal);
    }
  });

/** Resident memory of a process now and at its highest, bytes. */
export const memoryOf = (pid: number): { readonly now: number; readonly highest: number } => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { now: of('VmRSS'), highest: of('VmHWM') };
};

/** CPU time of a process so far, ms. */
export const cpuOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

export type Cloud = {
  readonly api: Api;
  readonly folder: string;
  readonly receiving: Receiving;
  readonly port: number;
  readonly pid: number;
  readonly process: ChildProcess;
  readonly stop: () => Promise<void>;
};

export type CloudWish = {
  readonly name: string;
  readonly connections?: number;
  readonly receiverProcesses?: number;
  readonly more?: readonly string[];
  /** Another log for the same clusters. */
  readonly log?: LongLog;
  /** Reads the whole log when it starts, as a process without a snapshot does. */
  readonly isCold?: boolean;
};

/** Where each cluster's receiver listens, as the cloud controller would have learned it. */
export const pointAt = async (folder: string, receiving: Receiving): Promise<void> => {
  await writeFile(join(folder, 'wire-ports.json'), JSON.stringify(receiving.ports));
};

/** Ready when every receiver has the document of now. */
export const openCloud = async (
  size: Size,
  { name, connections = 64, receiverProcesses, more, log, isCold = false }: CloudWish,
): Promise<Cloud> => {
  const clusters = Array.from({ length: size.clusters }, (_, c) => clusterName(c));
  const folder = await dataFolderOf(log ?? size, name, !isCold);
  const receiving = await startReceivers(clusters, receiverProcesses);
  await pointAt(folder, receiving);
  const started = await startCloud(folder, more);
  const api = createApi(started.port, connections);
  await Promise.all(clusters.map((cluster) => receiving.reached(cluster, 0)));
  return {
    ...{ api, folder, receiving, port: started.port, process: started.process, pid: started.process.pid ?? 0 },
    stop: async () => {
      api.close();
      await stopProcess(started.process);
      receiving.stop();
      await removeFolder(folder);
    },
  };
};
