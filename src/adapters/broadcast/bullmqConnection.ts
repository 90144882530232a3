/**
 * Connections to Redis for the lanes, and what is known of its health. A server that cannot be reached or is not fit is a
 * state, not a fault: connections try again for ever, a little later each time, and nobody waits for them.
 */
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import type { LaneHealth } from './lanes.ts';
import type { RedisAddress } from './redisAddress.ts';
import { unfitRedis } from './redisFitness.ts';

export type RedisClient = Redis | Cluster;

/** `asker` fails at once when the server does not answer; `worker` waits for it, because its jobs may take long. */
export type ConnectionUse = 'asker' | 'worker';

const ASKER_PATIENCE_MS = 2_000;

const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 10), 2_000);

const optionsFor = (address: RedisAddress, use: ConnectionUse): RedisOptions => ({
  db: address.db,
  ...(address.username === undefined ? {} : { username: address.username }),
  ...(address.password === undefined ? {} : { password: address.password }),
  ...(address.tls ? { tls: {} } : {}),
  connectTimeout: 5_000,
  retryStrategy,
  ...(use === 'asker'
    ? { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: ASKER_PATIENCE_MS }
    : { enableOfflineQueue: true, maxRetriesPerRequest: null }),
});

/** Connects by itself; what goes wrong is told to `onFault` and tried again. */
export const connectRedis = async (
  address: RedisAddress,
  use: ConnectionUse,
  onFault: (fault: Error) => void,
): Promise<RedisClient> => {
  const { Cluster, Redis } = await import('ioredis');
  const options = optionsFor(address, use);
  const [first] = address.nodes;
  const client =
    address.nodes.length > 1
      ? new Cluster([...address.nodes], {
          clusterRetryStrategy: retryStrategy,
          enableOfflineQueue: options.enableOfflineQueue ?? true,
          redisOptions: options,
        })
      : new Redis({ ...options, host: first?.host ?? '127.0.0.1', port: first?.port ?? 6379 });
  client.on('error', onFault);
  return client;
};

/** Resolves when the first attempt to connect has ended, well or not, or after `ms`. */
export const firstContact = (client: RedisClient, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      client.off('ready', done);
      client.off('error', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (client.status === 'ready') done();
    client.once('ready', done);
    client.once('error', done);
  });

export type RedisWatch = {
  readonly health: () => LaneHealth;
  /** Looks now; resolves to what it found. Never rejects. */
  readonly look: () => Promise<LaneHealth>;
  /** A command failed: not healthy until the next look says otherwise. */
  readonly suspect: (fault: Error) => void;
  readonly stop: () => void;
};

export type RedisWatchPorts = {
  readonly client: RedisClient;
  readonly shown: string;
  /** Why the last attempt to connect failed; better words than those of a command that found no connection. */
  readonly lastFault: () => Error | undefined;
  /** After the server was found fit: what else must hold, as words for the operator; undefined when all is well. */
  readonly alsoNeeded: () => Promise<LaneHealth>;
  readonly onChange: (health: LaneHealth) => void;
  readonly everyMs: number;
};

/** Looks every so often. Whether the server is fit is asked again after each new connection: it may be another one. */
export const watchRedis = (ports: RedisWatchPorts): RedisWatch => {
  const { client, shown } = ports;
  let health: LaneHealth = { ok: false, detail: `${shown}: not reached yet` };
  let isKnownFit = false;
  let looking: Promise<LaneHealth> | undefined;

  const become = (next: LaneHealth): LaneHealth => {
    const isNews = next.ok !== health.ok || (!next.ok && next.detail !== health.detail);
    health = next;
    if (isNews) ports.onChange(next);
    return next;
  };

  const lookOnce = async (): Promise<LaneHealth> => {
    try {
      if (isKnownFit) await client.ping();
      else {
        const unfit = unfitRedis(await client.info());
        if (unfit !== undefined) return become({ ok: false, detail: `${shown}: ${unfit}` });
        isKnownFit = true;
      }
      return become(await ports.alsoNeeded());
    } catch (fault) {
      return become({ ok: false, detail: `${shown}: ${wordsFor(fault as Error)}` });
    }
  };

  const wordsFor = (fault: Error): string => {
    const why = client.status === 'ready' ? fault : (ports.lastFault() ?? fault);
    return why.message || ((why as NodeJS.ErrnoException).code ?? 'not connected');
  };

  const look = (): Promise<LaneHealth> => {
    looking ??= lookOnce().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  const forgetFitness = (): void => {
    isKnownFit = false;
  };
  client.on('close', forgetFitness);
  client.on('ready', () => void look());
  const timer = setInterval(() => void look(), ports.everyMs);
  timer.unref();

  return {
    health: () => health,
    look,
    suspect: (fault) => void become({ ok: false, detail: `${shown}: ${wordsFor(fault)}` }),
    stop: () => clearInterval(timer),
  };
};

/** Undefined when it takes longer; what it was is then left alone. */
export const withinTime = <T>(promise: Promise<T>, ms: number): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};
