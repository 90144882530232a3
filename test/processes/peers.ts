/** Cluster controllers as tests need them: ones that answer properly and remember, and ones that misbehave on the wire. */
import { createServer, type Server, type Socket } from 'node:net';
import { type ReceivedDocument, receivedDocument } from '../../src/adapters/shared/receivedDocument.ts';
import { decodeNetworkInfo } from '../../src/adapters/soap/base64.ts';
import { endpoints } from '../../src/adapters/soap/names.ts';
import { createSoapServer, type SoapServerSettings } from '../../src/adapters/soap/server.ts';
import { isRefusal } from '../../src/domain/refusals.ts';

const { path } = endpoints.clusterController;

export type Peer = {
  readonly endpoint: string;
  readonly close: () => Promise<unknown>;
};

export type Witness = Peer & {
  /** What it was given, in order. */
  readonly seen: readonly ReceivedDocument[];
  /** The most that were being given to it at the same time. */
  readonly atOnce: () => number;
  readonly newest: () => number;
};

export type WitnessOptions = {
  /** Waited for before answering. */
  readonly hold?: () => Promise<unknown>;
  /** Says with its answers that it is one of ours. */
  readonly reportsItself?: boolean;
  readonly wire?: Pick<SoapServerSettings, 'verifier' | 'signer'>;
};

/** Answers true to everything. */
export const openWitness = async (options: WitnessOptions = {}): Promise<Witness> => {
  const seen: ReceivedDocument[] = [];
  let under = 0;
  let most = 0;
  const server = createSoapServer({
    ...{ host: '127.0.0.1', port: 0, path, now: Date.now, ...options.wire },
    ...(options.reportsItself === false ? {} : { answerHeaders: { 'edgelog-controller': 'cc' } }),
    operations: {
      BroadcastNetworkInfo: async (message, { headers }) => {
        under += 1;
        most = Math.max(most, under);
        await options.hold?.();
        under -= 1;
        const bytes = decodeNetworkInfo(message.networkInfo);
        const trace = headers['traceparent'];
        const document = isRefusal(bytes)
          ? undefined
          : receivedDocument([bytes], typeof trace === 'string' ? trace : undefined);
        if (document !== undefined) seen.push(document);
        return { kind: 'BroadcastNetworkInfoResponse', return: document !== undefined };
      },
    },
  });
  const { port } = await server.listen();
  return {
    endpoint: `http://127.0.0.1:${port}${path}`,
    close: () => server.close(100),
    seen,
    atOnce: () => most,
    newest: () => seen.at(-1)?.order?.position ?? -1,
  };
};

/** A node controller of Eucalyptus: takes everything, says `0`, and never says more. */
export const openNodeWitness = async (): Promise<Omit<Witness, 'atOnce'>> => {
  const seen: ReceivedDocument[] = [];
  const { path: nodePath } = endpoints.nodeController;
  const server = createSoapServer({
    ...{ host: '127.0.0.1', port: 0, path: nodePath, now: Date.now },
    operations: {
      ncBroadcastNetworkInfo: async ({ networkInfo }) => {
        const bytes = decodeNetworkInfo(networkInfo);
        const document = isRefusal(bytes) ? undefined : receivedDocument([bytes]);
        if (document !== undefined) seen.push(document);
        return { kind: 'ncBroadcastNetworkInfoResponse', statusMessage: '0', return: document !== undefined };
      },
    },
  });
  const { port } = await server.listen();
  return {
    endpoint: `http://127.0.0.1:${port}${nodePath}`,
    close: () => server.close(100),
    seen,
    newest: () => seen.at(-1)?.order?.position ?? -1,
  };
};

/** What a peer does with a connection once a request has begun to arrive. */
export type Behaviour = (socket: Socket) => void;

const trickled =
  (text: string, everyMs: number): Behaviour =>
  (socket) => {
    let at = 0;
    const timer = setInterval(() => {
      if (socket.destroyed) return clearInterval(timer);
      socket.write(text[at % text.length] ?? '');
      at += 1;
    }, everyMs);
    socket.on('close', () => clearInterval(timer));
  };

/** Writes for as long as it is read. */
const endless: Behaviour = (socket) => {
  socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=UTF-8\r\nTransfer-Encoding: chunked\r\n\r\n');
  const chunk = `10000\r\n${'<a>'.padEnd(0x10000, ' ')}\r\n`;
  const pour = (): void => {
    while (!socket.destroyed && socket.write(chunk)) {}
  };
  socket.on('drain', pour);
  pour();
};

export const behaviours: Readonly<Record<string, Behaviour>> = {
  hangs: () => undefined,
  trickles: trickled(
    'HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Length: 100000\r\n\r\n<a',
    50,
  ),
  'answers garbage': (socket) => void socket.end('\u0000\u0001 this is no HTTP at all\r\n\r\n'),
  'answers other XML': (socket) =>
    void socket.end(
      'HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Length: 13\r\n\r\n<html></html>',
    ),
  'closes half way': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Length: 1000\r\n\r\n<soap');
    setTimeout(() => socket.destroy(), 20);
  },
  'closes at once': (socket) => void socket.destroy(),
  'sends an endless body': endless,
};

export const openMisbehaving = async (behaviour: Behaviour): Promise<Peer & { readonly asked: () => number }> => {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.once('data', () => {
      asked += 1;
      behaviour(socket);
    });
    socket.on('data', () => undefined);
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return {
    endpoint: `http://127.0.0.1:${port}${path}`,
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(resolve);
      }),
  };
};

export type HoldingProxy = Peer & {
  /** From now on what comes in is kept back. */
  readonly hold: () => void;
  /** What comes in from now on goes through; what was kept back stays. */
  readonly pass: () => void;
  /** What was kept back goes on. */
  readonly release: () => void;
  /** Requests kept back now. */
  readonly held: () => number;
};

/** A wire with a delay that the test decides, in front of a real controller. */
export const openHoldingProxy = async (target: string): Promise<HoldingProxy> => {
  const { hostname, port } = new URL(target);
  const { connect } = await import('node:net');
  const waiting = new Set<() => void>();
  const sockets = new Set<Socket>();
  let isHolding = false;
  const server = createServer((inward) => {
    sockets.add(inward);
    inward.on('error', () => undefined);
    inward.on('close', () => sockets.delete(inward));
    const go = (): void => {
      const outward = connect(Number(port), hostname);
      sockets.add(outward);
      outward.on('error', () => inward.destroy());
      outward.on('close', () => inward.destroy());
      inward.on('close', () => outward.destroy());
      inward.pipe(outward).pipe(inward);
    };
    if (!isHolding) return go();
    inward.pause();
    waiting.add(go);
  });
  const own = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return {
    endpoint: `http://127.0.0.1:${own}${new URL(target).pathname}`,
    hold: () => {
      isHolding = true;
      // Connections that are open would carry the next request past us.
      for (const socket of sockets) socket.destroy();
    },
    pass: () => {
      isHolding = false;
    },
    release: () => {
      for (const go of waiting) go();
      waiting.clear();
    },
    held: () => waiting.size,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(resolve);
      }),
  };
};
