/**
 * The HTTP door as a thing that is opened and closed. It listens only where that is safe, keeps its own time-outs short, and
 * on stopping takes nothing new, lets what is under way finish up to a deadline, and tells open streams why they end.
 */
import { lookup } from 'node:dns/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { DenialNote, RequestNote } from './admission.ts';
import { assertSafeBinding, createKeyring, type KeyRecord, type Keyring } from './auth.ts';
import type { BodyLimits } from './body.ts';
import type { Door } from './door.ts';
import { type StreamSettings, usualStream } from './eventStream.ts';
import { createHostCheck } from './hosts.ts';
import { mount } from './mounting.ts';
import { type OpenApi, openApiOf } from './openapi.ts';
import type { ControlPlane } from './ports.ts';
import { createRateGate, type RateLimit } from './rateLimit.ts';
import type { Mount, Route } from './route.ts';
import { coreRoutes } from './routes/core.ts';
import { pageRoutes } from './routes/pages.ts';

export type HttpOptions = {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly controlPlane: ControlPlane;
  readonly version: string;
  readonly keys?: readonly KeyRecord[];
  readonly extraRoutes?: readonly Route[];
  readonly mounts?: readonly Mount[];
  /** Where browsers that open the first page are sent, a path of this door; programs get that page as ever. */
  readonly home?: string;
  readonly allowedHosts?: readonly string[];
  readonly tlsInFront?: boolean;
  /** Listen for others without keys or TLS. */
  readonly insecure?: boolean;
  readonly limits?: Partial<BodyLimits>;
  readonly rateLimit?: RateLimit;
  readonly stream?: Partial<StreamSettings>;
  readonly maxStreams?: number;
  readonly maxConnections?: number;
  /** Demand If-Match wherever something with a revision is replaced or removed. */
  readonly demandIfMatch?: boolean;
  readonly stopDeadlineMs?: number;
  readonly now?: () => number;
  readonly resolveHost?: (host: string) => Promise<string>;
  /** Told of every fault of ours; what goes to a log must be escaped there. */
  readonly onFault?: (fault: unknown, note: RequestNote) => void;
  /** Told of every request that was not let in: who, where, why. */
  readonly onDenied?: (note: DenialNote) => void;
};

export type HttpServer = {
  readonly start: () => Promise<{ readonly host: string; readonly port: number }>;
  readonly stop: () => Promise<void>;
  readonly replaceKeys: (keys: readonly KeyRecord[]) => void;
};

const usualLimits: BodyLimits = { command: 8 * 1024 * 1024, batch: 64 * 1024 * 1024 };

/** All routes of a door, its own pages included. */
export const routeTable = (version: string, extraRoutes: readonly Route[] = [], home?: string): readonly Route[] => {
  let made: OpenApi | undefined;
  const table: readonly Route[] = [...coreRoutes, ...extraRoutes, ...pageRoutes(() => openApi(), version, home)];
  const openApi = (): OpenApi => {
    made ??= openApiOf(table, version);
    return made;
  };
  return table;
};

/** IPv4 address of a host, `0.0.0.0` when its name means nothing. */
export const lookUp = async (host: string): Promise<string> => {
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch {
    return '0.0.0.0';
  }
};

export const createHttpServer = (options: HttpOptions): HttpServer => {
  const keyring = createKeyring(options.keys ?? []);
  const stopping = new AbortController();
  const door = doorOf(options, keyring, stopping.signal);
  const routes = routeTable(options.version, options.extraRoutes, options.home);
  const server = createServer(limits, mount(routes, options.mounts ?? [], door));
  server.maxConnections = options.maxConnections ?? 4096;
  server.on('clientError', refuseGarbage);

  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    if (stopped !== undefined) return stopped;
    stopping.abort();
    for (const stream of door.streams) stream.end('stopping: the control plane stops');
    stopped = closed(server, options.stopDeadlineMs ?? 5000);
    return stopped;
  };

  const start = async (): Promise<{ host: string; port: number }> => {
    const { host, tlsInFront = false, insecure = false } = options;
    assertSafeBinding({ host, hasKeys: !keyring.isOpen(), tlsInFront, insecure });
    await listening(server, options.port, host);
    return { host, port: (server.address() as AddressInfo).port };
  };

  /** A key that is gone must not go on reading: streams end and are opened anew, by whoever still may. */
  const replaceKeys: HttpServer['replaceKeys'] = (keys) => {
    keyring.replace(keys);
    for (const stream of door.streams) stream.end('the keys have changed; connect again');
  };

  return { start, stop, replaceKeys };
};

/** Lower than Node's own: nobody needs a minute to send a head. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 15_000,
  connectionsCheckingInterval: 5000,
  maxHeaderSize: 16 * 1024,
};

const doorOf = (options: HttpOptions, keyring: Keyring, stopping: AbortSignal): Door => ({
  controlPlane: options.controlPlane,
  keyring,
  hostCheck: createHostCheck(options.host, options.allowedHosts ?? []),
  rateGate: options.rateLimit === undefined ? undefined : createRateGate(options.rateLimit),
  limits: { ...usualLimits, ...options.limits },
  stream: { ...usualStream, ...options.stream },
  maxStreams: options.maxStreams ?? 64,
  streams: new Set(),
  demandIfMatch: options.demandIfMatch ?? false,
  now: options.now ?? Date.now,
  resolveHost: options.resolveHost ?? lookUp,
  onFault: options.onFault ?? (() => undefined),
  onDenied: options.onDenied ?? (() => undefined),
  stopping,
});

const listening = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** Idle connections are closed at once, busy ones when they are through or at the deadline. */
const closed = (server: Server, deadlineMs: number): Promise<void> =>
  new Promise((resolve) => {
    const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
    server.close(() => {
      clearTimeout(deadline);
      resolve();
    });
    server.closeIdleConnections();
  });

/** What is not HTTP never becomes a request; it still gets a clear answer. */
const refuseGarbage = (fault: Error & { readonly code?: string }, socket: Socket): void => {
  if (!socket.writable || fault.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const tooLong = fault.code === 'HPE_HEADER_OVERFLOW';
  const status = tooLong ? '431 Request Header Fields Too Large' : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};
