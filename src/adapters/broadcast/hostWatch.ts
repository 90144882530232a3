/**
 * Looks up the hosts of cluster controllers again and again: their names may come to mean other addresses, or mean nothing
 * when they are registered. Only says what it finds; one name that cannot be resolved delays no other.
 */
import { isIP } from 'node:net';

export type WatchedHost = { readonly cluster: string; readonly host: string; readonly address: string };

export type HostWatchPorts = {
  readonly hosts: () => readonly WatchedHost[];
  /** IPv4 address, `0.0.0.0` when the name means nothing now. */
  readonly resolve: (host: string) => Promise<string>;
  readonly moved: (cluster: string, address: string) => Promise<unknown>;
  /** Told once per name and again only after it has meant something meanwhile. */
  readonly onLost: (watched: WatchedHost) => void;
};

export type HostWatch = {
  readonly start: () => void;
  readonly stop: () => Promise<void>;
  readonly round: () => Promise<void>;
};

export const createHostWatch = (ports: HostWatchPorts, everyMs = 30_000): HostWatch => {
  const lost = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  const look = async (watched: WatchedHost): Promise<void> => {
    const { cluster, host, address } = watched;
    const found = await ports.resolve(host);
    if (found === '0.0.0.0') {
      if (!lost.has(host)) ports.onLost(watched);
      lost.add(host);
      return;
    }
    lost.delete(host);
    if (found !== address) await ports.moved(cluster, found);
  };

  const round = async (): Promise<void> => {
    const named = ports.hosts().filter(({ host }) => isIP(host) === 0);
    await Promise.allSettled(named.map(look));
  };

  return {
    round,
    start: () => {
      timer = setInterval(() => {
        running ??= round().finally(() => {
          running = undefined;
        });
      }, everyMs);
      timer.unref();
    },
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
};
