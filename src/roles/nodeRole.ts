/** Node controllers of this process: SOAP in, file out, word upward. */
import { join } from 'node:path';
import { watchAgent } from '../adapters/node/agentSight.ts';
import { createNodeController, type NodeController } from '../adapters/node/nodeController.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { type Acceptance, receivedDocument } from '../adapters/shared/receivedDocument.ts';
import { decodeNetworkInfo } from '../adapters/soap/base64.ts';
import type { Peer } from '../adapters/soap/dispatch.ts';
import type { NcBroadcastNetworkInfo, NcBroadcastNetworkInfoResponse } from '../adapters/soap/messages.ts';
import { endpoints } from '../adapters/soap/names.ts';
import { createSoapServer } from '../adapters/soap/server.ts';
import { documentRoute } from '../adapters/wire/documentDoor.ts';
import { createReporter } from '../adapters/wire/reporter.ts';
import { createWireServer } from '../adapters/wire/wireServer.ts';
import { isRefusal } from '../domain/refusals.ts';
import { addressedTo } from './addressed.ts';
import { CONTROLLER_HEADER } from './cloudPush.ts';
import type { Journal } from './journal.ts';
import { traceIn } from './peerTrace.ts';
import { type Role, roleOf } from './role.ts';
import { controllerHeader } from './wireHints.ts';
import type { WireKeys } from './wireKeys.ts';

/** Eucalyptus says `0` or `2` (node spec 1.2); who reads further finds the reason. */
const answer = (to: NcBroadcastNetworkInfo, taken: Acceptance): NcBroadcastNetworkInfoResponse => ({
  kind: 'ncBroadcastNetworkInfoResponse',
  ...(to.correlationId === undefined ? {} : { correlationId: to.correlationId }),
  ...(to.userId === undefined ? {} : { userId: to.userId }),
  statusMessage: taken.accepted ? '0' : `2 ${taken.reason}: ${taken.detail}`,
  return: taken.accepted,
});

export const nodeFolder = (settings: Settings, name: string): string => join(settings.text('data'), 'nodes', name);

export type NodeRoleOptions = {
  readonly settings: Settings;
  readonly name: string;
  /** Where the cluster controller hears its nodes; undefined: nobody is told. */
  readonly reportTo: string | undefined;
  readonly keys: WireKeys;
  readonly journal: Journal;
  readonly now: () => number;
};

const wireDoorFor = ({ settings, name, keys, journal }: NodeRoleOptions, controller: NodeController) =>
  createWireServer({
    host: name,
    port: settings.number('nc-wire-port'),
    routes: [
      documentRoute({
        ...keys.nodeDoor(name),
        take: async (delta, headers) => {
          const taken = await controller.acceptDelta(delta, traceIn(headers));
          if (taken.kind === 'refused') journal.note('refused a delta', { node: name, ...taken });
          return taken;
        },
        onRefused: (refusal, peer) => journal.note('refused a delta', { node: name, peer, ...refusal }),
      }),
    ],
    onFault: (fault) => journal.fault('a message on the wire failed', fault),
  });

/** `wirePort`: where this node's wire door is, known once that listens. */
const soapServerFor = (
  { settings, name, keys, journal, now }: NodeRoleOptions,
  controller: NodeController,
  wirePort: number,
) => {
  const port = settings.number('nc-port');
  const { path } = endpoints.nodeController;
  const take = async (message: NcBroadcastNetworkInfo, { headers }: Peer): Promise<NcBroadcastNetworkInfoResponse> => {
    const bytes = decodeNetworkInfo(message.networkInfo);
    if (isRefusal(bytes)) return answer(message, { accepted: false, reason: bytes.refused, detail: bytes.detail });
    const document = receivedDocument([bytes], traceIn(headers));
    const taken: Acceptance =
      document === undefined
        ? { accepted: false, reason: 'not-a-document', detail: 'it does not begin as a network document' }
        : await controller.accept(document);
    if (!taken.accepted) journal.note('refused a document', { node: name, ...taken });
    return answer(message, taken);
  };
  return createSoapServer({
    ...{ host: name, port, path, now },
    operations: { ncBroadcastNetworkInfo: take },
    ...keys.nodeReceiver(addressedTo({ host: name, port, path, knownAs: settings.list('known-as') })),
    answerHeaders: { [CONTROLLER_HEADER]: controllerHeader('nc', wirePort) },
    onRefused: (refusal, peer) => journal.note('refused a message', { node: name, peer, ...refusal }),
    onFault: (fault) => journal.fault('a message failed', fault),
  });
};

export const nodeRole = (options: NodeRoleOptions): Role => {
  const { settings, name, reportTo, keys, journal, now } = options;
  const folder = nodeFolder(settings, name);
  const controller = createNodeController({ name, folder, now, onWord: () => reporter?.poke() });
  const reporter =
    reportTo === undefined
      ? undefined
      : createReporter({
          ...{ url: reportTo, headers: {}, seal: keys.nodeSealer() },
          word: controller.word,
          againEveryMs: 15_000,
          timeoutMs: 5_000,
          onFault: (reason) => journal.note('cannot report to the cluster controller', { node: name, reason }),
        });
  const wireDoor = wireDoorFor(options, controller);
  let server: ReturnType<typeof soapServerFor> | undefined;
  let wirePort = 0;
  let sight: ReturnType<typeof watchAgent> | undefined;
  return roleOf(`nc ${name}`, [
    {
      name: 'node file',
      about: 'keeps the newest document in its file, whole or not at all',
      start: async () => {
        await controller.start();
        return [];
      },
    },
    {
      name: 'agent sight',
      about: 'hears from files beside the document what an agent has in force',
      start: async () => {
        sight = watchAgent({ folder, orderOf: controller.orderOf, hear: controller.hearAgent });
        return [];
      },
      stop: async () => sight?.stop(),
    },
    {
      name: 'wire door',
      about: 'takes documents as deltas from our own cluster controller',
      start: async () => {
        wirePort = (await wireDoor.listen()).port;
        return [];
      },
      stop: wireDoor.close,
    },
    {
      name: 'SOAP door',
      about: 'takes ncBroadcastNetworkInfo',
      start: async () => {
        server = soapServerFor(options, controller, wirePort);
        const { host, port } = await server.listen();
        return [`node controller     http://${host}:${port}${endpoints.nodeController.path}  file ${controller.file}`];
      },
      stop: async () => server?.close(1_000),
    },
    {
      name: 'reporter',
      about: 'says upward what the node has',
      start: async () => {
        reporter?.poke();
        return [];
      },
      stop: async () => reporter?.stop(),
    },
  ]);
};
