/**
 * How the cloud controller hands a document to a cluster controller: Eucalyptus' own message over SOAP, and to one of our own
 * that has said where it takes them, what changed since the document it acknowledged.
 */
import { randomUUID } from 'node:crypto';
import type { PushOutcome } from '../adapters/broadcast/relay.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { hostOf, type MayConnect } from '../adapters/soap/addressGuard.ts';
import { base64OfPieces } from '../adapters/soap/base64.ts';
import type { SoapClient } from '../adapters/soap/client.ts';
import type { ServiceEntry } from '../adapters/soap/messages.ts';
import type { ClusterDocument } from '../projections/documents.ts';
import type { ClusterView } from '../projections/network/views.ts';
import { createCloudDeltas } from './cloudDeltas.ts';
import type { WireKeys } from './wireKeys.ts';

export type CloudPush = {
  readonly push: (document: ClusterDocument, signal: AbortSignal) => Promise<PushOutcome>;
  /** Its controller has this document already, from before this process started. */
  readonly assume: (document: ClusterDocument) => void;
  /** Whether what its controller has is asked for by a few bytes. */
  readonly takesDeltas: (cluster: string) => boolean;
  readonly close: () => Promise<void>;
};

export type CloudPushOptions = {
  readonly settings: Settings;
  readonly keys: WireKeys;
  readonly now: () => number;
  readonly cluster: (name: string) => ClusterView | undefined;
  readonly cloudAddress: () => string;
  readonly traceparent?: (document: ClusterDocument) => string | undefined;
};

/** The topology a controller learns from: which cloud controller is enabled, and that it is enabled itself. */
export const servicesFor = (cluster: ClusterView, cloudAddress: string): readonly ServiceEntry[] => [
  {
    partition: 'eucalyptus',
    type: 'eucalyptus',
    name: cloudAddress,
    uris: [`http://${cloudAddress}:8773/services/Eucalyptus`],
  },
  { partition: cluster.name, type: 'cluster', name: cluster.component, uris: [cluster.endpoint] },
];

/** Our own cluster controllers say with every answer who they are; it decides nothing but how often they are spoken to. */
export const CONTROLLER_HEADER = 'edgelog-controller';

/** A signed answer is some five kilobytes; who sends more has nothing to say. */
export const LONGEST_ANSWER = 64 * 1024;

const failed = (reason: string, detail: string): PushOutcome => ({ outcome: 'failed', reason, detail });

/** The host an endpoint names; remembered, because it is asked with every push and hardly ever another one. */
const createHostOf = (): ((endpoint: string) => string) => {
  let last = { endpoint: '', host: '' };
  return (endpoint) => {
    if (last.endpoint !== endpoint) last = { endpoint, host: URL.canParse(endpoint) ? hostOf(new URL(endpoint)) : '' };
    return last.host;
  };
};

/** Only the address an operator registered, as text or resolved, is ever connected to for a cluster. */
export const mayReach = (view: () => ClusterView | undefined): MayConnect => {
  const hostIn = createHostOf();
  return (address) => {
    const known = view();
    if (known === undefined) return false;
    return address === known.address || address === hostIn(known.endpoint);
  };
};

/** Clusters share their bytes, so one encoding serves all of them. */
const createEncoding = () => {
  const encoded = new WeakMap<object, readonly Uint8Array[]>();
  return ({ pieces }: ClusterDocument): readonly Uint8Array[] => {
    const made = encoded.get(pieces) ?? base64OfPieces(pieces);
    encoded.set(pieces, made);
    return made;
  };
};

/** One client per cluster: each has its own certificate to expect and its own address to keep to. */
export const createCloudPush = (options: CloudPushOptions): CloudPush => {
  const { settings, keys, now, cluster, cloudAddress, traceparent } = options;
  const clients = new Map<string, SoapClient>();
  const deltas = createCloudDeltas({ ...options, mayConnect: (name) => mayReach(() => cluster(name)) });
  const networkInfo = createEncoding();

  /** Loaded for the first cluster that needs it: those with a controller of ours do without. */
  const clientOf = async (name: string): Promise<SoapClient | string> => {
    const { createSoapClient } = await import('../adapters/soap/client.ts');
    const known = clients.get(name);
    if (known !== undefined) return known;
    const end = keys.cloudSender(name);
    if (typeof end === 'string') return end;
    const mayConnect = mayReach(() => cluster(name));
    const timeoutMs = settings.number('push-timeout-ms');
    const made = createSoapClient({ ...end, now, mayConnect, timeoutMs, maxResponseBytes: LONGEST_ANSWER });
    clients.set(name, made);
    return made;
  };

  const pushWhole = async (document: ClusterDocument, view: ClusterView, signal: AbortSignal): Promise<PushOutcome> => {
    const client = await clientOf(document.cluster);
    if (typeof client === 'string') return failed('no-key', client);
    const trace = traceparent?.(document);
    const answer = await client.push(
      view.endpoint,
      {
        kind: 'BroadcastNetworkInfo',
        correlationId: randomUUID(),
        userId: 'eucalyptus',
        epoch: document.epoch,
        services: servicesFor(view, cloudAddress()),
        ...(document.dialect === '4.0' ? {} : { version: document.stamp }),
        networkInfo: networkInfo(document),
      },
      { signal, ...(trace === undefined ? {} : { traceparent: trace }) },
    );
    if (answer.kind === 'failed') return failed(answer.reason, answer.detail);
    const said = answer.headers[CONTROLLER_HEADER];
    deltas.note(document.cluster, said);
    if (answer.return) return { outcome: 'delivered', reportsItself: said !== undefined };
    return failed('refused', `the cluster controller answered false: ${answer.statusMessage ?? 'no reason given'}`);
  };

  const push: CloudPush['push'] = async (document, signal) => {
    const view = cluster(document.cluster);
    if (view === undefined) return failed('no-cluster', 'it is not registered any more');
    return (await deltas.push(document, view, signal)) ?? pushWhole(document, view, signal);
  };

  return {
    push,
    assume: deltas.assume,
    takesDeltas: deltas.isKnown,
    close: async () => {
      for (const client of clients.values()) client.close();
      await deltas.close();
    },
  };
};
