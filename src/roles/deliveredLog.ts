/** What the log says was delivered last, cluster by cluster: before this process began, and by others since. */
import type { DeliveredAt } from '../adapters/broadcast/ledger.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { Recorded } from '../domain/recorded.ts';

type Tell = (cluster: string, delivered: DeliveredAt) => void;

export type LastDelivered = readonly (readonly [cluster: string, delivered: DeliveredAt])[];

export type DeliveredLog = {
  /** To be shown every event of the log, in order, or every one after those that led to what it began with. */
  readonly note: (events: readonly Recorded<DomainEvent>[]) => void;
  /** Tells the last delivery to each cluster now, and every further one as it is read. */
  readonly follow: (tell: Tell) => void;
  readonly kept: () => LastDelivered;
  /**
   * The newest epoch in which a document was delivered whose version lies beyond the record of its delivery, 0 if none was. A
   * version is the position of an event before that record: such a log was copied from a store with greater positions.
   * Whoever begins behind some of them need not know: who led there has opened a newer epoch since.
   */
  readonly movedIn: () => number;
};

export const createDeliveredLog = (begun: LastDelivered = []): DeliveredLog => {
  const last = new Map<string, DeliveredAt>(begun);
  let told: Tell | undefined;
  let movedIn = 0;
  return {
    note: (events) => {
      for (const { event, time, position } of events) {
        if (event.type !== 'DocumentDelivered') continue;
        const { cluster, epoch, version, digest, controller } = event;
        const delivered = { epoch, version, digest, at: time, reportsItself: controller === 'edgelog' };
        if (version > position) movedIn = Math.max(movedIn, epoch);
        last.set(cluster, delivered);
        told?.(cluster, delivered);
      }
    },
    follow: (tell) => {
      for (const [cluster, delivered] of last) tell(cluster, delivered);
      told = tell;
    },
    kept: () => [...last],
    movedIn: () => movedIn,
  };
};
