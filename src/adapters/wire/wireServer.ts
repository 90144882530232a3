/**
 * The listening end of the wire between our own controllers: POST on a few paths, bodies bounded in size, number and time.
 * What a body means is the route's business. No request, however broken, takes the process down.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type WireRequest = {
  readonly body: Buffer;
  readonly headers: IncomingMessage['headers'];
  readonly from: string;
};

/** `json` is sent only where there is something to say. */
export type WireAnswer = {
  readonly status: number;
  readonly json?: object;
  readonly headers?: Readonly<Record<string, string>>;
};

export type WireRoute = {
  readonly path: string;
  readonly maxBytes: number;
  /** Looked at before the body is read. */
  readonly turnedAway?: (headers: IncomingMessage['headers']) => WireAnswer | undefined;
  readonly answer: (request: WireRequest) => Promise<WireAnswer> | WireAnswer;
};

export type WireServer = {
  readonly listen: () => Promise<{ readonly host: string; readonly port: number }>;
  readonly close: () => Promise<void>;
};

export type WireServerOptions = {
  readonly host: string;
  readonly port: number;
  readonly routes: readonly WireRoute[];
  readonly onFault?: (fault: unknown) => void;
  /** For whoever counts what goes over the wire. */
  readonly onConnection?: (socket: Socket) => void;
};

/** Bodies being read or worked on at once; more are told to come back. */
const MAX_IN_FLIGHT = 64;
/** Longer than senders pause, so that a connection is not closed under a change on its way. */
const KEEP_ALIVE_MS = 120_000;

/** Undefined for a body that is too long, of which the rest stays unread. Rejects when the sender hangs up before its end. */
const bodyOf = (request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      resolve(undefined);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, size)));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.readableEnded) reject(new Error('the sender hung up'));
    });
  });

/** After an early answer the rest of the body is not waited for. */
const send = (response: ServerResponse, { status, json, headers }: WireAnswer, isEarly = false): void => {
  const text = json === undefined ? '' : JSON.stringify(json);
  response.sendDate = false;
  response.writeHead(status, {
    ...(status === 204 ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
    ...(text === '' ? {} : { 'content-type': 'application/json' }),
    ...(isEarly ? { connection: 'close' } : {}),
    ...headers,
  });
  response.end(text);
};

export const createWireServer = (options: WireServerOptions): WireServer => {
  const { host, port, routes, onFault } = options;
  const byPath = new Map(routes.map((route) => [route.path, route]));
  let inFlight = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = byPath.get(request.url ?? '');
    if (route === undefined) return send(response, { status: 404 }, true);
    if (request.method !== 'POST') return send(response, { status: 405 }, true);
    if (inFlight >= MAX_IN_FLIGHT) return send(response, { status: 503 }, true);
    const away = route.turnedAway?.(request.headers);
    if (away !== undefined) return send(response, away, true);
    inFlight += 1;
    try {
      const body = await bodyOf(request, route.maxBytes);
      if (body === undefined) return send(response, { status: 413 }, true);
      const from = request.socket.remoteAddress ?? '';
      send(response, await route.answer({ body, headers: request.headers, from }));
    } finally {
      inFlight -= 1;
    }
  };

  const server = createServer((request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    serve(request, response).catch((fault) => {
      if (!request.destroyed) onFault?.(fault);
      response.destroy();
    });
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 60_000;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = 1024;
  server.on('connection', (socket) => {
    socket.setNoDelay(true);
    options.onConnection?.(socket);
  });

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          const address = server.address() as AddressInfo;
          resolve({ host: address.address, port: address.port });
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
