/** How the cloud controller hands a document to a cluster controller: Eucalyptus' own message over SOAP. */
import { randomUUID } from 'node:crypto';
import type { PushOutcome } from '../adapters/broadcast/relay.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { base64OfPieces } from '../adapters/soap/base64.ts';
import { createSoapClient } from '../adapters/soap/client.ts';
import type { ServiceEntry } from '../adapters/soap/messages.ts';
import type { ClusterDocument } from '../projections/documents.ts';
import type { ClusterView } from '../projections/network/views.ts';
import type { WireKeys } from './wireKeys.ts';

export type CloudPush = {
  readonly push: (document: ClusterDocument, signal: AbortSignal) => Promise<PushOutcome>;
  readonly close: () => void;
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
const servicesFor = (cluster: ClusterView, cloudAddress: string): readonly ServiceEntry[] => [
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

const failed = (reason: string, detail: string): PushOutcome => ({ outcome: 'failed', reason, detail });

export const createCloudPush = ({
  settings,
  keys,
  now,
  cluster,
  cloudAddress,
  traceparent,
}: CloudPushOptions): CloudPush => {
  const client = createSoapClient({ ...keys.cloudSender, now, timeoutMs: settings.number('push-timeout-ms') });
  /** Clusters share their bytes, so one encoding serves all of them. */
  const encoded = new WeakMap<object, readonly Uint8Array[]>();
  const networkInfo = (document: ClusterDocument): readonly Uint8Array[] => {
    const known = encoded.get(document.pieces);
    if (known !== undefined) return known;
    const made = base64OfPieces(document.pieces);
    encoded.set(document.pieces, made);
    return made;
  };
  const push: CloudPush['push'] = async (document, signal) => {
    const view = cluster(document.cluster);
    if (view === undefined) return failed('no-cluster', 'it is not registered any more');
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
    if (answer.return) return { outcome: 'delivered', reportsItself: answer.headers[CONTROLLER_HEADER] !== undefined };
    return failed('refused', `the cluster controller answered false: ${answer.statusMessage ?? 'no reason given'}`);
  };
  return { push, close: client.close };
};
