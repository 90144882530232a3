/** The cluster controller of this process: SOAP in, a lane per node out, the nodes' word upward. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInProcessLanes } from '../adapters/broadcast/inProcessLanes.ts';
import { type ClusterController, createClusterController } from '../adapters/cluster/clusterController.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { type Acceptance, receivedDocument } from '../adapters/shared/receivedDocument.ts';
import { decodeNetworkInfo } from '../adapters/soap/base64.ts';
import type { Peer } from '../adapters/soap/dispatch.ts';
import type { BroadcastNetworkInfo, BroadcastNetworkInfoResponse } from '../adapters/soap/messages.ts';
import { endpoints } from '../adapters/soap/names.ts';
import { createSoapServer } from '../adapters/soap/server.ts';
import { documentRoute } from '../adapters/wire/documentDoor.ts';
import { readNodeWord } from '../adapters/wire/nodeWord.ts';
import { reportRoute } from '../adapters/wire/reportDoor.ts';
import { createReporter } from '../adapters/wire/reporter.ts';
import { createWireServer } from '../adapters/wire/wireServer.ts';
import { isRefusal } from '../domain/refusals.ts';
import type { Said } from '../projections/convergence.ts';
import { addressedTo } from './addressed.ts';
import { CONTROLLER_HEADER } from './cloudPush.ts';
import type { Journal } from './journal.ts';
import { createNodePush } from './nodePush.ts';
import { traceIn } from './peerTrace.ts';
import { type Role, roleOf } from './role.ts';
import { controllerHeader } from './wireHints.ts';
import type { WireKeys } from './wireKeys.ts';

export const REPORT_PATH = '/reports';

/** Eucalyptus says `ERROR` and no more (node spec 1.2); who reads further finds the reason. */
const answer = (to: BroadcastNetworkInfo, taken: Acceptance): BroadcastNetworkInfoResponse => ({
  kind: 'BroadcastNetworkInfoResponse',
  ...(to.correlationId === undefined ? {} : { correlationId: to.correlationId }),
  ...(to.userId === undefined ? {} : { userId: to.userId }),
  ...(taken.accepted ? {} : { statusMessage: `ERROR ${taken.reason}: ${taken.detail}` }),
  return: taken.accepted,
});

export type ClusterRoleOptions = {
  readonly settings: Settings;
  /** Base URLs of the control planes to report to; none: nobody is told. */
  readonly reportTo: readonly string[];
  readonly keys: WireKeys;
  readonly journal: Journal;
  readonly now: () => number;
};

type Word = { readonly now: number; readonly said: Said };

/**
 * Orders become positions upward, because the epoch fences them: what a kernel has of an older epoch than the node's document
 * says nothing. Ages travel as ages, because clocks differ, and words are counted, because each travels at its own speed.
 */
const wordOf = (controller: ClusterController, { now, said }: Word): unknown =>
  controller.downstreams().map(({ node, accepted, applied, agent, refusal, traceparent, at }) => ({
    node,
    epoch: (accepted ?? applied ?? controller.latest()?.order)?.epoch ?? 0,
    accepted: accepted?.position ?? null,
    applied: accepted === null || applied?.epoch === accepted.epoch ? (applied?.position ?? null) : null,
    agent,
    at,
    said,
    ...(at === 0 ? {} : { ageMs: Math.max(0, now - at) }),
    ...(traceparent === null ? {} : { traceparent }),
    ...(refusal === null ? {} : { refusal }),
  }));

const soapServerFor = (options: ClusterRoleOptions, controller: ClusterController) => {
  const { settings, keys, journal, now } = options;
  const name = settings.text('cluster-name');
  const host = settings.text('cc-host');
  const port = settings.number('cc-port');
  const { path } = endpoints.clusterController;
  const take = async (message: BroadcastNetworkInfo, { headers }: Peer): Promise<BroadcastNetworkInfoResponse> => {
    const bytes = decodeNetworkInfo(message.networkInfo);
    if (isRefusal(bytes)) return answer(message, { accepted: false, reason: bytes.refused, detail: bytes.detail });
    const document = receivedDocument([bytes], traceIn(headers));
    const taken: Acceptance =
      document === undefined
        ? { accepted: false, reason: 'not-a-document', detail: 'it does not begin as a network document' }
        : await controller.accept(document);
    if (!taken.accepted) journal.note('refused a document', { cluster: name, ...taken });
    return answer(message, taken);
  };
  return createSoapServer({
    ...{ host, port, path, now },
    operations: { BroadcastNetworkInfo: take },
    ...keys.clusterReceiver(addressedTo({ host, port, path, knownAs: settings.list('known-as') })),
    answerHeaders: { [CONTROLLER_HEADER]: controllerHeader('cc', settings.number('cc-wire-port')) },
    onRefused: (refusal, peer) => journal.note('refused a message', { cluster: name, peer, ...refusal }),
    onFault: (fault) => journal.fault('a message failed', fault),
  });
};

const wireDoorFor = ({ settings, keys, journal }: ClusterRoleOptions, controller: ClusterController) => {
  const cluster = settings.text('cluster-name');
  return createWireServer({
    host: settings.text('cc-host'),
    port: settings.number('cc-wire-port'),
    routes: [
      reportRoute({
        path: REPORT_PATH,
        check: keys.nodeWordCheck(REPORT_PATH),
        hear: (said) => {
          const heard = readNodeWord(said);
          if (heard !== undefined) controller.hearNode(heard);
          return heard !== undefined;
        },
        onRefused: (why, peer) => journal.note('refused the word of a node', { peer, why }),
      }),
      documentRoute({
        ...keys.clusterDoor(cluster),
        take: async (delta, headers) => {
          const taken = await controller.acceptDelta(delta, traceIn(headers));
          if (taken.kind === 'refused') journal.note('refused a delta', { cluster, ...taken });
          return taken;
        },
        onRefused: (refusal, peer) => journal.note('refused a delta', { cluster, peer, ...refusal }),
      }),
    ],
    onFault: (fault) => journal.fault('a message on the wire failed', fault),
  });
};

const reportersFor = ({ settings, reportTo, journal }: ClusterRoleOptions, word: () => unknown) => {
  const cluster = settings.text('cluster-name');
  const key = settings.text('report-key');
  return reportTo.map((base) =>
    createReporter({
      url: `${base.replace(/\/$/, '')}/v1/clusters/${encodeURIComponent(cluster)}/reports`,
      headers: key === '' ? {} : { authorization: `Bearer ${key}` },
      ...{ word, againEveryMs: 15_000, timeoutMs: 5_000 },
      onFault: (reason) => journal.note('cannot report to the cloud controller', { cluster, to: base, reason }),
    }),
  );
};

export const clusterRole = (options: ClusterRoleOptions): Role => {
  const { settings, now } = options;
  const name = settings.text('cluster-name');
  const nodes = createNodePush(options);
  const controller = createClusterController({
    name,
    folder: join(settings.text('data'), 'clusters', name),
    nodes: nodes.named,
    lanes: createInProcessLanes(),
    push: nodes.push,
    now,
    onWord: () => {
      for (const reporter of reporters) reporter.poke();
    },
    onFault: (fault) => options.journal.fault('cannot write the newest document; it is in use all the same', fault),
  });
  const by = randomUUID();
  let turn = 0;
  const reporters = reportersFor(options, () => {
    turn += 1;
    return wordOf(controller, { now: now(), said: { by, turn } });
  });
  const server = soapServerFor(options, controller);
  const hearing = wireDoorFor(options, controller);
  let repeating: NodeJS.Timeout | undefined;
  return roleOf(`cc ${name}`, [
    { name: 'node client', about: 'speaks to the nodes, over SOAP or in deltas', stop: nodes.close },
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
      name: 'wire door',
      about: 'takes documents as deltas, and hears what nodes have',
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
        for (const reporter of reporters) reporter.poke();
        return [];
      },
      stop: async () => {
        for (const reporter of reporters) await reporter.stop();
      },
    },
    {
      name: 'repetition',
      about: 'gives nodes that never say what they have their document again every period',
      start: async () => {
        repeating = setInterval(controller.repeat, settings.number('periodic-seconds') * 1000);
        return [];
      },
      stop: async () => clearInterval(repeating),
    },
  ]);
};
