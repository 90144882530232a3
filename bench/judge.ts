/**
 * What every figure stands on: documents as receivers have them are those that follow from the log alone, from scratch; no
 * address has two holders; what was acknowledged is in the log. A bench whose judge finds anything else has no figures.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openSqliteStore } from '../src/adapters/eventstore/sqlite.ts';
import { decodeRecorded } from '../src/domain/codec.ts';
import { fullDocument } from '../src/projections/documents.ts';
import { initialNetwork } from '../src/projections/network/initial.ts';
import { advanceInPlace } from '../src/projections/network/runner.ts';
import type { Network } from '../src/projections/network/views.ts';
import { forEach } from '../src/projections/trie.ts';
import type { Cloud } from './cloud.ts';

const PAGE = 5_000;

/** Folded from the first event, with everything that checks the log itself. */
export const networkOfLog = async (folder: string): Promise<Network> => {
  const store = await openSqliteStore({ file: join(folder, 'events.db') });
  const network = initialNetwork();
  for (;;) {
    const page = await store.readAll(network.position, PAGE);
    if (page.length === 0) break;
    advanceInPlace(network, page.map(decodeRecorded));
  }
  await store.close();
  return network;
};

const checkHolders = (network: Network): void => {
  const holders = new Map<string, string>();
  forEach(network.instances, (id, { privateAddress, publicAddress, state }) => {
    if (state === 'TERMINATED' || state === 'BURIED' || state === 'STOPPED') return;
    for (const address of [privateAddress, publicAddress ?? '']) {
      if (address === '' || address === '0.0.0.0') continue;
      const other = holders.get(address);
      if (other !== undefined) throw new Error(`${address} is held by ${other} and by ${id}`);
      holders.set(address, id);
    }
  });
};

/** SHA-256 of every cluster's document, from scratch. */
export const hashesFrom = (network: Network, clusters: readonly string[]): Readonly<Record<string, string>> => {
  const known = new Map<string, string>();
  return Object.fromEntries(
    clusters.flatMap((cluster) => {
      const document = fullDocument(network, cluster);
      if (document === undefined) return [];
      const hash = known.get(document.digest) ?? hashOf(document.pieces);
      known.set(document.digest, hash);
      return [[cluster, hash]];
    }),
  );
};

const hashOf = (pieces: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
};

/** Faults when anything is not as it must be; otherwise the network of the log. Call it when nothing is under way. */
export const judge = async (cloud: Pick<Cloud, 'folder' | 'receiving'>, lastAcknowledged = -1): Promise<Network> => {
  const network = await networkOfLog(cloud.folder);
  if (network.position < lastAcknowledged) {
    throw new Error(`position ${lastAcknowledged} was acknowledged, the log ends at ${network.position}`);
  }
  checkHolders(network);
  const clusters = Object.keys(cloud.receiving.ports).sort();
  const expected = hashesFrom(network, clusters.slice(0, 1).concat(clusters.slice(-1)));
  const actual = await cloud.receiving.hashes();
  for (const [cluster, hash] of Object.entries(expected)) {
    if (actual[cluster] !== hash) throw new Error(`${cluster} has a document that does not follow from the log`);
  }
  if (new Set(Object.values(actual)).size !== new Set(Object.values(expected)).size) {
    throw new Error('clusters that must have one document have several');
  }
  return network;
};
