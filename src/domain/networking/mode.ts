/**
 * Which implementation of the networking service is active, and what follows from it (cloud spec 8.2): EDGE when a
 * configuration is posted or the latest report of a cluster says so, generic (legacy) otherwise. Evaluated from the facts each
 * time, so there is nothing that could flap.
 */

export type NetworkService = 'EDGE' | 'Generic';

export type NetworkMode = {
  readonly service: NetworkService;
  /** SHORTCUT sends no address messages and completes them at once; STANDARD sends them to the cluster. */
  readonly addressingDispatcher: 'SHORTCUT' | 'STANDARD';
  /** Whether address changes ask for a broadcast. */
  readonly interceptor: boolean;
  readonly periodicBroadcast: boolean;
};

const edge: NetworkMode = {
  service: 'EDGE',
  addressingDispatcher: 'SHORTCUT',
  interceptor: true,
  periodicBroadcast: true,
};

const generic: NetworkMode = {
  service: 'Generic',
  addressingDispatcher: 'STANDARD',
  interceptor: false,
  periodicBroadcast: false,
};

/** `clusterReportsEdge`: the mode in the latest report of any cluster is exactly EDGE. */
export const networkMode = (facts: {
  readonly configured: boolean;
  readonly clusterReportsEdge: boolean;
}): NetworkMode => (facts.configured || facts.clusterReportsEdge ? edge : generic);

/** `hasNetworking`: the clusters report networking; only asked of the generic implementation (cloud spec 8.4). */
export const featuresOf = (service: NetworkService, hasNetworking: boolean): readonly string[] =>
  service === 'EDGE' || hasNetworking ? ['ElasticIPs'] : [];
