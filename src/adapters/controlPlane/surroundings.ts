/** What wishes may know of the read model, taken from the newest network. It may lag behind by what is being stored now. */
import { hash } from 'node:crypto';
import type { Surroundings, UseOfAddress } from '../../domain/wishes/scene.ts';
import { reportedModeIn } from '../../projections/activeNetwork.ts';
import type { Network } from '../../projections/network/views.ts';
import { forEach } from '../../projections/trie.ts';

const privateUses = (network: Network): readonly UseOfAddress[] => {
  const uses: UseOfAddress[] = [];
  forEach(network.privateAddresses, (address, { cluster, instanceId, state }) => {
    if (state !== 'quarantined') uses.push({ address, cluster, instanceId });
  });
  return uses;
};

const publicUses = (network: Network): readonly UseOfAddress[] => {
  const uses: UseOfAddress[] = [];
  forEach(network.publicAddresses, (address, { state, instanceId, cluster }) => {
    if (state === 'unallocated') return;
    uses.push({
      address,
      ...(instanceId === undefined ? {} : { instanceId }),
      ...(cluster === undefined ? {} : { cluster }),
    });
  });
  return uses;
};

/** What decisions need to know of the world around their streams, from the network as it is now. */
export const surroundingsOf = (cloud: string, network: () => Network): Surroundings => {
  let known: { readonly of: object; readonly names: readonly string[] } | undefined;
  return {
    cloud,
    registeredClusters: () => {
      const { clusters } = network();
      // The record of clusters keeps its identity while none of them changes.
      if (known?.of !== clusters) known = { of: clusters, names: Object.keys(clusters).sort() };
      return known.names;
    },
    leavingIn: (cluster) => {
      const ids: string[] = [];
      forEach(network().instances, (id, { cluster: its, state }) => {
        if (its === cluster && (state === 'STOPPING' || state === 'SHUTTING_DOWN')) ids.push(id);
      });
      return ids;
    },
    privateUses: () => privateUses(network()),
    publicUses: () => publicUses(network()),
    reportedMode: () => reportedModeIn(network()),
    seedNumber: (seed) => Number.parseInt(hash('sha256', seed, 'hex').slice(0, 8), 16),
  };
};
