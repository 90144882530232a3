/** Node controllers of this process: SOAP in, file out, word upward. */
import { join } from 'node:path';
import { createNodeController } from '../adapters/node/nodeController.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { receivedDocument } from '../adapters/shared/receivedDocument.ts';
import { decodeNetworkInfo } from '../adapters/soap/base64.ts';
import type { NcBroadcastNetworkInfo, NcBroadcastNetworkInfoResponse } from '../adapters/soap/messages.ts';
import { endpoints } from '../adapters/soap/names.ts';
import { createSoapServer } from '../adapters/soap/server.ts';
import { createReporter } from '../adapters/wire/reports.ts';
import { isRefusal } from '../domain/refusals.ts';
import type { Journal } from './journal.ts';
import { type Role, roleOf } from './role.ts';
import type { WireKeys } from './wireKeys.ts';

const answer = (to: NcBroadcastNetworkInfo, ok: boolean): NcBroadcastNetworkInfoResponse => ({
  kind: 'ncBroadcastNetworkInfoResponse',
  ...(to.correlationId === undefined ? {} : { correlationId: to.correlationId }),
  ...(to.userId === undefined ? {} : { userId: to.userId }),
  statusMessage: ok ? '0' : '2',
  return: ok,
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

export const nodeRole = ({ settings, name, reportTo, keys, journal, now }: NodeRoleOptions): Role => {
  const controller = createNodeController({
    name,
    folder: nodeFolder(settings, name),
    now,
    onWord: () => reporter?.poke(),
  });
  const reporter =
    reportTo === undefined
      ? undefined
      : createReporter({
          url: reportTo,
          headers: {},
          word: controller.word,
          againEveryMs: 15_000,
          timeoutMs: 5_000,
          onFault: (reason) => journal.note('cannot report to the cluster controller', { node: name, reason }),
        });
  const take = async (message: NcBroadcastNetworkInfo): Promise<NcBroadcastNetworkInfoResponse> => {
    const bytes = decodeNetworkInfo(message.networkInfo);
    const document = isRefusal(bytes) ? undefined : receivedDocument([bytes]);
    if (document === undefined) return answer(message, false);
    const taken = await controller.accept(document);
    if (!taken.accepted) journal.note('refused a document', { node: name, reason: taken.reason, detail: taken.detail });
    return answer(message, taken.accepted);
  };
  const server = createSoapServer({
    host: name,
    port: settings.number('nc-port'),
    path: endpoints.nodeController.path,
    now,
    operations: { ncBroadcastNetworkInfo: take },
    ...keys.nodeReceiver,
    onRefused: (refusal, peer) => journal.note('refused a message', { node: name, peer, ...refusal }),
  });
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
      name: 'SOAP door',
      about: 'takes ncBroadcastNetworkInfo',
      start: async () => {
        const { host, port } = await server.listen();
        return [`node controller     http://${host}:${port}${endpoints.nodeController.path}  file ${controller.file}`];
      },
      stop: () => server.close(1_000),
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
