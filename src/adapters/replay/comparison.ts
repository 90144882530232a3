/**
 * What a replay compares: the deliveries a log recorded, where in the log each document is to be rebuilt, and what came of it.
 * Plain data and no processes.
 */
import type { StoredEvent } from '../../domain/eventStore.ts';
import type { Digests } from './frames.ts';

/** A document that was delivered, as the log has it. `position` is that of the record, `version` that of the document. */
export type Delivery = {
  readonly position: number;
  readonly cluster: string;
  readonly epoch: number;
  readonly version: number;
  readonly recorded: string;
};

/** `rebuilt` is null when no document follows from the log there. */
export type Checked = Delivery & { readonly rebuilt: string | null };

export type Named = { readonly position: number; readonly id: string; readonly type: string; readonly stream: string };

export const named = ({ position, id, type, stream }: StoredEvent): Named => ({ position, id, type, stream });

export const deliveryIn = ({ type, position, data }: StoredEvent): Delivery | undefined => {
  if (type !== 'DocumentDelivered') return undefined;
  return {
    position,
    cluster: String(data['cluster']),
    epoch: Number(data['epoch']),
    version: Number(data['version']),
    recorded: String(data['digest']),
  };
};

/** Deliveries by the position behind which their document is to be rebuilt. */
export const byVersion = (deliveries: readonly Delivery[]): ReadonlyMap<number, readonly Delivery[]> =>
  Map.groupBy(deliveries, ({ version }) => version);

export const isSameDigests = (one: Digests, other: Digests): boolean => {
  const clusters = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...clusters].every((cluster) => one[cluster] === other[cluster]);
};

/** The first cluster whose document is another one. */
export const firstDiffering = (one: Digests, other: Digests): string | undefined =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].sort().find((cluster) => one[cluster] !== other[cluster]);
