/**
 * The DHCP server in the agent's own process: two sockets and a table. It needs no raw socket because the plan's permanent
 * neighbours and host routes let the node send to an instance that does not have its address yet; clients that insist on a
 * broadcast get one from the socket bound to the gateway's address.
 */
import { createSocket, type Socket } from 'node:dgram';
import { answerDhcp, type DhcpBook } from './dhcpAnswer.ts';

export type DhcpServer = {
  /** Answers from this book from now on; opens or moves the sockets where the gateway changed. */
  readonly serve: (book: DhcpBook) => Promise<string[]>;
  readonly answered: () => number;
  readonly stop: () => Promise<void>;
};

const serverPort = 67;
const clientPort = 68;

const open = (address: string, hear: (message: Buffer) => void): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.once('error', reject);
    socket.on('message', hear);
    socket.bind({ port: serverPort, address, exclusive: true }, () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      socket.setBroadcast(true);
      resolve(socket);
    });
  });

const close = (socket: Socket | undefined): Promise<void> =>
  new Promise((resolve) => (socket === undefined ? resolve() : socket.close(() => resolve())));

export const createDhcpServer = (): DhcpServer => {
  let book: DhcpBook | undefined;
  let any: Socket | undefined;
  let gateway: { readonly address: string; readonly socket: Socket } | undefined;
  let answered = 0;

  const hear = (message: Buffer): void => {
    const answer = book === undefined ? undefined : answerDhcp(message, book);
    if (answer === undefined || gateway === undefined) return;
    gateway.socket.send(answer.message, clientPort, answer.to, () => undefined);
    answered += 1;
  };

  return {
    serve: async (next) => {
      book = next;
      try {
        any ??= await open('0.0.0.0', hear);
        if (gateway?.address !== next.terms.server) {
          await close(gateway?.socket);
          gateway = undefined;
          gateway = { address: next.terms.server, socket: await open(next.terms.server, hear) };
        }
        return [];
      } catch (error) {
        return [`DHCP cannot listen on port ${serverPort}: ${(error as Error).message}`];
      }
    },
    answered: () => answered,
    stop: async () => {
      await close(any);
      await close(gateway?.socket);
      [any, gateway] = [undefined, undefined];
    },
  };
};
