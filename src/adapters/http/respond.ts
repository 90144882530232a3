/**
 * Puts answers on the wire. Every way out of a request ends here, once: a problem, a JSON value, pieces of a document, lines,
 * or a stream of events. A client that goes away in the middle is nobody's fault.
 */
import type { ServerResponse } from 'node:http';
import { headersWith } from './headers.ts';
import { problemEntry, problemOf } from './problems.ts';
import type { DoorRefusal } from './refusal.ts';
import type { Answer } from './route.ts';
import { endWhenRead, isUnread } from './unread.ts';

type Head = { readonly status: number; readonly type?: string; readonly more?: { readonly [name: string]: string } };

const writeHead = (response: ServerResponse, requestId: string, head: Head, length: number | undefined): void => {
  const headers = headersWith(requestId, head.more, head.type);
  if (length !== undefined) headers['Content-Length'] = String(length);
  response.writeHead(head.status, headers);
};

const sendText = (response: ServerResponse, requestId: string, head: Head, text: string): void => {
  writeHead(response, requestId, head, Buffer.byteLength(text));
  if (!isUnread(response.req)) {
    response.end(text);
    return;
  }
  response.write(text);
  endWhenRead(response.req, response);
};

export const sendProblem = (response: ServerResponse, requestId: string, refusal: DoorRefusal): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status } = problemEntry(refusal.refused);
  const head = { status, type: 'application/problem+json', ...(refusal.headers && { more: refusal.headers }) };
  sendText(response, requestId, head, JSON.stringify(problemOf(refusal, requestId)));
};

type Finite = Exclude<Answer, { readonly kind: 'events' }>;

/** Everything but event streams, which stay open and are counted elsewhere. */
export const sendAnswer = async (response: ServerResponse, requestId: string, answer: Finite): Promise<void> => {
  const more = answer.headers === undefined ? {} : { more: answer.headers };
  switch (answer.kind) {
    case 'json': {
      const head = { status: answer.status ?? 200, type: 'application/json', ...more };
      return sendText(response, requestId, head, JSON.stringify(answer.body));
    }
    case 'text':
      return sendText(response, requestId, { status: answer.status ?? 200, type: answer.type, ...more }, answer.text);
    case 'empty':
      writeHead(response, requestId, { status: answer.status, ...more }, undefined);
      response.end();
      return;
    case 'pieces':
      writeHead(response, requestId, { status: 200, type: answer.type, ...more }, answer.byteLength);
      return pour(response, answer.pieces);
    case 'lines':
      writeHead(response, requestId, { status: 200, type: answer.type, ...more }, undefined);
      return pour(response, answer.lines);
  }
};

export const sendEventHead = (response: ServerResponse, requestId: string, answer: Answer): void => {
  const more = answer.headers === undefined ? {} : { more: answer.headers };
  writeHead(response, requestId, { status: 200, type: 'text/event-stream', ...more }, undefined);
};

/** Writes piece by piece, no faster than the client reads; gives up when it has gone. */
const pour = async (response: ServerResponse, pieces: Iterable<Uint8Array> | AsyncIterable<string>): Promise<void> => {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await writable(response);
  }
  response.end();
};

const writable = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
