/**
 * The documents in use, which were moved along change by change, against documents made from nothing but the log: folded from
 * its first event, rendered whole. Whatever lies between the two, increments, caches, a snapshot that was begun with, must not
 * show in a single byte.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeRecorded } from '../../../domain/codec.ts';
import { wantsDocument } from '../../../projections/documents.ts';
import { initialNetwork } from '../../../projections/network/initial.ts';
import { advanceInPlace } from '../../../projections/network/runner.ts';
import { type Verified, verifyDocument } from '../../../projections/verification.ts';
import type { TimeScene } from './scene.ts';

export type Recomputed = {
  /** The moment both sides are of. */
  readonly position: number;
  readonly documents: number;
  readonly same: number;
  /** Those that differ. */
  readonly differing: readonly Verified[];
};

const PAGE = 1_000;

/** Costs a walk through the log and a full render for each cluster; others have their turns in between. */
export const recompute = async (
  { store, network: newest, documentAt }: TimeScene,
  onProgress: (done: number, of: number) => void,
): Promise<Recomputed> => {
  const network = newest();
  const { position } = network;
  const clusters = Object.keys(network.clusters).filter((cluster) => wantsDocument(network, cluster));
  const used = clusters.flatMap((cluster) => documentAt(network, cluster) ?? []);
  const fresh = initialNetwork();
  while (fresh.position < position) {
    const page = await store.readAll(fresh.position, PAGE);
    if (page.length === 0) break;
    advanceInPlace(fresh, page.filter((stored) => stored.position <= position).map(decodeRecorded));
    onProgress(fresh.position, position);
    await nextTurn();
  }
  const verified: Verified[] = [];
  for (const document of used) {
    verified.push(verifyDocument(fresh, document));
    await nextTurn();
  }
  const differing = verified.filter(({ same }) => !same);
  return { position, documents: verified.length, same: verified.length - differing.length, differing };
};
