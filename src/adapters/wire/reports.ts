/**
 * How word travels upward between our own controllers: the newest word is posted as JSON until it was heard, and again every
 * so often, because the listener may have forgotten it. Level-triggered: only the latest word counts.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Reporter = { readonly poke: () => void; readonly stop: () => Promise<void> };

export type ReporterOptions = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The word now; undefined when there is nothing to say yet. */
  readonly word: () => unknown;
  readonly againEveryMs: number;
  readonly timeoutMs: number;
  readonly onFault: (reason: string) => void;
};

const RETRY_MS = 1_000;
const TELL_AFTER = 3;

export const createReporter = (options: ReporterOptions): Reporter => {
  let wanted = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastFault = '';
  let failures = 0;
  const abort = new AbortController();

  const post = async (word: unknown): Promise<boolean> => {
    try {
      const response = await fetch(options.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...options.headers },
        body: JSON.stringify(word),
        redirect: 'error',
        signal: AbortSignal.any([abort.signal, AbortSignal.timeout(options.timeoutMs)]),
      });
      await response.arrayBuffer();
      if (response.ok) {
        lastFault = '';
        failures = 0;
        return true;
      }
      return told(`HTTP ${response.status}`);
    } catch (error) {
      return told((error as Error).message);
    }
  };

  /** Told when it lasts, and once, not every second: at start the listener may simply not be there yet. */
  const told = (reason: string): false => {
    failures += 1;
    if (failures >= TELL_AFTER && reason !== lastFault && !abort.signal.aborted) {
      options.onFault(reason);
      lastFault = reason;
    }
    return false;
  };

  const later = (ms: number): void => {
    clearTimeout(timer);
    if (abort.signal.aborted) return;
    timer = setTimeout(poke, ms);
    timer.unref();
  };

  const drain = async (): Promise<void> => {
    let heard = true;
    while (wanted && !abort.signal.aborted) {
      wanted = false;
      const word = options.word();
      heard = word === undefined || (await post(word));
      if (!heard) break;
    }
    later(heard ? options.againEveryMs : RETRY_MS);
  };

  const poke = (): void => {
    wanted = true;
    running ??= drain().finally(() => {
      running = undefined;
      if (wanted && timer === undefined) poke();
    });
  };

  return {
    poke,
    stop: async () => {
      abort.abort();
      clearTimeout(timer);
      await running;
    },
  };
};

export type ReportServer = {
  readonly listen: () => Promise<{ host: string; port: number }>;
  readonly close: () => Promise<void>;
};

const MAX_BYTES = 1 << 20;

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BYTES) throw new RangeError('too large');
    chunks.push(chunk as Buffer);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
};

const answer = (response: ServerResponse, status: number): void => {
  response.writeHead(status, { 'content-length': '0', connection: status === 204 ? 'keep-alive' : 'close' });
  response.end();
};

/** `hear` says whether the word made sense. One path, POST, JSON, bounded in size and time. */
export const createReportServer = (options: {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly hear: (word: unknown, from: string) => boolean;
}): ReportServer => {
  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== options.path) {
      answer(response, 404);
      return;
    }
    bodyOf(request).then(
      (word) => answer(response, options.hear(word, request.socket.remoteAddress ?? '') ? 204 : 422),
      (error) => answer(response, error instanceof RangeError ? 413 : 400),
    );
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.maxConnections = 1024;
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(options.port, options.host, () => {
          const { address, port } = server.address() as AddressInfo;
          resolve({ host: address, port });
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
