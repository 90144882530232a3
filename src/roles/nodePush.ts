/** How a cluster controller hands a document to its nodes: Eucalyptus' own message over SOAP. */
import type { NodePush } from '../adapters/cluster/clusterController.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import type { ReceivedDocument } from '../adapters/shared/receivedDocument.ts';
import { base64OfPieces } from '../adapters/soap/base64.ts';
import { createSoapClient } from '../adapters/soap/client.ts';
import { endpoints } from '../adapters/soap/names.ts';
import type { WireKeys } from './wireKeys.ts';

export type NodePushOptions = {
  readonly settings: Settings;
  readonly keys: WireKeys;
  readonly now: () => number;
};

export type NodePushes = {
  readonly push: NodePush;
  /** Nodes the settings name. */
  readonly named: readonly string[];
  readonly close: () => void;
};

/** `NAME` or `NAME=URL`. */
const namedNodes = (settings: Settings, urlOf: (name: string) => string): ReadonlyMap<string, string> =>
  new Map(
    settings.list('cc-nodes').map((entry) => {
      const at = entry.indexOf('=');
      const name = at < 0 ? entry : entry.slice(0, at);
      return [name, at < 0 ? urlOf(name) : entry.slice(at + 1)] as const;
    }),
  );

/** Names in a document may be any; what can never be a node is not connected to (nothing, link-local, multicast, broadcast). */
export const mayBeNode = (address: string): boolean => {
  const [first = 0, second = 0] = address.split('.').map(Number);
  if (address.includes(':')) return !/^(fe[89ab]|ff|::$)/i.test(address);
  return first !== 0 && first < 224 && !(first === 169 && second === 254);
};

export const createNodePush = ({ settings, keys, now }: NodePushOptions): NodePushes => {
  const urlOf = (name: string): string =>
    `http://${name}:${settings.number('nc-port')}${endpoints.nodeController.path}`;
  const named = namedNodes(settings, urlOf);
  const client = createSoapClient({
    ...keys.clusterSender(),
    ...{ now, timeoutMs: settings.number('push-timeout-ms'), mayConnect: mayBeNode },
  });
  /** The same document goes to every node: it is encoded once. */
  let encoded: { readonly of: ReceivedDocument; readonly networkInfo: readonly Uint8Array[] } | undefined;
  const push: NodePush = async (node, document, signal) => {
    if (encoded?.of !== document) encoded = { of: document, networkInfo: base64OfPieces(document.pieces) };
    const message = { kind: 'ncBroadcastNetworkInfo' as const, userId: 'eucalyptus', nodeName: node };
    const { traceparent } = document;
    const pushed = await client.push(
      named.get(node) ?? urlOf(node),
      { ...message, networkInfo: encoded.networkInfo },
      { signal, ...(traceparent === undefined ? {} : { traceparent }) },
    );
    if (pushed.kind === 'failed') return { accepted: false, reason: pushed.reason, detail: pushed.detail };
    if (pushed.return) return { accepted: true };
    const said = pushed.statusMessage ?? '-';
    return { accepted: false, reason: 'refused', detail: `the node answered false, status ${said}` };
  };
  return { push, named: [...named.keys()], close: client.close };
};
