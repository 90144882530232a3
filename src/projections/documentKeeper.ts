/**
 * The documents of all clusters, moved from network to network: whole ones share one set of parts and bytes, local ones have
 * their own. Everything kept is a cache; without it the same documents come out, at the cost of the whole. Networks must be
 * immutable ones.
 */
import type { Dialect, GroupEntry, InstanceEntry } from './document/model.ts';
import { entryFragments } from './document/parts.ts';
import { createDocumentWriter, type DocumentWriter } from './document/pieces.ts';
import { stampOf } from './document/stamp.ts';
import { relevanceFor } from './documentInputs.ts';
import { type ClusterDocument, documentFacts, wantsDocument, writtenDocument } from './documents.ts';
import { fullVersion } from './documentVersion.ts';
import { type KeptDocument, keepDocument } from './keptDocument.ts';
import { type KeptLocal, type KeptMembers, keepLocal, keepMembers } from './keptLocal.ts';
import type { Standing } from './keptRecords.ts';
import type { Network } from './network/views.ts';
import type { Recalled } from './recalledDocument.ts';
import { size } from './trie.ts';

export type DocumentKeeper = {
  /** Keeps what it takes to go on from here. Undefined when the cluster gets none. */
  readonly documentOf: (network: Network, cluster: string) => ClusterDocument | undefined;
  /** The same for any other network, past or rehearsed, without keeping anything of it. */
  readonly glance: (network: Network, cluster: string) => ClusterDocument | undefined;
  /** The document of the whole cloud at this network, near the newest one; undefined when no cluster gets such a one. */
  readonly standing: (network: Network) => Standing | undefined;
};

export type EntryWriter = DocumentWriter<InstanceEntry, GroupEntry>;

const writers: { readonly [D in Dialect]: EntryWriter } = {
  superset: createDocumentWriter('superset', entryFragments('superset')),
  '4.0': createDocumentWriter('4.0', entryFragments('4.0')),
  '4.4': createDocumentWriter('4.4', entryFragments('4.4')),
};

/** One per dialect for the whole process: pieces are found again by the identity of what they were made of. */
export const entryWriter = (dialect: Dialect): EntryWriter => writers[dialect];

type Kept = { readonly full?: KeptDocument; readonly members?: KeptMembers; readonly local?: KeptLocal };
type Made = { readonly kept: Kept; readonly document: ClusterDocument };

const make = (before: Kept, network: Network, cluster: string): Made => {
  const facts = documentFacts(network, cluster);
  const { dialect, relevance, stamp } = facts;
  const writer = entryWriter(dialect);
  const full =
    before.full?.network === network
      ? before.full
      : keepDocument(before.full, network, stampOf(network.epoch, fullVersion(network)));
  if (relevance === 'full') {
    const document = writtenDocument(facts, full.parts, writer.pieces(full.parts, before.full?.parts));
    return { kept: { full }, document };
  }
  const members = keepMembers(before.members, full);
  const local = keepLocal(before.local, members, cluster, stamp);
  const written = writer.pieces(local.parts, before.local?.parts);
  return { kept: { full, members, local }, document: writtenDocument(facts, local.parts, written) };
};

/** So many events for each instance, and little is left of what there was: it is cheaper to begin with nothing. */
const FAR = 3;

const isFar = (from: KeptDocument | undefined, { position, instances }: Network): boolean =>
  from === undefined || Math.abs(position - from.network.position) > FAR * size(instances);

const adopted = ({ kept, pieces, textOf }: Recalled): KeptDocument => {
  entryWriter(kept.parts.dialect).adopt(kept.parts, pieces, textOf);
  return kept;
};

const isWhole = (network: Network, cluster: string): boolean =>
  wantsDocument(network, cluster) && relevanceFor(network, cluster) === 'full';

/** `begun`: from where to go on, instead of from nothing. */
export const createDocumentKeeper = (begun?: Recalled): DocumentKeeper => {
  let shared: Omit<Kept, 'local'> = begun === undefined ? {} : { full: adopted(begun) };
  const locals = new Map<string, KeptLocal>();

  const keptFor = (cluster: string): Kept => {
    const local = locals.get(cluster);
    return local === undefined ? shared : { ...shared, local };
  };

  return {
    documentOf: (network, cluster) => {
      if (!wantsDocument(network, cluster)) {
        locals.delete(cluster);
        return undefined;
      }
      const { kept, document } = make(keptFor(cluster), network, cluster);
      const { full, members = shared.members, local } = kept;
      if (local === undefined) locals.delete(cluster);
      else locals.set(cluster, local);
      shared = { ...(full && { full }), ...(members && locals.size > 0 ? { members } : {}) };
      return document;
    },
    glance: (network, cluster) => {
      if (!wantsDocument(network, cluster)) return undefined;
      return make(isFar(shared.full, network) ? {} : keptFor(cluster), network, cluster).document;
    },
    standing: (network) => {
      if (!Object.keys(network.clusters).some((cluster) => isWhole(network, cluster))) return undefined;
      const { full } = shared;
      const kept =
        full?.network === network ? full : keepDocument(full, network, stampOf(network.epoch, fullVersion(network)));
      return { kept, pieces: entryWriter(kept.parts.dialect).pieces(kept.parts, full?.parts) };
    },
  };
};
