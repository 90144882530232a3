/** A redis-server of our own: free port, temporary folder, loopback only; gone when the test ends. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why no server can be started here, undefined when one can. */
export const redisObstacle = (): string | undefined =>
  spawnSync('redis-server', ['--version']).status === 0
    ? undefined
    : 'redis-server is not installed (Debian: apt-get install redis-server)';

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('expected a port, got none');
  return address.port;
};

export type RedisServer = {
  readonly port: number;
  readonly url: string;
  /** Starts it again, empty: nothing is ever kept on disk. */
  readonly start: (...more: string[]) => Promise<void>;
  readonly kill: () => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly cli: (...words: string[]) => string;
  readonly remove: () => Promise<void>;
};

const isUp = (port: number): boolean =>
  spawnSync('redis-cli', ['-p', String(port), 'ping'], { encoding: 'utf8' }).stdout?.trim() === 'PONG';

export const openRedisServer = async (...settings: string[]): Promise<RedisServer> => {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'edgelog-redis-'));
  let running: ChildProcess | undefined;

  const start = async (...more: string[]): Promise<void> => {
    const usual = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
    running = spawn('redis-server', [...usual, ...settings, ...more], { stdio: 'ignore' });
    for (let tries = 0; !isUp(port); tries += 1) {
      if (tries > 200) throw new Error('expected redis-server to answer, it did not');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  const kill = async (): Promise<void> => {
    const ending = running;
    running = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    ending.kill('SIGKILL');
    await once(ending, 'exit');
  };

  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    signal: (signal) => running?.kill(signal),
    cli: (...words) => spawnSync('redis-cli', ['-p', String(port), ...words], { encoding: 'utf8' }).stdout.trim(),
    remove: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
