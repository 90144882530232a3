/**
 * Cluster controllers of a bench, in a process of their own: real doors, documents kept in parts and checked by their digest.
 * Every document taken is told to the parent with the moment it was there. Argument: JSON of ReceiversOptions.
 */
import type { Socket } from 'node:net';
import { takeDelta } from '../src/adapters/shared/documentDelta.ts';
import { type ReceivedDocument, successionOf } from '../src/adapters/shared/receivedDocument.ts';
import { documentRoute } from '../src/adapters/wire/documentDoor.ts';
import { createWireServer } from '../src/adapters/wire/wireServer.ts';
import { hashOf } from '../src/projections/document/pieces.ts';
import { clockMs } from './clock.ts';

export type ReceiversOptions = {
  readonly clusters: readonly string[];
  readonly host: string;
};

export type TakenDocument = {
  readonly cluster: string;
  readonly version: number;
  readonly digest: string;
  readonly at: number;
};

/** To the parent. `traffic` is everything so far. */
export type Heard =
  | { readonly kind: 'listening'; readonly ports: Readonly<Record<string, number>> }
  | { readonly kind: 'taken'; readonly all: readonly TakenDocument[] }
  | { readonly kind: 'hashes'; readonly hashes: Readonly<Record<string, string>> }
  | { readonly kind: 'traffic'; readonly bytes: number; readonly requests: number; readonly cpuMs: number };

const tell = (heard: Heard): void => {
  process.send?.(heard);
};

let taken: TakenDocument[] = [];

/** One message for all of a turn: telling must not cost more than taking. When it was taken stands in it. */
const tellTaken = (one: TakenDocument): void => {
  taken.push(one);
  if (taken.length > 1) return;
  setImmediate(() => {
    tell({ kind: 'taken', all: taken });
    taken = [];
  });
};

let requests = 0;
const sockets = new Set<Socket>();
let closedBytes = 0;

const count = (socket: Socket): void => {
  sockets.add(socket);
  socket.on('close', () => {
    sockets.delete(socket);
    closedBytes += socket.bytesRead + socket.bytesWritten;
  });
};

/** Everything that went over all sockets so far, both ways, without what TCP and IP add. */
const bytesSoFar = (): number =>
  [...sockets].reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, closedBytes);

const documents = new Map<string, ReceivedDocument>();

const openReceiver = async (cluster: string, host: string): Promise<number> => {
  let turn: Promise<unknown> = Promise.resolve();
  const route = documentRoute({
    take: (delta) => {
      requests += 1;
      const next = turn.then(() =>
        takeDelta(documents.get(cluster), delta, async (document) => {
          const succession = successionOf(document, documents.get(cluster));
          if (typeof succession !== 'string') return { accepted: false, ...succession };
          const at = clockMs();
          documents.set(cluster, document);
          const version = document.order?.position ?? -1;
          tellTaken({ cluster, version, digest: delta.to, at });
          return { accepted: true };
        }),
      );
      turn = next.catch(() => undefined);
      return next;
    },
  });
  const server = createWireServer({ host, port: 0, routes: [route], onConnection: count });
  return (await server.listen()).port;
};

const run = async ({ clusters, host }: ReceiversOptions): Promise<void> => {
  const ports: Record<string, number> = {};
  for (const cluster of clusters) ports[cluster] = await openReceiver(cluster, host);
  tell({ kind: 'listening', ports });
};

process.on('message', (asked) => {
  if (asked === 'hashes') {
    const hashes = [...documents].flatMap(([cluster, { structure }]) =>
      structure === undefined ? [] : [[cluster, hashOf(structure.pieces)] as const],
    );
    tell({ kind: 'hashes', hashes: Object.fromEntries(hashes) });
  }
  if (asked === 'traffic') {
    const { user, system } = process.cpuUsage();
    tell({ kind: 'traffic', bytes: bytesSoFar(), requests, cpuMs: (user + system) / 1000 });
  }
});
process.on('disconnect', () => process.exit(0));
await run(JSON.parse(process.argv[2] ?? '{"clusters":[],"host":"127.0.0.1"}') as ReceiversOptions);
