/** Peers on loopback that behave badly on purpose, and the means to start and stop them. */
import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { writeEnvelope } from '../../../src/adapters/soap/envelope.ts';
import { answerTo } from '../../../src/adapters/soap/messages.ts';
import { addressing, broadcast } from './fixtures.ts';

export type RawPeer = { readonly url: string; readonly connections: () => number };

/** Listens on a free port of loopback until the test ends. Every socket's errors are swallowed: they are the point. */
export const rawPeer = async (t: TestContext, behave: (socket: Socket, count: number) => void): Promise<RawPeer> => {
  let count = 0;
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    count += 1;
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    behave(socket, count);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  );
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('expected a TCP address');
  return { url: `http://127.0.0.1:${address.port}/axis2/services/EucalyptusCC`, connections: () => count };
};

/** Calls back when a whole request has arrived: its headers and as much body as they announced. */
export const onRequest = (socket: Socket, answer: (request: string) => void): void => {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(received.toString('latin1', 0, end))?.[1] ?? 0);
    if (received.length < end + 4 + length) return;
    const request = received.toString('latin1');
    received = Buffer.alloc(0);
    answer(request);
  });
};

export const goodAnswer = Buffer.concat(
  writeEnvelope(answerTo(broadcast, true), { ...addressing, relatesTo: addressing.messageId }).pieces,
).toString();

export const httpAnswer = (status: string, body: string, headers = ''): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
