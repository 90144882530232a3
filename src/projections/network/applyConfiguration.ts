/** Configuration, properties and the epoch. */
import type { ConfigurationEvent } from '../../domain/configuration/aggregate.ts';
import type { EpochEvent } from '../../domain/epoch.ts';
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { type Draft, ownMember } from './draft.ts';
import { touch } from './touching.ts';

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

const touchFor = (draft: Draft, property: string, position: number): void => {
  if (IN_DOCUMENTS.has(property)) touch(draft, 'configuration', position);
};

export const applyConfiguration = (
  draft: Draft,
  event: ConfigurationEvent | EpochEvent,
  recorded: Recorded<DomainEvent>,
): void => {
  const { network } = draft;
  const { position, revision } = recorded;
  switch (event.type) {
    case 'ConfigurationPosted':
      network.configuration = { text: event.text, members: event.configuration, at: position };
      network.configurationRevision = revision;
      touch(draft, 'configuration', position);
      return;
    case 'ConfigurationCleared':
      network.configuration = null;
      network.configurationRevision = revision;
      touch(draft, 'configuration', position);
      return;
    case 'PropertyChanged':
      ownMember(draft, 'properties')[event.name] = { value: event.value, at: position };
      network.configurationRevision = revision;
      touchFor(draft, event.name, position);
      return;
    case 'PropertyReset':
      delete ownMember(draft, 'properties')[event.name];
      network.configurationRevision = revision;
      touchFor(draft, event.name, position);
      return;
    case 'EpochRaised':
      network.epoch = event.epoch;
      network.epochAt = position;
      return;
  }
};
