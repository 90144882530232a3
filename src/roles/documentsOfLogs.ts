/** Whether two logs lead to the same documents. Positions are each store's own, so the root's stamp is left out of the comparison. */
import { decodeRecorded } from '../domain/codec.ts';
import type { EventStore } from '../domain/eventStore.ts';
import { buildDocument } from '../projections/document/build.ts';
import { renderDocument } from '../projections/document/render.ts';
import { documentInputs, settingsIn } from '../projections/documentInputs.ts';
import { initialNetwork } from '../projections/network/initial.ts';
import { advanceInPlace } from '../projections/network/runner.ts';
import type { Network } from '../projections/network/views.ts';

const PAGE = 5_000;

const networkOf = async (store: Pick<EventStore, 'readAll'>): Promise<Network> => {
  const network = initialNetwork();
  for (;;) {
    const page = await store.readAll(network.position, PAGE);
    if (page.length === 0) return network;
    advanceInPlace(network, page.map(decodeRecorded));
  }
};

const textOf = (network: Network): string => {
  const dialect = settingsIn(network)['edgelog.document.dialect'];
  return renderDocument(buildDocument(documentInputs(network), dialect), dialect);
};

/** Undefined when they are equal, otherwise what differs. */
export const documentsDiffer = async (
  one: Pick<EventStore, 'readAll'>,
  other: Pick<EventStore, 'readAll'>,
): Promise<string | undefined> => {
  const [here, there] = [await networkOf(one), await networkOf(other)];
  const clusters = (network: Network): string => Object.keys(network.clusters).sort().join(' ');
  if (clusters(here) !== clusters(there)) return 'the list of clusters';
  return textOf(here) === textOf(there) ? undefined : 'the cloud';
};
