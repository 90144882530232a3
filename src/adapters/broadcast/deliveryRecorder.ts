/**
 * Writes down what was delivered, a little later and together: the delivery log is proof, not a part of delivery, and must not
 * slow it. Of several documents a cluster took within a moment the newest is written down; under constant change a log of all
 * of them would outgrow the log of the changes. What a crash loses of it is delivered once more and then written down.
 */

export type DeliveryRecorder<D> = {
  readonly note: (delivered: D) => void;
  /** Writes what is noted so far. */
  readonly flush: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const RETRY_MS = 2_000;

export const createDeliveryRecorder = <D extends { readonly cluster: string }>(
  record: (cluster: string, delivered: readonly D[]) => Promise<unknown>,
  onFault: (fault: unknown) => void,
  everyMs = 250,
): DeliveryRecorder<D> => {
  let waiting = new Map<string, D>();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let writing: Promise<void> = Promise.resolve();

  const writeOne = async (delivered: D): Promise<void> => {
    try {
      await record(delivered.cluster, [delivered]);
    } catch (fault) {
      onFault(fault);
      if (!waiting.has(delivered.cluster)) waiting.set(delivered.cluster, delivered);
    }
  };

  /** All at once, so that one commit of the log carries them. */
  const write = async (): Promise<void> => {
    const batch = waiting;
    waiting = new Map();
    await Promise.all([...batch.values()].map(writeOne));
    // What could not be written is tried again by itself: others wait to know it.
    if (waiting.size > 0 && !isStopped) soon(RETRY_MS);
  };

  const soon = (ms: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void flush();
    }, ms);
  };

  const flush = (): Promise<void> => {
    writing = writing.then(write);
    return writing;
  };

  return {
    note: (delivered) => {
      waiting.set(delivered.cluster, delivered);
      soon(everyMs);
    },
    flush,
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await flush();
    },
  };
};
