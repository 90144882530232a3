/**
 * The network as plain JSON, entity by entity: what two moments are compared by, and what a structural difference is applied
 * to. Tries become objects with their keys in order. Reads only; nothing of it is shared with the network.
 */
import type { Network } from '../network/views.ts';
import { entries, type Trie } from '../trie.ts';

export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [member: string]: Plain };

/** What can differ. `log` holds the members of the network that are neither a map nor derived from one. */
export const sections = [
  'log',
  'properties',
  'clusters',
  'groups',
  'instances',
  'privateAddresses',
  'publicAddresses',
] as const;
export type Section = (typeof sections)[number];

export type PlainNetwork = { readonly [S in Section]: { readonly [key: string]: Plain } };

const isTrie = (value: object): value is Trie<unknown> => 'root' in value && Object.keys(value).length === 1;

/** Undefined members are left out, as JSON does. */
export const plain = (value: unknown): Plain => {
  if (value === null || typeof value !== 'object') return (value ?? null) as Plain;
  if (Array.isArray(value)) return value.map(plain);
  const members = isTrie(value) ? entries(value) : Object.entries(value);
  const made: { [member: string]: Plain } = {};
  for (const [key, member] of members) if (member !== undefined) made[key] = plain(member);
  return made;
};

const plainMap = (map: Trie<unknown> | object): { readonly [key: string]: Plain } =>
  plain(map) as { readonly [key: string]: Plain };

/** `configuration` is an entity of its own; positions and times of the log itself are no difference. */
export const logOf = (network: Network): { readonly [key: string]: Plain } => ({
  configuration: plain(network.configuration),
  configurationRevision: network.configurationRevision,
  epoch: { epoch: network.epoch, at: network.epochAt },
  publicPool: { ranges: plain(network.publicRanges), at: network.publicRangesAt },
});

export const plainNetwork = (network: Network): PlainNetwork => ({
  log: logOf(network),
  properties: plainMap(network.properties),
  clusters: plainMap(network.clusters),
  groups: plainMap(network.groups),
  instances: plainMap(network.instances),
  privateAddresses: plainMap(network.privateAddresses),
  publicAddresses: plainMap(network.publicAddresses),
});
