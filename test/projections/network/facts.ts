/** Networks and documents in forms that can be held against each other, each said in one way only. */
import { createHash } from 'node:crypto';
import { type ClusterDocument, fullDocument } from '../../../src/projections/documents.ts';
import type { Network } from '../../../src/projections/network/views.ts';
import { entries } from '../../../src/projections/trie.ts';

const isTrie = (value: object): value is Network['instances'] =>
  Object.keys(value).length === 1 && Object.hasOwn(value, 'root');

/** All that a network says, independent of how its maps are laid out. */
export const statement = (network: Network): string =>
  JSON.stringify(network, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    if (isTrie(value)) return Array.from(entries(value), ([key, view]) => [key, view]);
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

export const clusterNames = (network: Network): readonly string[] => Object.keys(network.clusters).sort();

export const bytesOf = ({ pieces }: ClusterDocument): string => Buffer.concat(pieces).toString('utf8');

/** What the bytes say apart from the root's attributes, which say the version. */
export const contentOf = (document: ClusterDocument): string => bytesOf(document).replace(/<network-data[^>]*>/, '');

/** Every cluster's document from scratch: its bytes, its digest, its version. */
export const documentsIn = (network: Network): readonly string[] =>
  clusterNames(network).map((cluster) => {
    const document = fullDocument(network, cluster);
    if (document === undefined) return `${cluster} none`;
    const bytes = createHash('sha256').update(bytesOf(document)).digest('hex');
    return `${cluster} ${document.epoch}/${document.version} ${document.stamp} ${document.digest} ${bytes}`;
  });
