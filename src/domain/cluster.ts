/**
 * One cluster (partition): its registration, whether its controller is enabled, the address of that controller, and the
 * nodes it reports. Stream `cluster-<name>`.
 */
import type { Aggregate, Decision } from './decider.ts';
import { type Refusal, refuse } from './refusals.ts';

/**
 * `name` is the host part of the node controller's address; `endpoint` its URL when known. `missingSince`: the time (ms) of the
 * first report that left it out; it stays in the documents for a while, and who waits for nodes waits for it too.
 */
export type NodeRecord = { readonly name: string; readonly endpoint?: string; readonly missingSince?: number };

/** NB these types and names are the storage format: version them with care. */
export type ClusterEvent =
  /**
   * The cloud knows it and where its controller is. `address` is the IPv4 the host resolved to then, `0.0.0.0` if it did not;
   * `host` stays as written. With `followsHost` nobody said which address it is, and it changes with what the name means.
   */
  | {
      readonly type: 'ClusterRegistered';
      readonly cluster: string;
      readonly component: string;
      readonly host: string;
      readonly address: string;
      readonly endpoint: string;
      readonly followsHost?: boolean;
    }
  /** Its host resolves to another address than when it was registered. */
  | { readonly type: 'ClusterAddressResolved'; readonly cluster: string; readonly address: string }
  /** It is given documents from here on. */
  | { readonly type: 'ClusterEnabled'; readonly cluster: string }
  /** It is given no documents until it is enabled again. */
  | { readonly type: 'ClusterDisabled'; readonly cluster: string; readonly reason: string }
  /** It is gone; what its addresses still held there is over. */
  | { readonly type: 'ClusterDeregistered'; readonly cluster: string }
  /** The whole list of nodes the cluster has, sorted by name. */
  | { readonly type: 'ClusterNodesReported'; readonly cluster: string; readonly nodes: readonly NodeRecord[] }
  /** Nodes that will not come back: nobody waits for them any more. */
  | { readonly type: 'ClusterNodesForgotten'; readonly cluster: string; readonly nodes: readonly string[] }
  /** The network mode its controller says it runs in. */
  | { readonly type: 'ClusterModeReported'; readonly cluster: string; readonly mode: string };

export type ClusterState = {
  state: 'unknown' | 'registered' | 'enabled' | 'disabled';
  component: string;
  host: string;
  address: string;
  endpoint: string;
  followsHost: boolean;
  nodes: readonly NodeRecord[];
  mode: string | undefined;
};

export const clusterAggregate: Aggregate<ClusterState, ClusterEvent> = {
  category: 'cluster',
  initial: () => ({
    state: 'unknown',
    component: '',
    host: '',
    address: '0.0.0.0',
    endpoint: '',
    followsHost: false,
    nodes: [],
    mode: undefined,
  }),
  apply: (state, event) => {
    switch (event.type) {
      case 'ClusterRegistered':
        if (state.state === 'unknown') state.state = 'registered';
        state.component = event.component;
        state.host = event.host;
        state.address = event.address;
        state.endpoint = event.endpoint;
        state.followsHost = event.followsHost ?? false;
        return;
      case 'ClusterAddressResolved':
        state.address = event.address;
        return;
      case 'ClusterEnabled':
        state.state = 'enabled';
        return;
      case 'ClusterDisabled':
        state.state = 'disabled';
        return;
      case 'ClusterDeregistered':
        state.state = 'unknown';
        state.nodes = [];
        state.mode = undefined;
        return;
      case 'ClusterNodesReported':
        state.nodes = event.nodes;
        return;
      case 'ClusterNodesForgotten':
        state.nodes = state.nodes.filter((node) => !event.nodes.includes(node.name));
        return;
      case 'ClusterModeReported':
        state.mode = event.mode;
        return;
    }
  },
};

/** Names go into stream names, file names and XML: letters, digits, `.`, `_` and `-`, at most 63 characters. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

const unknown = (cluster: string): Refusal =>
  refuse('cluster-not-found', `There is no cluster ${cluster}. Register it first.`);

const sameNode = (a: NodeRecord, b: NodeRecord | undefined): boolean =>
  a.name === b?.name && a.endpoint === b.endpoint && a.missingSince === b.missingSince;

const sameNodes = (a: readonly NodeRecord[], b: readonly NodeRecord[]): boolean =>
  a.length === b.length && a.every((node, i) => sameNode(node, b[i]));

/** Code unit order: the same on every machine. */
const byName = (a: NodeRecord, b: NodeRecord): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

export type RegisterCluster = {
  readonly cluster: string;
  readonly component: string;
  readonly host: string;
  readonly address: string;
  readonly endpoint: string;
  readonly followsHost?: boolean;
};

/** Registering again with the same particulars is no event; with others it replaces them. */
export const registerCluster = (state: ClusterState, wish: RegisterCluster): Decision<ClusterEvent> => {
  if (!NAME.test(wish.cluster)) {
    return refuse(
      'invalid-cluster-name',
      `${JSON.stringify(wish.cluster)} is not a cluster name (letters, digits, . _ -).`,
      {
        member: 'name',
        value: wish.cluster,
      },
    );
  }
  const same =
    state.state !== 'unknown' &&
    state.component === wish.component &&
    state.host === wish.host &&
    state.address === wish.address &&
    state.endpoint === wish.endpoint &&
    state.followsHost === (wish.followsHost ?? false);
  return same ? [] : [{ type: 'ClusterRegistered', ...wish }];
};

/**
 * The host's name means another address now. A name that means nothing at the moment (`0.0.0.0`) changes nothing: the last
 * known address stays. Neither does one where an operator said which address it is.
 */
export const resolveCluster = (state: ClusterState, cluster: string, address: string): Decision<ClusterEvent> => {
  if (state.state === 'unknown') return unknown(cluster);
  const isNews = state.followsHost && address !== state.address && address !== '0.0.0.0';
  return isNews ? [{ type: 'ClusterAddressResolved', cluster, address }] : [];
};

export const enableCluster = (state: ClusterState, cluster: string): Decision<ClusterEvent> => {
  if (state.state === 'unknown') return unknown(cluster);
  return state.state === 'enabled' ? [] : [{ type: 'ClusterEnabled', cluster }];
};

export const disableCluster = (state: ClusterState, cluster: string, reason: string): Decision<ClusterEvent> => {
  if (state.state === 'unknown') return unknown(cluster);
  return state.state === 'disabled' ? [] : [{ type: 'ClusterDisabled', cluster, reason }];
};

export const deregisterCluster = (state: ClusterState, cluster: string): Decision<ClusterEvent> =>
  state.state === 'unknown' ? [] : [{ type: 'ClusterDeregistered', cluster }];

/** What a node that its cluster no longer reports is kept for. With `expiryMs` 0 it goes at once. */
export type NodeExpiry = { readonly at: number; readonly expiryMs: number };

/**
 * Only a changed list is an event; duplicates by name keep the first. A node that is left out stays as missing (cloud spec
 * 2.3): one report without it must not free addresses that it may still route.
 */
export const reportNodes = (
  state: ClusterState,
  cluster: string,
  reported: readonly { readonly name: string; readonly endpoint?: string }[],
  { at, expiryMs }: NodeExpiry,
): Decision<ClusterEvent> => {
  if (state.state === 'unknown') return unknown(cluster);
  const listed = new Map<string, NodeRecord>([...reported].reverse().map((node) => [node.name, node]));
  const missing = state.nodes
    .filter(({ name }) => expiryMs > 0 && !listed.has(name))
    .map((node) => ({ missingSince: at, ...node }));
  const nodes = [...listed.values(), ...missing].sort(byName);
  const bad = nodes.find((node) => !NAME.test(node.name));
  if (bad !== undefined) {
    return refuse('invalid-node-name', `${JSON.stringify(bad.name)} is not an address or host name of a node.`, {
      member: 'nodes',
      value: bad.name,
    });
  }
  return sameNodes(state.nodes, nodes) ? [] : [{ type: 'ClusterNodesReported', cluster, nodes }];
};

/** `expiry`: only those that have been missing for longer than that, because a node may have come back meanwhile. */
export const forgetNodes = (
  state: ClusterState,
  cluster: string,
  names: readonly string[],
  expiry?: NodeExpiry,
): Decision<ClusterEvent> => {
  if (state.state === 'unknown') return unknown(cluster);
  const goes = ({ missingSince }: NodeRecord): boolean =>
    expiry === undefined || (missingSince !== undefined && expiry.at - missingSince > expiry.expiryMs);
  const known = names.filter((name) => state.nodes.some((node) => node.name === name && goes(node)));
  return known.length === 0 ? [] : [{ type: 'ClusterNodesForgotten', cluster, nodes: known }];
};

export const reportMode = (state: ClusterState, cluster: string, mode: string): Decision<ClusterEvent> => {
  if (state.state === 'unknown') return unknown(cluster);
  return state.mode === mode ? [] : [{ type: 'ClusterModeReported', cluster, mode }];
};
