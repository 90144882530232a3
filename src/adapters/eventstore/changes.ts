/**
 * "The log has grown": a hint that carries no data. Whoever hears it looks at the log; hearing it twice or for nothing is
 * harmless, and a listener that throws does not keep the others from hearing.
 */
export type Changes = {
  readonly listen: (listener: () => void) => () => void;
  readonly announce: () => void;
  readonly listeners: () => number;
};

export const createChanges = (): Changes => {
  const listeners = new Set<() => void>();
  return {
    listen: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    announce: () => {
      for (const listener of [...listeners]) listener();
    },
    listeners: () => listeners.size,
  };
};
