/** Configuration, properties and the epoch. */
import type { ConfigurationEvent } from '../../domain/configuration/aggregate.ts';
import type { EpochEvent } from '../../domain/epoch.ts';
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import type { Network } from './views.ts';

/** Properties that appear in documents, or decide how they are made (cloud spec 1.6). */
const IN_DOCUMENTS: ReadonlySet<string> = new Set([
  'cloud.vmstate.instance_subdomain',
  'cloud.vmstate.mac_prefix',
  'system.dns.nameserveraddress',
  'edgelog.clc_address',
  'edgelog.document.dialect',
  'edgelog.document.relevance',
  'edgelog.document.relevance_of',
]);

const touchFor = (network: Network, property: string, position: number): void => {
  if (IN_DOCUMENTS.has(property)) network.touched.configuration = position;
};

export const applyConfiguration = (
  network: Network,
  event: ConfigurationEvent | EpochEvent,
  recorded: Recorded<DomainEvent>,
): void => {
  const { position, revision } = recorded;
  switch (event.type) {
    case 'ConfigurationPosted':
      network.configuration = { text: event.text, members: event.configuration, at: position };
      network.configurationRevision = revision;
      network.touched.configuration = position;
      return;
    case 'ConfigurationCleared':
      network.configuration = null;
      network.configurationRevision = revision;
      network.touched.configuration = position;
      return;
    case 'PropertyChanged':
      network.properties[event.name] = { value: event.value, at: position };
      network.configurationRevision = revision;
      touchFor(network, event.name, position);
      return;
    case 'PropertyReset':
      delete network.properties[event.name];
      network.configurationRevision = revision;
      touchFor(network, event.name, position);
      return;
    case 'EpochRaised':
      network.epoch = event.epoch;
      network.epochAt = position;
      return;
  }
};
