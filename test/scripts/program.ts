/** The real program in a process of its own, on free ports and an empty data folder, stopped when the test ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export const root = join(import.meta.dirname, '../..');

export type Ended = { readonly exit: number | null; readonly out: string; readonly err: string };

/** Runs a program to its end. */
export const runProgram = async (
  command: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  input = '',
): Promise<Ended> => {
  const child = spawn(command, words, { cwd: root, env: { ...process.env, ...environment }, stdio: 'pipe' });
  const said = { out: '', err: '' };
  child.stdout.on('data', (piece: Buffer) => {
    said.out += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    said.err += piece.toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  await once(child, 'close');
  return { exit: child.exitCode, ...said };
};

/**
 * Free on all loopback addresses given, and below the ports that the system hands out by itself, so that nobody else gets it
 * between here and the program's start.
 */
export const freePort = async (hosts: readonly string[]): Promise<number> => {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const isFree = await Promise.all(hosts.map((host) => canListen(host, port)));
    if (isFree.every((free) => free)) return port;
  }
};

const canListen = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, host, () => server.close(() => resolve(true)));
  });

const NODES = ['127.0.0.2', '127.0.0.3'];

export type Program = {
  readonly data: string;
  /** For programs that talk to this one. */
  readonly environment: { readonly EDGELOG_URL: string; readonly EDGELOG_DATA: string };
  /** What it said so far. */
  readonly said: () => string;
  /** Ends it as Ctrl-C does; resolves with its exit code. */
  readonly stop: () => Promise<number | null>;
};

const ready = (child: ChildProcess, said: () => string): Promise<void> =>
  new Promise((resolve, reject) => {
    const look = (): void => {
      if (/^ready\b/m.test(said())) resolve();
    };
    child.stdout?.on('data', look);
    child.once('exit', (code) => reject(new Error(`expected the program to get ready, got exit ${code}: ${said()}`)));
  });

export const startProgram = async (t: TestContext, given?: string): Promise<Program> => {
  const data = given ?? mkdtempSync(join(tmpdir(), 'edgelog-program-'));
  const [port, ccPort, wirePort, ncPort] = [
    await freePort(['127.0.0.1']),
    await freePort(['127.0.0.1']),
    await freePort(['127.0.0.1']),
    await freePort(NODES),
  ];
  const words = ['--data', data, '--port', port, '--cc-port', ccPort, '--cc-wire-port', wirePort, '--nc-port', ncPort];
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), 'serve', ...words.map(String)], { stdio: 'pipe' });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
  }
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGINT');
      await once(child, 'close');
    }
    return child.exitCode;
  };
  t.after(async () => {
    await stop();
    if (given === undefined) rmSync(data, { recursive: true, force: true });
  });
  await ready(child, () => text);
  const environment = { EDGELOG_URL: `http://127.0.0.1:${port}`, EDGELOG_DATA: data };
  return { data, environment, said: () => text, stop };
};
