/** Waiting until woken, or for a time at most. A wake that comes before the wait is not lost; many wakes are one. */
export type Doorbell = {
  readonly ring: () => void;
  /** Forgets wakes so far; call it before looking at what a wake is about. */
  readonly silence: () => void;
  /** True when woken, false when `ms` passed first. */
  readonly rung: (ms?: number) => Promise<boolean>;
};

export const createDoorbell = (): Doorbell => {
  let rung = false;
  let release: ((woken: boolean) => void) | undefined;
  return {
    ring: () => {
      rung = true;
      release?.(true);
    },
    silence: () => {
      rung = false;
    },
    rung: (ms) => {
      if (rung) return Promise.resolve(true);
      return new Promise((resolve) => {
        const timer = ms === undefined ? undefined : setTimeout(() => release?.(false), ms);
        release = (woken) => {
          clearTimeout(timer);
          release = undefined;
          resolve(woken);
        };
      });
    },
  };
};
