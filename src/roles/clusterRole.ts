/** The cluster controller of this process: SOAP in, a lane per node out, the nodes' word upward. */
import { join } from 'node:path';
import { createInProcessLanes } from '../adapters/broadcast/inProcessLanes.ts';
import { createClusterController, type NodePush } from '../adapters/cluster/clusterController.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { type ReceivedDocument, receivedDocument } from '../adapters/shared/receivedDocument.ts';
import { base64OfPieces, decodeNetworkInfo } from '../adapters/soap/base64.ts';
import { createSoapClient } from '../adapters/soap/client.ts';
import type { BroadcastNetworkInfo, BroadcastNetworkInfoResponse } from '../adapters/soap/messages.ts';
import { endpoints } from '../adapters/soap/names.ts';
import { createSoapServer } from '../adapters/soap/server.ts';
import { readNodeWord } from '../adapters/wire/nodeWord.ts';
import { createReporter, createReportServer } from '../adapters/wire/reports.ts';
import { isRefusal } from '../domain/refusals.ts';
import { CONTROLLER_HEADER } from './cloudPush.ts';
import type { Journal } from './journal.ts';
import { type Role, roleOf } from './role.ts';
import type { WireKeys } from './wireKeys.ts';

export const REPORT_PATH = '/reports';

const answer = (to: BroadcastNetworkInfo, ok: boolean): BroadcastNetworkInfoResponse => ({
  kind: 'BroadcastNetworkInfoResponse',
  ...(to.correlationId === undefined ? {} : { correlationId: to.correlationId }),
  ...(to.userId === undefined ? {} : { userId: to.userId }),
  ...(ok ? {} : { statusMessage: 'ERROR' }),
  return: ok,
});

/** `NAME` or `NAME=URL`. */
const nodeUrls = (settings: Settings): ReadonlyMap<string, string> =>
  new Map(
    settings.list('cc-nodes').map((entry) => {
      const [name = '', url] = entry.split('=', 2);
      return [name, url ?? nodeUrl(settings, name)] as const;
    }),
  );

const nodeUrl = (settings: Settings, name: string): string =>
  `http://${name}:${settings.number('nc-port')}${endpoints.nodeController.path}`;

export type ClusterRoleOptions = {
  readonly settings: Settings;
  /** Base URL of the API to report to; undefined: nobody is told. */
  readonly reportTo: string | undefined;
  readonly keys: WireKeys;
  readonly journal: Journal;
  readonly now: () => number;
};

const pushTo = (options: ClusterRoleOptions): { readonly push: NodePush; readonly close: () => void } => {
  const { settings, keys, now } = options;
  const client = createSoapClient({ ...keys.clusterSender, now, timeoutMs: settings.number('push-timeout-ms') });
  const urls = nodeUrls(settings);
  /** The same document goes to every node: it is encoded once. */
  let encoded: { readonly of: ReceivedDocument; readonly networkInfo: readonly Uint8Array[] } | undefined;
  const push: NodePush = async (node, document, signal) => {
    if (encoded?.of !== document) encoded = { of: document, networkInfo: base64OfPieces(document.pieces) };
    const url = urls.get(node) ?? nodeUrl(settings, node);
    const message = { kind: 'ncBroadcastNetworkInfo' as const, userId: 'eucalyptus', nodeName: node };
    const pushed = await client.push(url, { ...message, networkInfo: encoded.networkInfo }, { signal });
    if (pushed.kind === 'failed') return { accepted: false, reason: pushed.reason, detail: pushed.detail };
    if (pushed.return) return { accepted: true };
    return {
      accepted: false,
      reason: 'refused',
      detail: `the node answered false, status ${pushed.statusMessage ?? '-'}`,
    };
  };
  return { push, close: client.close };
};

export const clusterRole = (options: ClusterRoleOptions): Role => {
  const { settings, keys, journal, now } = options;
  const name = settings.text('cluster-name');
  const { push, close } = pushTo(options);
  const controller = createClusterController({
    name,
    folder: join(settings.text('data'), 'clusters', name),
    nodes: [...nodeUrls(settings).keys()],
    lanes: createInProcessLanes(),
    push,
    now,
    onWord: () => reporter?.poke(),
  });
  /** Orders become positions upward: the epoch fences them. */
  const word = (): unknown =>
    controller.downstreams().map(({ node, accepted, applied, agent, refusal, at }) => ({
      node,
      epoch: (applied ?? accepted)?.epoch ?? controller.latest()?.order?.epoch ?? 0,
      accepted: accepted?.position ?? null,
      applied: applied?.position ?? null,
      agent,
      at,
      ...(refusal === null ? {} : { refusal }),
    }));
  const reporter =
    options.reportTo === undefined
      ? undefined
      : createReporter({
          url: `${options.reportTo}/v1/clusters/${encodeURIComponent(name)}/reports`,
          headers: settings.text('report-key') === '' ? {} : { authorization: `Bearer ${settings.text('report-key')}` },
          word,
          againEveryMs: 15_000,
          timeoutMs: 5_000,
          onFault: (reason) => journal.note('cannot report to the cloud controller', { cluster: name, reason }),
        });
  const take = async (message: BroadcastNetworkInfo): Promise<BroadcastNetworkInfoResponse> => {
    const bytes = decodeNetworkInfo(message.networkInfo);
    const document = isRefusal(bytes) ? undefined : receivedDocument([bytes]);
    if (document === undefined) return answer(message, false);
    const taken = await controller.accept(document);
    if (!taken.accepted)
      journal.note('refused a document', { cluster: name, reason: taken.reason, detail: taken.detail });
    return answer(message, taken.accepted);
  };
  const server = createSoapServer({
    host: settings.text('cc-host'),
    port: settings.number('cc-port'),
    path: endpoints.clusterController.path,
    now,
    operations: { BroadcastNetworkInfo: take },
    ...keys.clusterReceiver,
    answerHeaders: { [CONTROLLER_HEADER]: 'cc' },
    onRefused: (refusal, peer) => journal.note('refused a message', { cluster: name, peer, ...refusal }),
  });
  const hearing = createReportServer({
    host: settings.text('cc-host'),
    port: settings.number('cc-wire-port'),
    path: REPORT_PATH,
    hear: (said) => {
      const heard = readNodeWord(said);
      if (heard !== undefined) controller.hearNode(heard);
      return heard !== undefined;
    },
  });
  return roleOf(`cc ${name}`, [
    { name: 'SOAP client', about: 'speaks to the nodes', stop: async () => close() },
    {
      name: 'downstreams',
      about: 'keeps the newest document on disk and passes it on, a lane per node',
      start: async () => {
        await controller.start();
        return [];
      },
      stop: controller.stop,
    },
    {
      name: 'SOAP door',
      about: 'takes BroadcastNetworkInfo',
      start: async () => {
        const { host, port } = await server.listen();
        return [`cluster controller  http://${host}:${port}${endpoints.clusterController.path}  cluster ${name}`];
      },
      stop: () => server.close(1_000),
    },
    {
      name: 'report door',
      about: 'hears what nodes have',
      start: async () => {
        await hearing.listen();
        return [];
      },
      stop: hearing.close,
    },
    {
      name: 'reporter',
      about: 'says upward what each node has',
      start: async () => {
        reporter?.poke();
        return [];
      },
      stop: async () => reporter?.stop(),
    },
  ]);
};
