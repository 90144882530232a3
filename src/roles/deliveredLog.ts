/** What the log says was delivered last, cluster by cluster: before this process began, and by others since. */
import type { DeliveredAt } from '../adapters/broadcast/ledger.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { Recorded } from '../domain/recorded.ts';

type Tell = (cluster: string, delivered: DeliveredAt) => void;

export type DeliveredLog = {
  /** To be shown every event of the log, in order. */
  readonly note: (events: readonly Recorded<DomainEvent>[]) => void;
  /** Tells the last delivery to each cluster now, and every further one as it is read. */
  readonly follow: (tell: Tell) => void;
};

export const createDeliveredLog = (): DeliveredLog => {
  const last = new Map<string, DeliveredAt>();
  let told: Tell | undefined;
  return {
    note: (events) => {
      for (const { event, time } of events) {
        if (event.type !== 'DocumentDelivered') continue;
        const { cluster, epoch, version, digest, controller } = event;
        const delivered = { epoch, version, digest, at: time, reportsItself: controller === 'edgelog' };
        if (told === undefined) last.set(cluster, delivered);
        else told(cluster, delivered);
      }
    },
    follow: (tell) => {
      for (const [cluster, delivered] of last) tell(cluster, delivered);
      last.clear();
      told = tell;
    },
  };
};
