/**
 * One HTTP request and its answer, bounded in every direction: total time, time to the first header, size of the answer.
 * It follows no redirect and never hangs: whatever the peer does (refuse, trickle, stay silent, close half way, talk for
 * ever) ends in one value. Pieces are streamed with backpressure and are not copied.
 */
import { type Agent, type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';

export type ExchangeReason = 'refused-connection' | 'timeout' | 'garbage' | 'too-large' | 'closed';

export type Exchanged =
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly headers: IncomingMessage['headers'];
      readonly body: Buffer;
    }
  | {
      readonly kind: 'failed';
      readonly reason: ExchangeReason;
      readonly detail: string;
      /** The socket had served before and broke before an answer began: most likely the peer had dropped it long ago. */
      readonly staleSocket: boolean;
    };

export type Order = {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly Uint8Array[];
  readonly agent: Agent;
  readonly totalMs: number;
  readonly headersMs: number;
  readonly maxResponseBytes: number;
  readonly lookup?: LookupFunction;
  readonly signal?: AbortSignal;
};

const unreachable = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
  'EACCES',
  'ENOTALLOWED',
]);

const reasonOf = (code: string): ExchangeReason => {
  if (unreachable.has(code)) return 'refused-connection';
  if (code === 'HPE_HEADER_OVERFLOW') return 'too-large';
  if (code.startsWith('HPE_')) return 'garbage';
  return code === 'ETIMEDOUT' ? 'timeout' : 'closed';
};

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

const failed = (reason: ExchangeReason, detail: string, staleSocket = false): Exchanged => ({
  kind: 'failed',
  reason,
  detail,
  staleSocket,
});

type Settle = (outcome: Exchanged) => void;

/** Collects the answer's body up to the limit. An answer that stops before its announced end is `closed`. */
const collect = (response: IncomingMessage, maxBytes: number, settle: Settle): void => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) settle(failed('too-large', `the answer is longer than ${maxBytes} bytes`));
    else chunks.push(chunk);
  });
  response.on('end', () => {
    if (!response.complete) return;
    settle({ kind: 'reply', status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
  });
  response.on('error', (error) => settle(failed(reasonOf(codeOf(error)), `in the answer: ${error.message}`)));
  response.on('close', () => settle(failed('closed', 'the peer closed before the end of its answer')));
};

/** Starts the request and tells `settle` every way it may end; only the first is heard. */
const begin = (order: Order, settle: Settle): ClientRequest => {
  const request = openRequest(order.url, {
    method: 'POST',
    headers: order.headers,
    agent: order.agent,
    ...(order.lookup === undefined ? {} : { lookup: order.lookup }),
  });
  let answering = false;
  request.on('response', (response) => {
    answering = true;
    collect(response, order.maxResponseBytes, settle);
  });
  request.on('error', (error) => {
    const code = codeOf(error);
    // A peer may answer before it has taken the whole body, and close: then its answer counts, not our broken pipe.
    if (answering && (code === 'EPIPE' || code === 'ECONNRESET')) return;
    settle(failed(reasonOf(code), error.message || code, request.reusedSocket && code === 'ECONNRESET'));
  });
  request.on('close', () => settle(failed('closed', 'the connection was closed without an answer')));
  Readable.from(order.pieces).pipe(request);
  return request;
};

export const exchange = (order: Order): Promise<Exchanged> =>
  new Promise((resolve) => {
    const { signal } = order;
    if (signal?.aborted) {
      resolve(failed('closed', 'given up by the caller'));
      return;
    }
    let settled = false;
    const settle: Settle = (outcome) => {
      if (settled) return;
      settled = true;
      clearTimeout(total);
      clearTimeout(headers);
      signal?.removeEventListener('abort', giveUp);
      // A reply read to its end leaves the socket to the next request, unless our own body is still under way.
      if (outcome.kind === 'failed' || !request.writableFinished) request.destroy();
      resolve(outcome);
    };
    const giveUp = (): void => settle(failed('closed', 'given up by the caller'));
    const request = begin(order, settle);
    const total = setTimeout(
      () => settle(failed('timeout', `no complete answer in ${order.totalMs} ms`)),
      order.totalMs,
    );
    const headers = setTimeout(
      () => settle(failed('timeout', `no answer began in ${order.headersMs} ms`)),
      order.headersMs,
    );
    request.on('response', () => clearTimeout(headers));
    signal?.addEventListener('abort', giveUp);
  });
