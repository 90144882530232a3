/**
 * The end of requests that were answered before all of them was read. A connection that is closed while its client still sends is
 * reset, and the reset takes the answer with it: so the answer is written whole, the rest is read and thrown away for a while,
 * and only then is the connection ended. What does not come to an end by itself is cut.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** How much, how long, and how long nothing may come, before the connection is ended all the same. */
const MOST_BYTES = 128 * 1024 * 1024;
const LONGEST_MS = 5000;
const SILENCE_MS = 1000;
/** A client that sends on after the end has had the time to read it. */
const GRACE_MS = 500;

/** Whether the client may still be sending what nobody will read. */
export const isUnread = (request: IncomingMessage): boolean =>
  !request.complete &&
  (request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0);

/** Once the answer is written: takes what still comes, and then ends it. */
export const endWhenRead = (request: IncomingMessage, response: ServerResponse): void => {
  let bytes = 0;
  const cut = (): void => {
    stop();
    const { socket } = request;
    response.end();
    socket.end();
    request.resume();
    setTimeout(() => socket.destroy(), GRACE_MS).unref();
  };
  const done = (): void => {
    stop();
    response.end();
  };
  const total = setTimeout(cut, LONGEST_MS);
  const silence = setTimeout(cut, SILENCE_MS);
  const stop = (): void => {
    clearTimeout(total);
    clearTimeout(silence);
    request.off('end', done);
    request.off('data', count);
  };
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    silence.refresh();
    if (bytes > MOST_BYTES) cut();
  };
  request.on('data', count);
  request.once('end', done);
  request.once('error', stop);
  response.once('close', stop);
  request.resume();
};
