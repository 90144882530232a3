/** Runs the reconciliation every so often and whenever a node has got further. What it wishes is decided like any wish. */

/** `progress`: a node has got further, and only what waits for that is looked at. */
export type Occasion = 'progress' | 'period';

export type ReconcilerPorts<C> = {
  readonly wishes: (occasion: Occasion) => readonly C[];
  readonly carryOut: (wish: C) => Promise<unknown>;
  readonly onFault: (fault: unknown) => void;
};

export type Reconciler = { readonly start: () => void; readonly stop: () => Promise<void>; readonly poke: () => void };

const AT_ONCE = 64;

export const createReconciler = <C>(
  ports: ReconcilerPorts<C>,
  times: { readonly everyMs: number; readonly settleMs: number } = { everyMs: 10_000, settleMs: 500 },
): Reconciler => {
  let every: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  const round = async (occasion: Occasion): Promise<void> => {
    const wishes = ports.wishes(occasion);
    for (let i = 0; i < wishes.length && !stopped; i += AT_ONCE) {
      await Promise.all(wishes.slice(i, i + AT_ONCE).map((wish) => ports.carryOut(wish)));
    }
  };

  const run = (occasion: Occasion): void => {
    if (running !== undefined || stopped) return;
    running = round(occasion)
      .catch(ports.onFault)
      .finally(() => {
        running = undefined;
      });
  };

  return {
    start: () => {
      every = setInterval(() => run('period'), times.everyMs);
      every.unref();
    },
    stop: async () => {
      stopped = true;
      clearInterval(every);
      clearTimeout(soon);
      await running;
    },
    // Many reports come together; one round a moment later sees them all.
    poke: () => {
      if (soon !== undefined || stopped) return;
      soon = setTimeout(() => {
        soon = undefined;
        run('progress');
      }, times.settleMs);
      soon.unref();
    },
  };
};
