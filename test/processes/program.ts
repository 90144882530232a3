/**
 * The real program on ports and a data folder of its own that outlive the process, so that it can be killed and started
 * again. Nothing is shared with other tests; what is still running when the test ends is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePort, root } from '../scripts/program.ts';

export const NODES = ['127.0.0.2', '127.0.0.3'];

export type Reply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Empty when the text is not JSON. */
  readonly body: { readonly [member: string]: unknown };
};

export type Ended = { readonly exit: number | null; readonly signal: NodeJS.Signals | null };

export type Running = {
  /** Everything it said so far, words and log lines. */
  readonly said: () => string;
  /** Resolves when it says it is ready; rejects when it ends before. */
  readonly ready: Promise<void>;
  readonly ended: Promise<Ended>;
  readonly kill: (signal: NodeJS.Signals) => Promise<Ended>;
  /** For signals that end nothing. */
  readonly signal: (signal: NodeJS.Signals) => boolean;
};

export type Site = {
  /** Of the HTTP door. */
  readonly port: number;
  readonly data: string;
  readonly log: string;
  readonly documentFile: (node: string) => string;
  /** A process on this site. One at a time. */
  readonly start: () => Running;
  /** Rejects when there is no answer, for whatever reason. Text and bytes go as they are, anything else as JSON. */
  readonly send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;
};

const jsonIn = (text: string): Reply['body'] => {
  try {
    return JSON.parse(text) as Reply['body'];
  } catch {
    return {};
  }
};

const sender =
  (port: number): Site['send'] =>
  (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
      const raw = isRaw ? body : JSON.stringify(body);
      const about = raw === undefined ? {} : { 'content-type': 'application/json' };
      const options = { host: '127.0.0.1', port, method, path, headers: { ...about, ...headers }, agent: false };
      const asked = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('aborted', () => reject(new Error('the answer was cut off')));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: jsonIn(text) });
        });
      });
      asked.on('error', reject);
      asked.end(raw);
    });

const run = (words: readonly string[], live: Set<ChildProcess>): Running => {
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), 'serve', ...words], { stdio: 'pipe' });
  live.add(child);
  let text = '';
  let tellReady = (): void => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      text += piece.toString();
      if (/^ready\b/m.test(text)) tellReady();
    });
  }
  const ended = once(child, 'close').then(() => {
    live.delete(child);
    return { exit: child.exitCode, signal: child.signalCode };
  });
  const ready = new Promise<void>((resolve, reject) => {
    tellReady = resolve;
    ended.then(({ exit }) => reject(new Error(`expected it to get ready, got exit ${exit}: ${text}`)));
  });
  ready.catch(() => undefined);
  const kill = (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal);
    return ended;
  };
  return { said: () => text, ready, ended, kill, signal: (signal) => child.kill(signal) };
};

export const createSite = async (t: TestContext, flags: readonly string[] = []): Promise<Site> => {
  const data = mkdtempSync(join(tmpdir(), 'edgelog-site-'));
  const live = new Set<ChildProcess>();
  t.after(async () => {
    for (const child of live) {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    rmSync(data, { recursive: true, force: true });
  });
  const port = await freePort(['127.0.0.1']);
  const ports = {
    '--port': port,
    '--cc-port': await freePort(['127.0.0.1']),
    '--cc-wire-port': await freePort(['127.0.0.1']),
    '--nc-port': await freePort(NODES),
  };
  const words = ['--data', data, ...Object.entries(ports).flat().map(String), ...flags];
  return {
    port,
    data,
    log: join(data, 'events.db'),
    documentFile: (node) => join(data, 'nodes', node, 'global_network_info.xml'),
    start: () => run(words, live),
    send: sender(port),
  };
};
