/**
 * Compares what should be with what is known to be, and wishes commands: addresses whose last trace is gone become free,
 * reservations nobody resumed are given back, time-outs take effect. Pure and idempotent: time comes in, two control planes
 * wish the same, and a wish that came true meanwhile decides to nothing.
 */
import type { Command } from '../domain/commands.ts';
import type { InstanceState } from '../domain/instanceStates.ts';
import type { EffectiveProperties } from '../domain/properties.ts';
import { type ClusterStatus, type Convergence, deliveredBefore, lowWatermark } from './convergence.ts';
import { settingsIn } from './documentInputs.ts';
import type { InstanceView, Network, PublicAddressView } from './network/views.ts';
import { forEach, peek } from './trie.ts';

export type Sightings = {
  /**
   * When the cluster, which reports its instances and was heard a moment ago, reported this one last, ms; undefined while
   * nothing is heard of the cluster: who is silent says nothing about anybody.
   */
  readonly lastReported: (cluster: string, instanceId: string, now: number) => number | undefined;
  /** Whether the cluster was heard a moment ago: then its reports say by themselves which addresses are in use. */
  readonly hears: (cluster: string, now: number) => boolean;
};

export type ReconcileInputs = {
  readonly network: Network;
  readonly convergence: Convergence;
  /** Version of each cluster's document that reflects `network`; undefined when it gets none. */
  readonly wanted: (cluster: string) => number | undefined;
  readonly sightings: Sightings;
  /** Now, ms. */
  readonly now: number;
};

const MINUTE = 60_000;
/** Controllers and nodes that never say what they have in force are given this long after they took a document. */
const SILENT_GRACE_MS = 60_000;

const watermarkOf = (status: ClusterStatus | undefined, nodes: readonly string[], now: number): number | null => {
  const settledBefore = now - SILENT_GRACE_MS;
  const low = lowWatermark(status, nodes, settledBefore);
  if (low !== null || status === undefined || status.reportsItself) return low;
  return deliveredBefore(status, settledBefore);
};

/** True when every node of the cluster has a document that reflects the position. */
const passedBy = (inputs: ReconcileInputs, cluster: string, position: number): boolean => {
  const wanted = inputs.wanted(cluster);
  if (wanted === undefined) return true;
  const nodes = (inputs.network.clusters[cluster]?.nodes ?? []).map(({ name }) => name);
  const low = watermarkOf(inputs.convergence.get(cluster), nodes, inputs.now);
  return low !== null && (low >= position || low >= wanted);
};

const quarantined = (inputs: ReconcileInputs): readonly Command[] => {
  const clusters = Object.keys(inputs.network.clusters);
  const passed = new Map<number, boolean>();
  const isPassed = (position: number): boolean => {
    const known = passed.get(position) ?? clusters.every((cluster) => passedBy(inputs, cluster, position));
    passed.set(position, known);
    return known;
  };
  const wishes: Command[] = [];
  const immediately = settingsIn(inputs.network)['edgelog.addresses.private_free_immediately'];
  forEach(inputs.network.quarantine, (address) => {
    const view = peek(inputs.network.privateAddresses, address);
    if (view === undefined || !(immediately || isPassed(view.at))) return;
    const { reservation } = view;
    wishes.push({
      type: 'FreeAddress',
      address,
      reservation,
      cause: 'converged',
      reason: 'no node routes it any more',
    });
  });
  return wishes;
};

const dirtyWish = (
  inputs: ReconcileInputs,
  view: Readonly<PublicAddressView>,
  cluster: string,
  limitMs: number,
): Command | undefined => {
  const { address } = view;
  const { at: position = -1, revision: upToRevision = -1 } = view.dirty[cluster] ?? {};
  const wish = { type: 'FreeAddress', address, cluster, upToRevision } as const;
  if (inputs.network.clusters[cluster] === undefined) {
    return { ...wish, cause: 'deregistered', reason: `cluster ${cluster} is gone` };
  }
  if (passedBy(inputs, cluster, position)) {
    return { ...wish, cause: 'converged', reason: `cluster ${cluster} has passed it` };
  }
  const isOverdue = limitMs > 0 && inputs.now - view.time > limitMs;
  const reason = `cluster ${cluster} has not passed it within the limit; check that it no longer answers for ${address}`;
  return isOverdue ? { ...wish, cause: 'limit', reason } : undefined;
};

const dirty = (inputs: ReconcileInputs, settings: EffectiveProperties): readonly Command[] => {
  const wishes: Command[] = [];
  const limitMs = settings['edgelog.dirty_limit'] * MINUTE;
  forEach(inputs.network.publicAddresses, (_, view) => {
    for (const cluster of Object.keys(view.dirty)) {
      const wish = dirtyWish(inputs, view, cluster, limitMs);
      if (wish !== undefined) wishes.push(wish);
    }
  });
  return wishes;
};

/** Time alone ends the reservations of a silent cluster; of others their reports do (cloud spec 4.5). */
const forgottenReservations = (inputs: ReconcileInputs, settings: EffectiveProperties): readonly Command[] => {
  const timeoutMs = settings['cloud.network.network_index_pending_timeout'] * MINUTE;
  const wishes: Command[] = [];
  forEach(inputs.network.privateAddresses, (address, { state, cluster, reservation, time }) => {
    if (state !== 'pending' || inputs.now - time <= timeoutMs || inputs.sightings.hears(cluster, inputs.now)) return;
    wishes.push({ type: 'ExpireReservation', address, reservation });
  });
  return wishes;
};

/** Impending addresses whose instance was never placed (cloud spec 5.9). */
const forgottenImpending = (inputs: ReconcileInputs, settings: EffectiveProperties): readonly Command[] => {
  const timeoutMs = settings['cloud.network.address_pending_timeout'] * MINUTE;
  const wishes: Command[] = [];
  forEach(inputs.network.publicAddresses, (address, { state, instanceId, time }) => {
    if (state !== 'impending' || instanceId === undefined || inputs.now - time <= timeoutMs) return;
    wishes.push({ type: 'ExpireImpending', address, instanceId });
  });
  return wishes;
};

/** Nodes that their cluster has left out of its reports for too long (cloud spec 2.3). */
const goneNodes = ({ network, now }: ReconcileInputs, settings: EffectiveProperties): readonly Command[] => {
  const expiryMs = settings['edgelog.nodes.expiry'] * MINUTE;
  return Object.values(network.clusters).flatMap(({ name: cluster, nodes }): readonly Command[] => {
    const gone = nodes.filter(({ missingSince }) => missingSince !== undefined && now - missingSince > expiryMs);
    if (gone.length === 0) return [];
    return [{ type: 'ForgetNodes', cluster, nodes: gone.map(({ name }) => name), expired: true }];
  });
};

/** Minutes a state may last, by the properties of cloud spec 3.7; undefined: for ever. */
const lifetimes = (settings: EffectiveProperties): { readonly [S in InstanceState]: number | undefined } => ({
  PENDING: undefined,
  RUNNING: undefined,
  STOPPED: undefined,
  STOPPING: settings['cloud.vmstate.stopping_time'],
  SHUTTING_DOWN: settings['cloud.vmstate.shut_down_time'],
  TERMINATED: settings['cloud.vmstate.terminated_time'],
  BURIED: settings['cloud.vmstate.buried_time'],
});

/** Only a cluster that reports can leave an instance unreported; a new one is given time to appear. */
const isLost = (inputs: ReconcileInputs, view: Readonly<InstanceView>, settings: EffectiveProperties): boolean => {
  const { now, sightings } = inputs;
  if (view.state !== 'PENDING' && view.state !== 'RUNNING') return false;
  const initialMs = settings['cloud.vmstate.vm_initial_report_timeout'] * 1000;
  if (view.state === 'PENDING' && now - view.stateTime < initialMs) return false;
  const last = sightings.lastReported(view.cluster, view.id, now);
  const timeoutMs = settings['cloud.vmstate.instance_timeout'] * MINUTE;
  return last !== undefined && now - Math.max(last, view.stateTime) > timeoutMs;
};

const overdueInstances = (inputs: ReconcileInputs, settings: EffectiveProperties): readonly Command[] => {
  const lasting = lifetimes(settings);
  const wishes: Command[] = [];
  forEach(inputs.network.instances, (instanceId, view) => {
    const minutes = lasting[view.state];
    const isOver = minutes !== undefined && inputs.now - view.stateTime > minutes * MINUTE;
    if (isOver || isLost(inputs, view, settings)) wishes.push({ type: 'ExpireInstance', instanceId });
  });
  return wishes;
};

/** What may be wished now because a node has got further. Costs what is waiting for that, not what there is. */
export const reconcileProgress = (inputs: ReconcileInputs): readonly Command[] => [
  ...quarantined(inputs),
  ...dirty(inputs, settingsIn(inputs.network)),
];

/** What should be wished now. */
export const reconcile = (inputs: ReconcileInputs): readonly Command[] => {
  const settings = settingsIn(inputs.network);
  return [
    ...reconcileProgress(inputs),
    ...forgottenReservations(inputs, settings),
    ...forgottenImpending(inputs, settings),
    ...goneNodes(inputs, settings),
    ...overdueInstances(inputs, settings),
  ];
};
