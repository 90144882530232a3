/**
 * Since when a line stands, and when it last went: the lines of ever newer networks compared step by step. Only events that
 * can touch the lines in question are folded, so the whole log need not be.
 */
import type { DomainEvent, EventType } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { fullDocument } from '../documents.ts';
import { initialNetwork } from '../network/initial.ts';
import { advance } from '../network/runner.ts';
import type { Network } from '../network/views.ts';
import { keyOf, placedLines, prettyOf } from './placedLines.ts';

export type Runs = {
  /** Key of a line -> position of the event since which it has stood without a break. */
  readonly since: ReadonlyMap<string, number>;
  /** Key of a line that stood once and does not now -> position of the event that took it away last. */
  readonly ended: ReadonlyMap<string, number>;
};

/** Events that say what stands before instances and groups in a document. */
export const headTypes: readonly EventType[] = [
  'ConfigurationPosted',
  'ConfigurationCleared',
  'PropertyChanged',
  'PropertyReset',
  'EpochRaised',
  'ClusterRegistered',
  'ClusterAddressResolved',
  'ClusterEnabled',
  'ClusterDisabled',
  'ClusterDeregistered',
  'ClusterNodesReported',
  'ClusterNodesForgotten',
];

export const runsOf = (
  events: readonly Recorded<DomainEvent>[],
  linesOf: (network: Network) => ReadonlySet<string>,
): Runs => {
  const since = new Map<string, number>();
  const ended = new Map<string, number>();
  let network = initialNetwork();
  for (const event of events) {
    network = advance(network, [event]);
    const lines = linesOf(network);
    for (const key of [...since.keys()]) {
      if (lines.has(key)) continue;
      since.delete(key);
      ended.set(key, event.position);
    }
    for (const key of lines) {
      if (since.has(key)) continue;
      since.set(key, event.position);
      ended.delete(key);
    }
  }
  return { since, ended };
};

/** Key that stands while there is a document at all. */
export const documentKey = '<network-data>';

/** Runs of a cluster's head lines. `events` are those of `headTypes`, in order. */
export const headRuns = (events: readonly Recorded<DomainEvent>[], cluster: string): Runs =>
  runsOf(events, (network) => {
    const document = fullDocument(network, cluster);
    if (document === undefined) return new Set();
    const lines = placedLines(prettyOf(document));
    const keys = lines.filter(({ within }) => within[1]?.startsWith('<configuration')).map(keyOf);
    return new Set([documentKey, '<configuration>', ...keys]);
  });
