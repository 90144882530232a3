/** A role is something that starts, says where it is, and stops; it is made of parts, and prints what it is made of. */

type Startable = {
  readonly name: string;
  /** Resolves when it works; lines for people say where everything is. */
  readonly start: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
};

/** One thing that is started and stopped. What only works when called has neither `start` nor `stop` and is no part. */
export type Part = {
  readonly name: string;
  /** What it does, for `edgelog wiring`. */
  readonly about: string;
  readonly start?: () => Promise<readonly string[]>;
  readonly stop?: () => Promise<void>;
};

export type Role = Startable & { readonly parts: readonly Part[] };

/**
 * Starts in order; if one fails, those started are stopped again. Stops in reverse, also in the middle of a start: what is
 * starting then is stopped like the rest, and nothing more is started. One that cannot stop keeps no other from it; the first
 * such fault is thrown in the end.
 */
const inOrder = (name: string, things: readonly Startable[]): Startable => {
  const started: Startable[] = [];
  let isStopped = false;
  const stop = async (): Promise<void> => {
    isStopped = true;
    const faults: unknown[] = [];
    for (const thing of started.splice(0).reverse()) await thing.stop().catch((fault: unknown) => faults.push(fault));
    if (faults.length > 0) throw faults[0];
  };
  return {
    name,
    start: async () => {
      const lines: string[] = [];
      try {
        for (const thing of things) {
          if (isStopped) throw new Error(`${name} was stopped while it started`);
          started.push(thing);
          lines.push(...(await thing.start()));
        }
      } catch (fault) {
        // Why it cannot start is what counts.
        await stop().catch(() => undefined);
        throw fault;
      }
      return lines;
    },
    stop,
  };
};

const startable = ({ name, start, stop }: Part): Startable => ({
  name,
  start: start ?? (async () => []),
  stop: stop ?? (async () => undefined),
});

export const roleOf = (name: string, parts: readonly Part[]): Role => ({
  ...inOrder(name, parts.map(startable)),
  parts,
});

export const together = (roles: readonly Role[]): Role => ({
  ...inOrder(roles.map(({ name }) => name).join(','), roles),
  parts: roles.flatMap(({ parts }) => parts),
});

/** A start that failed for a reason the person at the keyboard can mend. */
export class StartRefused extends Error {}
