/**
 * Serves the web console: files that are the same for everybody and hold no data. What it shows, the page asks the API for,
 * with the key of whoever sits before it. Nothing here knows of keys or cookies, and nothing can be changed.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Assets, readAssets } from './assets.ts';

export const CONSOLE_PATH = '/console';

/** Only our own files run or style anything; nobody may frame the page or have it send forms. */
export const consolePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const always: Readonly<Record<string, string>> = {
  'Content-Security-Policy': consolePolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  // Kept, but asked about each time: after an upgrade nobody runs half an old page.
  'Cache-Control': 'no-cache',
};

const plain = (response: ServerResponse, status: number, text: string, more: Record<string, string> = {}): void => {
  const headers = { ...always, 'X-Request-Id': randomUUID(), 'Content-Type': 'text/plain; charset=utf-8', ...more };
  response.writeHead(status, { ...headers, 'Content-Length': String(Buffer.byteLength(text)) }).end(text);
};

const hasSeen = (seen: string | undefined, etag: string): boolean =>
  (seen ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);

/** For a mount below `CONSOLE_PATH`. Files are read at the first request, so that a program nobody looks at pays nothing. */
export const createConsole = (): ((request: IncomingMessage, response: ServerResponse) => void) => {
  let assets: Assets | undefined;
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      plain(response, 405, 'The console can only be read.\n', { Allow: 'GET, HEAD' });
      return;
    }
    assets ??= readAssets();
    const path = (request.url ?? '').split('?', 1)[0]?.replace(/^\//, '') ?? '';
    const asset = assets.get(path);
    if (asset === undefined) {
      plain(response, 404, 'There is no such file of the console.\n');
      return;
    }
    const { type, body, etag } = asset;
    const headers = { ...always, 'X-Request-Id': randomUUID(), ETag: etag };
    if (hasSeen(request.headers['if-none-match'], etag)) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Length': String(body.length) });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
};
