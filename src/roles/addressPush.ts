/** How the cloud controller tells a cluster of a public address where no document does: Eucalyptus' own messages over SOAP. */
import { randomUUID } from 'node:crypto';
import type { AddressMessagesPorts } from '../adapters/broadcast/addressMessages.ts';
import { derivedUuid } from '../adapters/http/ids.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import type { Answered, Failed, SoapClient } from '../adapters/soap/client.ts';
import type { ClusterView } from '../projections/network/views.ts';
import { mayReach, servicesFor } from './cloudPush.ts';
import type { WireKeys } from './wireKeys.ts';

export type AddressPushOptions = {
  readonly settings: Settings;
  readonly keys: WireKeys;
  readonly now: () => number;
  readonly cluster: (name: string) => ClusterView | undefined;
  readonly cloudAddress: () => string;
  readonly epoch: () => number;
};

export type AddressPush = { readonly send: AddressMessagesPorts['send']; readonly close: () => void };

type Answer = Answered<'AssignAddress'> | Answered<'UnassignAddress'> | Failed;

const outcomeOf = (answer: Answer): Awaited<ReturnType<AddressPush['send']>> => {
  if (answer.kind === 'failed') return { answered: false, reason: `${answer.reason}: ${answer.detail}` };
  if (answer.return) return { answered: true };
  return {
    answered: false,
    reason: `the cluster controller answered false: ${answer.statusMessage ?? 'no reason given'}`,
  };
};

export const createAddressPush = (options: AddressPushOptions): AddressPush => {
  const { settings, keys, now, cluster, cloudAddress, epoch } = options;
  const clients = new Map<string, SoapClient>();

  /** Loaded for the first cluster that needs it: most have a controller of ours. */
  const clientOf = async (name: string): Promise<SoapClient | string> => {
    const { createSoapClient } = await import('../adapters/soap/client.ts');
    const known = clients.get(name);
    if (known !== undefined) return known;
    const end = keys.cloudSender(name);
    if (typeof end === 'string') return end;
    const mayConnect = mayReach(() => cluster(name));
    const made = createSoapClient({ ...end, now, mayConnect, timeoutMs: settings.number('push-timeout-ms') });
    clients.set(name, made);
    return made;
  };

  const send: AddressPush['send'] = async ({ message, source, dest }, change, signal) => {
    const view = cluster(change.cluster);
    const client = await clientOf(change.cluster);
    if (view === undefined) return { answered: false, reason: 'the cluster is not registered any more' };
    if (typeof client === 'string') return { answered: false, reason: client };
    const services = servicesFor(view, cloudAddress());
    const common = { correlationId: randomUUID(), userId: 'eucalyptus', epoch: epoch(), services, source, dest };
    if (message === 'UnassignAddress') {
      return outcomeOf(await client.push(view.endpoint, { kind: message, ...common }, { signal }));
    }
    // The same transition told again bears the same name.
    const uuid = derivedUuid('address', change.address, String(change.at));
    return outcomeOf(await client.push(view.endpoint, { kind: message, uuid, ...common }, { signal }));
  };

  return {
    send,
    close: () => {
      for (const client of clients.values()) client.close();
    },
  };
};
