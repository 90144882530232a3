/** How full the pools of addresses are, for Prometheus, counted when it is asked for. */
import { Gauge, type Registry } from 'prom-client';
import { addressPools } from '../../projections/addressPools.ts';
import type { Network } from '../../projections/network/views.ts';

export type PoolFigures = { readonly take: (network: Network) => void };

const publicStates = ['free', 'allocated', 'assigned', 'outside'] as const;
const privateStates = ['free', 'held', 'quarantined', 'outside'] as const;

export const createPoolFigures = (registry: Registry): PoolFigures => {
  const outer = new Gauge({
    name: 'edgelog_public_addresses',
    help: 'Public addresses of the ranges, by state',
    labelNames: ['state'],
    registers: [registry],
  });
  const inner = new Gauge({
    name: 'edgelog_private_addresses',
    help: 'Private addresses of a cluster, by state',
    labelNames: ['cluster', 'state'],
    registers: [registry],
  });
  return {
    take: (network) => {
      const pools = addressPools(network);
      for (const state of publicStates) outer.set({ state }, pools.public[state]);
      // Clusters come and go.
      inner.reset();
      for (const pool of pools.private)
        for (const state of privateStates) inner.set({ cluster: pool.cluster, state }, pool[state]);
    },
  };
};
