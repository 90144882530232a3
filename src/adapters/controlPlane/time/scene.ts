/** What every part of the time machine stands on. */
import type { EventStore } from '../../../domain/eventStore.ts';
import { isRefusal, type Refusal, refuse } from '../../../domain/refusals.ts';
import type { AuditIndex } from '../../../projections/audit.ts';
import type { Convergence } from '../../../projections/convergence.ts';
import type { ClusterDocument } from '../../../projections/documents.ts';
import type { Network } from '../../../projections/network/views.ts';
import type { History, Located, Moment } from '../history.ts';
import type { Lookup } from './lookup.ts';

export type TimeScene = {
  readonly store: EventStore;
  readonly index: AuditIndex;
  readonly history: History;
  readonly lookup: Lookup;
  readonly network: () => Network;
  readonly documentAt: (network: Network, cluster: string) => ClusterDocument | undefined;
  readonly convergence: () => Convergence;
  readonly now: () => number;
};

/** The network of a moment and where that moment lies; without one the newest. */
export const sceneAt = async (
  { history, network }: TimeScene,
  at: Moment | undefined,
): Promise<{ readonly network: Network; readonly located: Located } | Refusal> => {
  if (at === undefined) return { network: network(), located: { position: network().position, sameTime: 0 } };
  const located = await history.locate(at);
  return isRefusal(located) ? located : { network: await history.networkAt(located.position), located };
};

export const noDocument = (cluster: string): Refusal =>
  refuse('no-document', `Cluster ${cluster} had no document at that moment: it was not registered, or not enabled.`, {
    member: 'name',
    value: cluster,
  });

export const noCluster = (cluster: string): Refusal =>
  refuse('cluster-not-found', `There is no cluster ${cluster}, or not at that moment.`, {
    member: 'cluster',
    value: cluster,
  });
