/**
 * How a cluster controller hands a document to its nodes: Eucalyptus' own message over SOAP, and to nodes of our own, which say
 * where, what changed since the document they acknowledged.
 */
import { join } from 'node:path';
import type { NodePush } from '../adapters/cluster/clusterController.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import type { Acceptance, ReceivedDocument, Structure } from '../adapters/shared/receivedDocument.ts';
import { guardedLookup, literalRefused } from '../adapters/soap/addressGuard.ts';
import { base64OfPieces } from '../adapters/soap/base64.ts';
import { createSoapClient } from '../adapters/soap/client.ts';
import { endpoints } from '../adapters/soap/names.ts';
import { type Carried, createDocumentCourier } from '../adapters/wire/documentCourier.ts';
import { createDocumentPost, type Posted } from '../adapters/wire/documentPost.ts';
import { type Fragment, receivedWriter } from '../projections/document/received.ts';
import { CONTROLLER_HEADER, LONGEST_ANSWER } from './cloudPush.ts';
import { createWireHints } from './wireHints.ts';
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
  readonly close: () => Promise<void>;
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

/** Nothing, link-local, multicast, and the forms that carry an IPv4 address, which would lead around what holds for that. */
const NO_NODE = /^(?:fe[89ab]|ff|::$|::ffff:|::[\da-f]*[.:][\da-f]|64:ff9b:|2002:)/i;

/** Names in a document may be any; what can never be a node is not connected to (nothing, link-local, multicast, broadcast). */
export const mayBeNode = (address: string): boolean => {
  const [first = 0, second = 0] = address.split('.').map(Number);
  if (address.includes(':')) return !NO_NODE.test(address);
  return first !== 0 && first < 224 && !(first === 169 && second === 254);
};

const carried = ({ parts, pieces }: Structure): Carried<Fragment, Fragment> => ({
  digest: pieces.digest,
  parts,
  writer: receivedWriter(parts.dialect),
});

/** Undefined: it has to go another way. */
const acceptanceOf = (posted: Posted): Acceptance | undefined => {
  switch (posted.kind) {
    case 'taken':
      return { accepted: true };
    case 'absent':
      return undefined;
    case 'wants-base':
      return { accepted: false, reason: 'no-base', detail: 'it wants another base even for the whole document' };
    case 'refused':
    case 'failed':
      return { accepted: false, reason: posted.reason, detail: posted.detail };
  }
};

const createNodeDeltas = ({ settings, keys, now }: NodePushOptions) => {
  const wire = createDocumentPost(settings.number('push-timeout-ms'));
  const file = join(settings.text('data'), 'clusters', settings.text('cluster-name'), 'wire-ports.json');
  const hints = createWireHints(file);
  const { seal, check: checkAnswer } = keys.clusterDeltas();
  const courier = createDocumentCourier<Fragment, Fragment>({
    post: wire.post,
    now,
    ...(seal === undefined ? {} : { seal }),
  });
  const lookup = guardedLookup(mayBeNode);
  return {
    note: hints.note,
    /** Undefined when the node takes no deltas, or the document has no parts here. */
    push: async (
      node: string,
      url: string,
      { structure, traceparent }: ReceivedDocument,
      signal: AbortSignal,
    ): Promise<Acceptance | undefined> => {
      const port = hints.portOf(node);
      if (port === undefined || structure === undefined || !URL.canParse(url)) return undefined;
      if (literalRefused(new URL(url), mayBeNode) !== undefined) return undefined;
      const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
      const delivery = { receiver: node, place: { host, port, lookup, checkAnswer }, isForAnyone: true };
      const traced = traceparent === undefined ? delivery : { ...delivery, traceparent };
      const posted = await courier.deliver(traced, carried(structure), signal);
      if (posted.kind === 'absent') hints.forget(node);
      return acceptanceOf(posted);
    },
    close: async (): Promise<void> => {
      wire.close();
      await hints.close();
    },
  };
};

export const createNodePush = (options: NodePushOptions): NodePushes => {
  const { settings, keys, now } = options;
  const deltas = createNodeDeltas(options);
  const urlOf = (name: string): string =>
    `http://${name}:${settings.number('nc-port')}${endpoints.nodeController.path}`;
  const named = namedNodes(settings, urlOf);
  const client = createSoapClient({
    ...keys.clusterSender(),
    ...{ now, timeoutMs: settings.number('push-timeout-ms'), mayConnect: mayBeNode, maxResponseBytes: LONGEST_ANSWER },
  });
  /** The same document goes to every node: it is encoded once. */
  let encoded: { readonly of: ReceivedDocument; readonly networkInfo: readonly Uint8Array[] } | undefined;
  const pushWhole: NodePush = async (node, document, signal) => {
    if (encoded?.of !== document) encoded = { of: document, networkInfo: base64OfPieces(document.pieces) };
    const message = { kind: 'ncBroadcastNetworkInfo' as const, userId: 'eucalyptus', nodeName: node };
    const { traceparent } = document;
    const pushed = await client.push(
      named.get(node) ?? urlOf(node),
      { ...message, networkInfo: encoded.networkInfo },
      { signal, ...(traceparent === undefined ? {} : { traceparent }) },
    );
    if (pushed.kind === 'failed') return { accepted: false, reason: pushed.reason, detail: pushed.detail };
    deltas.note(node, pushed.headers[CONTROLLER_HEADER]);
    if (pushed.return) return { accepted: true };
    const said = pushed.statusMessage ?? '-';
    return { accepted: false, reason: 'refused', detail: `the node answered false, status ${said}` };
  };
  const push: NodePush = async (node, document, signal) =>
    (await deltas.push(node, named.get(node) ?? urlOf(node), document, signal)) ?? pushWhole(node, document, signal);
  return {
    push,
    named: [...named.keys()],
    close: async () => {
      client.close();
      await deltas.close();
    },
  };
};
