/**
 * The receiving end of a hop: an HTTP server on one path that takes POSTed envelopes, reads them while they arrive and
 * answers with a response or a fault. Sizes, times, connections and bodies in memory are bounded; no request, however
 * broken, takes the process down. What messages mean is `dispatch.ts`.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isRefusal, type Refusal } from '../../domain/refusals.ts';
import { type DispatchSettings, dispatch, faultFor, type Operations, type Outgoing } from './dispatch.ts';
import { type Signer, writeFault } from './envelope.ts';
import { contentType } from './names.ts';
import type { Verifier } from './security/verifier.ts';
import { createXmlReader, defaultXmlLimits, type XmlElement, type XmlLimits } from './xmlTree.ts';

/** Times in milliseconds. `maxInFlight` bounds the bodies being read or worked on at once; more are told to come back. */
export type ServerLimits = XmlLimits & {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  readonly maxInFlight: number;
};

export const defaultServerLimits: ServerLimits = {
  ...defaultXmlLimits,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  maxConnections: 256,
  maxInFlight: 16,
};

export type SoapServerSettings = Omit<DispatchSettings, 'newUuid'> & {
  readonly host: string;
  /** 0 takes any free port; `listen` says which. */
  readonly port: number;
  readonly path: string;
  readonly operations: Operations;
  /** With a verifier, unsigned messages are refused. */
  readonly verifier?: Verifier;
  readonly signer?: Signer;
  /** HTTP headers of every answer of an operation; outside the signature, so good for hints only. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
  readonly limits?: Partial<ServerLimits>;
  readonly newUuid?: () => string;
};

export type SoapServer = {
  readonly listen: () => Promise<{ readonly host: string; readonly port: number }>;
  /** Stops listening, lets requests under way finish for `graceMs`, then cuts them. */
  readonly close: (graceMs?: number) => Promise<void>;
};

const closingDelayMs = 1000;

const send = (response: ServerResponse, { status, envelope }: Outgoing, headers: Record<string, string> = {}): void => {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': String(envelope.byteLength),
    ...headers,
  });
  for (const piece of envelope.pieces) response.write(piece);
  response.end();
};

/** Answers although the body has not all arrived: what still comes is thrown away for a moment, then the line is cut. */
const sendEarly = (request: IncomingMessage, response: ServerResponse, outgoing: Outgoing): void => {
  send(response, outgoing, { Connection: 'close' });
  request.resume();
  const cut = setTimeout(() => request.socket.destroy(), closingDelayMs);
  request.socket.once('close', () => clearTimeout(cut));
};

const plainFault = (status: number, text: string): Outgoing => ({
  status,
  envelope: writeFault({ code: 'soapenv:Client', text }),
});

/** Why a request is not even read, or undefined. */
const turnedAway = (request: IncomingMessage, path: string, limits: ServerLimits): Outgoing | undefined => {
  const [requestPath] = (request.url ?? '').split('?');
  if (requestPath !== path) return plainFault(404, 'no such service');
  if (request.method !== 'POST') return plainFault(405, 'POST only');
  const [mediaType = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((p) => p.trim().replaceAll('"', '')).find((p) => p.startsWith('charset='));
  if (mediaType.trim() !== 'text/xml' || !['charset=utf-8', undefined].includes(charset)) {
    return plainFault(415, 'text/xml in UTF-8 only');
  }
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') return plainFault(415, 'no compression');
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) {
    return plainFault(413, `more than ${limits.maxBytes} bytes`);
  }
  return undefined;
};

/** Parses while bytes arrive. Rejects only if the connection breaks; the stream is left open on a refusal. */
const receive = async (request: IncomingMessage, limits: XmlLimits): Promise<XmlElement | Refusal> => {
  const xml = createXmlReader(limits);
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const refused = xml.write(chunk);
    if (refused !== undefined) return refused;
  }
  return xml.end();
};

const respond = async (
  settings: DispatchSettings & Pick<SoapServerSettings, 'answerHeaders'>,
  limits: ServerLimits,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { remoteAddress: address = 'unknown', remotePort: port = 0 } = request.socket;
  const root = await receive(request, limits);
  if (isRefusal(root)) {
    settings.onRefused?.(root, address);
    sendEarly(request, response, faultFor(root));
    return;
  }
  send(response, await dispatch(settings, root, { address, port, headers: request.headers }), settings.answerHeaders);
};

const configure = (server: Server, limits: ServerLimits): void => {
  server.headersTimeout = limits.headersTimeoutMs;
  server.requestTimeout = limits.requestTimeoutMs;
  server.maxConnections = limits.maxConnections;
  // An operation may take as long as a request; a peer that does not read its answer may not.
  server.timeout = 2 * limits.requestTimeoutMs;
};

/** Owns a listening socket from `listen` to `close`. */
export const createSoapServer = (settings: SoapServerSettings): SoapServer => {
  const limits: ServerLimits = { ...defaultServerLimits, ...settings.limits };
  const dispatching = { ...settings, newUuid: settings.newUuid ?? randomUUID };
  let inFlight = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    request.on('error', () => {});
    response.on('error', () => {});
    const away = turnedAway(request, settings.path, limits);
    if (away !== undefined) return sendEarly(request, response, away);
    if (inFlight >= limits.maxInFlight) return sendEarly(request, response, plainFault(503, 'busy'));
    inFlight += 1;
    try {
      await respond(dispatching, limits, request, response);
    } catch {
      // The connection broke under us: there is nobody left to answer.
      response.destroy();
    } finally {
      inFlight -= 1;
    }
  };
  const server = createServer(
    { connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs) },
    (request, response) => {
      void serve(request, response);
    },
  );
  configure(server, limits);
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(settings.port, settings.host, () => {
          server.off('error', reject);
          server.on('error', (error) => settings.onFault?.(error));
          const address = server.address();
          const port = typeof address === 'object' && address !== null ? address.port : settings.port;
          resolve({ host: settings.host, port });
        });
      }),
    close: (graceMs = 1000) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
};
