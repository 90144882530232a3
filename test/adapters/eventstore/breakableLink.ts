/**
 * A TCP link on loopback that a test can break: it forwards bytes to a port until told to drop every connection, to refuse new
 * ones, or to keep them open and pass nothing on (half-open, the worst kind).
 */

import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export type BreakableLink = {
  readonly port: () => number;
  readonly drop: () => void;
  readonly refuse: () => Promise<void>;
  readonly accept: () => Promise<void>;
  readonly freeze: (frozen: boolean) => void;
  readonly close: () => Promise<void>;
};

/** Where it listens (port 0: any free one), and the host that it leads to. */
export type LinkPlace = { readonly host?: string; readonly port?: number; readonly targetHost?: string };

export const openBreakableLink = async (target: number, place: LinkPlace = {}): Promise<BreakableLink> => {
  const { host = '127.0.0.1', targetHost = '127.0.0.1' } = place;
  const sockets = new Set<Socket>();
  let frozen = false;
  let port = place.port ?? 0;
  const join = (near: Socket): void => {
    const far = connect(target, targetHost);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      sockets.add(from);
      from.on('data', (bytes) => {
        if (!frozen) to.write(bytes);
      });
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  };
  const server = createServer(join);
  const accept = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        port = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const refuse = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      drop();
    });
  await accept();
  return {
    port: () => port,
    drop,
    refuse,
    accept,
    freeze: (on) => {
      frozen = on;
    },
    close: () => (server.listening ? refuse() : Promise.resolve()),
  };
};
