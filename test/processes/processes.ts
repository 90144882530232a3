/**
 * Real processes of the program under test: started with settings, spoken to over HTTP, signalled, killed, and gone with the
 * test. Every port is free, every file in a folder of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const main = join(root, 'src/main.ts');

/** Waits for something that must come true; the limit only ends a test that has failed. */
export const until = async (
  isTrue: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 30_000,
): Promise<void> => {
  const end = performance.now() + limitMs;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`expected ${what}, it did not come`);
    await new Promise((done) => setTimeout(done, 20));
  }
};

/** Free on the loopback address given; all are held until the last is found, so they differ. */
export const freePorts = async (count: number, host = '127.0.0.1'): Promise<readonly number[]> => {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, host);
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('expected a port, got none');
    return address.port;
  });
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, 'close')));
  return ports;
};

export type Flags = Readonly<Record<string, string | number | true>>;

export type Process = {
  readonly child: ChildProcess;
  /** All it said so far, both ways. */
  readonly said: () => string;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Kills it without warning. */
  readonly kill: () => Promise<void>;
  /** Asks it to stop; resolves to its exit code. */
  readonly stop: () => Promise<number | null>;
  readonly ended: Promise<number | null>;
};

const words = (flags: Flags): string[] =>
  Object.entries(flags).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, String(value)]));

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export const launch = (command: string, args: readonly string[]): Process => {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-200_000);
    });
  }
  const ended = new Promise<number | null>((done) => {
    child.once('exit', (code) => {
      running.delete(child);
      done(code);
    });
  });
  return {
    child,
    said: () => said,
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: async () => {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
      const code = await ended;
      clearTimeout(late);
      return code;
    },
    ended,
  };
};

/** The program itself: `edgelog WORDS…`. */
export const edgelog = (...args: readonly string[]): Process => launch(process.execPath, [main, ...args]);

/** The command line of `serve`, for those who start it in surroundings of their own. */
export const serveLine = (flags: Flags): readonly string[] => [process.execPath, main, 'serve', ...words(flags)];

/** Resolves when it says that it is ready. */
export const whenReady = async (started: Process): Promise<Process> => {
  let isEnded = false;
  void started.ended.then(() => {
    isEnded = true;
  });
  await until(() => isEnded || /^ready /m.test(started.said()), 'the process to be ready');
  if (isEnded) throw new Error(`expected a process that is ready, it ended: ${started.said()}`);
  return started;
};

export const serve = (flags: Flags): Promise<Process> => whenReady(edgelog('serve', ...words(flags)));

/** Folders and processes of one test; all gone at its end, whatever happened. */
export const createScene = () => {
  const processes: Process[] = [];
  const endings: (() => Promise<unknown>)[] = [];
  return {
    folder: async (): Promise<string> => {
      const folder = await mkdtemp(join(tmpdir(), 'edgelog-processes-'));
      endings.push(() => rm(folder, { recursive: true, force: true }));
      return folder;
    },
    keep: <T extends Process>(one: T): T => {
      processes.push(one);
      return one;
    },
    serve: async (flags: Flags): Promise<Process> => {
      const started = edgelog('serve', ...words(flags));
      processes.push(started);
      return whenReady(started);
    },
    atEnd: (end: () => Promise<unknown>): void => void endings.unshift(end),
    end: async (): Promise<void> => {
      for (const one of processes.splice(0).reverse()) await one.kill();
      for (const end of endings.splice(0)) await end();
    },
  };
};

export type Scene = ReturnType<typeof createScene>;
