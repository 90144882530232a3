/**
 * Server-sent events on one connection: heartbeats, back-pressure, an end with its reason. A client that does not read is
 * dropped after a while, so that it costs neither memory nor the events of others; it can come back with Last-Event-ID.
 */
import type { ServerResponse } from 'node:http';
import { escapeControls } from './refusal.ts';
import type { StreamSink } from './route.ts';

export type StreamSettings = {
  readonly heartbeatMs: number;
  /** Bytes that may wait for one client; more of them end its stream. */
  readonly bufferBytes: number;
  /** How long a client may take to read what waits. */
  readonly slowMs: number;
};

export const usualStream: StreamSettings = { heartbeatMs: 15_000, bufferBytes: 4 * 1024 * 1024, slowMs: 10_000 };

const endFrame = (reason: string): string =>
  `event: end\ndata: ${JSON.stringify({ reason: escapeControls(reason) })}\n\n`;

export type OpenStream = { readonly end: (reason: string) => void; readonly closed: Promise<void> };

/** Starts the stream on a response whose head is written. `open` connects the source and returns how to let go of it. */
export const openStream = (
  response: ServerResponse,
  settings: StreamSettings,
  open: (sink: StreamSink) => () => void,
): OpenStream => {
  let ended = false;
  let letGo: (() => void) | undefined;
  const heartbeat = setInterval(() => {
    if (response.writableLength < settings.bufferBytes) response.write(': still here\n\n');
  }, settings.heartbeatMs);
  heartbeat.unref();

  const release = (): void => {
    ended = true;
    clearInterval(heartbeat);
    letGo?.();
    letGo = undefined;
  };

  /** The last frame may still reach a client that reads; one that does not is cut off. */
  const end = (reason: string): void => {
    if (ended) return;
    release();
    response.end(endFrame(reason));
    const cut = setTimeout(() => response.destroy(), settings.slowMs);
    cut.unref();
    response.once('close', () => clearTimeout(cut));
  };

  const write = (text: string): Promise<void> => {
    if (ended) return Promise.resolve();
    const more = response.write(text);
    if (response.writableLength > settings.bufferBytes) end('too slow: more waits for this client than may');
    return more || ended
      ? Promise.resolve()
      : drained(response, settings.slowMs, () => end('too slow: nothing was read for a while'));
  };

  const closed = new Promise<void>((resolve) => {
    response.once('close', () => {
      release();
      resolve();
    });
  });
  response.on('error', release);
  response.write(': open\n\n');
  letGo = open({ write, end });
  if (ended) letGo();
  return { end, closed };
};

const drained = (response: ServerResponse, slowMs: number, tooSlow: () => void): Promise<void> =>
  new Promise((resolve) => {
    const patience = setTimeout(tooSlow, slowMs);
    patience.unref();
    const done = (): void => {
      clearTimeout(patience);
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
