/**
 * Writes down what was delivered, a little later and in batches: the delivery log is proof, not a part of delivery, and must
 * not slow it. What a crash loses of it is delivered once more and then written down.
 */

export type DeliveryRecorder<D> = {
  readonly note: (delivered: D) => void;
  /** Writes what is noted so far. */
  readonly flush: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const MAX_WAITING = 10_000;

export const createDeliveryRecorder = <D extends { readonly cluster: string }>(
  record: (cluster: string, delivered: readonly D[]) => Promise<unknown>,
  onFault: (fault: unknown) => void,
  everyMs = 250,
): DeliveryRecorder<D> => {
  let waiting: D[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const byCluster = (all: readonly D[]): ReadonlyMap<string, readonly D[]> => {
    const grouped = new Map<string, D[]>();
    for (const one of all) grouped.set(one.cluster, [...(grouped.get(one.cluster) ?? []), one]);
    return grouped;
  };

  const write = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    for (const [cluster, delivered] of byCluster(batch)) {
      try {
        await record(cluster, delivered);
      } catch (fault) {
        onFault(fault);
        if (waiting.length < MAX_WAITING) waiting.unshift(...delivered);
      }
    }
  };

  const flush = (): Promise<void> => {
    writing = writing.then(write);
    return writing;
  };

  return {
    note: (delivered) => {
      waiting.push(delivered);
      timer ??= setTimeout(() => {
        timer = undefined;
        void flush();
      }, everyMs);
    },
    flush,
    stop: async () => {
      clearTimeout(timer);
      await flush();
    },
  };
};
