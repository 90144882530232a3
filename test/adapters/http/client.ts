/** A door on a free port and a small client for it, closed when the test ends. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { TestContext } from 'node:test';
import { createHttpServer, type HttpOptions } from '../../../src/adapters/http/server.ts';

export type Reply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: { readonly [member: string]: unknown };
};

export type Client = {
  readonly port: number;
  readonly send: (
    method: string,
    path: string,
    body?: unknown,
    headers?: { readonly [name: string]: string },
  ) => Promise<Reply>;
  readonly stop: () => Promise<void>;
};

export type ClientOptions = Omit<HttpOptions, 'host' | 'port' | 'version'> & { readonly host?: string };

/** A body that is text or bytes goes as it is, anything else as JSON. */
export const openDoor = async (t: TestContext, options: ClientOptions): Promise<Client> => {
  const server = createHttpServer({ host: '127.0.0.1', port: 0, version: '0.0.0-test', ...options });
  const { port } = await server.start();
  t.after(() => server.stop());
  return {
    port,
    stop: server.stop,
    send: (method, path, body, headers = {}) => send(port, method, path, body, headers),
  };
};

const send = (
  port: number,
  method: string,
  path: string,
  body: unknown,
  headers: { readonly [name: string]: string },
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const raw =
      body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    const type = raw === undefined ? {} : { 'Content-Type': 'application/json' };
    const length = raw === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(raw)) };
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...type, ...length, ...headers },
      agent: false,
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: jsonIn(text) });
      });
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(raw);
  });

const jsonIn = (text: string): { readonly [member: string]: unknown } => {
  try {
    return JSON.parse(text) as { readonly [member: string]: unknown };
  } catch {
    return {};
  }
};
